"""The shipped NixOS modules, judged by Nix, by nixpkgs' module system and by systemd."""
