"""The Nix layer: values, merging and the printer."""
