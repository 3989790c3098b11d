"""Words that several checks share."""

from __future__ import annotations

from collections.abc import Collection

from maidan_nix.messages import Message, count, listed

_SHOWN = 5


def few(names: Collection[str]) -> Message:
    """The first few names, and how many more there are."""
    shown = list(names)[:_SHOWN]
    more = len(names) - len(shown)
    if not more:
        return listed(shown)
    return count("{names} and 1 more", "{names} and {number} more", more, names=listed(shown))
