"""Where the statements of a TOML document begin and end."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from maidan_nix.manifest.scanner import NotToml, Scanner
from maidan_nix.problems import KeyPath


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text: the index of its first character, and of the one after its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pair:
    """``key = value``. `table` is what its key is relative to: the header above it, or the inline table around it."""

    path: KeyPath
    table: KeyPath
    span: Span
    value: Span
    is_inline: bool


@dataclass(frozen=True, slots=True)
class Header:
    """``[table]`` or ``[[table]]``."""

    path: KeyPath
    span: Span


class Layout(Scanner):
    """The statements of a document that tomllib accepts, in order.

    `statements` are those that have a line of their own, `inline` the pairs in inline tables. `spans` has the place of
    every value that is written after an equals sign, and of every element of an array.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.statements: list[Pair | Header] = []
        self.inline: list[Pair] = []
        self.spans: dict[KeyPath, Span] = {}
        self._depth = 0
        self._latest: KeyPath = ()
        with contextlib.suppress(NotToml):
            self.document()

    @property
    def pairs(self) -> list[Pair]:
        """The pairs that have a line of their own."""
        return [each for each in self.statements if isinstance(each, Pair)]

    def header(self, path: KeyPath) -> Header | None:
        """The header of a table, if it has one."""
        return next((each for each in self.statements if isinstance(each, Header) and each.path == path), None)

    def line_start(self, index: int) -> int:
        """Where the line of a character begins."""
        return self.text.rfind("\n", 0, index) + 1

    def line_end(self, index: int) -> int:
        """Where the line after that of a character begins, or the text ends."""
        end = self.text.find("\n", index)
        return len(self.text) if end < 0 else end + 1

    def indentation(self, index: int) -> str:
        """The white space that the line of a character begins with."""
        line = self.text[self.line_start(index) : index]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def remarks_above(self, number: int) -> int:
        """Where the comment that stands directly above a statement begins, or else the statement's line."""
        start = self.line_start(self.statements[number].span.start)
        least = self.line_end(self.statements[number - 1].span.end) if number else 0
        while start > least:
            above = self.line_start(start - 1)
            if not self.text[above:start].lstrip(" \t").startswith("#"):
                break
            start = above
        return start

    def end_of(self, number: int) -> int:
        """Where the line of a statement ends, and the comment that follows it directly.

        A comment that stands directly above the next statement is that one's.
        """
        end = self.line_end(self.statements[number].span.end)
        following = number + 1
        mine = len(self.text) if following == len(self.statements) else self.remarks_above(following)
        while end < mine and self.text[end:].lstrip(" \t").startswith("#"):
            end = self.line_end(end)
        return end

    def gap_after(self, number: int) -> Span:
        """The lines between a statement and the next: blank, or comments."""
        following = number + 1
        end = self.statements[following].span.start if following < len(self.statements) else len(self.text)
        start = self.line_end(self.statements[number].span.end)
        return Span(start, max(start, self.line_start(end) if following < len(self.statements) else end))

    def read_header(self) -> KeyPath:
        """Read a header, and keep it as a statement."""
        start = self.at
        path = super().read_header()
        self.statements.append(Header(path, Span(start, self.at)))
        return path

    def read_pair(self, table: KeyPath) -> None:
        """Read a pair, and keep it as a statement or as part of one."""
        start = self.at
        super().read_pair(table)
        pair = Pair(self._latest, table, Span(start, self.at), self.spans[self._latest], self._depth > 0)
        (self.inline if pair.is_inline else self.statements).append(pair)

    def read_value(self, path: KeyPath) -> None:
        """Read a value, and keep its place."""
        start = self.at
        self._depth += 1
        super().read_value(path)
        self._depth -= 1
        self.spans[path] = Span(start, self.at)
        self._latest = path
