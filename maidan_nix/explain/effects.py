"""What follows from a setting: the same community generated twice, with the setting changed in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from maidan_nix.explain.places import Place, value_at
from maidan_nix.explain.variation import REMOVED, changed, other_values
from maidan_nix.generation import Generated
from maidan_nix.manifest.settings import REASONS
from maidan_nix.nix.inline import inline
from maidan_nix.nix.values import Value, plain
from maidan_nix.options.names import join
from maidan_nix.problems import KeyPath, MaidanError

Generate: TypeAlias = Callable[[dict[str, Any]], Generated]
"""Generates from the values of a manifest. Raises MaidanError."""

_LONGEST = 60
"""Characters of a value that a line still shows."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One option that changes: who sets it, where, and to what before and after, as Nix writes it.

    A side is empty where the option is not set there. A value that is too long for a line is ``...``.
    """

    host: str
    plugin: str
    option: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of changing a setting. `value` is None where it was taken out of the manifest.

    `without` are the key paths of settings that had to go with it; `files` are other files of the flake that change.
    """

    path: KeyPath
    before: Any
    value: Any
    without: tuple[KeyPath, ...]
    effects: tuple[Effect, ...]
    files: tuple[str, ...]
    as_new: bool = False
    """Whether it was tried in a flake without a lock, since the lock of this one keeps the value as it is."""


def try_change(
    place: Place, path: KeyPath, values: dict[str, Any], base: Generated, generate: Generate
) -> Tried | None:
    """Change the setting at `path` to the first other value that is valid, and compare. None when no value is.

    `path` is that of a `place` with all names given, `values` the manifest of `base`.
    """
    current = value_at(values, path)
    nothing: Tried | None = None
    for value in other_values(place.schema, current, base.manifest.hosts, is_required=place.is_required):
        for without, generated in _generated(values, path, value, generate):
            tried = Tried(path, current, None if value is REMOVED else value, without, *_compare(base, generated))
            if tried.effects or tried.files:
                return tried
            nothing = nothing or tried
            break
    return nothing


def _generated(
    values: dict[str, Any], path: KeyPath, value: Any, generate: Generate
) -> Iterator[tuple[tuple[KeyPath, ...], Generated]]:
    """Generate with the change: without a reason, with one, or without the settings that it contradicts."""
    for with_reason in (False, True):
        attempt = changed(values, path, value, with_reason=with_reason)
        try:
            yield (), generate(attempt)
        except MaidanError as error:
            others = _others(error, path, attempt)
        else:
            return
        if not others:
            continue
        for other in others:
            attempt = changed(attempt, other, REMOVED, with_reason=False)
        try:
            yield others, generate(attempt)
        except MaidanError:
            continue
        return


def _others(error: MaidanError, path: KeyPath, values: Mapping[str, Any]) -> tuple[KeyPath, ...]:
    """The settings beside the changed one, and the reasons, that are now said to be wrong, if nothing else is."""
    places = tuple(dict.fromkeys(problem.path for problem in error.problems))
    are_others = all(
        (place[:-1] == path[:-1] or place[-2:-1] == (REASONS,))
        and place != path
        and value_at(values, place) is not None
        for place in places
    )
    return places if are_others else ()


def _compare(before: Generated, after: Generated) -> tuple[tuple[Effect, ...], tuple[str, ...]]:
    effects = []
    places = [(host, plugin) for one in (before, after) for host, own in one.configured.items() for plugin in own]
    for host, plugin in dict.fromkeys(places):
        old, new = leaves(before, host, plugin), leaves(after, host, plugin)
        for option in dict.fromkeys((*old, *new)):
            if option not in old or option not in new or old[option] != new[option]:
                sides = ((shown(side[option]) if option in side else "") for side in (old, new))
                effects.append(Effect(host, plugin, join(option), *sides))
    said = {f"hosts/{host}/{plugin}.nix" for host, plugin in places}
    paths = sorted({*before.tree, *after.tree} - said)
    files = [path for path in paths if before.tree.get(path) != after.tree.get(path)]
    return tuple(effects), tuple(files)


def leaves(generated: Generated, host: str, plugin: str) -> dict[tuple[str, ...], Value]:
    """The options that a plugin sets on a host, down to what holds no further options; nothing if it is not there."""
    configured = generated.configured.get(host, {}).get(plugin)
    return dict(_leaves(configured.options, ())) if configured is not None else {}


def _leaves(value: Value, path: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], Value]]:
    bare = plain(value)
    if isinstance(bare, Mapping) and bare:
        for name, below in bare.items():
            yield from _leaves(below, (*path, name))
    elif path:  # else it sets nothing at all
        yield path, _uncommented(bare)


def _uncommented(value: Value) -> Value:
    """Comments inside lists are no part of a value."""
    bare = plain(value)
    if isinstance(bare, list | tuple):
        return [_uncommented(each) for each in bare]
    return bare


def shown(value: Value) -> str:
    """Write a value as Nix does, on one line; ``...`` for one that needs more."""
    text = inline(value) if not isinstance(value, Mapping) or not value else None
    return text if text is not None and len(text) <= _LONGEST else "..."
