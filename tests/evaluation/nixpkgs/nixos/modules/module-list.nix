[ ./top-level.nix ]
