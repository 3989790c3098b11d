"""Text as roff: what stands in a manual page can look like markup, and must not be any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_CHARACTERS = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq"}
_LINE_ONLY = "\b"
"""click's mark for a paragraph whose lines stay as they are."""


def escaped(text: str) -> str:
    """Write text so that it stands as it is, also at the beginning of a line and as a macro's argument."""
    shown = "".join(_character(character) for character in " ".join(text.split()))
    return f"\\&{shown}" if shown.startswith(".") else shown


def _character(character: str) -> str:
    if character in _CHARACTERS:
        return _CHARACTERS[character]
    return character if character.isascii() and character.isprintable() else f"\\[u{ord(character):04X}]"


def bold(text: str) -> str:
    """A line in bold."""
    return f".B {escaped(text)}"


def heading(text: str) -> str:
    """The heading of a section."""
    return f".SH {escaped(text.upper())}"


def subheading(text: str) -> str:
    """The heading of a part of a section."""
    return f".SS {escaped(text)}"


def term(word: str, meaning: str) -> Iterator[str]:
    """A word, and what it means below it."""
    yield ".TP"
    yield bold(word)
    yield escaped(meaning)


def example(lines: Iterable[str]) -> Iterator[str]:
    """Lines that are typed or shown as they are."""
    yield from (".PP", ".nf", ".RS 4")
    # A line is kept from being read as a request, and blanks at its beginning are kept.
    yield from (f"\\&{''.join(_character(character) for character in line)}" for line in lines)
    yield from (".RE", ".fi")


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a command's help."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip("\n"))):
        lines = paragraph.strip("\n").split("\n")
        if lines[0].strip(" ") == _LINE_ONLY:
            yield from example(line.rstrip() for line in lines[1:])
        else:
            # A heading begins a paragraph itself.
            yield from [".PP"] if number else []
            yield from sentences(" ".join(lines))


def sentences(text: str) -> Iterator[str]:
    """One sentence a line, as those who read and compare the source of manual pages expect."""
    for sentence in re.split(r"(?<=[.!?]) (?=[A-Z])", " ".join(text.split())):
        yield escaped(sentence)
