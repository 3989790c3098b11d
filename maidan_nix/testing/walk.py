"""Every text and number in a plugin's options, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from maidan_nix.nix.values import Call, Expression, Function, Noted, Override, Raw, Ref, Text, Value, plain

Place: TypeAlias = tuple[str, ...]
"""The names of attributes from the outside in; elements of lists have that of the list, arguments of the function."""

UNKNOWN = "\ufffc"
"""Stands in a text for what only Nix knows, such as the path of a package."""


@dataclass(frozen=True, slots=True)
class Found:
    """A scalar at its place. `code` says that it is Nix, printed as it stands; comments are no values."""

    place: Place
    value: str | float | bool | None
    code: bool = False
    beside: Mapping[str, Value] | None = None
    """The attribute set that it is a member of."""

    @property
    def name(self) -> str:
        """The innermost attribute."""
        return self.place[-1] if self.place else ""

    @property
    def option(self) -> str:
        """The place as Nix writes it."""
        from maidan_nix.nix.literals import attribute

        return ".".join(map(attribute, self.place))


def scalars(value: Value, place: Place = (), beside: Mapping[str, Value] | None = None) -> Iterator[Found]:
    """Yield every scalar of a value, in order."""
    match value:
        case Noted(inner, _) | Override(inner, _):
            yield from scalars(inner, place, beside)
        case Text(parts):
            yield Found(place, "".join(part if isinstance(part, str) else UNKNOWN for part in parts), False, beside)
            for part in parts:
                if not isinstance(part, str):
                    yield from scalars(part, place, beside)
        case Raw(text, _):
            yield Found(place, text, True, beside)
        case Call(function, arguments):
            called = function.steps[-1] if isinstance(function, Ref) else ""
            for argument in arguments:
                yield from scalars(argument, (*place, called), beside)
        case Function(_, body):
            yield from scalars(body, place, beside)
        case Expression():
            return
        case Mapping():
            for name, inner in value.items():
                yield from scalars(inner, (*place, name), value)
        case list() | tuple():
            for inner in value:
                yield from scalars(inner, place, beside)
        case str() | bool() | int() | float() | None:
            yield Found(place, value, False, beside)


def expressions(value: Value) -> Iterator[Ref]:
    """Yield every reference in a value, wherever it stands but in raw Nix, which nobody reads here."""
    match value:
        case Ref():
            yield value
        case Noted(inner, _) | Override(inner, _) | Function(_, inner):
            yield from expressions(inner)
        case Text(parts):
            for part in parts:
                yield from expressions(part)
        case Call(function, arguments):
            yield from expressions(function)
            for argument in arguments:
                yield from expressions(argument)
        case Mapping():
            for inner in value.values():
                yield from expressions(inner)
        case list() | tuple():
            for inner in value:
                yield from expressions(inner)


def texts(value: Value) -> Iterator[tuple[Found, str]]:
    """Yield every text of a value, with what was found around it."""
    for found in scalars(value):
        if isinstance(found.value, str):
            yield found, found.value


def below(options: Mapping[str, Value], *steps: str) -> Mapping[str, Value]:
    """Return the attribute set at a place; an empty one where there is none."""
    found: Value = options
    for step in steps:
        found = plain(found.get(step, {})) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def places(value: Value, place: Place = ()) -> Iterator[Place]:
    """Yield the place of everything that is no attribute set itself, and of empty ones."""
    value = plain(value)
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from places(inner, (*place, name))
    else:
        yield place
