"""Nix as Python data.

Plain Python stands for plain Nix: ``None``, booleans, numbers, strings, lists and dicts with string keys. Everything
that is more than data is one of the frozen classes below. There is no way to put text into Nix other than `Raw`, which
takes a reason: a string is always printed as a quoted and escaped Nix string.

A dict keeps its order, because the order of options in a file is part of how well it reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, Union

Value: TypeAlias = Union[bool, int, float, str, "Expression", Sequence["Value"], Mapping[str, "Value"], None]
"""Anything the printer can print."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*\Z")
_KEYWORDS = frozenset(("assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"))
_PATH = re.compile(r"\.{1,2}(/[A-Za-z0-9+._-]+)+\Z")  # a bare "." or ".." is not a path in Nix

OVERRIDE_PRIORITY = 90
"""Stronger than a plain definition (100), weaker than ``lib.mkForce`` (50): a steward can always win."""


def is_identifier(name: str) -> bool:
    """Whether `name` can stand as a bare attribute name in Nix."""
    return bool(_IDENTIFIER.match(name)) and name not in _KEYWORDS


class Expression:
    """Base of everything that is Nix code and not data."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Path(Expression):
    """A relative Nix path literal, such as ``./hardware.nix``. Raises ValueError for anything else."""

    text: str

    def __post_init__(self) -> None:
        if not _PATH.match(self.text):
            raise ValueError(f"not a relative Nix path: {self.text!r}")


@dataclass(frozen=True, slots=True)
class Ref(Expression):
    """A selection, such as ``config.age.secrets."x".path``. The first step must be an identifier."""

    steps: tuple[str, ...]

    def __init__(self, *steps: str) -> None:
        if not steps or not is_identifier(steps[0]):
            raise ValueError(f"a reference starts with an identifier: {steps!r}")
        object.__setattr__(self, "steps", steps)


@dataclass(frozen=True, slots=True)
class Text(Expression):
    """A string with Nix expressions inside: ``Text("file:", Ref(...))`` prints ``"file:${...}"``."""

    parts: tuple[str | Expression, ...]

    def __init__(self, *parts: str | Expression) -> None:
        object.__setattr__(self, "parts", parts)


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function applied to arguments: ``Call(Ref("lib", "mkIf"), condition, value)``."""

    function: Expression
    arguments: tuple[Value, ...]

    def __init__(self, function: Expression, *arguments: Value) -> None:
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "arguments", arguments)

    def __hash__(self) -> int:
        return hash(repr(self))  # arguments may be dicts and lists, and a call may be part of a need


@dataclass(frozen=True, slots=True)
class Override(Expression):
    """``lib.mkOverride PRIORITY VALUE``: where an upstream plain value must yield, and a steward's must not."""

    value: Value
    priority: int = OVERRIDE_PRIORITY


@dataclass(frozen=True, slots=True)
class Noted(Expression):
    """A value with a comment above its attribute or list element.

    `comment` is prose, wrapped by the printer; it is never Nix. Its own line breaks stay.
    """

    value: Value
    comment: str


@dataclass(frozen=True, slots=True)
class Raw(Expression):
    """Nix text, printed as it stands. Each use gives its reason; the reasons are counted and reviewed.

    Where only a term may stand it is put in parentheses. Lines after the first get the indentation of the first; their
    layout is the author's. Raises ValueError for a blank text or reason.
    """

    text: str
    reason: str

    def __post_init__(self) -> None:
        if not self.text.strip() or not self.reason.strip():
            raise ValueError(f"raw Nix needs a text and a reason: {self!r}")


@dataclass(frozen=True, slots=True)
class Function(Expression):
    """``{ config, lib, ... }: BODY``. With `bind`, ``name@{ ... }: BODY``."""

    arguments: tuple[str, ...]
    body: Value
    bind: str = ""
    open: bool = True


def pkgs(*steps: str) -> Ref:
    """A package of the host's own package set: ``pkgs("postgresql_17")``."""
    return Ref("pkgs", *steps)


def plain(value: Value) -> Value:
    """Strip comments and priorities: what the option receives."""
    while isinstance(value, Noted | Override):
        value = value.value
    return value
