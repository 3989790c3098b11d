"""Pairs of trees that between them need every kind of step."""

from __future__ import annotations

from maidan_nix.tree import File
from tree.disk import tree_of

OLD: dict[str, bytes | File] = {
    "flake.nix": b"old flake\n",
    "README.md": b"stays\n",
    "hosts/a/default.nix": b"old host\n",
    "hosts/a/local.nix": File(b"# yours\n", ownership="once"),
    "hosts/a/services/gone.nix": b"goes with its directory\n",
    "packages/turns": b"a file becomes a directory\n",
    "modules/turns/default.nix": b"a directory becomes a file\n",
    "tests/run": b"mode changes\n",
}
NEW: dict[str, bytes | File] = {
    "flake.nix": b"new flake, longer than before\n",
    "README.md": b"stays\n",
    "hosts/a/default.nix": b"new host\n",
    "hosts/a/local.nix": File(b"# yours, in other words\n", ownership="once"),
    "hosts/b/platform/new.nix": b"a new directory\n",
    "packages/turns/default.nix": b"a file became a directory\n",
    "modules/turns": b"a directory became a file\n",
    "tests/run": File(b"mode changes\n", mode=0o755),
}
SCENARIOS: dict[str, tuple[dict[str, bytes | File] | None, dict[str, bytes | File]]] = {
    "first": (None, OLD),
    "update": (OLD, NEW),
    "downdate": (NEW, OLD),
}


def expected(first: dict[str, bytes | File] | None, wanted: dict[str, bytes | File]) -> dict[str, bytes]:
    """Return all files after generating `first`, then `wanted`."""
    files = {path: file.content for path, file in tree_of(wanted).items()}
    for path, file in tree_of(first or {}).items():
        if file.ownership == "once":
            files[path] = file.content
    return files
