"""Hosts that the texts of a plugin's options name, and that nobody declared."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from maidan_nix.contract.needs import Outgoing
from maidan_nix.generation import Generated
from maidan_nix.messages import say
from maidan_nix.problems import Problem
from maidan_nix.testing.subject import Subject
from maidan_nix.testing.walk import texts

_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://(?:[^\s/@\"']*@)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+([a-z]{2,})\Z")
# fmt: off
_TOP = frozenset(
    (
        "app", "at", "be", "ca", "ch", "cloud", "co", "com", "cz", "de", "dev", "dk", "edu", "es", "eu", "fi", "fr",
        "gov", "info", "int", "io", "it", "jp", "me", "net", "nl", "no", "org", "pl", "pt", "ru", "se", "social",
        "to", "tv", "uk", "us", "xyz",
    )
)
# fmt: on
"""The last part of most host names; by it, a name is told from that of a file, a unit or a module."""
_BETWEEN = re.compile(r"[\s\"'`;,|(){}<>=]+")
_HERE = ("localhost", "example", "invalid", "test", "local", "internal", "arpa")


def foreign_hosts(subject: Subject) -> Iterator[Problem]:
    """Whom a host, or the browser of a member, talks to is the community's own, or somebody whom the plugin names."""
    for generated, planned, configured in subject.configured():
        reached = [need for need in planned.needs if isinstance(need, Outgoing)]
        own = "\n".join(
            (given(generated), subject.plugin.upstream, *(need.reason for need in reached), _readme(subject))
        )
        listed = [ipaddress.ip_network(each, strict=False) for need in reached for each in need.addresses]
        for found, text in texts(configured.options):
            for host in dict.fromkeys(_hosts(text)):
                if not _is_own(host, own, listed):
                    message = say("it names the foreign host {host} in {option}", host=host, option=found.option)
                    hint = say("say in its README.md, or in the reason of an Outgoing need, who talks to it and why")
                    yield subject.problem(message, hint=hint)


def given(generated: Generated) -> str:
    """What the manifest of the example holds, as one text."""
    return "\n".join(
        [
            generated.manifest.community.domain,
            *(str(section.table) for section in generated.manifest.plugins.values()),
            *generated.manifest.privacy.federation_allow,
        ]
    )


def _readme(subject: Subject) -> str:
    with suppress(OSError, ValueError):
        return (subject.module.parent / "README.md").read_text("utf-8")
    return ""


def _hosts(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        yield match[1].strip("[]").lower()
    for word in _BETWEEN.split(text):
        name = word.rstrip(".,").partition(":")[0] if word.count(":") < 2 else word.strip("[]")
        match_ = _HOST.match(name)
        if match_ and match_[1] in _TOP:
            yield name
        elif _address(name.partition("/")[0]) is not None:
            yield name.partition("/")[0]


def _is_own(host: str, own: str, listed: list[Any]) -> bool:
    address = _address(host)
    if address is not None:
        return not address.is_global or host in own or any(
            address.version == network.version and address in network for network in listed
        )  # fmt: skip
    labels = host.split(".")
    if len(labels) == 1 or labels[-1] in _HERE:
        return True
    return any(re.search(rf"(?<![\w-]){re.escape('.'.join(labels[start:]))}(?![\w-])", own)
               for start in range(len(labels) - 1))  # fmt: skip


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
