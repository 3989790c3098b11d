"""Needs: what a plugin may ask for, as data. Grants: what it gets.

A plugin never sets the options of somebody else. It states a need; the planner finds the one plugin of the host that
provides that kind, and hands back a grant: names, addresses and references that follow from the need and the lock
alone. Both ends of a connection read the same two objects, so they cannot disagree.

Needs are granted in one pass, in the order of their `rank`; serving a need may raise further needs of a higher rank
only. Kinds without a `provider` are granted from the lock by the planner itself, at any time.
"""

from __future__ import annotations

from maidan_nix.contract.need import Need, Refused
from maidan_nix.contract.needs_of_lock import Kept, Permanent, UserId
from maidan_nix.contract.needs_of_plugins import (
    Cache,
    CacheGrant,
    Database,
    DatabaseGrant,
    Location,
    Outgoing,
    Port,
    PortGrant,
    Relay,
    RelayGrant,
    RemotePort,
    RemoteSocket,
    Secret,
    SecretGrant,
    Site,
    SiteGrant,
)

__all__ = [
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
]
