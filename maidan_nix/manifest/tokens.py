"""The few lexical rules of TOML that must be known before a document is parsed, and again to find places in it.

Every pattern matches in linear time on any text, valid or not: an unterminated string ends at the end of its line (or
of the text), repeats of characters give nothing back, and each repeat of a group begins in one way only. Groups are not
repeated possessively: until Python 3.11.5 that goes wrong when the group itself can give back (CPython gh-106052), and
Debian 12 has 3.11.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MULTILINE_STRING = (
    r'"""(?:[^"\\]++|\\[\s\S]?|"{1,2}(?!"))*(?:"{3,5}|\Z)'
    r"|'''(?:[^']++|'{1,2}(?!'))*(?:'{3,5}|\Z)"
)
LINE_STRING = r'"(?:[^"\\\n]++|\\[^\n]?)*"?' r"|'[^'\n]*+'?"
STRING = f"{MULTILINE_STRING}|{LINE_STRING}"
COMMENT = r"#[^\n]*+"

MAXIMUM_DIGITS = 400
"""Digits in a row, outside strings, keys and comments. Converting more costs more than linear time."""

_DIGITS = r"[0-9_]{20}[0-9_]*+"
_TOKEN = re.compile(rf"{COMMENT}|{STRING}|{_DIGITS}|[\[\]{{}}.,=\n]")


@dataclass(frozen=True, slots=True)
class Excess:
    """Something a parser should not be given. `index` is its place in the text, from 0."""

    index: int
    what: str


def find_excess(text: str, levels: int) -> Excess | None:
    """Find the first place where tables and arrays nest deeper than `levels`, or digits run on for too long.

    Counts each table and each array once, however it is written: header, dotted key, inline table, array, and
    ``[[header]]`` (a table in an array: two). The text need not be valid; what is invalid is left to the parser.
    """
    header = 0  # levels of the latest table header
    level = 0
    enclosing: list[tuple[str, int]] = []  # open brackets of the statement, each with the level outside
    in_key, in_header = True, False
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word == "\n":
            if not enclosing:
                level, in_key, in_header = header, True, False
        elif word == ".":
            if in_header:
                header += 1
                level = header
            elif in_key:
                level += 1
        elif word == "=":
            in_key = False
        elif word == "[" and in_key and not enclosing:
            # The second bracket of [[header]] lands here too: an array and the table in it.
            header = header + 1 if in_header else 1
            level, in_header = header, True
        elif word in ("[", "{"):
            enclosing.append((word, level))
            level += 1
            in_key = word == "{"
        elif word in ("]", "}"):
            if enclosing:
                level = enclosing.pop()[1]
                in_key = False
        elif word == ",":
            if enclosing:
                bracket, outside = enclosing[-1]
                level, in_key = outside + 1, bracket == "{"
        elif word[0] in "0123456789_" and not in_key and len(word) > MAXIMUM_DIGITS:
            return Excess(token.start(), "digits")
        if level > levels:
            return Excess(token.start(), "levels")
    return None


def find_unclosed_string(text: str) -> int | None:
    """Find where the first string starts that its line, or the text, ends without closing."""
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word[0] in "\"'" and not _CLOSED_STRING.fullmatch(word):
            return token.start()
    return None


_CLOSED_STRING = re.compile(
    r'"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*'{3,5}"
    r'|"(?!"")(?:[^"\\\n]++|\\[^\n])*"'
    r"|'(?!'')[^'\n]*+'"
)
