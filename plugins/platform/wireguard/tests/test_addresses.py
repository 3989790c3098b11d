"""Addresses in the private network: the same for everyone who computes them, and of the right shape."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from maidan_nix_plugins.platform.wireguard.addresses import address, network

NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


def test_they_never_change() -> None:
    assert str(network("example.org")) == "fd0e:858c:74fd::/64"
    assert address("example.org", "main") == "fd0e:858c:74fd:0:2dac:d253:e949:7f8e"


@given(domain=NAMES, host=NAMES)
def test_they_are_unique_local_addresses_of_subnet_zero(domain: str, host: str) -> None:
    """RFC 4193: fd00::/8, 40 bits of the community's, 16 of the subnet, 64 of the host's."""
    found = ipaddress.IPv6Address(address(domain, host))
    assert found in ipaddress.ip_network("fd00::/8")
    assert found in network(domain)
    assert int(found) >> 64 & 0xFFFF == 0
    assert str(found) == address(domain, host)


@given(st.lists(NAMES, min_size=2, max_size=20, unique=True))
def test_no_two_hosts_and_no_two_communities_share_one(names: list[str]) -> None:
    assert len({address("example.org", name) for name in names}) == len(names)
    assert len({network(name) for name in names}) == len(names)
