"""Asking the real Nix: which options a nixpkgs has, whether a host evaluates, and whose fault it is if not."""
