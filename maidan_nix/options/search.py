"""Finding options by words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from maidan_nix.options.index import Index
from maidan_nix.options.table import Option

_STEPS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
"""The words inside the steps of a name: ``enable``, ``ACME`` in ``enableACME``."""


def search(index: Index, words: Iterable[str]) -> list[Option]:
    """Return the options whose name, or what is said of it once it is gone, holds every word; the best first.

    Case does not matter. A word may be a dotted part of a name. Better is a word that is a whole step than one that
    begins a step, that than one that begins a word inside a step, and that than any other; options that exist come
    before those that are gone, and shorter names before longer ones.
    """
    wanted = tuple(dict.fromkeys(word.lower() for word in words if word))
    if not wanted:
        return []
    found = [(_rank(option, wanted), option) for option in index.containing(wanted)]
    return [option for _, option in sorted(found, key=lambda each: each[0])]


def nearest(index: Index, word: str) -> str:
    """Return the step of any name that is most like a word, or an empty string."""
    import difflib

    close = difflib.get_close_matches(word.lower(), sorted(index.steps()), n=1, cutoff=0.7)
    return close[0] if close else ""


def _rank(option: Option, words: Sequence[str]) -> tuple[bool, int, int, int, str]:
    name = option.name.lower()
    steps = name.split(".")
    parts = {part.lower() for part in _STEPS.findall(option.name)}
    cost = sum(_cost(word, name, steps, parts) for word in words)
    # Of two that fit alike, the one that ends in what was asked for.
    last = 0 if any(word in steps[-1] for word in words) else 1
    return option.status != "current", cost, last, len(steps), option.name


def _cost(word: str, name: str, steps: Sequence[str], parts: set[str]) -> int:
    if word in steps or f".{word}." in f".{name}.":
        return 0
    if f".{word}" in f".{name}":
        return 1
    if word in parts or any(part.startswith(word) for part in parts):
        return 2
    return 3 if word in name else 6
