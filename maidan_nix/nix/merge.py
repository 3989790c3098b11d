"""One tree of options out of what several plugins set on a host, for checks; the files stay one per plugin.

The module system of NixOS merges by type. Here types are not known, so the merge is by shape: attribute sets merge,
lists follow one another, equal values agree, and where the caller says so, text follows text. What else meets at one
path is a conflict, unless one side has the stronger priority.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from maidan_nix.nix.inline import is_list
from maidan_nix.nix.literals import attribute
from maidan_nix.nix.values import Expression, Noted, Override, Text, Value
from maidan_nix.problems import Problem

Origin: TypeAlias = str
"""The full name of the plugin that sets a value."""
OptionPath: TypeAlias = tuple[str, ...]

PLAIN_PRIORITY = 100
"""The priority of a definition without one; the smaller number wins (nixpkgs, ``lib/modules.nix``)."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a host receives.

    `options` holds bare values, without comments and priorities. `origins` names, for each path that has a value of
    its own, the plugins that it comes from, in the order given.
    """

    options: Mapping[str, Value]
    origins: Mapping[OptionPath, tuple[Origin, ...]]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Definition:
    origin: Origin
    value: Value
    priority: int


def leaves(value: Value) -> Iterator[tuple[OptionPath, Value]]:
    """Yield each path of an option tree with its bare value, in order.

    Paths are tuples of attribute names and end at lists, scalars, expressions and empty sets; comments and priorities
    are seen through. A value that is no attribute set yields itself at the empty path.
    """
    for path, found, _ in _definitions(value, (), PLAIN_PRIORITY):
        yield path, found


def merge(
    parts: Iterable[tuple[Origin, Mapping[str, Value]]],
    *,
    concatenates: Callable[[OptionPath], bool] = lambda _: False,
) -> Merged:
    """Merge what each plugin sets, in the order given.

    `concatenates` says of a path whether texts there are joined by a line break, as an option of type ``lines`` does.
    A conflict is a `Problem` that names both plugins and the option; of two values in conflict the first is kept.
    """
    definitions: dict[OptionPath, list[_Definition]] = {}
    for origin, options in parts:
        for path, value, priority in _definitions(options, (), PLAIN_PRIORITY):
            if path:  # a plugin that sets nothing yields its empty set
                definitions.setdefault(path, []).append(_Definition(origin, value, priority))
    tree: dict[str, Value] = {}
    origins: dict[OptionPath, tuple[Origin, ...]] = {}
    problems: list[Problem] = []
    for path, given in definitions.items():
        kept = _strongest(given)
        problems += _conflicts(path, kept, concatenates)
        origins[path] = tuple(dict.fromkeys(definition.origin for definition in kept))
        problems += _place(tree, path, _combined(path, kept, concatenates), origins)
    return Merged(tree, origins, tuple(problems))


def _definitions(value: Value, path: OptionPath, priority: int) -> Iterator[tuple[OptionPath, Value, int]]:
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


def _combined(path: OptionPath, kept: list[_Definition], concatenates: Callable[[OptionPath], bool]) -> Value:
    values = [definition.value for definition in kept]
    if len(values) == 1:
        return values[0]
    if all(map(is_list, values)):
        return [element for value in values if is_list(value) for element in value]
    texts = [value for value in values if isinstance(value, str | Text)]
    if len(texts) == len(values) and concatenates(path):
        return _joined_texts(texts)
    return values[0]


def _joined_texts(texts: list[str | Text]) -> Value:
    if all(isinstance(text, str) for text in texts):
        return "\n".join(text for text in texts if isinstance(text, str))
    parts: list[str | Expression] = []
    for text in texts:
        parts += ["\n"] if parts else []
        parts += text.parts if isinstance(text, Text) else [text]
    return Text(*parts)


def _conflicts(
    path: OptionPath, kept: list[_Definition], concatenates: Callable[[OptionPath], bool]
) -> Iterator[Problem]:
    first = kept[0]
    for other in kept[1:]:
        lists = is_list(first.value) and is_list(other.value)
        texts = all(isinstance(value, str | Text) for value in (first.value, other.value)) and concatenates(path)
        if not (lists or texts or _same(first.value, other.value)):
            yield _conflict(path, first.origin, other.origin, "two different values")


def _same(one: Value, other: Value) -> bool:
    """Whether two values are the same to NixOS too, for which 1, 1.0 and true are three."""
    return type(one) is type(other) and one == other


def _place(
    tree: dict[str, Value], path: OptionPath, value: Value, origins: Mapping[OptionPath, tuple[Origin, ...]]
) -> Iterator[Problem]:
    """Put `value` at `path`. A value where another plugin has an attribute set is a conflict, and left out."""
    place = tree
    for depth, step in enumerate(path[:-1], start=1):
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):
            yield _conflict(path[:depth], origins[path[:depth]][0], origins[path][0], "a value and attributes")
            return
        place = inner
    if path[-1] not in place:
        # A set that is empty here may be filled by the next plugin; the plugin's own object stays as it is.
        place[path[-1]] = {} if isinstance(value, Mapping) else value
    elif not isinstance(value, Mapping):
        below = next(other for other in origins if other[: len(path)] == path)
        yield _conflict(path, origins[below][0], origins[path][0], "attributes and a value")


def _conflict(path: OptionPath, one: Origin, other: Origin, what: str) -> Problem:
    option = ".".join(map(attribute, path))
    return Problem(
        path=(),
        message=f"{one} and {other} give the option {option} {what}",
        expected="one value for each option of a host",
        hint="let one of the two leave the option alone, or give its value a priority",
        plugin=other,
    )
