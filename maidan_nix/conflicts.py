"""Two plugins of one host that give an option two values: found here, named by both, before Nix would refuse it.

The module system of NixOS merges by type. What is known of types decides here whether texts follow one another; for the
rest, the shape does: attribute sets merge, lists follow one another, equal values agree, and what has the stronger
priority wins. What else meets at one path is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from maidan_nix.messages import say
from maidan_nix.nix.inline import is_list
from maidan_nix.nix.literals import attribute
from maidan_nix.nix.values import Noted, Override, Text, Value, plain
from maidan_nix.options.definitions import is_unknown
from maidan_nix.options.index import Index
from maidan_nix.options.types import Atom, AttrsOf, Either, NullOr, Type, parse
from maidan_nix.problems import Problem

OptionPath: TypeAlias = tuple[str, ...]

_PLAIN_PRIORITY = 100
"""The priority of a definition without one; the smaller number wins (nixpkgs, ``lib/modules.nix``)."""
_SYSCTL = ("boot", "kernel", "sysctl")
"""Where even equal values conflict: one definition is all that is taken (nixpkgs, ``config/sysctl.nix``)."""
_LARGEST = frozenset(("net.core.rmem_max", "net.core.wmem_max"))
"""The two names below it of whose values the largest is taken."""
_JOINED = frozenset(("lines", "commas", "?"))
"""Types whose texts follow one another, and the type that is not recorded: Nix decides about that one."""
_COARSE = _JOINED | {"str"}
"""The same where a type was read from a list of all options, which calls lines a string, and not in a module."""


@dataclass(frozen=True, slots=True)
class _Definition:
    """What a plugin gives an option, bare; `origin` is the plugin's full name."""

    origin: str
    value: Value
    priority: int


def conflicts(configurations: Mapping[str, Mapping[str, Value]], index: Index) -> tuple[Problem, ...]:
    """Return a problem for each option that two plugins set differently. `configurations` is by full name.

    What only Nix can know, such as the outcome of a condition, is left to Nix.
    """
    given: dict[OptionPath, list[_Definition]] = {}
    for origin, options in _overlapping(configurations).items():
        for path, value, priority in _definitions(options, (), _PLAIN_PRIORITY):
            if path:  # a plugin that shares nothing yields its empty set
                given.setdefault(path, []).append(_Definition(origin, value, priority))
    kept = {path: _strongest(definitions) for path, definitions in given.items()}
    problems: dict[Problem, None] = {}
    for path, definitions in kept.items():
        problems.update(dict.fromkeys(_two_values(path, definitions, index)))
        problems.update(dict.fromkeys(_value_and_attributes(path, kept)))
    return tuple(problems)


def _overlapping(configurations: Mapping[str, Mapping[str, Value]]) -> dict[str, dict[str, Value]]:
    """Keep of each plugin's options only those whose place another plugin fills too, which are few."""
    holders: dict[str, list[str]] = {}
    for name, options in configurations.items():
        for key in options:
            holders.setdefault(key, []).append(name)
    kept: dict[str, dict[str, Value]] = {name: {} for name in configurations}
    for key, names in holders.items():
        if len(names) == 1:
            continue
        values = {name: configurations[name][key] for name in names}
        sets = {name: value for name, value in values.items() if isinstance(value, Mapping)}
        if len(sets) == len(values):
            for name, inner in _overlapping(sets).items():
                kept[name][key] = inner
        else:
            for name, value in values.items():
                if not is_unknown(plain(value)):
                    kept[name][key] = _known(value)
    return kept


def _known(value: Value) -> Value:
    """Leave out what only Nix can tell."""
    match value:
        case Noted(inner, _):
            return _known(inner)
        case Override(inner, priority):
            return Override(_known(inner), priority)
        case Mapping():
            return {key: _known(inner) for key, inner in value.items() if not is_unknown(plain(inner))}
        case _:
            return value


def _definitions(value: Value, path: OptionPath, priority: int) -> Iterator[tuple[OptionPath, Value, int]]:
    """Yield each path that has a value of its own: a list, a scalar, an expression or an empty set."""
    while isinstance(value, Noted | Override):
        if isinstance(value, Override):
            priority = value.priority
        value = value.value
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _definitions(inner, (*path, name), priority)
    else:
        yield path, value, priority


def _strongest(given: list[_Definition]) -> list[_Definition]:
    strongest = min(definition.priority for definition in given)
    return [definition for definition in given if definition.priority == strongest]


def _two_values(path: OptionPath, kept: list[_Definition], index: Index) -> Iterator[Problem]:
    """Each definition that does not go with the first."""
    if path[:-1] == _SYSCTL:
        others = () if path[-1] in _LARGEST else kept[1:]
        yield from (_conflict(path, kept[0], other, say("a value each, and it takes one only")) for other in others)
        return
    first = kept[0]
    for other in kept[1:]:
        lists = is_list(first.value) and is_list(other.value)
        texts = all(isinstance(value, str | Text) for value in (first.value, other.value))
        if not (lists or _same(first.value, other.value) or (texts and _concatenates(path, index))):
            yield _conflict(path, first, other, say("two different values"))


def _value_and_attributes(path: OptionPath, kept: Mapping[OptionPath, list[_Definition]]) -> Iterator[Problem]:
    """A value above this one, where this one needs attributes."""
    for length in range(1, len(path)):
        above = [each for each in kept.get(path[:length], ()) if not isinstance(each.value, Mapping)]
        if above:
            yield _conflict(path[:length], above[0], kept[path][0], say("a value and attributes"))


def _same(one: Value, other: Value) -> bool:
    """Whether two values are the same to NixOS too, for which 1, 1.0 and true are three."""
    return type(one) is type(other) and one == other


def _conflict(path: OptionPath, one: _Definition, other: _Definition, what: str) -> Problem:
    option = ".".join(map(attribute, path))
    return Problem(
        path=(),
        message=say(
            "{plugin} and {other} give the option {option} {what}",
            plugin=one.origin,
            other=other.origin,
            option=option,
            what=what,
        ),
        expected="one value for each option of a host",
        hint="let one of the two leave the option alone, or give its value a priority",
        plugin=other.origin,
    )


def _concatenates(path: OptionPath, index: Index) -> bool:
    """Whether texts at a path follow one another, as those of an option of type ``lines`` do."""
    for length in range(len(path), 0, -1):
        option = index.find(path[:length])
        if option is not None:
            joined = _JOINED if ".nix" in option.source else _COARSE
            return _joins(_inside(parse(option.type), len(path) - length), joined)
    return True


def _inside(type_: Type, steps: int) -> Type:
    """The type so many names below an option."""
    for _ in range(steps):
        type_ = type_.other if isinstance(type_, NullOr) else type_
        if not isinstance(type_, AttrsOf):
            return Atom("?")
        type_ = type_.element
    return type_


def _joins(type_: Type, joined: frozenset[str]) -> bool:
    match type_:
        case Atom(name):
            return name in joined
        case NullOr(other):
            return _joins(other, joined)
        case Either(choices):
            return any(_joins(choice, joined) for choice in choices)
        case _:
            return False
