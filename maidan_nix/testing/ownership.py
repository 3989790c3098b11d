"""No plugin sets what is somebody else's, opens a port or reaches out without a need that stands behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from maidan_nix.contract.needs import (
    Cache,
    CacheGrant,
    Database,
    DatabaseGrant,
    Need,
    Outgoing,
    Port,
    PortGrant,
    Relay,
    RelayGrant,
    Secret,
    Site,
)
from maidan_nix.generation import Generated
from maidan_nix.messages import say
from maidan_nix.nix.literals import attribute
from maidan_nix.plan.planned import Planned
from maidan_nix.problems import Problem
from maidan_nix.testing.subject import Subject
from maidan_nix.testing.walk import Found, below, places, scalars

_OPTIONS: tuple[tuple[str, type[Need[Any]]], ...] = (
    ("networking.firewall.allowed", Port),
    ("networking.firewall.extra", Port),
    ("networking.firewall.interfaces", Port),
    ("networking.firewall.trustedInterfaces", Port),
    ("maidan.inbound", Port),
    ("maidan.egress", Outgoing),
    ("services.nginx.", Site),
    ("security.acme.", Site),
    ("services.postgresql.", Database),
    ("services.redis.servers", Cache),
    ("age.secrets", Secret),
    ("sops.secrets", Secret),
)
"""Options that answer a kind of need: whoever provides the kind sets them, and everybody else states the need."""
_ALSO: Mapping[str, tuple[type[Need[Any]], ...]] = {"maidan.inbound": (Relay,)}
"""Who else may: a relay is a port that other hosts of the community may call, and nobody else."""
_BRANCHES = ("services", "networking")
"""Where every set of options has one master."""
_SOCKETS = (("/run/postgresql", Database), ("/run/redis-", Cache))
"""Where the sockets of other plugins are, and the need that grants the way to one."""

_PORT = re.compile(r"(?:^|[_-])(?i:ports?)\Z|[a-z]Ports?\Z")
_LISTENING = re.compile(r"(?<![\w.:])(?:127\.0\.0\.1|0\.0\.0\.0|localhost|\[::1?\]|\*):([0-9]{1,5})(?![0-9])")
_OTHER_END = re.compile(r"host|server|remote|upstream|relay", re.IGNORECASE)
_ADDRESS = re.compile(r"bind|listen|address|host", re.IGNORECASE)
_HERE = frozenset(("", "localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0", "::", "*"))  # noqa: S104  # looked for
_EVERYWHERE = frozenset(("0.0.0.0", "::", "[::]", "*"))  # noqa: S104  # looked for


def masters(subject: Subject) -> Iterator[Problem]:
    """Nobody sets the options of a provider: a need says what is wanted."""
    provides = set(subject.plugin.provides)
    for generated, planned, configured in subject.configured():
        named: set[str] = set()
        for place in dict.fromkeys(places(configured.options)):
            option = ".".join(map(attribute, place))
            for start, kind in _OPTIONS:
                if f"{option}.".startswith(start) and not provides & {kind, *_ALSO.get(start, ())}:
                    named.add(".".join(place[:2]))
                    message = say("it sets {option}, which answers a {kind} need", option=option, kind=kind.kind)
                    yield subject.problem(message, hint=say("state a need: api.{kind}", kind=kind.__name__))
        for option, name in _others(subject, generated, planned.context.host.name):
            if option not in named:
                message = say("it sets {option}, which is for {name} to set", option=option, name=name)
                yield subject.problem(message, hint=say("state a need instead"))


def _others(subject: Subject, generated: Generated, host: str) -> Iterator[tuple[str, str]]:
    """Yield what another plugin of the host sets, too, and provides, with the name of that plugin."""
    planned, members = generated.plan.hosts[host], generated.configured[host]
    own = members[subject.name].options
    for name, configured in members.items():
        if name != subject.name and planned[name].plugin.provides:
            for branch in _BRANCHES:
                for each in sorted(below(own, branch).keys() & below(configured.options, branch).keys()):
                    yield f"{branch}.{each}", name


def ports(subject: Subject) -> Iterator[Problem]:
    """A port is one that was granted, and is opened by nobody but who grants it."""
    for generated, planned, configured in subject.configured():
        granted, addresses = _granted(generated, planned)
        for found in scalars(configured.options):
            if found.name == "openFirewall" and found.value is True:
                message = say("it opens the firewall by {option}", option=found.option)
                yield subject.problem(message, hint=say("state a Port need that is open to the internet"))
            for number in _numbers(found):
                if number not in granted:
                    message = say("it uses the port {number} in {option}, which no need stands behind",
                                  number=number, option=found.option)  # fmt: skip
                    yield subject.problem(message, hint=say("state a Port need, and use the number of its grant"))
            if _is_address(found) and found.value in _EVERYWHERE and not addresses & _EVERYWHERE:
                message = say("it listens on every address in {option}", option=found.option)
                yield subject.problem(message, hint=say("use the address of the grant of a Port need"))


def _granted(generated: Generated, planned: Planned) -> tuple[set[int], set[str]]:
    """The ports that are the plugin's to name, and the addresses to bind: its own and of those that it serves."""
    numbers, addresses = {0}, set()
    asking = [planned, *(
        generated.plan.hosts[served.host][served.plugin]
        for kind in planned.plugin.provides
        for served in planned.grants.serves(kind)
        if served.plugin in generated.plan.hosts.get(served.host, {})
    )]  # fmt: skip
    for one in asking:
        for need in one.needs:
            grant = one.grants[need]
            if isinstance(grant, PortGrant | RelayGrant):
                numbers.add(grant.number)
            if isinstance(grant, PortGrant):
                addresses.add(grant.address)
    return numbers, addresses


def _numbers(found: Found) -> Iterator[int]:
    value = found.value
    if isinstance(value, str):
        yield from (int(number) for number in _LISTENING.findall(value))
    if found.code or not _PORT.search(found.name) or _leads_elsewhere(found):
        return
    if isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, str) and value.isascii() and value.isdigit():
        yield int(value)


def _leads_elsewhere(found: Found) -> bool:
    """Whether the port is that of another machine, which is named beside it."""
    return any(
        _OTHER_END.search(name) and isinstance(value, str) and value not in _HERE
        for name, value in (found.beside or {}).items()
    )


def _is_address(found: Found) -> bool:
    return _ADDRESS.search(found.name) is not None and isinstance(found.value, str)


def sockets(subject: Subject) -> Iterator[Problem]:
    """A path to another plugin's socket comes from a grant."""
    provides = set(subject.plugin.provides)
    for _, planned, configured in subject.configured():
        granted = tuple(
            grant.socket
            for need in planned.needs
            if isinstance(grant := planned.grants[need], DatabaseGrant | CacheGrant | RelayGrant)
        )
        for found in scalars(configured.options):
            for start, kind in _SOCKETS:
                known = kind in provides or any(path.startswith(start) for path in granted)
                if isinstance(found.value, str) and start in found.value and not known:
                    message = say("it names {path} in {option}, a socket that it was not granted",
                                  path=start, option=found.option)  # fmt: skip
                    yield subject.problem(message, hint=say("state a need: api.{kind}", kind=kind.__name__))


def outgoing(subject: Subject) -> Iterator[Problem]:
    """Who reaches out says so, and names a unit of its own."""
    for _, planned, configured in subject.configured():
        stated = {need.unit for need in planned.needs if isinstance(need, Outgoing)}
        for unit in configured.units:
            if unit.profile == "internet" and not unit.exempt and unit.name not in stated:
                message = say("{unit}.service has the profile 'internet' and no leave to reach out", unit=unit.name)
                yield subject.problem(message, hint=say("state an Outgoing need, or take the profile 'loopback'"))
        for name in sorted(stated.difference(unit.name for unit in configured.units)):
            message = say("it asks to reach out for {unit}.service, which is none of its units", unit=name)
            yield subject.problem(message, hint=say("name it in units()"))
