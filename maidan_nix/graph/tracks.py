"""Which upright line runs where: lines that would touch get tracks of their own, side by side."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

SPACING = 9
"""Pixels between two tracks."""

_K = TypeVar("_K", bound=Hashable)


def assign_tracks(stretches: Iterable[tuple[_K, int, int]]) -> dict[_K, int]:
    """Give each stretch, from one y to another, the first track that is free along all of it.

    Stretches of the same key are one trunk, which has one track. Longer ones come first, and so lie further left.
    """
    reach: dict[_K, tuple[int, int]] = {}
    for key, one, other in stretches:
        low, high = min(one, other), max(one, other)
        known = reach.get(key, (low, high))
        reach[key] = (min(known[0], low), max(known[1], high))
    tracks: dict[_K, int] = {}
    taken: list[list[tuple[int, int]]] = []
    for key, (low, high) in sorted(reach.items(), key=lambda each: (each[1][0] - each[1][1], each[1][0])):
        number = next((n for n, used in enumerate(taken) if _is_free(used, low, high)), len(taken))
        if number == len(taken):
            taken.append([])
        taken[number].append((low, high))
        tracks[key] = number
    return tracks


def _is_free(used: Iterable[tuple[int, int]], low: int, high: int) -> bool:
    return all(high + SPACING < start or end + SPACING < low for start, end in used)
