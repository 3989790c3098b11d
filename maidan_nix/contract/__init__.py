"""What a plugin is and what it may say. Plugins reach these names through `maidan_nix.api` only."""
