"""A plan: every plugin of every host, with everything it was granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from maidan_nix.contract.context import Context, Grants
from maidan_nix.contract.needs import Need
from maidan_nix.contract.plugin import Plugin


@dataclass(frozen=True, slots=True)
class Planned:
    """A plugin on a host, with everything it was granted. `elsewhere` are the needs that another host serves."""

    plugin: Plugin[Any]
    context: Context[Any]
    needs: tuple[Need[Any], ...]
    grants: Grants
    elsewhere: Mapping[Need[Any], str] = field(default_factory=dict)

    def serving_host(self, need: Need[Any]) -> str:
        """The host that serves a need of this plugin: its own, unless the manifest names another."""
        return self.elsewhere.get(need, self.context.host.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every plugin of every host, by host and then by full name, both sorted."""

    hosts: Mapping[str, Mapping[str, Planned]]
