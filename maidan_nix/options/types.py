"""The types of options, as the index writes them.

The notation follows ``lib.types``: a name, a wrapper before what it wraps, and brackets only where there is a choice::

    bool   int   float   number   str   singleLineStr   nonEmptyStr   lines   commas   path   package   function
    attrs   submodule   unitOption   port   ints.positive   ints.unsigned   ints.u8   ints.u16   ints.u32   null   ?
    listOf T   nonEmptyListOf T   attrsOf T   nullOr T   either(T, T, ...)   enum("a", 2, true)   ints.between(0, 7)

``?`` is a type that is not recorded: every value is of it. ``submodule`` is an attribute set whose members are options
of their own. ``unitOption`` is a value of a systemd directive: an atom or a list of atoms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias, TypeVar


@dataclass(frozen=True, slots=True)
class Atom:
    """A type without parts, by its name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Between:
    """An integer from `low` to `high`, both included. `None` is no bound."""

    low: int | None
    high: int | None

    def __str__(self) -> str:
        for name, bounds in _INTEGERS.items():
            if bounds == self:
                return name
        return f"ints.between({self.low}, {self.high})"


@dataclass(frozen=True, slots=True)
class Enum:
    """One of `members`."""

    members: tuple[str | int | bool, ...]

    def __str__(self) -> str:
        return f"enum({', '.join(_literal(member) for member in self.members)})"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of `element`, with at least one if `non_empty`."""

    element: Type
    non_empty: bool = False

    def __str__(self) -> str:
        return f"{'nonEmptyListOf' if self.non_empty else 'listOf'} {self.element}"


@dataclass(frozen=True, slots=True)
class AttrsOf:
    """An attribute set with any names and values of `element`."""

    element: Type

    def __str__(self) -> str:
        return f"attrsOf {self.element}"


@dataclass(frozen=True, slots=True)
class NullOr:
    """Null or `other`."""

    other: Type

    def __str__(self) -> str:
        return f"nullOr {self.other}"


@dataclass(frozen=True, slots=True)
class Either:
    """One of several types, the first that fits."""

    choices: tuple[Type, ...]

    def __str__(self) -> str:
        return f"either({', '.join(map(str, self.choices))})"


Type: TypeAlias = Atom | Between | Enum | ListOf | AttrsOf | NullOr | Either


_Item = TypeVar("_Item")

_INTEGERS: Final[Mapping[str, Between]] = {
    "port": Between(0, 65535),
    "ints.positive": Between(1, None),
    "ints.unsigned": Between(0, None),
    "ints.u8": Between(0, 255),
    "ints.u16": Between(0, 65535),
    "ints.u32": Between(0, 4294967295),
}
ATOMS: Final[Mapping[str, str]] = {
    "bool": "a boolean",
    "int": "an integer",
    "float": "a float",
    "number": "a number",
    "str": "a string",
    "singleLineStr": "a string of one line",
    "nonEmptyStr": "a string that is not empty",
    "lines": "a string",
    "commas": "a string",
    "path": "an absolute path",
    "package": "a package",
    "function": "a function",
    "attrs": "an attribute set",
    "submodule": "an attribute set",
    "unitOption": "a string, number, boolean or path, or a list of these",
    "null": "null",
    "?": "any value",
}
"""Every type without parts, and what it is called in a sentence."""

_TOKEN: Final = re.compile(r'\s*("(?:[^"\\]|\\.)*"|-?[0-9]+|[A-Za-z][A-Za-z0-9.]*|[(),?])')


class _Parser:
    """Recursive descent over the tokens of one type."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise ValueError(f"not a type: {text!r}: cannot read {text[position:]!r}")
            self.tokens.append(match[1])
            position = match.end()
        self.tokens.reverse()

    def take(self) -> str:
        if not self.tokens:
            raise ValueError(f"not a type: {self.text!r} ends too early")
        return self.tokens.pop()

    def expect(self, token: str) -> None:
        found = self.take()
        if found != token:
            raise ValueError(f"not a type: {self.text!r}: expected {token!r} and found {found!r}")

    def several(self, one: Callable[[], _Item]) -> tuple[_Item, ...]:
        self.expect("(")
        items = [one()]
        while (token := self.take()) == ",":
            items.append(one())
        if token != ")":
            raise ValueError(f"not a type: {self.text!r}: expected ',' or ')' and found {token!r}")
        return tuple(items)

    def literal(self) -> str | int | bool:
        token = self.take()
        if token.startswith('"'):
            return re.sub(r"\\(.)", r"\1", token[1:-1])
        if token in ("true", "false"):
            return token == "true"
        try:
            return int(token)
        except ValueError:
            raise ValueError(f"not a type: {self.text!r}: {token!r} is no literal") from None

    def integer(self) -> int:
        token = self.take()
        try:
            return int(token)
        except ValueError:
            raise ValueError(f"not a type: {self.text!r}: {token!r} is not an integer") from None

    def type(self) -> Type:
        token = self.take()
        match token:
            case "listOf" | "nonEmptyListOf":
                return ListOf(self.type(), non_empty=token == "nonEmptyListOf")
            case "attrsOf":
                return AttrsOf(self.type())
            case "nullOr":
                return NullOr(self.type())
            case "either":
                return Either(self.several(self.type))
            case "enum":
                return Enum(self.several(self.literal))
            case "ints.between":
                bounds = self.several(self.integer)
                if len(bounds) != 2 or bounds[0] > bounds[1]:
                    raise ValueError(f"not a type: {self.text!r}: ints.between takes a lower and an upper bound")
                return Between(bounds[0], bounds[1])
        if token in _INTEGERS:
            return _INTEGERS[token]
        if token not in ATOMS:
            raise ValueError(f"not a type: {self.text!r}: unknown name {token!r}")
        return Atom(token)


@cache
def parse(text: str) -> Type:
    """Read a type. Raises ValueError, which names the text and the place, for anything else."""
    parser = _Parser(text)
    result = parser.type()
    if parser.tokens:
        raise ValueError(f"not a type: {text!r}: {parser.tokens[-1]!r} is left over")
    return result


def describe(type_: Type) -> str:
    """Say what a type accepts, as the object of a sentence: ``null or a list of strings``."""
    match type_:
        case Atom(name):
            return ATOMS[name]
        case Between(low, high):
            if high is None:
                return "a positive integer" if low == 1 else f"an integer of at least {low}"
            return f"{'a port' if type_ == _INTEGERS['port'] else 'an integer'} from {low} to {high}"
        case Enum(members):
            return "one of " + ", ".join(_literal(member) for member in members)
        case ListOf(element, non_empty):
            return f"a {'non-empty ' if non_empty else ''}list, each element {describe(element)}"
        case AttrsOf(element):
            return f"an attribute set, each value {describe(element)}"
        case NullOr(other):
            return f"null or {describe(other)}"
        case Either(choices):
            return " or ".join(describe(choice) for choice in choices)


def _literal(member: str | int | bool) -> str:
    if isinstance(member, bool):
        return "true" if member else "false"
    if isinstance(member, int):
        return str(member)
    escaped = member.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
