"""What is known of a plugin, whoever uses it, and what it comes to on a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class SettingFacts:
    """One setting. `name` is its key below the plugin's section; settings of nested tables have dots in theirs.

    `kind` is its type in words. `presets` holds a value by preset, and is empty where presets say nothing; `looser` is
    empty where nothing is looser, else "true", "false", "higher", "lower", or choices from strict to loose.
    """

    name: str
    description: str
    kind: str
    unit: str
    required: bool
    default: Any
    presets: Mapping[str, Any]
    looser: str | tuple[str, ...]
    examples: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Provided:
    """A kind of need that the plugin serves; `across_hosts` where other hosts may be served too."""

    kind: str
    across_hosts: bool


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """A kind of finding that the plugin may raise."""

    id: str
    severity: str
    means: str


@dataclass(frozen=True, slots=True)
class Because:
    """Why a plugin is on a host.

    `baseline`: every host has it; `section`: the manifest names it; `need`: `plugin` needs something of the `kind`, on
    `host`, which is another one where one host serves another.
    """

    reason: Literal["baseline", "section", "need"]
    plugin: str = ""
    kind: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class NeedFacts:
    """What the plugin asks for. `name` tells it from others of its kind, `provider` serves it, empty for the lock.

    `host` is where it is served, if that is another host.
    """

    kind: str
    name: str
    provider: str
    host: str


@dataclass(frozen=True, slots=True)
class ExemptionFacts:
    """A directive that a unit has otherwise than its profile; `value` as Nix writes it."""

    directive: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A systemd service. `exempt` is the reason why it has no sandbox; then `profile` is empty."""

    name: str
    profile: str
    exempt: str
    exemptions: tuple[ExemptionFacts, ...]
    memory_high: str
    memory_max: str
    tasks: int


@dataclass(frozen=True, slots=True)
class PortFacts:
    """A port that the plugin listens on; `open_to` is "host" or "internet"."""

    name: str
    number: int
    protocol: str
    open_to: str
    purpose: str


@dataclass(frozen=True, slots=True)
class OutgoingFacts:
    """Leave of a unit to connect outward; `addresses` are those it may reach where `to` is "listed"."""

    unit: str
    to: str
    addresses: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class SecretFacts:
    """A secret that the plugin reads; `content` is what the file holds."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class OnHost:
    """What a plugin is on one host, and why it is there. `because` is empty in an example that is made up."""

    host: str
    because: tuple[Because, ...]
    needs: tuple[NeedFacts, ...]
    units: tuple[UnitFacts, ...]
    secrets: tuple[SecretFacts, ...]
    ports: tuple[PortFacts, ...]
    outgoing: tuple[OutgoingFacts, ...]


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """What a plugin is, whoever uses it."""

    name: str
    title: str
    summary: str
    upstream: str
    licence: str
    distribution: str
    version: str
    baseline: bool
    section: str
    settings: tuple[SettingFacts, ...]
    provides: tuple[Provided, ...]
    conflicts: tuple[str, ...]
    findings: tuple[FindingFacts, ...]
