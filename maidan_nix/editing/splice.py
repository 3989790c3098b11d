"""Replacing parts of a text, and holding the outcome against what was wanted."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maidan_nix.editing.layout import Layout
from maidan_nix.editing.values import without_empty
from maidan_nix.manifest.positions import Lines
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, KeyPath, MaidanError, Problem, dotted


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """Characters `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Apply splices, which do not overlap."""
    for splice in sorted(splices, reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


def checked(layout: Layout, edited: str, wanted: Mapping[str, Any], path: KeyPath) -> str:
    """Return the edited text if it means what was wanted; tables on the way to `path` may come or go empty.

    Raises MaidanError, which names the line to edit by hand.
    """
    try:
        found = tomllib.loads(edited)
    except tomllib.TOMLDecodeError:
        found = None
    if found is None or without_empty(found, path) != without_empty(dict(wanted), path):
        raise cannot(layout, path)
    return edited


def cannot(layout: Layout, path: KeyPath, message: str = "", hint: str = "") -> MaidanError:
    """An edit that has to be made by hand, at the place of `path` or the nearest that there is."""
    nearest = path
    starts = {(): 0, **{each.path: each.span.start for each in (*layout.statements, *layout.inline)}}
    while nearest not in starts:
        nearest = nearest[:-1]
    place = Lines(layout.text).location(starts[nearest])
    return MaidanError(
        Problem(
            path,
            message or say("{key} cannot be edited as it is written here", key=dotted(path)),
            hint=hint or "edit this line by hand",
            line=place.line,
            column=place.column,
        ),
        ExitCode.MANIFEST_INVALID,
    )


def newline_of(text: str) -> str:
    """How lines end in a text: as the first one does."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def inserted_lines(layout: Layout, at: int, lines: str) -> Splice:
    """Insert whole lines where a line begins, or at the end of the text, whose last line keeps its way to end."""
    newline = newline_of(layout.text)
    if at == len(layout.text) and at and not layout.text.endswith("\n"):
        return Splice(at, at, f"{newline}{lines.removesuffix(newline)}")
    return Splice(at, at, lines)


def removed_lines(layout: Layout, start: int, end: int) -> Splice:
    """Remove whole lines; at the end of a text that has no last line break, the one before them goes."""
    if end == len(layout.text) and start and not layout.text.endswith("\n"):
        start -= len(newline_of(layout.text)) if layout.text[:start].endswith("\r\n") else 1
    return Splice(start, end, "")
