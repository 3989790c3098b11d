"""The NixOS options, known offline: which exist, of which type, and whether a configuration fits them."""

from __future__ import annotations

from typing import Final

OPTIONS_FILE: Final = "nixos-options.txt"
"""The options of a community's own nixpkgs, beside its lock; see `maidan_nix.options.evaluated_file`."""
LARGEST: Final = 32 * 1024 * 1024
"""Bytes of such a file; today's nixpkgs needs about 2 MiB."""
