"""What cannot work in ``[hosts.NAME.network]``, although every value of it is well formed."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
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


# Two places may have the same of these; every other address is one machine's alone.
_LOCAL = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)


def _is_local(address: _Address) -> bool:
    return any(address in network for network in _LOCAL)


def check_among(host: api.Host, hosts: Mapping[str, api.Host]) -> Iterator[api.Problem]:
    """What cannot be among the hosts of a community: one address for two, and an address that nobody could call."""
    for setting in ("ipv4", "ipv6"):
        address = fixed_address(getattr(host.network, setting))
        for name in sorted(hosts):
            if name == host.name:
                break
            other = fixed_address(getattr(hosts[name].network, setting))
            if address is not None and other is not None and address.ip == other.ip and not _is_local(address.ip):
                message = api.say("{host} has the address '{address}' already", host=name, address=address.ip)
                yield _problem(host, setting, message, "an address of its own for every host")
    try:
        reached = ipaddress.ip_address(host.network.reached_at or "")
    except ValueError:  # a name, or nothing
        return
    if reached.is_loopback or reached.is_unspecified or reached.is_multicast or reached.is_link_local:
        message = api.say("'{address}' cannot be reached from another host", address=reached)
        yield _problem(host, "reached_at", message, "a routable address, or a name")


def _family(host: api.Host, family: _Family, written: str, gateway: str | None) -> Iterator[api.Problem]:
    setting = f"ipv{family}"
    address = fixed_address(written)
    if address is None:
        if gateway is not None:
            yield _problem(
                host,
                f"{setting}_gateway",
                api.say("{setting} is '{written}', so this router would not be used", setting=setting, written=written),
                hint=api.say("remove it, or give {setting} a fixed address", setting=setting),
            )
        return
    if address.version != family:
        yield _problem(
            host,
            setting,
            api.say("'{address}' is an IPv{version} address", address=address, version=address.version),
            api.say("an IPv{family} address", family=family),
            api.say("write it as ipv{version}", version=address.version),
        )
        return
    if address.is_multicast or address.is_loopback or address.is_unspecified or address.is_link_local:
        yield _problem(
            host,
            setting,
            api.say("'{address}' cannot be reached from another network", address=address),
            "a routable address",
        )
    if gateway is None:
        yield _problem(
            host,
            setting,
            "a fixed address needs the router too",
            api.say("{setting}_gateway beside it", setting=setting),
        )
        return
    yield from _gateway(host, family, address, ipaddress.ip_address(gateway))


def _gateway(host: api.Host, family: _Family, address: _Interface, gateway: _Address) -> Iterator[api.Problem]:
    setting = f"ipv{family}_gateway"
    if gateway.version != family:
        yield _problem(
            host,
            setting,
            api.say("'{gateway}' is an IPv{version} address", gateway=gateway, version=gateway.version),
            api.say("an IPv{family} address", family=family),
        )
    elif gateway == address.ip:
        yield _problem(
            host, setting, api.say("'{gateway}' is this machine's own address", gateway=gateway), "the router's address"
        )
    elif not (gateway in address.network or gateway.is_link_local or reached_directly(address, gateway)):
        whole = address.ip.max_prefixlen
        yield _problem(
            host,
            setting,
            api.say("'{gateway}' is outside {network}", gateway=gateway, network=address.network),
            "a router in the same network",
            api.say(
                "correct the prefix length, or write ipv{family} = '{ip}/{whole}' if the provider hands out single"
                " addresses",
                family=family,
                ip=address.ip,
                whole=whole,
            ),
        )


def _resolvers(host: api.Host) -> Iterator[api.Problem]:
    for position, written in enumerate(host.network.resolvers):
        family = ipaddress.ip_address(written).version
        if (host.network.ipv4 if family == 4 else host.network.ipv6) == "off":
            path = ("hosts", host.name, "network", "resolvers", position)
            message = api.say("'{written}' is reached over IPv{family}, which is off", written=written, family=family)
            yield api.Problem(path, message, expected="a resolver that the machine can reach", plugin=PLUGIN)


def _problem(host: api.Host, setting: str, message: str, expected: str = "", hint: str = "") -> api.Problem:
    return api.Problem(("hosts", host.name, "network", setting), message, expected, hint, PLUGIN)
