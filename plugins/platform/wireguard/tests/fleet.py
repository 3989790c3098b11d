"""Three hosts for tests: ``main`` and ``side`` ask for what ``store`` serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from maidan_nix import api
from maidan_nix.contract.context import PublicHalves
from maidan_nix.plan.configured import Configured
from maidan_nix_plugins.hardening.egress import Egress
from maidan_nix_plugins.platform.wireguard import Wireguard
from plugin_harness import Table, context, host

KEYS = {
    "main": "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
    "side": "27s0OvaBBdHoJYkH9osZpjpgSOVNw+RaKfboT/Sfq0g=",
    "store": "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=",
}
FIXED: Table = {"ipv4": "203.0.113.7/24", "ipv4_gateway": "203.0.113.1"}
HOSTS: Mapping[str, Table] = {"main": {}, "side": {}, "store": FIXED}

PORT = api.Port(name="backend", purpose="an application")
NUMBER = 8008
WEB = api.Relay(name="web", to=api.RemotePort("store", "services/wiki", PORT), group="nginx")
DATABASE = api.Relay(
    name="database-wiki",
    to=api.RemoteSocket("store", "/run/postgresql/.s.PGSQL.5432", 5432),
    group="wiki",
    file=".s.PGSQL.5432",
)


def fleet(
    hosts: Mapping[str, Table] = HOSTS, settings: Table | None = None, keys: Mapping[str, str] | None = None
) -> dict[str, api.Context[Any]]:
    """Return the plugin's context on each host; `hosts` gives the network of each, `keys` other public keys."""
    made = {name: host(name=name, network=network) for name, network in hosts.items()}
    public = PublicHalves(wireguard={**KEYS, **(keys or {})})
    return {
        name: replace(context("platform/wireguard", settings, on=one), hosts=made, public=public)
        for name, one in made.items()
    }


def number(need: api.Relay) -> int:
    """The number that a relay goes by on the other host."""
    return need.to.number if isinstance(need.to, api.RemoteSocket) else NUMBER


def request(need: api.Relay, asking: str) -> api.Request[api.Relay]:
    """A relay on its way to the provider."""
    return api.Request(need, "services/wiki", asking, number(need))


def grants(one: api.Context[Any], *asked: tuple[str, api.Relay]) -> api.Grants:
    """What the plugin is granted on a host; `asked` are all relays of the fleet, each with the host that asks."""
    here = [(asking, need) for asking, need in asked if one.host.name in {asking, need.peer}]
    requests = tuple(request(need, asking) for asking, need in here)
    granted: dict[Any, Any] = {}
    for need in Wireguard().needs_to_serve(one, requests) if requests else ():
        match need:
            case api.Secret():
                granted[need] = api.SecretGrant(api.nix.Ref("config", "age", "secrets", need.name, "path"), need.name)
            case api.Port():
                granted[need] = api.PortGrant(need.number or 0, "::")
            case _:
                granted[need] = None
    served = []
    for asking, need in here:
        relay = api.RelayGrant(f"/run/relay-{need.name}/{need.file}", f"relay-{need.name}.socket", number(need))
        served.append(api.Served(need, "services/wiki", asking, api.Grants({need: relay})))
    return api.Grants(granted, tuple(served))


def configured(one: api.Context[Any], *asked: tuple[str, api.Relay]) -> dict[str, Configured]:
    """Return what the plugin, and the one that limits outgoing connections, say of a host."""
    given = grants(one, *asked)
    outgoing = [need for need in given._granted if isinstance(need, api.Outgoing)]
    leave = context("hardening/egress", on=one.host)
    served = tuple(api.Served(need, "platform/wireguard", one.host.name, given) for need in outgoing)
    return {
        "hardening/egress": Configured(Egress().configure(leave, api.Grants({}, served)), (), ()),
        "platform/wireguard": Configured(Wireguard().configure(one, given), tuple(Wireguard().units(one, given)), ()),
    }
