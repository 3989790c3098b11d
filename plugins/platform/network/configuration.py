"""The options of ``[hosts.NAME.network]``: one interface for systemd-networkd, and systemd-resolved."""

from __future__ import annotations

import ipaddress

from maidan_nix import api
from maidan_nix.api import nix

from .checks import fixed_address, reached_directly
from .settings import Settings


def interface(host: api.Host) -> dict[str, api.Value]:
    """The ``.network`` unit of the host's interface. Sections and keys: systemd.network(5)."""
    network = host.network
    ipv4, ipv6 = network.ipv4 != "off", network.ipv6 != "off"
    unit: dict[str, api.Value] = {
        "matchConfig": {"Name": network.interface},
        "linkConfig": {
            "RequiredForOnline": "routable",
            "RequiredFamilyForOnline": "ipv4" if ipv4 else "ipv6",
        },
        "networkConfig": {
            "DHCP": "ipv4" if network.ipv4 == "dhcp" else "no",
            "IPv6AcceptRA": network.ipv6 == "automatic",
            "LinkLocalAddressing": "ipv6" if ipv6 else "no",
            **(
                {"IPv6PrivacyExtensions": nix.Noted("no", "A server is found by its address; it must not change.")}
                if ipv6
                else {}
            ),
            "LLDP": False,
        },
    }
    if addresses := [each for each in (network.ipv4, network.ipv6) if fixed_address(each)]:
        unit["address"] = addresses
    if routes := [
        route
        for route in (_route(network.ipv4, network.ipv4_gateway), _route(network.ipv6, network.ipv6_gateway))
        if route
    ]:
        unit["routes"] = routes
    if network.ipv4 == "dhcp":
        unit["dhcpV4Config"] = nix.Noted(
            {"UseDNS": not network.resolvers, "UseNTP": False, "UseHostname": False, "SendHostname": False},
            "The network assigns addresses, not the time and not the name.",
        )
    if network.ipv6 == "automatic":
        unit["dhcpV6Config"] = {
            "UseDNS": not network.resolvers,
            "UseNTP": False,
            "UseHostname": False,
            "SendHostname": False,
        }
        unit["ipv6AcceptRAConfig"] = {"UseDNS": not network.resolvers}
    return unit


def _route(written: str, gateway: str | None) -> dict[str, api.Value]:
    address = fixed_address(written)
    if address is None or gateway is None:
        return {}
    # networkd takes a link-local router as it is; any other outside the network must be declared a neighbour.
    router = ipaddress.ip_address(gateway)
    onlink = reached_directly(address, router) and not router.is_link_local
    return {"Gateway": gateway, **({"GatewayOnLink": True} if onlink else {})}


def nameservers(host: api.Host, settings: Settings) -> list[api.Value]:
    """The resolvers as systemd-resolved wants them: ``192.0.2.53``, or ``192.0.2.53#NAME``, NAME on the certificate."""
    suffix = f"#{settings.resolver_name}" if settings.resolver_name else ""
    return [f"{resolver}{suffix}" for resolver in host.network.resolvers]


def resolved(context: api.Context[Settings]) -> dict[str, api.Value]:
    """``services.resolved``: no multicast, no resolver that nobody chose. Keys: resolved.conf(5)."""
    required = context.host.network.resolvers and context.settings.dns_over_tls == "required"
    return {
        "enable": True,
        "settings": {
            "Resolve": {
                "DNSOverTLS": nix.Noted(
                    True if required else "opportunistic",
                    context.cite("dns_over_tls")
                    if context.host.network.resolvers
                    else "The network's own resolvers seldom speak TLS; those that do are asked over it.",
                ),
                "DNSSEC": nix.Noted(
                    False,
                    "Left to the resolver: resolved's own validation takes many faulty but harmless zones for attacks, "
                    "and then certificates and updates fail.",
                ),
                "FallbackDNS": nix.Noted("", "No built-in public resolvers: they would learn every name."),
                "LLMNR": False,
                "MulticastDNS": False,
            },
        },
    }
