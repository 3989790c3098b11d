"""What cannot work in ``[hosts.NAME.network]``, although every value of it is well formed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Literal, TypeAlias

from maidan_nix import api

PLUGIN = "platform/network"

_Interface: TypeAlias = ipaddress.IPv4Interface | ipaddress.IPv6Interface
_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Family: TypeAlias = Literal[4, 6]

_WITHOUT_ADDRESS = ("dhcp", "automatic", "off")


def fixed_address(written: str) -> _Interface | None:
    """The address of ``ipv4`` or ``ipv6``, unless it is one of the words for none or for an automatic one."""
    return None if written in _WITHOUT_ADDRESS else ipaddress.ip_interface(written)


def reached_directly(address: _Interface, gateway: _Address) -> bool:
    """Whether a gateway outside the address's network is meant: an address without neighbours has no other."""
    return address.network.num_addresses == 1 and gateway not in address.network


def check_network(host: api.Host) -> list[api.Problem]:
    """Return every problem of a host's network, in the order of its settings."""
    network = host.network
    if network.ipv4 == "off" and network.ipv6 == "off":
        return [
            _problem(host, "ipv6", "IPv4 and IPv6 are both off, so nothing could reach this machine", "one of them on")
        ]
    return [
        *_family(host, 4, network.ipv4, network.ipv4_gateway),
        *_family(host, 6, network.ipv6, network.ipv6_gateway),
        *_resolvers(host),
    ]


def _family(host: api.Host, family: _Family, written: str, gateway: str | None) -> Iterator[api.Problem]:
    setting = f"ipv{family}"
    address = fixed_address(written)
    if address is None:
        if gateway is not None:
            yield _problem(
                host,
                f"{setting}_gateway",
                f"{setting} is '{written}', so this router would not be used",
                hint=f"remove it, or give {setting} a fixed address",
            )
        return
    if address.version != family:
        yield _problem(
            host,
            setting,
            f"'{address}' is an IPv{address.version} address",
            f"an IPv{family} address",
            f"write it as ipv{address.version}",
        )
        return
    if address.is_multicast or address.is_loopback or address.is_unspecified or address.is_link_local:
        yield _problem(host, setting, f"'{address}' cannot be reached from another network", "a routable address")
    if gateway is None:
        yield _problem(host, setting, "a fixed address needs the router too", f"{setting}_gateway beside it")
        return
    yield from _gateway(host, family, address, ipaddress.ip_address(gateway))


def _gateway(host: api.Host, family: _Family, address: _Interface, gateway: _Address) -> Iterator[api.Problem]:
    setting = f"ipv{family}_gateway"
    if gateway.version != family:
        yield _problem(host, setting, f"'{gateway}' is an IPv{gateway.version} address", f"an IPv{family} address")
    elif gateway == address.ip:
        yield _problem(host, setting, f"'{gateway}' is this machine's own address", "the router's address")
    elif not (gateway in address.network or gateway.is_link_local or reached_directly(address, gateway)):
        whole = address.ip.max_prefixlen
        yield _problem(
            host,
            setting,
            f"'{gateway}' is outside {address.network}",
            "a router in the same network",
            f"correct the prefix length, or write ipv{family} = '{address.ip}/{whole}' "
            "if the provider hands out single addresses",
        )


def _resolvers(host: api.Host) -> Iterator[api.Problem]:
    for position, written in enumerate(host.network.resolvers):
        family = ipaddress.ip_address(written).version
        if (host.network.ipv4 if family == 4 else host.network.ipv6) == "off":
            path = ("hosts", host.name, "network", "resolvers", position)
            message = f"'{written}' is reached over IPv{family}, which is off"
            yield api.Problem(path, message, expected="a resolver that the machine can reach", plugin=PLUGIN)


def _problem(host: api.Host, setting: str, message: str, expected: str = "", hint: str = "") -> api.Problem:
    return api.Problem(("hosts", host.name, "network", setting), message, expected, hint, PLUGIN)
