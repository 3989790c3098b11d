"""Addresses in the private network: computed from names alone, so that no host has to be told another's.

The network is a unique local one (RFC 4193): ``fd``, 40 bits for the community, subnet 0, 64 bits for the host. Those
bits come from hashes, as random as the RFC wants them, and the same on every run. They must never change: both ends of
a connection compute them, at different times.
"""

from __future__ import annotations

import hashlib
import ipaddress

_UNIQUE_LOCAL = 0xFD << 120


def network(domain: str) -> ipaddress.IPv6Network:
    """Return the /64 network of the community that owns a domain."""
    prefix = _UNIQUE_LOCAL | _bits(f"private network of {domain}", 40) << 80
    return ipaddress.IPv6Network((prefix, 64))


def address(domain: str, host: str) -> str:
    """Return a host's address in the community's network, as it is commonly written."""
    return str(network(domain)[_bits(f"host {host}", 64)])


def _bits(text: str, number: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") >> (256 - number)
