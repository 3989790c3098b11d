"""The firewall: what comes in is what some plugin needs, and nothing else.

Sources: nixos/modules/services/networking/{firewall,firewall-nftables,nftables}.nix of nixpkgs 4aa6836a. The list of
ports and its assertions are ``modules/inbound.nix``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

_PING_RATE = "10/second burst 20 packets"


class FirewallSettings(api.Settings):
    """``[hardening.firewall]``."""

    ping: bool = api.setting(
        "Whether the host answers pings, which helps to find faults and tells others that it is there", default=True
    )


class Firewall(api.Hardening[FirewallSettings]):
    """Provides ports."""

    name = "firewall"
    title = "Firewall"
    summary = "Drops whatever comes in, but for the ports that the services of this host need"
    upstream = "https://netfilter.org/projects/nftables/"
    licence = "GPL-2.0-only"
    settings = FirewallSettings
    provides = (api.Port,)

    def grant(self, context: api.Context[FirewallSettings], request: api.Request[api.Port]) -> api.PortGrant:
        """Grant the number that the planner assigned; a port for this machine alone is bound to loopback."""
        if request.assigned is None:
            raise api.Refused(api.say("the port {name} has no number", name=request.need.name))
        if request.need.open_to != "host" and not request.need.purpose:
            raise api.Refused(
                api.say("the port {name} is open to others and does not say what for", name=request.need.name)
            )
        return api.PortGrant(number=request.assigned, address="127.0.0.1" if request.need.open_to == "host" else "::")

    def configure(self, context: api.Context[FirewallSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """nftables, default drop, and the ports with their purposes."""
        opened = [served for served in grants.serves(api.Port) if served.need.open_to != "host"]
        opened.sort(key=lambda served: (served.grants[served.need].number, served.need.protocol))
        ping = context.settings.ping
        return {
            "networking": {
                "nftables": {
                    "enable": True,
                    "tables": {
                        "maidan-ping": {
                            "family": "inet",
                            "content": nix.Noted(
                                _ping_chain(answered=ping),
                                "The module answers any ping over IPv6, and over IPv4 limits only new series.",
                            ),
                        }
                    },
                },
                "firewall": {
                    "enable": True,
                    "checkReversePath": nix.Noted(
                        "strict", "A packet must come from where its answer would go: spoofed sources are dropped."
                    ),
                    "filterForward": nix.Noted(True, "This host routes nothing for others."),
                    "allowPing": nix.Noted(ping, context.cite("ping")),
                    "rejectPackets": nix.Noted(False, "Silence: a scanner waits for every port."),
                    "logRefusedConnections": nix.Noted(
                        False, "The log would fill with the addresses of strangers, and be kept."
                    ),
                },
            },
            "maidan": {
                "inbound": {
                    "ports": [
                        nix.Noted(
                            {
                                "number": served.grants[served.need].number,
                                "protocol": served.need.protocol,
                                "purpose": served.need.purpose,
                            },
                            served.plugin,
                        )
                        for served in opened
                    ]
                }
            },
        }

    def units(self, context: api.Context[FirewallSettings], grants: api.Grants) -> Iterable[api.Unit]:
        """The loader of the rules, which cannot be confined."""
        yield api.Unit(
            name="nftables", exempt="one call of nft as root, which changes the network of the host", oneshot=True
        )


def _ping_chain(*, answered: bool) -> str:
    """Rules that count every ping, before those of the module, which then accepts what is left over IPv4."""
    limited = f"limit rate over {_PING_RATE} "
    rules = (
        (f"icmp type echo-request {limited}drop", f"icmpv6 type echo-request {limited}drop")
        if answered
        else ("icmpv6 type echo-request drop",)
    )
    lines = ("type filter hook input priority filter - 10; policy accept;", 'iifname "lo" accept', *rules)
    return "chain input {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Firewall()
