"""Two plugins of one host that give an option two values: found here, named by both, before Nix would refuse it."""

from __future__ import annotations

from collections.abc import Mapping

from maidan_nix.nix.merge import OptionPath, merge
from maidan_nix.nix.values import Noted, Override, Value, plain
from maidan_nix.options.definitions import is_unknown
from maidan_nix.options.index import Index
from maidan_nix.options.types import Atom, AttrsOf, Either, NullOr, Type, parse
from maidan_nix.problems import Problem

_JOINED = frozenset(("lines", "commas", "?"))
"""Types whose texts follow one another, and the type that is not recorded: Nix decides about that one."""
_COARSE = _JOINED | {"str"}
"""The same where a type was read from a list of all options, which calls lines a string, and not in a module."""


def conflicts(configurations: Mapping[str, Mapping[str, Value]], index: Index) -> tuple[Problem, ...]:
    """Return a problem for each option that two plugins set differently. `configurations` is by full name.

    Lists concatenate, and so do texts where the option's type says it. What only Nix can know, such as the outcome of
    a condition, is left to Nix.
    """

    def concatenates(path: OptionPath) -> bool:
        for length in range(len(path), 0, -1):
            option = index.find(path[:length])
            if option is not None:
                joined = _JOINED if ".nix" in option.source else _COARSE
                return _joins(_inside(parse(option.type), len(path) - length), joined)
        return True

    return merge(_overlapping(configurations).items(), concatenates=concatenates).problems


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
