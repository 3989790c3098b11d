"""What NixOS sets for a plugin's units before the plugin has a say: the ``upstream.toml`` beside the plugin.

    [units.redis-NAME]              a word in capitals stands for anything, in the name and in the values
    source = "REPOSITORY@COMMIT FILE"
    note = "..."                    optional: on what the values depend
    [units.redis-NAME.environment]  optional: environment variables
    [units.redis-NAME.serviceConfig]

The last holds the [Service] section, with paths in the Nix store shortened to /nix/store/NAME.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

PLUGINS = Path(__file__).parents[2] / "plugins"

Directive: TypeAlias = bool | int | str | list[str]
"""A list stands for a repeated directive."""
Directives: TypeAlias = Mapping[str, Directive]

_KEYS = {"source", "note", "environment", "serviceConfig"}
_SOURCE = re.compile(r"\S+/nixpkgs@[0-9a-f]{40} nixos/modules/\S+\.nix\Z")
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Z]{3,}(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Facts:
    """What upstream sets for one unit; nothing for a unit that only a plugin makes."""

    source: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    directives: Directives = field(default_factory=dict)


def patterns(plugin: str) -> Mapping[str, Any]:
    """Return the tables of a plugin's file by name of the unit; nothing where there is no file."""
    path = PLUGINS / plugin / "upstream.toml"
    units: Mapping[str, Any] = tomllib.loads(path.read_text("utf-8"))["units"] if path.exists() else {}
    for name, table in units.items():
        assert set(table) <= _KEYS, f"{path}: {name} has {sorted(set(table) - _KEYS)}"
        assert _SOURCE.match(table["source"]), f"{path}: {name} does not name its source"
    return units


def matching(unit: str, names: Mapping[str, Any]) -> str | None:
    """Return which of the `names` speaks of a unit: the most particular one, None when none does."""
    found = [name for name in names if _match(name, unit)]
    return max(found, key=len, default=None)


def facts(plugin: str, unit: str) -> Facts | None:
    """Return what upstream sets for a plugin's unit, None when its file does not speak of it."""
    units = patterns(plugin)
    name = matching(unit, units)
    if name is None:
        return None
    match, word = _match(name, unit), _WORD.search(name)
    assert match

    def filled(value: Any) -> Any:
        if isinstance(value, str) and word:
            return value.replace(word[0], match[1])
        if isinstance(value, list):
            return [filled(each) for each in value]
        return value

    table = units[name]
    return Facts(
        source=table["source"],
        environment={key: filled(value) for key, value in table.get("environment", {}).items()},
        directives={key: filled(value) for key, value in table.get("serviceConfig", {}).items()},
    )


def _match(name: str, unit: str) -> re.Match[str] | None:
    word = _WORD.search(name)
    before, after = (name[: word.start()], name[word.end() :]) if word else (name, "")
    return re.fullmatch(re.escape(before) + ("(.+)" if word else "") + re.escape(after), unit)
