"""Reads the facts of a plugin from its class, and what it is on a host from a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from maidan_nix import __version__
from maidan_nix.contract.needs import Outgoing, Port, Secret
from maidan_nix.contract.plugin import Plugin
from maidan_nix.contract.unit import Unit
from maidan_nix.explain.kinds import kind_in_words
from maidan_nix.generation import Generated
from maidan_nix.manifest.settings import REASONS
from maidan_nix.nix.inline import one_line
from maidan_nix.plan.planned import Planned, name_of
from maidan_nix.plugin_facts.model import (
    Because,
    ExemptionFacts,
    FindingFacts,
    NeedFacts,
    OnHost,
    OutgoingFacts,
    PluginFacts,
    PortFacts,
    Provided,
    SecretFacts,
    SettingFacts,
    UnitFacts,
)
from maidan_nix.plugins import Source, baseline
from maidan_nix.schema.tables import table_schema

OWN = "maidan-nix"
"""The distribution of the plugins that come along."""
_EACH = "NAME"
"""Stands in a setting's name for a name that the manifest chooses."""


def plugin_facts(plugin: Plugin[Any], source: Source) -> PluginFacts:
    """Say what a plugin is; `source` is where it comes from."""
    name = plugin.full_name()
    return PluginFacts(
        name=name,
        title=plugin.title,
        summary=plugin.summary,
        upstream=plugin.upstream,
        licence=plugin.licence,
        distribution=source.distribution or OWN,
        version=source.version or ("" if source.distribution else __version__),
        baseline=name in baseline(),
        section=name.replace("/", "."),
        settings=tuple(_settings(table_schema(plugin.settings))),
        provides=tuple(Provided(kind.kind, kind in plugin.across_hosts) for kind in plugin.provides),
        conflicts=plugin.conflicts,
        findings=tuple(FindingFacts(kind.id, kind.severity, kind.means) for kind in plugin.finding_kinds),
    )


def _settings(table: Mapping[str, Any], above: str = "") -> Iterator[SettingFacts]:
    """The settings of a table in its JSON Schema, each before those that are inside it."""
    for key, schema in table.get("properties", {}).items():
        if key == REASONS:
            continue
        name = f"{above}{key}"
        looser = schema.get("x-looser", "")
        yield SettingFacts(
            name=name,
            description=str(schema.get("title") or schema.get("description", "")).removesuffix("."),
            kind=kind_in_words(schema),
            unit=schema.get("x-unit", ""),
            required=key in table.get("required", ()),
            default=schema.get("default"),
            presets=schema.get("x-presets", {}),
            looser=tuple(looser) if isinstance(looser, list) else looser,
            examples=tuple(schema.get("examples", ())),
        )
        yield from _settings(schema, f"{name}.")
        inside = schema.get("additionalProperties")
        if isinstance(inside, dict):
            yield from _settings(inside, f"{name}.{_EACH}.")
        if isinstance(schema.get("items"), dict):
            yield from _settings(schema["items"], f"{name}[].")


def on_hosts(name: str, generated: Generated) -> tuple[OnHost, ...]:
    """Say on which hosts of a community a plugin is, why, and what it is there."""
    return tuple(
        on_host(host, name, generated, because(host, name, generated))
        for host, members in generated.plan.hosts.items()
        if name in members
    )


def because(host: str, name: str, generated: Generated) -> tuple[Because, ...]:
    """Say what brought a plugin to a host: the baseline, its section in the manifest, or what it serves there."""
    manifest, planned = generated.manifest, generated.plan.hosts[host][name]
    found = []
    if name in baseline() and name not in manifest.disabled:
        found.append(Because("baseline"))
    section = manifest.plugins.get(name)
    if section is not None and (section.host == host or name.startswith("hardening/")):
        found.append(Because("section"))
    asking = {
        Because("need", served.plugin, kind.kind, "" if served.host == host else served.host)
        for kind in planned.plugin.provides
        for served in planned.grants.serves(kind)
    }
    found += sorted(asking, key=lambda each: (each.host, each.plugin, each.kind))
    return tuple(found)


def on_host(host: str, name: str, generated: Generated, why: tuple[Because, ...]) -> OnHost:
    """Say what a plugin is on one host of a plan; `why` it is there is told already."""
    members = generated.plan.hosts[host]
    planned, configured = members[name], generated.configured[host][name]
    return OnHost(
        host=host,
        because=why,
        needs=tuple(_needs(planned, generated)),
        units=tuple(map(_unit, configured.units)),
        secrets=tuple(SecretFacts(need.name, need.content) for need in planned.needs if isinstance(need, Secret)),
        ports=tuple(
            PortFacts(need.name, planned.grants[need].number, need.protocol, need.open_to, need.purpose)
            for need in planned.needs
            if isinstance(need, Port)
        ),
        outgoing=tuple(
            OutgoingFacts(need.unit, need.to, need.addresses, need.reason)
            for need in planned.needs
            if isinstance(need, Outgoing)
        ),
    )


def _needs(planned: Planned, generated: Generated) -> Iterator[NeedFacts]:
    for need in planned.needs:
        host = planned.serving_host(need)
        provider = generated.plan.provider_of(planned, need)
        yield NeedFacts(need.kind, name_of(need), provider, "" if host == planned.context.host.name else host)


def _unit(unit: Unit) -> UnitFacts:
    limits = unit.limits
    return UnitFacts(
        name=unit.name,
        profile="" if unit.exempt else unit.profile,
        exempt=unit.exempt,
        exemptions=tuple(ExemptionFacts(each.directive, one_line(each.value), each.reason) for each in unit.exemptions),
        memory_high=limits.memory_high if limits else "",
        memory_max=limits.memory_max if limits else "",
        tasks=limits.tasks if limits else 0,
    )
