"""Which settings of a plugin are a host's own, where its table lies over the community's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from maidan_nix.problems import KeyPath, dotted


def own_paths(own: Mapping[str, Any]) -> frozenset[str]:
    """The settings in a host's own table and the tables that they are in, as dotted paths; the table itself is ``""``.

    An array is one setting, since it takes the place of the community's as a whole.
    """
    return frozenset(map(dotted, _paths(own, ())))


def shared_tables(own: Mapping[str, Any], community: Mapping[str, Any]) -> frozenset[str]:
    """The tables of which a part is in the host's own table, and a part that holds there too in the community's."""
    return frozenset(_shared(own, community, ()))


def _shared(own: Mapping[str, Any], community: Mapping[str, Any], path: KeyPath) -> Iterator[str]:
    below: list[str] = []
    for key, value in own.items():
        under = community.get(key)
        if isinstance(value, Mapping) and isinstance(under, Mapping):
            below += _shared(value, under, (*path, key))
    yield from below
    if below or (own and community.keys() - own.keys()):
        yield dotted(path)


def _paths(value: object, path: KeyPath) -> Iterator[KeyPath]:
    yield path
    if isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _paths(inside, (*path, key))
