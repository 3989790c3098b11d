"""The NixOS options, known offline: which exist, of which type, and whether a configuration fits them."""
