"""What an example left behind in a manifest: names, addresses and keys that are nobody's."""

from __future__ import annotations

import binascii
import ipaddress
import itertools
import re
from collections.abc import Iterator, Mapping

from maidan_nix.diagnosis.line import Line
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import phrase, say
from maidan_nix.problems import KeyPath, dotted

# Set aside for documentation: RFC 2606 and RFC 6761 (names), RFC 5737 and RFC 3849 and RFC 9637 (addresses).
_NAMES = re.compile(r"(?:^|[.@/])(?:example\.(?:org|net|com)|[a-z0-9-]+\.(?:example|invalid|test))\Z", re.IGNORECASE)
_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
    )
)
_ED25519 = "ssh-ed25519 "
_KEY_BYTES = 32


def check_placeholders(values: Mapping[str, object]) -> Iterator[Line]:
    """Look at every text of a manifest, as it was read."""
    found = False
    for path, text in _texts(values, ()):
        message = _left(text)
        if message:
            found = True
            shown = say("{value}: {what}", value=quoted(text), what=phrase(message))
            yield Line("placeholder", "manifest", "wrong", dotted(path), shown, say("write your own there"))
    if not found:
        yield Line("placeholder", "manifest", "ok", "manifest", say("nothing of an example is left in it"))


def _left(text: str) -> str:
    if "EXAMPLE" in text:
        return say("this is the example's")
    if _NAMES.search(text):
        return say("this name is set aside for examples, and belongs to nobody")
    if _is_example_address(text):
        return say("this address is set aside for examples, and belongs to nobody")
    if _is_example_key(text):
        return say("this key is an example's: nobody holds the other half of it")
    return ""


def _is_example_address(text: str) -> bool:
    try:
        address = ipaddress.ip_interface(text).ip
    except ValueError:
        return False
    return any(address in network for network in _NETWORKS if network.version == address.version)


def _is_example_key(text: str) -> bool:
    """A key whose bytes count up was never made by a program that makes keys."""
    if not text.startswith(_ED25519):
        return False
    try:
        key = binascii.a2b_base64(text.removeprefix(_ED25519).partition(" ")[0])[-_KEY_BYTES:]
    except (binascii.Error, ValueError):
        return False
    return len(key) == _KEY_BYTES and len({(after - before) % 256 for before, after in itertools.pairwise(key)}) == 1


def _texts(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, str(key)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, number))
