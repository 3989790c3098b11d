"""Expressions on one line, and the questions about them that decide how they are laid out otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias, TypeGuard

from maidan_nix.nix import literals
from maidan_nix.nix.values import Call, Expression, Function, Noted, Override, Path, Raw, Ref, Text, Value

Parts: TypeAlias = Sequence[str | Expression]
"""A string as it is printed: text and the expressions inside it, no two texts in a row."""

_FEW = 6
"""So many simple elements may share a line, in a list that is an argument."""


class Escape(Protocol):
    """Escapes text for one kind of string."""

    def __call__(self, text: str, *, before_expression: bool = ...) -> str:
        """Return `text` escaped; `before_expression` says that ``${`` follows at once."""


def is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    """Whether the value is a list."""
    return isinstance(value, list | tuple) or (
        isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)
    )


def is_container(value: Value) -> bool:
    """Whether the value is an attribute set or a list."""
    return isinstance(value, Mapping) or is_list(value)


def bare(value: Value) -> Value:
    """Return what is printed for `value`: without comments, with priorities as calls and plain text as a string."""
    while True:
        if isinstance(value, Noted):
            value = value.value
        elif isinstance(value, Override):
            return Call(Ref("lib", "mkOverride"), value.priority, value.value)
        elif isinstance(value, Call) and not value.arguments:
            value = value.function
        elif isinstance(value, Text) and not any(isinstance(part, Expression) for part in value.parts):
            return "".join(part for part in value.parts if isinstance(part, str))
        else:
            return value


def applied(call: Call) -> tuple[Value, tuple[Value, ...]]:
    """Return the function and all its arguments: ``Call(Call(f, a), b)`` is ``f a b``."""
    function = bare(call.function)
    arguments = tuple(map(bare, call.arguments))
    if isinstance(function, Call):
        function, first = applied(function)
        return function, first + arguments
    return function, arguments


def notes(value: Value) -> Iterator[str]:
    """Yield the comments that belong above the line where `value` starts."""
    if isinstance(value, Noted):
        yield value.comment
        yield from notes(value.value)
    elif isinstance(value, Override):
        yield from notes(value.value)
    elif isinstance(value, Function):
        yield from notes(value.body)
    elif isinstance(value, Call):
        yield from notes(value.function)
        for argument in value.arguments:
            yield from notes(argument)
    elif isinstance(value, Text):
        for part in value.parts:
            yield from notes(part)


def needs_parentheses(value: Value) -> bool:
    """Whether a bare value is more than a term, so that it cannot be an argument or an element as it stands."""
    if isinstance(value, Call | Function | Raw):
        return True
    if isinstance(value, float):
        return " " in (written := literals.floating(value)) or written[0] == "-"
    return isinstance(value, int) and value < 0


def is_simple(value: Value) -> bool:
    """Whether a bare value never breaks: names, scalars, and calls of up to two of them (RFC 166, applications)."""
    if isinstance(value, Call):
        function, arguments = applied(value)
        return len(arguments) <= 2 and is_simple(function) and all(map(is_simple, arguments))
    if isinstance(value, Ref):
        return all(map(_is_bare_name, value.steps))
    if isinstance(value, int | float):
        return not needs_parentheses(value)
    return value is None or isinstance(value, str | Text | Path)


def is_short_list(elements: Sequence[Value]) -> bool:
    """Whether a list that is an argument may stand on one line."""
    return len(elements) <= _FEW and all(
        not isinstance(element, Noted) and is_simple(bare(element)) and inline(element) is not None
        for element in elements
    )


def string_lines(value: Value) -> Sequence[Parts] | None:
    """Return the lines of a bare string that is printed as ``''...''``, else None. The last one is empty."""
    if isinstance(value, str):
        return [[line] if line else [] for line in value.split("\n")] if literals.can_be_indented(value) else None
    if not isinstance(value, Text):
        return None
    shape = "".join(part if isinstance(part, str) else literals.EXPRESSION for part in value.parts)
    if not literals.can_be_indented(shape):
        return None
    lines: list[list[str | Expression]] = [[]]
    for part in merged_parts(value):
        if isinstance(part, str):
            first, *more = part.split("\n")
            lines[-1] += [first] if first else []
            lines += [[line] if line else [] for line in more]
        else:
            lines[-1].append(part)
    return lines


def merged_parts(text: Text) -> Parts:
    """Join neighbouring texts, drop empty ones."""
    parts: list[str | Expression] = []
    for part in text.parts:
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        elif part != "":
            parts.append(part)
    return parts


def escaped_parts(parts: Parts, escape: Escape) -> Parts:
    """Escape the texts, each with regard to what follows it."""
    return [
        escape(part, before_expression=isinstance(following, Expression)) if isinstance(part, str) else part
        for part, following in zip(parts, (*parts[1:], ""), strict=False)
    ]


def inline(value: Value) -> str | None:
    """Return the value on one line, or None if it always spans several. Raises TypeError for what is no value."""
    if isinstance(value, str):
        return None if literals.can_be_indented(value) else literals.string(value)
    if isinstance(value, dict) and value:  # by far the most frequent of what spans lines
        return None
    value = bare(value)
    if isinstance(value, str):
        return inline(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return literals.integer(value)
    if isinstance(value, float):
        return literals.floating(value)
    if isinstance(value, Ref):
        return ".".join(map(literals.attribute, value.steps))
    if isinstance(value, Path):
        return value.text
    if isinstance(value, Call):
        return _call(value)
    if isinstance(value, Text):
        return _text(value)
    if isinstance(value, Raw):
        return None if "\n" in value.text.strip() else value.text.strip()
    if isinstance(value, Function):
        return None
    if isinstance(value, Mapping):
        return None if value else "{ }"
    if is_list(value):
        return _list(value)
    raise TypeError(f"not a Nix value: {type(value).__name__}")


def one_line(value: Value) -> str:
    """Return a value on one line however long it gets: lists too. ``...`` for what cannot be, such as a function."""
    value = bare(value)
    if is_list(value):
        written = [one_line(element) for element in value]
        terms = [f"({one})" if needs_parentheses(bare(each)) else one for one, each in zip(written, value, strict=True)]
        return f"[ {' '.join(terms)} ]" if terms else "[ ]"
    if isinstance(value, Mapping) and value:
        pairs = (f"{literals.attribute(name)} = {one_line(each)};" for name, each in value.items())
        return f"{{ {' '.join(pairs)} }}"
    if isinstance(value, str):
        return literals.string(value)
    return inline(value) or "..."


def argument(value: Value) -> str | None:
    """Return the value on one line where only a term may stand, or None if it always spans several."""
    value = bare(value)
    written = inline(value)
    return f"({written})" if written is not None and needs_parentheses(value) else written


def opening(call: Call) -> tuple[str, Value] | None:
    """Split a call that spans lines into what stands on its first line and the last argument, which starts there.

    None if it is not so simple: another argument spans lines too, the last one cannot, or two lists follow one another.
    """
    function, (*others, last) = applied(call)
    if others and is_list(last) and is_list(others[-1]):
        return None
    spreads = inline(last) is None or (is_container(last) and bool(last))
    start = _start(function, others) if spreads else None
    return None if start is None else (start, last)


def _is_bare_name(name: str) -> bool:
    return literals.attribute(name)[:1] != '"'


def _list(elements: Sequence[Value]) -> str | None:
    if not elements:
        return "[ ]"
    if len(elements) > 1 or isinstance(elements[0], Noted):
        return None
    written = argument(elements[0])
    return None if written is None else f"[ {written} ]"


def _call(call: Call) -> str | None:
    function, arguments = applied(call)
    *others, last = arguments
    start = _start(function, others)
    written = _short(last) if others and is_list(last) and is_list(others[-1]) else argument(last)
    return None if start is None or written is None else f"{start} {written}"


def _start(function: Value, arguments: Sequence[Value]) -> str | None:
    """Return a call without its last argument on one line, or None."""
    pieces = [argument(function), *map(_short, arguments)]
    written = [piece for piece in pieces if piece is not None]
    return " ".join(written) if len(written) == len(pieces) else None


def _short(value: Value) -> str | None:
    """Return an argument on one line as `argument` does; a list that is not the last argument may be longer."""
    if is_list(value) and len(value) > 1 and is_short_list(value):
        return f"[ {' '.join(argument(element) or '' for element in value)} ]"
    return argument(value)


def _text(text: Text) -> str | None:
    if string_lines(text) is not None:
        return None
    pieces = []
    for part in escaped_parts(merged_parts(text), literals.escaped):
        if isinstance(part, str):
            pieces.append(part)
        else:
            written = inline(part)
            if written is None:
                return None
            pieces.append(f"${{{written}}}")
    return f'"{"".join(pieces)}"'
