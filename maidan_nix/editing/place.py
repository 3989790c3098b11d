"""Setting a value in the text of a manifest: where a new line goes, and how it is written."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from maidan_nix.editing.elements import appended_element, appended_pair
from maidan_nix.editing.fragments import write_comment, write_key, write_value
from maidan_nix.editing.layout import Header, Layout, Pair
from maidan_nix.editing.splice import Splice, cannot, checked, inserted_lines, newline_of, spliced
from maidan_nix.editing.values import MISSING, value_at, with_value
from maidan_nix.messages import say
from maidan_nix.problems import KeyPath, MaidanError, dotted


def set_value(text: str, path: KeyPath, value: Any, comment: str = "") -> str:
    """Set one value in a valid TOML text; all other lines stay as they are.

    A value that is there is replaced where it stands. A new one goes below the others of its table, written as they
    are: with a header, dotted, or inline; below its own line if that is there as a comment. `comment` goes above a new
    line. Raises MaidanError where a person has to do it, with the line.
    """
    layout = Layout(text)
    values = tomllib.loads(text)
    try:
        wanted = with_value(values, path, value)
    except LookupError:
        raise _no_way(layout, values, path) from None
    return checked(layout, spliced(text, _splices(layout, values, path, value, comment)), wanted, path)


def add_section(text: str, path: KeyPath, body: str, comment: str = "") -> str:
    """Add a table with a header, whose lines below it are `body`, behind its nearest relatives.

    `body` ends its lines as `newline_of(text)` says. Raises MaidanError where a person has to do it, with the line.
    """
    layout = Layout(text)
    values = tomllib.loads(text)
    if value_at(values, path) is not MISSING:
        raise cannot(layout, path, say("{key} is there already", key=dotted(path)))
    try:
        wanted = with_value(values, path, tomllib.loads(body))
    except LookupError:
        raise _no_way(layout, values, path) from None
    edited = spliced(text, [_section(layout, values, path, body, _comment(comment, "", newline_of(text)))])
    return checked(layout, edited, wanted, path)


def _no_way(layout: Layout, values: dict[str, Any], path: KeyPath) -> MaidanError:
    there = next(path[:length] for length in range(len(path) - 1, -1, -1) if _is_there(values, path[:length]))
    container = value_at(values, there)
    if isinstance(container, list):
        message = say(
            "{key} has {number} elements, counted from 0, and {index} is none of them",
            key=dotted(there),
            number=len(container),
            index=dotted(path[len(there) : len(there) + 1]),
        )
        return cannot(layout, there, message, "count again")
    message = say("{key} cannot hold {inner}", key=dotted(there) or ".", inner=dotted(path[len(there) :]))
    return cannot(layout, there, message, "look at how the key is spelt")


def _is_there(values: dict[str, Any], path: KeyPath) -> bool:
    return value_at(values, path) is not MISSING


def _splices(layout: Layout, values: dict[str, Any], path: KeyPath, value: Any, comment: str) -> list[Splice]:
    span = layout.spans.get(path)
    newline = newline_of(layout.text)
    if span is not None:
        indent = layout.indentation(span.start)
        before = layout.text[span.start : span.end]
        written = write_value(value, instead_of=before, indent=indent, newline=newline)
        return [Splice(span.start, span.end, written)]
    if _is_there(values, path):
        raise cannot(layout, path, say("{key} is a table", key=dotted(path)), "set the settings in it one by one")
    known = next(path[:length] for length in range(len(path) - 1, -1, -1) if _is_there(values, path[:length]))
    if isinstance(value_at(values, known), list):
        if known not in layout.spans:
            raise cannot(layout, known, hint="add the table by hand, below this one")
        return appended_element(layout, known, value, newline)
    inline = next((path[:length] for length in range(len(known), 0, -1) if path[:length] in layout.spans), None)
    if inline is not None:
        return appended_pair(layout, inline, _names(layout, path, len(inline)), value)
    return [_line(layout, values, path, known, value, comment)]


def _names(layout: Layout, path: KeyPath, start: int) -> list[str]:
    names = [step for step in path[start:] if isinstance(step, str)]
    if len(names) != len(path) - start:
        raise cannot(layout, path)
    return names


def _line(layout: Layout, values: dict[str, Any], path: KeyPath, known: KeyPath, value: Any, comment: str) -> Splice:
    """A line of its own for a value in a table that is not inline."""
    rest = len(path) - len(known)
    header = layout.header(known)
    if header is not None or (not known and rest == 1):
        body = [pair for pair in layout.pairs if pair.table == known]
        if rest == 1 or any(len(pair.path) > len(known) + 1 for pair in body):
            return _in_body(layout, header, body, path, value, comment)
    dotted_pairs = [pair for pair in layout.pairs if _is_below(pair.path, known) and len(pair.table) < len(known)]
    if dotted_pairs and known:
        return _below(layout, dotted_pairs[-1], path, value, comment)
    newline = newline_of(layout.text)
    names = _names(layout, path, len(path) - 1)
    body_text = f"{_comment(comment, '', newline)}{write_key(names)} = {write_value(value, newline=newline)}{newline}"
    return _section(layout, values, path[:-1], body_text)


def _in_body(
    layout: Layout, header: Header | None, body: list[Pair], path: KeyPath, value: Any, comment: str
) -> Splice:
    commented = _commented_out(layout, header, body, path)
    if commented is not None:
        sibling = body[-1] if body else None
        return inserted_lines(layout, commented, _written(layout, sibling, header, path, value, ""))
    if body:
        # Dotted keys that begin alike stand together.
        alike = [pair for pair in body if _is_below(pair.path, path[:-1])] if header else []
        return _below(layout, (alike or body)[-1], path, value, comment)
    if header is not None:
        at = layout.line_end(header.span.end)
    elif layout.statements:
        at = layout.remarks_above(0)
    else:
        at = len(layout.text)
    return inserted_lines(layout, at, _written(layout, None, header, path, value, comment))


def _below(layout: Layout, pair: Pair, path: KeyPath, value: Any, comment: str) -> Splice:
    at = layout.line_end(pair.span.end)
    return inserted_lines(layout, at, _written(layout, pair, None, path, value, comment))


def _written(layout: Layout, pair: Pair | None, header: Header | None, path: KeyPath, value: Any, comment: str) -> str:
    """The new line, indented and spaced as `pair` is, which stands in the same table."""
    newline = newline_of(layout.text)
    table = pair.table if pair else header.path if header else ()
    indent = layout.indentation(pair.span.start) if pair else layout.indentation(header.span.start) if header else ""
    before = layout.text[pair.span.start : pair.value.start].rstrip(" \t") if pair else ""
    equals = "=" if pair and before.endswith("=") and _is_tight(layout, pair) else " = "
    key = write_key(_names(layout, path, len(table)))
    written = write_value(value, indent=indent, newline=newline)
    return f"{_comment(comment, indent, newline)}{indent}{key}{equals}{written}{newline}"


def _is_tight(layout: Layout, pair: Pair) -> bool:
    start = layout.text[: pair.value.start]
    return start.endswith("=") and not start[:-1].endswith((" ", "\t"))


def _comment(comment: str, indent: str, newline: str) -> str:
    return write_comment(comment, indent=indent, newline=newline) if comment else ""


def _commented_out(layout: Layout, header: Header | None, body: list[Pair], path: KeyPath) -> int | None:
    """Where the line ends that has this very key as a comment, such as ``# swap = "4G"``."""
    mine = [number for number, each in enumerate(layout.statements) if each in body or each == header]
    key = write_key(_names(layout, path, len(header.path) if header else 0))
    for number in mine:
        gap = layout.gap_after(number)
        at = gap.start
        while at < gap.end:
            end = layout.line_end(at)
            match = re.match(r"[ \t]*#[ \t]*(?P<statement>\S.*)", layout.text[at:end])
            if match and _states(match["statement"].rstrip(), key):
                return end
            at = end
    return None


def _states(text: str, key: str) -> bool:
    """Whether a text is a whole statement about a key."""
    if not re.match(rf"{re.escape(key)}[ \t]*=", text):
        return False
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _section(layout: Layout, values: dict[str, Any], path: KeyPath, body: str, head: str = "") -> Splice:
    """A header with its lines, behind the last statement of the nearest relative."""
    known = next(path[:length] for length in range(len(path), -1, -1) if _is_there(values, path[:length]))
    relatives = [number for number, each in enumerate(layout.statements) if _is_below(each.path, known)]
    newline = newline_of(layout.text)
    names = [step for step in path if isinstance(step, str)]
    at = layout.end_of(relatives[-1]) if relatives else len(layout.text)
    blank = newline if layout.text[:at].strip() else ""
    return inserted_lines(layout, at, f"{blank}{head}[{write_key(names)}]{newline}{body}")


def _is_below(path: KeyPath, table: KeyPath) -> bool:
    return path[: len(table)] == table
