"""The settings of a plugin from both places: the community's table, and what one host has otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from maidan_nix.manifest.sections import PluginSection
from maidan_nix.manifest.settings import Preset, Resolved, Settings, resolve
from maidan_nix.plugins import guarded, load
from maidan_nix.problems import KeyPath


def resolve_section(
    everywhere: PluginSection | None, of_host: PluginSection | None, preset: Preset
) -> Resolved[Settings]:
    """Read the settings of a plugin: those of the community, and over them those of one host. One may be None.

    A problem is placed where its value stands. Raises MaidanError, naming the plugin, when it cannot be loaded or its
    settings cannot be read; TypeError when both are None.
    """
    section = everywhere or of_host
    if section is None:
        raise TypeError("there is no section to read")
    name = section.full_name
    kind = load(name).settings
    table = _merged(everywhere.table if everywhere else {}, of_host.table if of_host else {})
    path = tuple(name.split("/"))
    with guarded(name, "have its settings read"):
        resolved = resolve(kind, table, preset, path, name)
    if of_host is None:
        return resolved
    below = everywhere.table if everywhere else {}

    def placed(there: KeyPath) -> KeyPath:
        rest = there[len(path) :]
        return (*of_host.path, *rest) if _depth(of_host.table, rest) >= _depth(below, rest) else there

    return Resolved(
        resolved.settings,
        tuple(replace(problem, path=placed(problem.path)) for problem in resolved.problems),
        tuple(replace(one, path=placed(one.path)) for one in resolved.loosened),
    )


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one table over another; tables in both are merged, anything else is taken from above."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = _merged(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
    return merged


def _depth(table: Any, path: KeyPath) -> int:
    """How many steps of a path a table has."""
    for count, step in enumerate(path):
        is_key = isinstance(table, Mapping) and step in table
        is_index = isinstance(table, list) and isinstance(step, int) and step < len(table)
        if not (is_key or is_index):
            return count
        table = table[step]
    return len(path)
