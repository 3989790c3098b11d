"""The community's flake as a tree of files: flake.nix and its lock, a folder per host, secrets, tests, README."""
