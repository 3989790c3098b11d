"""Who can call whom: at what address one host of the community reaches another over the internet."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TypeAlias

from maidan_nix import api

_Interface: TypeAlias = ipaddress.IPv4Interface | ipaddress.IPv6Interface

_NOT_FIXED = ("dhcp", "automatic", "off")
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
                    "fc00::/7", "fe80::/10")
)  # fmt: skip


def endpoint(caller: api.Host, called: api.Host) -> str:
    """Return the name or address at which one host reaches another; empty where none is known.

    What the steward says comes first, then a fixed address of the other host. IPv6 has no translation on the way, but
    whether an automatic IPv6 address works shows only on the spot: so it comes first where the caller's is fixed, too.
    """
    if said := called.network.reached_at:
        return said if _speaks(caller, said) else ""
    fixed = [each for each in (called.network.ipv6, called.network.ipv4) if each not in _NOT_FIXED]
    if caller.network.ipv6 in _NOT_FIXED:
        fixed.reverse()
    return next((str(each.ip) for each in map(ipaddress.ip_interface, fixed) if _reaches(caller, each)), "")


def are_connected(one: api.Host, other: api.Host) -> bool:
    """Whether at least one of two hosts can call the other."""
    return bool(endpoint(one, other) or endpoint(other, one))


def _speaks(caller: api.Host, address: str) -> bool:
    """Whether the caller has the family of an address; of a name it is not known which it has."""
    try:
        family = ipaddress.ip_address(address).version
    except ValueError:
        return True
    return (caller.network.ipv4 if family == 4 else caller.network.ipv6) != "off"


def _reaches(caller: api.Host, address: _Interface) -> bool:
    """Whether a fixed address can be called: it is public, or in a network that the caller is in."""
    if any(address.ip in network for network in _PRIVATE):
        return any(address.ip in own for own in _own_networks(caller))
    return _speaks(caller, str(address.ip))


def _own_networks(host: api.Host) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for written in (host.network.ipv4, host.network.ipv6):
        if written not in _NOT_FIXED:
            yield ipaddress.ip_interface(written).network
