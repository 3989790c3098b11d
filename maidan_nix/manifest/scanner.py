"""The shape of a TOML document that tomllib has accepted: its keys and values, and where in the text each begins.

tomllib keeps no positions, and tomlkit would give them only through private parts that changed with almost every
release, and does not accept exactly what tomllib accepts. On a document known to be valid no more is needed than the
shape of keys, strings and brackets; a property test holds the scanner to tomllib's own reading.
"""

from __future__ import annotations

import re
import tomllib

from maidan_nix.manifest.tokens import COMMENT, LINE_STRING, STRING
from maidan_nix.problems import KeyPath

_BLANK = re.compile(rf"(?:[ \t\r\n]++|{COMMENT})*")
_SPACE = re.compile(r"[ \t]*+")
_KEY = re.compile(rf"[A-Za-z0-9_-]++|{LINE_STRING}")
_SCALAR = re.compile(
    rf"{STRING}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}[^\s,\]}#]*+"  # a date and a time may be apart by a space
    r"|[^\s,\]}#\[{=]++"
)


class NotToml(Exception):
    """The text is not what a valid document would have here."""


class Scanner:
    """Reads one document, and notes the index of every key and of every value.

    `keys` and `values` have these by path, `text` is the document, and `at` the index that is read next. The steps
    `read_header`, `read_pair` and `read_value` find `at` where that begins which they read, and leave it where that
    ends; who wants to know more overrides them.
    """

    def __init__(self, text: str) -> None:
        self.keys: dict[KeyPath, int] = {}
        self.values: dict[KeyPath, int] = {(): 0}
        self.text = text
        self.at = 0
        self._elements: dict[KeyPath, int] = {}  # how many tables each array of tables has so far

    def document(self) -> None:
        """Read all of it. Raises NotToml, at the first fault, in a document that is not valid."""
        table: KeyPath = ()
        while True:
            self._skip(_BLANK)
            if self.at == len(self.text):
                return
            if self.text[self.at] == "[":
                table = self.read_header()
            else:
                self.read_pair(table)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise NotToml
        self.at = match.end()
        return match.group()

    def _next_is(self, word: str) -> bool:
        return self.text.startswith(word, self.at)

    def _expect(self, word: str) -> None:
        if not self._next_is(word):
            raise NotToml
        self.at += len(word)

    def read_header(self) -> KeyPath:
        """Read ``[table]`` or ``[[table]]``, and return the path of the table that begins."""
        start = self.at
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
            start = self.at
            names.append((_unquoted(self._skip(_KEY)), start))
            self._skip(_SPACE)
            if not self._next_is("."):
                return names
            self._expect(".")

    def read_pair(self, table: KeyPath) -> None:
        """Read ``key = value`` of a table, which may be an inline one."""
        path = table
        for name, index in self._dotted_key():
            path += (name,)
            self.keys.setdefault(path, index)
            self.values.setdefault(path, index)
        self._expect("=")
        self._skip(_SPACE)
        self.read_value(path)

    def read_value(self, path: KeyPath) -> None:
        """Read the value at a path, with all that is in it."""
        self.values[path] = self.at
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
            self.read_value((*path, number))
            number += 1
            self._separator("]")
        self._expect("]")

    def _inline_table(self, path: KeyPath) -> None:
        self._expect("{")
        self._skip(_BLANK)
        while not self._next_is("}"):
            self.read_pair(path)
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
            raise NotToml from None
    return key
