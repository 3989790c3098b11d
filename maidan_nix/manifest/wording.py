"""The words in which problems speak of values: TOML's own names, and text that no terminal can stumble over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from maidan_nix.messages import Message, alternatives, phrase, say

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
    return alternatives(words)


def in_toml_words(value: object) -> str:
    """Name the kind of a value as TOML does, with its article: ``a table``, ``an array``, ``an integer``."""
    if value is None:
        return say("nothing")
    for python_type, name in _KINDS:
        if isinstance(value, python_type):
            return name
    return say("a value of type {kind}", kind=type(value).__name__)


# Order matters: a boolean is an int, and a datetime is a date, in Python.
_KINDS: tuple[tuple[type, Message], ...] = (
    (bool, say("a boolean")),
    (int, say("an integer")),
    (float, say("a float")),
    (str, say("a string")),
    (dt.datetime, say("a date with time")),
    (dt.date, say("a date")),
    (dt.time, say("a time")),
    (list, say("an array")),
    (tuple, say("an array")),
    (Mapping, say("a table")),
)


def name_of_type(python_type: object) -> str:
    """Name what TOML writes for a Python type, with its article; an empty string for a type it cannot write."""
    if not isinstance(python_type, type):
        return ""
    for candidate, name in _KINDS:
        if issubclass(python_type, candidate):
            return name
    return ""


def os_reason(error: OSError) -> Message:
    """Say why the operating system refused something, as it continues a sentence: ``permission denied``."""
    return phrase((error.strerror or type(error).__name__).lower())


_FREQUENT_REASONS = (
    # What the system says is English in every process of ours (LC_MESSAGES is never set); these can be translated.
    say("address already in use"),
    say("bad file descriptor"),
    say("broken pipe"),
    say("cannot allocate memory"),
    say("device or resource busy"),
    say("directory not empty"),
    say("disk quota exceeded"),
    say("file exists"),
    say("file name too long"),
    say("file too large"),
    say("input/output error"),
    say("invalid argument"),
    say("invalid cross-device link"),
    say("is a directory"),
    say("no space left on device"),
    say("no such device"),
    say("no such device or address"),
    say("no such file or directory"),
    say("not a directory"),
    say("operation not permitted"),
    say("permission denied"),
    say("read-only file system"),
    say("resource temporarily unavailable"),
    say("text file busy"),
    say("too many levels of symbolic links"),
    say("too many links"),
    say("too many open files"),
    say("too many open files in system"),
)
