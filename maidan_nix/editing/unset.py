"""Taking a value or a whole table out of the text of a manifest."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator

from maidan_nix.editing.elements import removed_element, removed_pair
from maidan_nix.editing.layout import Header, Layout, Pair
from maidan_nix.editing.splice import Splice, cannot, checked, removed_lines, spliced
from maidan_nix.editing.values import without_value
from maidan_nix.messages import say
from maidan_nix.problems import KeyPath, dotted


def unset_value(text: str, path: KeyPath, stays: Callable[[KeyPath], bool] = lambda _: False) -> str:
    """Remove a value with its line, or a table with everything in it; all other lines stay as they are.

    A header goes with the last setting below it, unless a comment is left there, or `stays` says that the empty table
    means something. A table takes along the comments inside and the one directly above its header.
    Raises MaidanError where there is no such value, or where a person has to do it.
    """
    layout = Layout(text)
    values = tomllib.loads(text)
    try:
        wanted = without_value(values, path)
    except LookupError:
        raise cannot(layout, path, say("{key} is not set", key=dotted(path)), "look at how the key is spelt") from None
    return checked(layout, spliced(text, _splices(layout, path, stays)), wanted, path)


def _splices(layout: Layout, path: KeyPath, stays: Callable[[KeyPath], bool]) -> list[Splice]:
    if path in layout.spans:
        if any(pair.path == path for pair in layout.inline):
            return removed_pair(layout, path)
        if isinstance(path[-1], int):
            return removed_element(layout, path)
        return [_line(layout, next(pair for pair in layout.pairs if pair.path == path), stays)]
    inline = [pair for pair in layout.inline if pair.path[: len(path)] == path and len(pair.table) < len(path)]
    if inline:
        if len(inline) > 1:
            raise cannot(layout, path)
        return removed_pair(layout, inline[0].path)
    return list(_table(layout, path))


def _line(layout: Layout, pair: Pair, stays: Callable[[KeyPath], bool]) -> Splice:
    start, end = layout.line_start(pair.span.start), layout.line_end(pair.span.end)
    number = layout.statements.index(pair)
    header = layout.statements[number - 1] if number else None
    is_last = number + 1 == len(layout.statements) or isinstance(layout.statements[number + 1], Header)
    if (
        isinstance(header, Header)
        and header.path == pair.table
        and is_last
        and not stays(header.path)
        and not isinstance(header.path[-1], int)
        and layout.end_of(number) == end
        and layout.remarks_above(number) == layout.line_end(header.span.end) == start
        and layout.remarks_above(number - 1) == layout.line_start(header.span.start)
    ):
        start = layout.line_start(header.span.start)
        return _with_blank(layout, start, end)
    return removed_lines(layout, start, end)


def _table(layout: Layout, path: KeyPath) -> Iterator[Splice]:
    """Remove all statements of a table, each run of them at once."""
    run: list[int] = []
    for number, statement in enumerate([*layout.statements, None]):
        if statement is not None and statement.path[: len(path)] == path:
            run.append(number)
        elif run:
            yield _run(layout, run)
            run = []


def _run(layout: Layout, run: list[int]) -> Splice:
    if isinstance(layout.statements[run[0]], Header):
        return _with_blank(layout, layout.remarks_above(run[0]), layout.end_of(run[-1]))
    start = layout.line_start(layout.statements[run[0]].span.start)
    return removed_lines(layout, start, layout.line_end(layout.statements[run[-1]].span.end))


def _with_blank(layout: Layout, start: int, end: int) -> Splice:
    """Remove lines with the blank one above them; at the start of a text, with the one below."""
    above = layout.line_start(start - 1) if start else 0
    if start and not layout.text[above:start].strip():
        return removed_lines(layout, above, end)
    below = layout.line_end(end)
    if not start and not layout.text[end:below].strip():
        end = below
    return removed_lines(layout, start, end)
