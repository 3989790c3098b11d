"""What tomllib says about a document that is not TOML, in words for someone who writes one manifest a year."""

from __future__ import annotations

import re
import tomllib

from maidan_nix.manifest.tokens import find_unclosed_string
from maidan_nix.manifest.wording import printable
from maidan_nix.messages import say
from maidan_nix.problems import Problem

_POSITION = re.compile(r" \(at (?:line (?P<line>[0-9]+), column (?P<column>[0-9]+)|end of document)\)\Z")

_QUOTE_IT = 'text needs quotes: "text"; a switch is true or false'
_QUOTE_KEY = 'a key with other characters than letters, digits, "-" and "_" needs quotes'
_ONCE = "put everything about it in one place"

# What tomllib's messages mean, in its versions of Python 3.11 to 3.14: message, expected, way out.
_MEANINGS: tuple[tuple[str, str, str, str], ...] = (
    (
        r"Invalid statement",
        "this starts neither a table nor a setting",
        "[table], key = value or # comment",
        _QUOTE_KEY,
    ),
    (r"Expected newline or end of document", "something follows the value", "the end of the line", _QUOTE_IT),
    (r"Expected .=. after a key", "this key has no value", "key = value", _QUOTE_KEY),
    (r"Invalid initial character for a key", "a key cannot start like this", "letters, digits, - and _", _QUOTE_KEY),
    (r"Cannot declare", "this table was declared before", "each table once", _ONCE),
    (r"Cannot overwrite|Duplicate inline table key", "this key was given before", "each key once", _ONCE),
    (
        r"Cannot mutate immutable|Cannot redefine",
        "this adds to a table or an array that was complete",
        "each table in one place",
        _ONCE,
    ),
    (r"Expected .\]\]?.", "this table header is not closed", "[table] or [[table]], alone on its line", ""),
    (r"Unclosed array", "this array is not closed, or a comma is missing", "[value, value]", ""),
    (
        r"Unclosed inline table",
        "this inline table is not closed, or a comma is missing",
        "{ key = value, key = value } on one line",
        "",
    ),
    (r"Unterminated string|Expected ", "this string is not closed", "the same quotes at its end", ""),
    (r"(Illegal|Found invalid) character .\\[nr]", "a string is not closed on its line", "quotes at its end", ""),
    (r"(Illegal|Found invalid) character", "a control character", "printable text", "write it as an escape: \\uXXXX"),
    (
        r"Unescaped",
        "this backslash starts no escape that TOML knows",
        r"\\ for a backslash, or the text in single quotes",
        "",
    ),
    (r"Invalid hex value", "this escape has too few hexadecimal digits", r"\uXXXX or \UXXXXXXXX", ""),
    (r"Escaped character is not", "this escape names no character", "a Unicode character", ""),
    (r"Invalid date", "there is no such date or time", "a date such as 2030-01-31", "text needs quotes"),
    (r"Invalid value", "this is not a value", '"text", 5, true, [...] or { ... }', _QUOTE_IT),
)

# tomllib notices these after the key, header or value; the start of the line is where to look.
_NOTICED_LATE = re.compile(r"Cannot |Duplicate ")


def syntax_problem(error: tomllib.TOMLDecodeError, text: str) -> Problem:
    """Put what tomllib found into a problem with line and column."""
    said = str(error)
    position = _POSITION.search(said)
    said = said[: position.start()] if position else said
    if position and position["line"]:
        line, column = int(position["line"]), int(position["column"])
    else:
        line, column = _unfinished(text)
    if _NOTICED_LATE.match(said):
        column = _first_column(text, line) or column
    for pattern, message, expected, hint in _MEANINGS:
        if re.match(pattern, said):
            return Problem((), message, expected, hint, line=line, column=column)
    return Problem(
        (), say("this is not TOML: {reason}", reason=printable(said, 120)), "TOML 1.0", line=line, column=column
    )


def _unfinished(text: str) -> tuple[int, int]:
    """Where something starts that the end of the document cut short, or else where the last line ends."""
    start = find_unclosed_string(text)
    before = text.rstrip() if start is None else text[:start]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _first_column(text: str, line: int) -> int:
    """Column of the first character of a line that holds a setting or a header; 0 for any other line."""
    content = text.split("\n")[line - 1]
    start = len(content) - len(content.lstrip(" \t"))
    return start + 1 if re.match(r"\[|[^=#]+=", content[start:]) else 0
