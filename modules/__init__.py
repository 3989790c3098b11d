"""The NixOS modules that a generated flake carries in its `modules/`.

They are written for a steward to read: each says at its head what it is for. `default.nix` imports all NixOS modules,
`outputs.nix` is the function behind the generated ``flake.nix``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources


def files() -> Mapping[str, bytes]:
    """Return every shipped Nix file: its path below `modules/` to its content, sorted by path."""
    folder = resources.files(__name__)
    return {
        entry.name: entry.read_bytes()
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".nix")
    }
