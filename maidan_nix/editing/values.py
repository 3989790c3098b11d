"""What an edit should come to, as the values that tomllib reads."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from maidan_nix.problems import KeyPath

MISSING: Any = object()


def value_at(values: Any, path: KeyPath) -> Any:
    """Return what is at a path, or `MISSING`."""
    for step in path:
        is_key = isinstance(step, str) and isinstance(values, Mapping) and step in values
        is_index = isinstance(step, int) and isinstance(values, list) and step < len(values)
        if not is_key and not is_index:
            return MISSING
        values = values[step]
    return values


def with_value(values: Mapping[str, Any], path: KeyPath, value: Any) -> dict[str, Any]:
    """Return the values with one set, in tables that are made where there are none.

    The element after the last of an array is one more. Raises LookupError where the path leads through something else.
    """
    changed: dict[str, Any] = copy.deepcopy(dict(values))
    inner: Any = changed
    for step, following in zip(path, (*path[1:], None), strict=True):
        fresh: Any = value if following is None else {}
        if isinstance(step, str) and isinstance(inner, dict):
            if following is None:
                inner[step] = fresh
            inner = inner.setdefault(step, fresh)
        elif isinstance(step, int) and isinstance(inner, list) and step <= len(inner):
            if step == len(inner):
                inner.append(fresh)
            elif following is None:
                inner[step] = fresh
            inner = inner[step]
        else:
            raise LookupError(step)
    return changed


def without_value(values: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
    """Return the values without what is at a path. Raises LookupError where there is nothing."""
    changed: dict[str, Any] = copy.deepcopy(dict(values))
    inner = value_at(changed, path[:-1])
    if value_at(changed, path) is MISSING:
        raise LookupError(path[-1])
    del inner[path[-1]]
    return changed


def without_empty(values: dict[str, Any], path: KeyPath) -> dict[str, Any]:
    """Return the values without the tables on the way to a path that hold nothing."""
    changed = copy.deepcopy(values)
    for length in range(len(path), 0, -1):
        if value_at(changed, path[:length]) == {}:
            changed = without_value(changed, path[:length])
    return changed
