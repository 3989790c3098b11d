"""The comments of emitted options, which cite the key paths that the options come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from maidan_nix.citation import cited_keys
from maidan_nix.nix.values import Noted, Override, Value
from maidan_nix.problems import KeyPath


def comments(value: Value, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every comment in a tree of options, with the path of the option that it stands above."""
    while isinstance(value, Noted | Override):
        if isinstance(value, Noted):
            yield path, value.comment
        value = value.value
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from comments(below, (*path, name))
    elif isinstance(value, list | tuple):
        for element in value:
            yield from comments(element, path)


def options_citing(options: Value, keys: Collection[KeyPath]) -> list[tuple[str, ...]]:
    """The paths of options above which a comment names one of the keys."""
    found = [path for path, comment in comments(options) if not set(cited_keys(comment)).isdisjoint(keys)]
    return list(dict.fromkeys(found))
