"""Communities with Matrix, from the smallest to the one with everything, and what the plugin makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.nix.values import Noted, Override
from maidan_nix.plan.planned import Planned
from maidan_nix_plugins.services.matrix import Matrix
from maidan_nix_plugins.services.matrix.needs import DATABASE, USER
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


def synapse(one: api.Context[Any], grants: api.Grants | None = None) -> Mapping[str, Any]:
    """``services.matrix-synapse``, as plain data."""
    found: Mapping[str, Any] = configuration(one, grants or planned(one).grants)["services"]["matrix-synapse"]
    return found


def with_database_elsewhere(one: api.Context[Any]) -> api.Grants:
    """What the plugin is granted where another host serves its database."""
    there = planned(one)
    password = api.Secret(name="database-matrix-synapse", content="a password", owner=USER)
    granted: dict[api.Need[Any], Any] = {need: there.grants[need] for need in there.needs}
    granted[password] = api.SecretGrant(path=api.nix.Ref("config", "age", "secrets", password.name, "path"), name="")
    socket = "/run/relay-database-matrix-synapse"
    granted[DATABASE] = api.DatabaseGrant(
        name=USER, role=USER, socket=socket, unit="relay-database-matrix-synapse.socket", password=password
    )
    return api.Grants(granted)


def replaces_requirements(one: api.Context[Any], grants: api.Grants) -> Mapping[str, bool]:
    """By service, whether what it requires stands in place of what the module of NixOS says, or is added to that."""
    options: Any = Matrix().configure(one, grants)
    stated = {name: service["requires"] for name, service in options["systemd"]["services"].items()}
    return {
        name: isinstance(value.value if isinstance(value, Noted) else value, Override) for name, value in stated.items()
    }


def locations(one: api.Context[Any]) -> dict[tuple[str, str], api.Location]:
    """Every location that the plugin asks for, by host name and path."""
    sites = [need for need in Matrix().needs(one) if isinstance(need, api.Site)]
    return {(site.hostname, location.path): location for site in sites for location in site.locations}
