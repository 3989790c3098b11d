"""Names of options: a path as one string and back.

A name is written as Nix writes an attribute path: ``fileSystems."/var/log".options``. Two steps stand for any:
``<name>`` for the attributes of a set whose names are free, ``*`` for the elements of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

OptionPath: TypeAlias = tuple[str, ...]

ANY_NAME: Final = "<name>"
ANY_ELEMENT: Final = "*"

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*\Z")
_STEP = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."\s]+)')


def step(name: str) -> str:
    """Write one step of a path, quoted unless it can stand bare."""
    if _BARE.match(name) or name in (ANY_NAME, ANY_ELEMENT):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    # A tab or a line end would break a line of the index in two.
    return '"' + escaped.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r") + '"'


def join(path: Iterable[str]) -> str:
    """Write a path as a name."""
    return ".".join(map(step, path))


def split(name: str) -> OptionPath:
    """Read a name. Raises ValueError for text that is no name, such as ``a..b``."""
    path: list[str] = []
    position = 0
    while True:
        match = _STEP.match(name, position)
        if match is None:
            raise ValueError(f"not the name of an option: {name!r}")
        path.append(match[2] if match[1] is None else re.sub(r"\\(.)", _unescape, match[1]))
        position = match.end()
        if position == len(name):
            return tuple(path)
        if name[position] != ".":
            raise ValueError(f"not the name of an option: {name!r}")
        position += 1


def _unescape(match: re.Match[str]) -> str:
    return {"t": "\t", "n": "\n", "r": "\r"}.get(match[1], match[1])
