"""A plan: every plugin of every host, with everything it was granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
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

    def provider_of(self, planned: Planned, need: Need[Any], host: str = "") -> str:
        """The full name of the plugin that serves a need of a planned one; empty for what the lock answers.

        It is looked for on the host that serves the need, or on `host`: a `Relay` is served at both of its ends.
        """
        asker, asking = planned.plugin.full_name(), planned.context.host.name
        for name, member in self.hosts.get(host or planned.serving_host(need), {}).items():
            for served in member.grants.serves(type(need)):
                if (served.need, served.plugin, served.host) == (need, asker, asking):
                    return name
        return ""


def name_of(need: Need[Any]) -> str:
    """The one text that tells a need from others of its kind; empty for a kind that has none."""
    named = {each.name for each in fields(need) if isinstance(getattr(need, each.name), str)}  # type: ignore[arg-type]  # every kind is a dataclass
    own = next((str(getattr(need, each)) for each in ("hostname", "name", "unit", "user") if each in named), "")
    return own or next(iter(need.claims), "").removeprefix(f"{need.kind} ")
