"""Whether a value is of a type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from maidan_nix.messages import say
from maidan_nix.nix.values import Expression, Function, Path, Ref, Text, Value
from maidan_nix.options.definitions import definitions, is_package, is_unknown
from maidan_nix.options.types import Atom, AttrsOf, Between, Either, Enum, ListOf, NullOr, Type, describe, parse


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a value is not of a type.

    `path` leads from the value to the part that is wrong: list indices from 0 and attribute names. `expected` and
    `found` are words for a sentence.
    """

    path: tuple[str | int, ...]
    expected: str
    found: str


def accepts(type_: Type | str, value: Value) -> Mismatch | None:
    """Return `None` if `value` is of the type, else the first part that is not.

    Comments and priorities are looked through, and so are ``lib.mkIf`` and its kin. What only Nix can evaluate is
    accepted. Raises ValueError if `type_` is a string that is no type.
    """
    parsed = parse(type_) if isinstance(type_, str) else type_
    for definition in definitions(value):
        if not is_unknown(definition) and (mismatch := _mismatch(parsed, definition)) is not None:
            return mismatch
    return None


def _mismatch(type_: Type, value: Value) -> Mismatch | None:
    match type_:
        case Atom(name):
            fits = _ATOMS[name](value)
        case Between(low, high):
            fits = isinstance(value, int) and not isinstance(value, bool) and _within(value, low, high)
        case Enum(members):
            # In Python True equals 1; in Nix a boolean never equals an integer.
            fits = isinstance(value, Text) or any(value == m and type(value) is type(m) for m in members)
        case ListOf(element, non_empty):
            if isinstance(value, list | tuple):
                fits = bool(value) or not non_empty
                for index, item in enumerate(value):
                    if (inner := accepts(element, item)) is not None:
                        return Mismatch((index, *inner.path), inner.expected, inner.found)
            else:
                fits = False
        case AttrsOf(element):
            fits = isinstance(value, Mapping)
            if isinstance(value, Mapping):
                for key, item in value.items():
                    if (inner := accepts(element, item)) is not None:
                        return Mismatch((key, *inner.path), inner.expected, inner.found)
        case NullOr(other):
            inner = None if value is None else _mismatch(other, value)
            if inner is None or inner.path:
                return inner
            fits = False
        case Either(choices):
            return _either(type_, choices, value)
    return None if fits else Mismatch((), describe(type_), found(value))


def _either(type_: Either, choices: tuple[Type, ...], value: Value) -> Mismatch | None:
    inside: list[Mismatch] = []
    for choice in choices:
        inner = _mismatch(choice, value)
        if inner is None:
            return None
        if inner.path:
            inside.append(inner)
    # If one choice alone has the shape of the value, what is wrong inside says more than the list of choices.
    return inside[0] if len(inside) == 1 else Mismatch((), describe(type_), found(value))


def found(value: Value) -> str:
    """Say what a value is, as the object of a sentence. Long strings are cut."""
    match value:
        case None:
            return "null"
        case bool():
            return say("the boolean {value}", value="true" if value else "false")
        case int():
            return say("the integer {value}", value=value)
        case float():
            return say("the float {value}", value=value)
        case str():
            return say("the string {value}", value=_cut(value))
        case Path(text):
            return say("the path {path}", path=text)
        case Text():
            return say("a string")
        case Function():
            return say("a function")
        case Ref(steps):
            return say("the package {name}", name=".".join(steps)) if is_package(value) else say("an expression")
        case Expression():
            return say("an expression")
        case Mapping():
            return say("an attribute set")
        case _:
            return say("a list")


def _cut(text: str) -> str:
    return repr(text) if len(text) <= 40 else repr(text[:37]) + "..."


def _within(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _is_integer(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_string(value: Value) -> bool:
    return isinstance(value, str | Text)


def _is_single_line(value: Value) -> bool:
    # One line end at the very end is taken off by Nix and so allowed.
    return isinstance(value, Text) or (isinstance(value, str) and "\n" not in value.removesuffix("\n"))


def _is_absolute_path(value: Value) -> bool:
    if isinstance(value, Text):
        # A string that starts with an expression may be a store path; one that starts with text must start with /.
        return bool(value.parts) and (not isinstance(value.parts[0], str) or value.parts[0].startswith("/"))
    return isinstance(value, Path) or is_package(value) or (isinstance(value, str) and value.startswith("/"))


def _is_package(value: Value) -> bool:
    return is_package(value) or (isinstance(value, Text | str) and _is_absolute_path(value) and _may_be_store(value))


def _may_be_store(value: Text | str) -> bool:
    start = value if isinstance(value, str) else value.parts[0]
    return not isinstance(start, str) or start.startswith("/nix/store/")


def _is_directive(value: Value) -> bool:
    return isinstance(value, bool | int | float | str | Text | Path) or is_package(value)


def _is_unit_option(value: Value) -> bool:
    if isinstance(value, list | tuple):
        return all(is_unknown(part) or _is_directive(part) for item in value for part in definitions(item))
    return _is_directive(value)


_ATOMS: Final[Mapping[str, Callable[[Value], bool]]] = {
    "?": lambda _: True,
    "null": lambda value: value is None,
    "bool": lambda value: isinstance(value, bool),
    "int": _is_integer,
    "float": lambda value: isinstance(value, float),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "str": _is_string,
    "lines": _is_string,
    "commas": _is_string,
    "singleLineStr": _is_single_line,
    "nonEmptyStr": lambda value: isinstance(value, Text) or (isinstance(value, str) and bool(value.strip(" \t\n"))),
    "path": _is_absolute_path,
    "package": _is_package,
    "function": lambda value: isinstance(value, Function) or is_package(value),
    "attrs": lambda value: isinstance(value, Mapping) or is_package(value),
    "submodule": lambda value: isinstance(value, Mapping | Function | Path),
    "unitOption": _is_unit_option,
}
"""The judge of each type without parts. A package is an attribute set and may be called, as ``pkgs.writeText`` is."""
