"""What is to be on disk: files as data, and the paths that they may have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem

MAIDAN = ".maidan"
"""The directory of the tool's own records; no file of a `Tree` may lie in it."""
IGNORED = f"{MAIDAN}/.gitignore"
"""Keeps from git what only exists while a run is at work."""

_LONGEST_NAME = 255  # bytes; the limit of every common Linux file system
_LONGEST_PATH = 1024  # bytes; far below PATH_MAX, so that the tree can lie deep and be archived
_MODES = (0o644, 0o755)
# What nearly all paths look like; nothing that matches has a fault, and nothing else is refused for not matching.
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,99}(?:/[A-Za-z0-9_][A-Za-z0-9._+-]{0,99}){0,9}\Z")


@dataclass(frozen=True, slots=True)
class File:
    """One file of the output.

    `mode` is 0o644 or 0o755, the two that git keeps; the umask applies when it is written. `ownership` is ``generated``
    (written whenever it changes), ``once`` (created when absent, then never read or touched again) or ``kept`` (read
    before anything is generated, so that what is written follows from it, a hand edit included: written whenever it
    differs, and never in the way). `plugin` says who asked for it, such as ``services/example``; `keys` are the key
    paths of the manifest that it follows from. Raises ValueError for another mode.
    """

    content: bytes
    mode: int = 0o644
    ownership: Literal["generated", "once", "kept"] = "generated"
    plugin: str = ""
    keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.mode not in _MODES:
            raise ValueError(f"a file's mode is 0o644 or 0o755, not {self.mode:#o}")


Tree: TypeAlias = Mapping[str, File]
"""Files by their path: relative, parts joined by ``/``, as `path_fault` allows."""


def path_fault(path: str) -> str:
    """Say why `path` cannot be the path of a file in a tree; an empty string if it can.

    What passes stays inside the tree, means the same on every file system, and can be shown on a terminal.
    """
    if _PLAIN.match(path):
        return ""
    if not path:
        return say("it is empty")
    if path.startswith("/"):
        return say("it is absolute")
    if "\\" in path:
        return say("it holds a backslash")
    if not path.isprintable():  # control characters, NUL, lone surrogates, marks that turn the direction of writing
        return say("it holds a character that cannot be printed")
    if len(path.encode()) > _LONGEST_PATH:
        return say("it is longer than {most} bytes", most=_LONGEST_PATH)
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return say("it has a part {part!r}", part=part)
        if part.casefold() == ".git":
            return say("it lies in a git directory")
        if len(part.encode()) > _LONGEST_NAME:
            return say("it has a part longer than {most} bytes", most=_LONGEST_NAME)
    return ""


def check_tree(tree: Tree) -> None:
    """Raise MaidanError with every path that is not allowed, collides with another, or lies in `.maidan`.

    Two paths collide when they are one on a file system that ignores case, or when one file is the other's directory.
    """
    problems = [
        Problem(
            (),
            say("a generated file cannot be named {path!r}: {fault}", path=path, fault=fault),
            expected="a relative path inside the flake",
            plugin=tree[path].plugin,
        )
        for path in sorted(tree)
        if (fault := path_fault(path) or (say("it is reserved") if path.split("/", 1)[0].casefold() == MAIDAN else ""))
    ]
    if not problems:
        problems = [
            Problem(
                (),
                say("two generated files have one place: {first!r} and {second!r}", first=first, second=second),
                expected="names that differ in more than case, and no file inside a file",
                plugin=tree[second].plugin,
            )
            for first, second in _collisions(sorted(tree))
        ]
    if problems:
        raise MaidanError(problems)


def _collisions(paths: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield pairs of colliding paths. Directories count too: ``Hosts/a`` and ``hosts/b`` collide."""
    spelt: dict[str, str] = {}  # each directory and file, as compared -> as first spelt
    files: dict[str, str] = {}  # each file, as compared -> its path
    origin: dict[str, str] = {}  # each directory, as compared -> the first file in it
    known: set[str] = set()  # directories already looked at, as spelt
    for path in paths:
        parent = path.rpartition("/")[0]
        above: list[str] = []
        while parent and parent not in known:
            above.append(parent)
            parent = parent.rpartition("/")[0]
        for directory in reversed(above):
            known.add(directory)
            folded = _fold(directory)
            if folded in files:
                yield files[folded], path
            elif spelt.setdefault(folded, directory) != directory:
                yield origin[folded], path
            origin.setdefault(folded, path)
        folded = _fold(path)
        if folded in files or folded in spelt:
            yield files.get(folded) or origin[folded], path
        files.setdefault(folded, path)


def _fold(path: str) -> str:
    """Write `path` as the most careless file system compares it: without case, accents composed."""
    if path.isascii():
        return path.lower()
    import unicodedata

    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())
