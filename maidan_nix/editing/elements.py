"""Inside one value: elements of arrays, and pairs of inline tables."""

from __future__ import annotations

from typing import Any

from maidan_nix.editing.fragments import write_key, write_value
from maidan_nix.editing.layout import Layout, Span
from maidan_nix.editing.splice import Splice
from maidan_nix.problems import KeyPath


def appended_element(layout: Layout, path: KeyPath, value: Any, newline: str) -> list[Splice]:
    """One more element for the array at `path`."""
    array = layout.spans[path]
    written = write_value(value)
    last = _last_element(layout, path)
    if last is None:
        return [Splice(array.start + 1, array.start + 1, written)]
    comma = _comma_after(layout, last.end, array.end)
    is_tall = "\n" in layout.text[last.end : array.end]
    if not is_tall:
        at = last.end if comma is None else comma + 1
        return [Splice(at, at, f"{', ' if comma is None else ' '}{written}")]
    line = layout.line_end(last.end)
    indent = layout.indentation(last.start)
    if comma is not None:
        return [Splice(line, line, f"{indent}{written},{newline}")]
    if not layout.text[last.end : line].strip():
        return [Splice(last.end, last.end, f",{newline}{indent}{written}")]
    return [Splice(last.end, last.end, ","), Splice(line, line, f"{indent}{written}{newline}")]


def removed_element(layout: Layout, path: KeyPath) -> list[Splice]:
    """The array without one of its elements."""
    array = layout.spans[path[:-1]]
    count = sum(1 for each in layout.spans if each[:-1] == path[:-1] and len(each) == len(path))
    index = path[-1]
    before = layout.spans.get((*path[:-1], index - 1)) if isinstance(index, int) and index else None
    after = layout.spans.get((*path[:-1], index + 1)) if isinstance(index, int) and index + 1 < count else None
    return [_removed(layout, array, before, layout.spans[path], after)]


def appended_pair(layout: Layout, table: KeyPath, names: list[str], value: Any) -> list[Splice]:
    """One more pair for the inline table at `table`."""
    place = layout.spans[table]
    written = f"{write_key(names)} = {write_value(value)}"
    mine = [pair for pair in layout.inline if pair.table == table]
    if mine:
        return [Splice(mine[-1].span.end, mine[-1].span.end, f", {written}")]
    return [Splice(place.start, place.end, f"{{ {written} }}")]


def removed_pair(layout: Layout, path: KeyPath) -> list[Splice]:
    """The inline table without one of its pairs."""
    pair = next(each for each in layout.inline if each.path == path)
    mine = [each for each in layout.inline if each.table == pair.table]
    around = layout.spans[pair.table]
    if len(mine) == 1 and "#" not in layout.text[pair.value.end : around.end]:
        return [Splice(around.start, around.end, "{}")]
    number = mine.index(pair)
    before = mine[number - 1].span if number else None
    after = mine[number + 1].span if number + 1 < len(mine) else None
    return [_removed(layout, around, before, pair.span, after)]


def _removed(layout: Layout, around: Span, before: Span | None, gone: Span, after: Span | None) -> Splice:
    """Take out one member with one comma, and with its line where it has one of its own."""
    comma = _comma_after(layout, gone.end, around.end)
    start, end = layout.line_start(gone.start), layout.line_end(gone.end)
    rest = layout.text[gone.end if comma is None else comma + 1 : end].strip()
    is_alone = not layout.text[start : gone.start].strip() and end <= around.end and (not rest or rest[0] == "#")
    if is_alone and (comma is not None or before is None):
        return Splice(start, end, "")
    if after is not None:
        return Splice(gone.start, after.start, "")
    if before is not None and "#" not in layout.text[before.end : gone.start]:
        return Splice(before.end, gone.end, "")
    if is_alone:  # the comma before it may stay: the last of an array may have one
        return Splice(start, end, "")
    return Splice(gone.start, gone.end if comma is None else comma + 1, "")


def _last_element(layout: Layout, path: KeyPath) -> Span | None:
    own = [span for each, span in layout.spans.items() if len(each) == len(path) + 1 and each[:-1] == path]
    return max(own, key=lambda span: span.start, default=None)


def _comma_after(layout: Layout, start: int, end: int) -> int | None:
    """Where the next comma is, if only space, line breaks and comments come before it."""
    at = start
    while at < end:
        match layout.text[at]:
            case ",":
                return at
            case "#":
                at = layout.line_end(at)
            case " " | "\t" | "\r" | "\n":
                at += 1
            case _:
                return None
    return None
