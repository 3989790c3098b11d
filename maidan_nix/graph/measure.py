"""How wide text is, at most, and where it is broken: in whole numbers, so that every machine comes to the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

# Advance widths in hundredths of the font size, rounded up from DejaVu Sans: the widest sans-serif in common use.
_WIDTHS = {
    **dict.fromkeys("iIjl'|", 32),
    **dict.fromkeys(" ,.:;/\\-!()[]ft`", 42),
    **dict.fromkeys('rs"*?_', 55),
    **dict.fromkeys("mMWw@%", 103),
    **dict.fromkeys("#+<=>~^", 86),
}
_CAPITAL = 82
_LETTER = 66
_OTHER_LATIN = 103
_BROAD = 130
_BOLD = 115
"""What bold text takes, in hundredths of the same text in regular weight."""
_LAST_LATIN = "\u024f"


def width(text: str, size: int, *, bold: bool = False) -> int:
    """The width of a text in pixels, never less than a common sans-serif font takes at `size` pixels."""
    hundredths = sum(map(_advance, text)) * size
    return -(-hundredths * (_BOLD if bold else 100) // 10_000)


def wrap(text: str, size: int, room: int, *, bold: bool = False) -> tuple[str, ...]:
    """Break a text into lines that fit `room` pixels, at spaces where there are any. Never without a line."""
    lines: list[str] = []
    line = ""
    for word in _pieces(text.split(), size, room, bold):
        longer = f"{line} {word}" if line else word
        if line and width(longer, size, bold=bold) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    return (*lines, line) if line or not lines else tuple(lines)


def _pieces(words: list[str], size: int, room: int, bold: bool) -> Iterator[str]:
    """The words, each cut where it would not fit a line by itself; a part of a host name ends in its dot."""
    for word in words:
        rest = word
        while width(rest, size, bold=bold) > room:
            fits = 1
            while width(rest[: fits + 1], size, bold=bold) <= room:
                fits += 1
            dot = rest.rfind(".", 1, fits) + 1
            cut = dot if dot > fits // 2 else fits
            yield rest[:cut]
            rest = rest[cut:]
        yield rest


def _advance(character: str) -> int:
    if character in _WIDTHS:
        return _WIDTHS[character]
    if character.isascii():
        return _CAPITAL if character.isupper() else _LETTER
    if unicodedata.combining(character):
        return 0
    return _OTHER_LATIN if character <= _LAST_LATIN else _BROAD
