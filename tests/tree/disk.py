"""What the tests of the output read from the disk and do to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from maidan_nix.tree import File, apply, plan_write

EFFECTS = ("mkdir", "rmdir", "rename", "unlink", "fsync", "write")
"""The system calls by which the output is written; between any two of them a run can be killed."""


def generate(root: Path, files: Mapping[str, bytes | File], **options: Any) -> tuple[str, ...]:
    return apply(plan_write(root, tree_of(files), **options))


def tree_of(files: Mapping[str, bytes | File]) -> dict[str, File]:
    return {path: file if isinstance(file, File) else File(file) for path, file in files.items()}


def files_of(root: Path) -> dict[str, bytes]:
    """All files, but the lock, which a killed run leaves behind."""
    found = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    found.pop(".maidan/lock", None)
    return found


def directories_of(root: Path) -> set[str]:
    """All directories, but `.maidan`, which a killed first run leaves behind."""
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir()} - {".maidan"}


def own(root: Path) -> dict[str, bytes]:
    """All files but the tool's own records."""
    return {path: content for path, content in files_of(root).items() if not path.startswith(".maidan/")}


def wrap_effects(before: Callable[[str, tuple[Any, ...]], None], put: Callable[[str, Any], None]) -> None:
    """Replace each of `EFFECTS` in `os`, through `put`, by one that calls `before` with its name and arguments."""
    for name in EFFECTS:
        put(name, _wrapped(name, getattr(os, name), before))


def _wrapped(name: str, call: Callable[..., Any], before: Callable[[str, tuple[Any, ...]], None]) -> Callable[..., Any]:
    def wrapped(*arguments: Any, **options: Any) -> Any:
        before(name, arguments)
        return call(*arguments, **options)

    return wrapped
