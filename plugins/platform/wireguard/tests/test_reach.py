"""Who can call whom."""

from __future__ import annotations

import pytest

from maidan_nix_plugins.platform.wireguard.reach import are_connected, endpoint
from plugin_harness import Table, host

FIXED = {"ipv4": "203.0.113.7/24", "ipv6": "2001:db8::7/64"}


def found(caller: Table, called: Table) -> str:
    return endpoint(host(name="one", network=caller), host(name="other", network=called))


def test_what_the_steward_says_comes_first() -> None:
    assert found({}, {**FIXED, "reached_at": "store.example.org"}) == "store.example.org"
    assert found({}, {"reached_at": "198.51.100.4"}) == "198.51.100.4"


def test_a_fixed_address_is_found_without_being_told() -> None:
    assert found({}, {"ipv4": FIXED["ipv4"]}) == "203.0.113.7"
    assert found({}, {"ipv4": "off", "ipv6": FIXED["ipv6"]}) == "2001:db8::7"


def test_ipv6_comes_first_only_where_the_caller_has_it_for_certain() -> None:
    assert found({"ipv6": "2001:db8:1::1/64"}, FIXED) == "2001:db8::7"
    assert found({"ipv6": "automatic"}, FIXED) == "203.0.113.7"


def test_no_family_is_used_that_the_caller_does_not_have() -> None:
    assert found({"ipv4": "off"}, FIXED) == "2001:db8::7"
    assert found({"ipv6": "off"}, {"ipv4": "dhcp", "ipv6": FIXED["ipv6"]}) == ""
    assert found({"ipv6": "off"}, {"reached_at": "2001:db8::7"}) == ""


@pytest.mark.parametrize("called", [{}, {"ipv4": "off", "ipv6": "automatic"}])
def test_an_automatic_address_is_nobodys_business_but_the_routers(called: Table) -> None:
    assert found({}, called) == ""


@pytest.mark.parametrize("private", ["192.168.1.7/24", "10.0.0.7/8", "172.16.3.7/24", "100.64.0.7/10", "fd00:1::7/64"])
def test_a_private_address_is_reached_from_its_own_network_alone(private: str) -> None:
    family = "ipv6" if ":" in private else "ipv4"
    assert found({}, {family: private}) == ""
    neighbour = private.replace("7/", "8/")
    assert found({family: neighbour}, {family: private}) == private.partition("/")[0]


def test_one_that_can_call_is_enough() -> None:
    at_home, rented = host(name="one"), host(name="other", network=FIXED)
    assert are_connected(at_home, rented)
    assert are_connected(rented, at_home)
    assert not are_connected(at_home, host(name="other"))
