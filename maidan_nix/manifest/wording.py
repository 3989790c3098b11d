"""The words in which problems speak of values: TOML's own names, and text that no terminal can stumble over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

VALUE_LENGTH = 60
"""Characters of a value that a message shows."""


def printable(text: str, limit: int = 0) -> str:
    """Replace every character that is not printable by its escape, and shorten to `limit` characters (0: all).

    Control characters, line breaks, text direction marks and lone surrogates would change how a terminal or an
    editor shows the rest of the line.
    """
    shortened = bool(limit) and len(text) > limit
    if shortened:
        text = text[: limit - 1]
    if not text.isprintable():
        text = "".join(character if character.isprintable() else _escape(character) for character in text)
    return f"{text}…" if shortened else text


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def quoted(value: str) -> str:
    """Write a value for a message: in single quotes, printable and shortened."""
    return f"'{printable(value, VALUE_LENGTH)}'"


def choices(words: Iterable[str]) -> str:
    """Join alternatives in the order given: ``'a', 'b' or 'c'``."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def in_toml_words(value: object) -> str:
    """Name the kind of a value as TOML does, with its article: ``a table``, ``an array``, ``an integer``."""
    if value is None:
        return "nothing"
    for python_type, name in _KINDS:
        if isinstance(value, python_type):
            return name
    return f"a value of type {type(value).__name__}"


# Order matters: a boolean is an int, and a datetime is a date, in Python.
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a float"),
    (str, "a string"),
    (dt.datetime, "a date with time"),
    (dt.date, "a date"),
    (dt.time, "a time"),
    (list, "an array"),
    (tuple, "an array"),
    (Mapping, "a table"),
)


def name_of_type(python_type: object) -> str:
    """Name what TOML writes for a Python type, with its article; an empty string for a type it cannot write."""
    if not isinstance(python_type, type):
        return ""
    for candidate, name in _KINDS:
        if issubclass(python_type, candidate):
            return name
    return ""
