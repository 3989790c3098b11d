"""A copy of the flake as it would be after generating, for Nix to read: the flake itself is never written to."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.regular_file import read_regular_file
from maidan_nix.tree import Tree, plan_write
from maidan_nix.tree.journal import IDLE, JOURNAL
from maidan_nix.tree.write_plan import to_write

_LEFT_OUT = frozenset((".git", ".direnv", ".maidan", "result"))
_MOST_FILES = 10_000
_MOST_BYTES = 128 * 1024 * 1024


@contextmanager
def working_copy(root: Path, tree: Tree, secrets: Iterable[str]) -> Iterator[Path]:
    """Yield the folder of a copy, which is gone afterwards.

    It holds the files of `root`, the steward's own among them, and what generating `tree` would change; a hand edit
    stays. A secret of `secrets` that is not encrypted yet has a stand-in, since a host does not evaluate without the
    file and would not read it. Raises MaidanError when the flake cannot be read, or is far too large for one.
    """
    with tempfile.TemporaryDirectory(prefix="maidan-nix-") as temporary:
        copy = Path(temporary).resolve() / "flake"
        copy.mkdir()
        _copy(root, copy)
        for change in to_write(plan_write(root, tree, mode="adopt")):
            target = copy / change.path
            if change.outcome == "remove" or change.file is None:
                target.unlink(missing_ok=True)
            else:
                _write(target, change.file.content)
        _write(copy / JOURNAL, IDLE)
        for name in secrets:
            if not (copy / f"secrets/{name}.age").exists():
                _write(copy / f"secrets/{name}.age", b"age-encryption.org/v1\n")
        yield copy


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _copy(root: Path, copy: Path) -> None:
    if not root.exists():
        return
    files, size = 0, 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        for name in sorted(names):
            path = Path(folder) / name
            try:
                state = path.lstat()
            except FileNotFoundError:  # gone since the folder was listed
                continue
            if not stat.S_ISREG(state.st_mode):  # a link to somewhere else, as to a built system, is no part of a flake
                continue
            files, size = files + 1, size + state.st_size
            if files > _MOST_FILES or size > _MOST_BYTES:
                message = say("{root} holds too much to be evaluated as a flake", root=root)
                hint = "give the flake a folder of its own"
                raise MaidanError(Problem((), message, expected=_limits(), hint=hint))
            try:
                content = read_regular_file(path, state.st_size + 1)
            except (FileNotFoundError, PermissionError):  # what Nix may not read is missed by Nix, if it matters
                continue
            _write(copy / path.relative_to(root), content)


def _limits() -> str:
    return say("at most {files} files and {size} MiB", files=_MOST_FILES, size=_MOST_BYTES // 1024 // 1024)
