"""One interface, IPv4 and IPv6, and the resolvers: systemd-networkd and systemd-resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from .checks import check_among, check_network
from .configuration import interface, nameservers, resolved
from .settings import Settings


class Network(api.Platform[Settings]):
    """A host's one way to the world.

    It has no units of its own: systemd's networkd, resolved and timesyncd come sandboxed by systemd.
    """

    name = "network"
    title = "Network"
    summary = "Gives the machine its addresses, its router and its resolvers, and nothing that anyone could announce"
    upstream = "https://systemd.io/"
    licence = "LGPL-2.1-or-later"
    settings = Settings

    def problems(self, context: api.Context[Settings]) -> Iterable[api.Problem]:
        """Addresses, routers and resolvers that cannot work together."""
        yield from check_network(context.host)
        yield from check_among(context.host, context.hosts)

    def configure(self, context: api.Context[Settings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The machine's name, its interface and its resolvers."""
        host = context.host
        section = f"hosts.{host.name}.network"
        networking: dict[str, api.Value] = {
            "hostName": host.name,
            "domain": nix.Noted(context.community.domain, "community.domain"),
            "useNetworkd": True,
            "useDHCP": nix.Noted(False, f"No interface but the one of {section}.interface gets an address."),
        }
        if host.network.resolvers:
            networking["nameservers"] = nix.Noted(nameservers(host, context.settings), f"{section}.resolvers")
        return {
            "networking": networking,
            "systemd": {
                "network": {
                    "networks": {f"10-{host.network.interface}": nix.Noted(interface(host), section)},
                },
            },
            "services": {"resolved": resolved(context)},
        }


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """Return the plugin."""
    return Network()
