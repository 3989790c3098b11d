"""Communities with Matrix, from the smallest to the one with everything, and what the plugin makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.plan.planned import Planned
from maidan_nix_plugins.services.matrix import Matrix
from plugin_harness import Preset, configuration, context, plan

SMALLEST: Mapping[str, Any] = {"server_name": "example.org", "domain": "matrix.example.org"}
CLOSED: Mapping[str, Any] = {"federation": "none"}
LISTED: Mapping[str, Any] = {"federation": "listed", "federation_allow": ["matrix.example.net"]}
OPEN: Mapping[str, Any] = {"federation": "open"}
EVERYTHING: Mapping[str, Any] = {
    **SMALLEST,
    "element_domain": "chat.example.org",
    "workers": ["outgoing", "media", "background"],
}


def community(
    settings: Mapping[str, Any] = SMALLEST, privacy: Mapping[str, Any] = CLOSED, *, preset: Preset = "strict"
) -> api.Context[Any]:
    """The context of the plugin. What is looser than the strict preset has its reason given for it."""
    if preset == "strict":
        settings, privacy = _reasoned(settings), _reasoned(privacy)
    return context("services/matrix", settings, preset=preset, privacy=privacy)


def _reasoned(table: Mapping[str, Any]) -> Mapping[str, Any]:
    loose = {
        "federation": ("listed", "open"),
        "push": (True,),
        "presence": (True,),
        "registration": ("token",),
        "member_search": ("everybody",),
        "e2ee": ("invite", "off"),
    }
    reasons = {key: "because this test asks" for key, values in loose.items() if table.get(key) in values}
    return {**table, "reasons": reasons} if reasons else table


def planned(one: api.Context[Any]) -> Planned:
    """The plugin on its host, with everything it asked for."""
    return plan(one)["services/matrix"]


def synapse(one: api.Context[Any]) -> Mapping[str, Any]:
    """``services.matrix-synapse``, as plain data."""
    found: Mapping[str, Any] = configuration(one, planned(one).grants)["services"]["matrix-synapse"]
    return found


def locations(one: api.Context[Any]) -> dict[tuple[str, str], api.Location]:
    """Every location that the plugin asks for, by host name and path."""
    sites = [need for need in Matrix().needs(one) if isinstance(need, api.Site)]
    return {(site.hostname, location.path): location for site in sites for location in site.locations}
