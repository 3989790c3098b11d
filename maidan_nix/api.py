"""The one module that a plugin imports. Version 1.

Everything a plugin may use is named here and nowhere else. Names are loaded on first use, so that importing this
module costs nothing that a plugin does not need. Within version 1, argument objects gain fields and methods gain
defaults; nothing is renamed or removed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maidan_nix.contract.context import Context, Grants, PublicHalves, Request, Served
    from maidan_nix.contract.needs import (
        Cache,
        CacheGrant,
        Database,
        DatabaseGrant,
        Kept,
        Location,
        Need,
        Outgoing,
        Permanent,
        Port,
        PortGrant,
        Refused,
        Relay,
        RelayGrant,
        RemotePort,
        RemoteSocket,
        Secret,
        SecretGrant,
        Site,
        SiteGrant,
        UserId,
    )
    from maidan_nix.contract.plugin import Hardening, Platform, Plugin, Service, hookimpl
    from maidan_nix.contract.unit import Exemption, Limits, SmokeRequest, Unit
    from maidan_nix.findings import Finding, FindingKind
    from maidan_nix.manifest.schema import Host, Steward
    from maidan_nix.manifest.settings import Presets, Settings, setting
    from maidan_nix.manifest.types import ByteSize, Domain, Duration, PortNumber
    from maidan_nix.messages import count, say
    from maidan_nix.nix import values as nix
    from maidan_nix.nix.values import Value
    from maidan_nix.problems import Problem

__all__ = [
    "ByteSize",
    "Cache",
    "CacheGrant",
    "Context",
    "Database",
    "DatabaseGrant",
    "Domain",
    "Duration",
    "Exemption",
    "Finding",
    "FindingKind",
    "Grants",
    "Hardening",
    "Host",
    "Kept",
    "Limits",
    "Location",
    "Need",
    "Outgoing",
    "Permanent",
    "Platform",
    "Plugin",
    "Port",
    "PortGrant",
    "PortNumber",
    "Presets",
    "Problem",
    "PublicHalves",
    "Refused",
    "Relay",
    "RelayGrant",
    "RemotePort",
    "RemoteSocket",
    "Request",
    "Secret",
    "SecretGrant",
    "Served",
    "Service",
    "Settings",
    "Site",
    "SiteGrant",
    "SmokeRequest",
    "Steward",
    "Unit",
    "UserId",
    "Value",
    "count",
    "hookimpl",
    "nix",
    "say",
    "setting",
]

_HOMES = {
    "maidan_nix.contract.context": ("Context", "Grants", "PublicHalves", "Request", "Served"),
    "maidan_nix.contract.needs": (
        "Cache",
        "CacheGrant",
        "Database",
        "DatabaseGrant",
        "Kept",
        "Location",
        "Need",
        "Outgoing",
        "Permanent",
        "Port",
        "PortGrant",
        "Refused",
        "Relay",
        "RelayGrant",
        "RemotePort",
        "RemoteSocket",
        "Secret",
        "SecretGrant",
        "Site",
        "SiteGrant",
        "UserId",
    ),
    "maidan_nix.contract.plugin": ("Hardening", "Platform", "Plugin", "Service", "hookimpl"),
    "maidan_nix.contract.unit": ("Exemption", "Limits", "SmokeRequest", "Unit"),
    "maidan_nix.findings": ("Finding", "FindingKind"),
    "maidan_nix.manifest.schema": ("Host", "Steward"),
    "maidan_nix.manifest.settings": ("Presets", "Settings", "setting"),
    "maidan_nix.manifest.types": ("ByteSize", "Domain", "Duration", "PortNumber"),
    "maidan_nix.messages": ("count", "say"),
    "maidan_nix.nix.values": ("Value",),
    "maidan_nix.problems": ("Problem",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name == "nix":
        found: object = importlib.import_module("maidan_nix.nix.values")
    elif name in _HOME_OF:
        found = getattr(importlib.import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"maidan_nix.api (version 1) has no {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
