"""The secrets of a plan, each once: the flake has one file of a name, however many hosts and plugins read it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from maidan_nix.contract.needs import Secret
from maidan_nix.plan.planned import Plan


@dataclass(frozen=True, slots=True)
class WantedSecret:
    """A secret of the plan: what it holds, who asked, and on which hosts."""

    name: str
    content: str
    plugin: str
    hosts: tuple[str, ...]


def wanted_secrets(plan: Plan) -> tuple[WantedSecret, ...]:
    """Every secret that some plugin needs, by name."""
    hosts: dict[str, list[str]] = defaultdict(list)
    first: dict[str, tuple[str, Secret]] = {}
    for host, members in plan.hosts.items():
        for plugin, planned in members.items():
            for need in planned.needs:
                if isinstance(need, Secret):
                    hosts[need.name].append(host)
                    first.setdefault(need.name, (plugin, need))
    return tuple(
        WantedSecret(name, need.content, plugin, tuple(hosts[name])) for name, (plugin, need) in sorted(first.items())
    )
