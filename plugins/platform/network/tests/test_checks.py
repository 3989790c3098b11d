"""Networks that cannot work are named at the setting to change."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maidan_nix.plugins import load
from maidan_nix_plugins.platform.network.checks import check_among, check_network
from plugin_harness import configuration, context, host

STATIC4 = {"ipv4": "192.0.2.10/24", "ipv4_gateway": "192.0.2.1"}
STATIC6 = {"ipv6": "2001:db8::10/64", "ipv6_gateway": "2001:db8::1"}


@pytest.mark.parametrize(
    "network",
    [
        {},
        STATIC4,
        STATIC6,
        {**STATIC4, **STATIC6},
        {**STATIC6, "ipv6_gateway": "fe80::1"},
        {"ipv4": "198.51.100.7/32", "ipv4_gateway": "192.0.2.1"},
        {"ipv6": "2001:db8::7/128", "ipv6_gateway": "2001:db8:ffff::1"},
        {"ipv4": "192.0.2.0/31", "ipv4_gateway": "192.0.2.1"},
        {"ipv4": "off", **STATIC6},
        {"ipv6": "off", "resolvers": ["192.0.2.53"]},
    ],
)
def test_networks_that_work_are_no_problem(network: dict[str, Any]) -> None:
    assert check_network(host(network=network)) == []


@pytest.mark.parametrize(
    ("network", "setting", "words"),
    [
        ({"ipv4": "off", "ipv6": "off"}, "ipv6", "both off"),
        ({"ipv4": "192.0.2.10/24"}, "ipv4", "needs the router"),
        ({"ipv6": "2001:db8::10/64"}, "ipv6", "needs the router"),
        ({**STATIC4, "ipv4": "2001:db8::10/64"}, "ipv4", "is an IPv6 address"),
        ({**STATIC6, "ipv6": "192.0.2.10/24"}, "ipv6", "is an IPv4 address"),
        ({**STATIC4, "ipv4_gateway": "fe80::1"}, "ipv4_gateway", "is an IPv6 address"),
        ({**STATIC6, "ipv6_gateway": "192.0.2.1"}, "ipv6_gateway", "is an IPv4 address"),
        ({**STATIC4, "ipv4_gateway": "192.0.2.10"}, "ipv4_gateway", "own address"),
        ({**STATIC4, "ipv4_gateway": "198.51.100.1"}, "ipv4_gateway", "outside 192.0.2.0/24"),
        ({**STATIC6, "ipv6_gateway": "2001:db8:1::1"}, "ipv6_gateway", "outside 2001:db8::/64"),
        ({"ipv4_gateway": "192.0.2.1"}, "ipv4_gateway", "'dhcp', so this router would not be used"),
        ({"ipv6_gateway": "fe80::1"}, "ipv6_gateway", "'automatic', so this router would not be used"),
        ({"ipv4": "127.0.0.2/8", "ipv4_gateway": "127.0.0.1"}, "ipv4", "cannot be reached"),
        ({"ipv4": "224.0.0.9/8", "ipv4_gateway": "224.0.0.1"}, "ipv4", "cannot be reached"),
        ({"ipv6": "fe80::2/64", "ipv6_gateway": "fe80::1"}, "ipv6", "cannot be reached"),
    ],
)
def test_each_fault_is_told_once_at_its_setting(network: dict[str, Any], setting: str, words: str) -> None:
    (problem,) = check_network(host(network=network))
    assert problem.path == ("hosts", "main", "network", setting)
    assert words in problem.message
    assert problem.expected or problem.hint
    assert problem.plugin == "platform/network"


def test_a_resolver_of_a_family_that_is_off_is_told_by_its_place() -> None:
    on = host(network={"ipv6": "off", "resolvers": ["192.0.2.53", "2001:db8::53"]})
    (problem,) = check_network(on)
    assert problem.path == ("hosts", "main", "network", "resolvers", 1)
    assert "IPv6, which is off" in problem.message


def test_faults_of_both_families_are_told_together() -> None:
    on = host(network={"ipv4": "192.0.2.10/24", "ipv6": "2001:db8::10/64", "ipv6_gateway": "2001:db8::10"})
    assert [problem.path[-1] for problem in check_network(on)] == ["ipv4", "ipv6_gateway"]


def test_a_router_outside_the_network_comes_with_two_ways_out() -> None:
    (problem,) = check_network(host(network={**STATIC4, "ipv4_gateway": "198.51.100.1"}))
    assert "192.0.2.10/32" in problem.hint
    assert "prefix length" in problem.hint


def test_the_plugin_reports_them_before_anything_is_planned() -> None:
    on = host(network={"ipv4": "off", "ipv6": "off"})
    assert list(load("platform/network").problems(context("platform/network", on=on))) == check_network(on)


ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@settings(max_examples=60)
@given(ADDRESSES, st.integers(1, 128), ADDRESSES)
def test_every_fixed_address_is_refused_or_gets_one_route_that_the_kernel_would_take(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
    length: int,
    gateway: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    interface = ipaddress.ip_interface(f"{address}/{min(length, address.max_prefixlen)}")
    network = interface.network
    if network.num_addresses > 2 and interface.ip in (network.network_address, network[-1]):
        return  # no manifest gets this far: the type of the setting refuses it
    family = address.version
    on = host(network={f"ipv{family}": str(interface), f"ipv{family}_gateway": str(gateway)})
    if check_network(on):
        return
    unit = configuration(context("platform/network", on=on))["systemd"]["network"]["networks"]["10-enp1s0"]
    assert unit["address"] == [str(interface)]
    (route,) = unit["routes"]
    direct = route.get("GatewayOnLink", False)
    assert gateway.version == family
    assert gateway != interface.ip
    assert direct or gateway in network or gateway.is_link_local


def test_two_hosts_have_two_addresses() -> None:
    one, other = host(name="attic", network=STATIC4), host(name="shed", network=STATIC4)
    hosts = {"attic": one, "shed": other}
    assert list(check_among(one, hosts)) == []
    (problem,) = check_among(other, hosts)
    assert problem.path == ("hosts", "shed", "network", "ipv4")
    assert problem.message == "attic has the address '192.0.2.10' already"


def test_two_places_may_have_the_same_local_address() -> None:
    local = {**STATIC4, "ipv4": "192.168.1.10/24", "ipv4_gateway": "192.168.1.1"}
    hosts = {name: host(name=name, network=local) for name in ("attic", "shed")}
    assert list(check_among(hosts["shed"], hosts)) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "::", "ff02::1", "fe80::1", "224.0.0.1"])  # noqa: S104  # addresses that are refused
def test_an_address_that_nobody_can_call_is_refused(address: str) -> None:
    (problem,) = check_among(host(network={"reached_at": address}), {})
    assert problem.path == ("hosts", "main", "network", "reached_at")
