"""The places of the manifest, read from its schema: what there can be, under which key path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from maidan_nix.manifest.settings import REASONS
from maidan_nix.problems import KeyPath, dotted

NAME = "NAME"
"""Stands in a key path for a name that the community chooses."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the manifest: `path` as it was asked for, what the schema says of it, and of the table around it.

    `free` are the positions in `path` of names that the community chooses; `plugin` is the full name of the plugin
    whose setting it is, empty for core's own.
    """

    path: KeyPath
    schema: Mapping[str, Any]
    around: Mapping[str, Any]
    free: tuple[int, ...]
    plugin: str

    @property
    def is_table(self) -> bool:
        """Whether it holds settings of its own."""
        return "properties" in self.schema or isinstance(self.schema.get("additionalProperties"), dict)

    @property
    def is_required(self) -> bool:
        """Whether the table around it must have it."""
        return bool(self.path) and self.path[-1] in self.around.get("required", ())

    @property
    def can_be_loosened(self) -> bool:
        """Whether a looser value is possible, with a reason."""
        return self.path[-1] in self.around.get("properties", {}).get(REASONS, {}).get("properties", {})

    @property
    def reason(self) -> str:
        """The key path of the reason for a looser value."""
        return dotted((*self.path[:-1], REASONS, self.path[-1]))


def find_place(schema: Mapping[str, Any], path: KeyPath) -> Place | None:
    """Look a key path up in the schema of the manifest; None where nothing can stand."""
    here, around = schema, schema
    free: list[int] = []
    for position, step in enumerate(path):
        below = _below(here, step)
        if below is None:
            return None
        if isinstance(step, str) and step not in here.get("properties", {}):
            free.append(position)
        here, around = below, here
    return Place(path, here, around, tuple(free), plugin_at(path)) if path else None


def _below(schema: Mapping[str, Any], step: str | int) -> Mapping[str, Any] | None:
    for each in (schema, *schema.get("anyOf", ())):
        if isinstance(step, int):
            found = each.get("items")
        else:
            found = each.get("properties", {}).get(step)
            if found is None and isinstance(each.get("additionalProperties"), dict):
                found = each["additionalProperties"] if _is_name(each.get("propertyNames", {}), step) else None
        if found is not None:
            return dict(found)
    return None


def _is_name(names: Mapping[str, Any], step: str) -> bool:
    pattern = names.get("pattern", "")
    return step == NAME or (bool(re.search(pattern, step)) and len(step) <= names.get("maxLength", len(step)))


def plugin_at(path: KeyPath) -> str:
    """The full name of the plugin whose settings stand below a key path; empty where they are core's."""
    own = path[2:] if path[:1] == ("hosts",) else path
    is_of_plugin = len(own) > 1 and own[0] in ("services", "platform", "hardening")
    return f"{own[0]}/{own[1]}" if is_of_plugin else ""


def places_below(schema: Mapping[str, Any], path: KeyPath = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every key path that there can be, with its schema; `NAME` for each name that the community chooses.

    Elements of arrays are left out.
    """
    if path:
        yield dotted(path), schema
    for each in (schema, *schema.get("anyOf", ())):
        for name, below in each.get("properties", {}).items():
            yield from places_below(below, (*path, name))
        if isinstance(each.get("additionalProperties"), dict):
            yield from places_below(each["additionalProperties"], (*path, NAME))


def what_it_is(schema: Mapping[str, Any]) -> str:
    """Say what stands at a place, in one sentence without a final stop."""
    title: str = schema.get("title", "")
    return title


def key_paths(schema: Mapping[str, Any]) -> dict[str, str]:
    """Every key path that there can be, with what it is in a few words."""
    return {path: what_it_is(below) for path, below in places_below(schema)}


def actual_paths(values: Mapping[str, Any], place: Place) -> list[KeyPath]:
    """The key paths in a manifest that a place stands for: itself, or one for each name that `NAME` is given there."""
    paths: list[KeyPath] = [()]
    for step in place.path:
        if step == NAME and len(paths[0]) in place.free:
            paths = [(*path, name) for path in paths for name in _names(value_at(values, path))]
        else:
            paths = [(*path, step) for path in paths]
        if not paths:
            break
    return paths


def _names(value: object) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def value_at(values: Any, path: KeyPath) -> Any:
    """The value at a key path of a manifest; None where there is none, as TOML knows no None."""
    for step in path:
        if isinstance(values, Mapping):
            values = values.get(step)
        elif isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            return None
    return values
