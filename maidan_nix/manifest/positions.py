"""Where in the text of a manifest its keys and values stand.

Values come from tomllib, which keeps no positions. They are looked up here, only when there is something to report,
by a scanner over a document that tomllib has already accepted. tomlkit would give positions only through private
parts that changed with almost every release, and it does not accept exactly what tomllib accepts; on a document known
to be valid the scanner needs no more than the shape of keys, strings and brackets, and a property test holds it to
tomllib's own reading.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from maidan_nix.manifest.tokens import COMMENT, LINE_STRING, STRING
from maidan_nix.problems import KeyPath

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
    scanner = _Scanner(text)
    with contextlib.suppress(_NotToml):
        scanner.document()
    lines = Lines(text)
    return {(path, at): lines.location(_index(scanner, path, at)) for path, at in paths}


class Lines:
    """Turns an index into a text into line and column."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def location(self, index: int) -> Location:
        """Return the place of the character at `index`, counted from 0."""
        line = bisect_right(self._starts, index)
        return Location(line, index - self._starts[line - 1] + 1)


def _index(scanner: _Scanner, path: KeyPath, at: At) -> int:
    if at == "key" and path in scanner.keys:
        return scanner.keys[path]
    while path and path not in scanner.values:
        path = path[:-1]
    return scanner.values.get(path, 0)


_BLANK = re.compile(rf"(?:[ \t\r\n]++|{COMMENT})*")
_SPACE = re.compile(r"[ \t]*+")
_KEY = re.compile(rf"[A-Za-z0-9_-]++|{LINE_STRING}")
_SCALAR = re.compile(
    rf"{STRING}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}[^\s,\]}#]*+"  # a date and a time may be apart by a space
    r"|[^\s,\]}#\[{=]++"
)


class _NotToml(Exception):
    """The text is not what a valid document would have here."""


class _Scanner:
    """Reads one document, and notes the index of every key and of every value."""

    def __init__(self, text: str) -> None:
        self.keys: dict[KeyPath, int] = {}
        self.values: dict[KeyPath, int] = {(): 0}
        self._text = text
        self._at = 0
        self._elements: dict[KeyPath, int] = {}  # how many tables each array of tables has so far

    def document(self) -> None:
        table: KeyPath = ()
        while True:
            self._skip(_BLANK)
            if self._at == len(self._text):
                return
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise _NotToml
        self._at = match.end()
        return match.group()

    def _next_is(self, word: str) -> bool:
        return self._text.startswith(word, self._at)

    def _expect(self, word: str) -> None:
        if not self._next_is(word):
            raise _NotToml
        self._at += len(word)

    def _header(self) -> KeyPath:
        start = self._at
        is_element = self._next_is("[[")
        self._expect("[[" if is_element else "[")
        *parents, (name, index) = self._dotted_key()
        self._expect("]]" if is_element else "]")
        path: KeyPath = ()
        for parent, parent_index in parents:
            path += (parent,)
            self.keys.setdefault(path, parent_index)
            self.values.setdefault(path, start)
            if path in self._elements:
                path += (self._elements[path] - 1,)
        path += (name,)
        if is_element:
            self.keys.setdefault(path, index)
            self.values.setdefault(path, start)
            number = self._elements.get(path, 0)
            self._elements[path] = number + 1
            path += (number,)
        # A table's own header says more than a header of one of its children that came before.
        self.keys[path] = index
        self.values[path] = start
        return path

    def _dotted_key(self) -> list[tuple[str, int]]:
        names: list[tuple[str, int]] = []
        while True:
            self._skip(_SPACE)
            start = self._at
            names.append((_unquoted(self._skip(_KEY)), start))
            self._skip(_SPACE)
            if not self._next_is("."):
                return names
            self._expect(".")

    def _pair(self, table: KeyPath) -> None:
        path = table
        for name, index in self._dotted_key():
            path += (name,)
            self.keys.setdefault(path, index)
            self.values.setdefault(path, index)
        self._expect("=")
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self.values[path] = self._at
        if self._next_is("["):
            self._array(path)
        elif self._next_is("{"):
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self._expect("[")
        self._skip(_BLANK)
        number = 0
        while not self._next_is("]"):
            self._value((*path, number))
            number += 1
            self._separator("]")
        self._expect("]")

    def _inline_table(self, path: KeyPath) -> None:
        self._expect("{")
        self._skip(_BLANK)
        while not self._next_is("}"):
            self._pair(path)
            self._separator("}")
        self._expect("}")

    def _separator(self, closing: str) -> None:
        # Line breaks and a last comma in inline tables are of TOML 1.1; the parser has decided whether they may be.
        self._skip(_BLANK)
        if not self._next_is(closing):
            self._expect(",")
            self._skip(_BLANK)


def _unquoted(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    if key[0] == '"':
        if "\\" not in key:
            return key[1:-1]
        try:
            return str(tomllib.loads(f"key = {key}")["key"])
        except tomllib.TOMLDecodeError:
            raise _NotToml from None
    return key
