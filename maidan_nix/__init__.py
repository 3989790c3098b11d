"""maidan-nix: one community.toml in, a reviewable NixOS flake out."""

__version__ = "0.1.0"
