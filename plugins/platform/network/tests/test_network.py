"""A host's network, seen in the options that are set."""

from __future__ import annotations

from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.plugins import load
from plugin_harness import Preset, configuration, context, host

NAME = "platform/network"
STATIC = {
    "ipv4": "192.0.2.10/24",
    "ipv4_gateway": "192.0.2.1",
    "ipv6": "2001:db8::10/64",
    "ipv6_gateway": "fe80::1",
}
RESOLVERS = {"resolvers": ["192.0.2.53", "2001:db8::53"]}


def network(table: dict[str, Any], *, preset: Preset = "strict", **settings: Any) -> dict[str, Any]:
    return configuration(context(NAME, settings, on=host(network=table), preset=preset))


def interface(table: dict[str, Any]) -> dict[str, Any]:
    networks = network(table)["systemd"]["network"]["networks"]
    assert networks.keys() == {"10-enp1s0"}
    unit: dict[str, Any] = networks["10-enp1s0"]
    return unit


def resolve(table: dict[str, Any], *, preset: Preset = "strict", **settings: Any) -> dict[str, Any]:
    resolved: dict[str, Any] = network(table, preset=preset, **settings)["services"]["resolved"]
    assert resolved["enable"] is True
    found: dict[str, Any] = resolved["settings"]["Resolve"]
    return found


def test_networkd_alone_configures_and_only_the_named_interface() -> None:
    networking = network({})["networking"]
    assert networking["useNetworkd"] is True
    assert networking["useDHCP"] is False
    assert interface({})["matchConfig"] == {"Name": "enp1s0"}


def test_the_machine_is_named_after_the_host_in_the_community_domain() -> None:
    networking = network({})["networking"]
    assert (networking["hostName"], networking["domain"]) == ("main", "example.org")


def test_automatic_addresses_come_from_dhcp_and_router_advertisements() -> None:
    unit = interface({})
    assert unit["networkConfig"]["DHCP"] == "ipv4"
    assert unit["networkConfig"]["IPv6AcceptRA"] is True
    assert "address" not in unit
    assert "routes" not in unit


def test_the_network_may_not_set_the_time_or_the_name() -> None:
    unit = interface({})
    for section in ("dhcpV4Config", "dhcpV6Config"):
        assert unit[section]["UseNTP"] is False
        assert unit[section]["UseHostname"] is False
        assert unit[section]["SendHostname"] is False


def test_fixed_addresses_listen_to_nobody() -> None:
    unit = interface(STATIC)
    assert unit["address"] == ["192.0.2.10/24", "2001:db8::10/64"]
    assert unit["routes"] == [{"Gateway": "192.0.2.1"}, {"Gateway": "fe80::1"}]
    assert unit["networkConfig"]["DHCP"] == "no"
    assert unit["networkConfig"]["IPv6AcceptRA"] is False
    assert not unit.keys() & {"dhcpV4Config", "dhcpV6Config", "ipv6AcceptRAConfig"}


def test_a_single_address_reaches_its_router_directly() -> None:
    unit = interface({"ipv4": "198.51.100.7/32", "ipv4_gateway": "192.0.2.1", "ipv6": "off"})
    assert unit["routes"] == [{"Gateway": "192.0.2.1", "GatewayOnLink": True}]


def test_a_link_local_router_is_a_neighbour_without_being_told() -> None:
    unit = interface({"ipv4": "off", "ipv6": "2001:db8::7/128", "ipv6_gateway": "fe80::1"})
    assert unit["routes"] == [{"Gateway": "fe80::1"}]


def test_without_ipv6_the_interface_has_not_even_a_link_local_address() -> None:
    unit = interface({"ipv6": "off"})
    assert unit["networkConfig"]["LinkLocalAddressing"] == "no"
    assert unit["networkConfig"]["IPv6AcceptRA"] is False
    assert not unit.keys() & {"dhcpV6Config", "ipv6AcceptRAConfig"}


def test_with_ipv6_the_address_stays_the_same() -> None:
    assert interface({})["networkConfig"]["IPv6PrivacyExtensions"] == "no"
    assert interface(STATIC)["networkConfig"]["IPv6PrivacyExtensions"] == "no"


@pytest.mark.parametrize(("table", "family"), [({}, "ipv4"), ({"ipv4": "off"}, "ipv6"), ({"ipv6": "off"}, "ipv4")])
def test_online_means_routable_by_the_family_that_is_there(table: dict[str, Any], family: str) -> None:
    link = interface(table)["linkConfig"]
    assert link == {"RequiredForOnline": "routable", "RequiredFamilyForOnline": family}


def test_named_resolvers_replace_those_that_the_network_announces() -> None:
    assert network(RESOLVERS)["networking"]["nameservers"] == ["192.0.2.53", "2001:db8::53"]
    unit = interface(RESOLVERS)
    assert unit["dhcpV4Config"]["UseDNS"] is False
    assert unit["dhcpV6Config"]["UseDNS"] is False
    assert unit["ipv6AcceptRAConfig"]["UseDNS"] is False


def test_without_named_resolvers_the_network_announces_them() -> None:
    assert "nameservers" not in network({})["networking"]
    unit = interface({})
    assert unit["dhcpV4Config"]["UseDNS"] is True
    assert unit["ipv6AcceptRAConfig"]["UseDNS"] is True


def test_resolvers_carry_the_name_of_their_certificate() -> None:
    made = network(RESOLVERS, resolver_name="dns.example.net")
    assert made["networking"]["nameservers"] == ["192.0.2.53#dns.example.net", "2001:db8::53#dns.example.net"]


@pytest.mark.parametrize(
    ("table", "preset", "expected"),
    [
        (RESOLVERS, "strict", True),
        (RESOLVERS, "balanced", "opportunistic"),
        (RESOLVERS, "open", "opportunistic"),
        ({}, "strict", "opportunistic"),
    ],
)
def test_tls_is_required_of_resolvers_that_somebody_chose(
    table: dict[str, Any], preset: Preset, *, expected: bool | str
) -> None:
    made = resolve(table, preset=preset)["DNSOverTLS"]
    assert (made, type(made)) == (expected, type(expected))


def test_nobody_is_asked_who_was_not_chosen() -> None:
    made = resolve(STATIC)
    assert made["FallbackDNS"] == ""
    assert made["LLMNR"] is False
    assert made["MulticastDNS"] is False


def test_it_declares_no_units_of_its_own() -> None:
    assert list(load(NAME).units(context(NAME), api.Grants({}))) == []
