"""Where in the text of a manifest its keys and values stand.

Values come from tomllib, which keeps no positions. They are looked up here, only when there is something to report,
by a scanner over a document that tomllib has already accepted.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from maidan_nix.manifest.scanner import NotToml, Scanner
from maidan_nix.problems import KeyPath, Problem

At: TypeAlias = Literal["key", "value"]


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a text: line and column, both from 1, the column in characters."""

    line: int
    column: int


def locate(text: str, paths: Iterable[tuple[KeyPath, At]]) -> dict[tuple[KeyPath, At], Location]:
    """Find the key or the value at each key path of a valid TOML document.

    The value of a table with a header is the header's bracket, and its key the last name in the header. An element of
    an array has no key; its value stands for it. What is not in the document is found at its nearest parent: the
    header's bracket, the inline table's brace, or the start of the text. Never raises; in a document that is not
    valid TOML everything after the first fault counts as missing.
    """
    scanner = Scanner(text)
    with contextlib.suppress(NotToml):
        scanner.document()
    lines = Lines(text)
    return {(path, at): lines.location(_index(scanner, path, at)) for path, at in paths}


def located(problems: Iterable[Problem], text: str) -> list[Problem]:
    """Give each problem the line and column of its place in a valid TOML document, see `locate`.

    One that has a line of its own, or no path, stays as it is.
    """
    problems = list(problems)
    places = locate(text, {(each.path, each.at) for each in problems if each.path and not each.line})
    found = ((each, None if each.line else places.get((each.path, each.at))) for each in problems)
    return [replace(each, line=place.line, column=place.column) if place else each for each, place in found]


class Lines:
    """Turns an index into a text into line and column."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def location(self, index: int) -> Location:
        """Return the place of the character at `index`, counted from 0."""
        line = bisect_right(self._starts, index)
        return Location(line, index - self._starts[line - 1] + 1)


def _index(scanner: Scanner, path: KeyPath, at: At) -> int:
    if at == "key" and path in scanner.keys:
        return scanner.keys[path]
    while path and path not in scanner.values:
        path = path[:-1]
    return scanner.values.get(path, 0)
