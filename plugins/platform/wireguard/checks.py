"""What cannot be relayed, and hosts that cannot find each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maidan_nix import api

from .reach import are_connected
from .settings import WireguardSettings

_NAME = re.compile(r"[a-z]([a-z0-9_-]*[a-z0-9])?\Z")
_FILE = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_GROUP = re.compile(r"[a-z_][a-z0-9_-]{0,30}\Z")
# No "%" and no blank: both mean something in a unit file.
_PATH = re.compile(r"(/[A-Za-z0-9._@+-]+)+\Z")
LONGEST_HOST_NAME = 53
"""Letters of a host's name: its key is a secret called wireguard-NAME, of 63 letters at most."""
_LONGEST_PATH = 107
"""Bytes of a socket's path, without the final zero: ``sun_path`` of unix(7)."""


def socket(need: api.Relay) -> str:
    """The path of a relay's socket on the asking host."""
    return f"/run/relay-{need.name}/{need.file}"


def check(need: api.Relay, number: int | None) -> int:
    """Return the number of a relay. Raises Refused for what cannot be a unit, a socket or a way."""
    if not _NAME.match(need.name):
        raise api.Refused(
            api.say("{name} cannot be the name of a relay", name=repr(need.name)),
            "small letters, digits, - and _, with a letter first and no sign at the end",
        )
    if not _FILE.match(need.file):
        raise api.Refused(api.say("{file} cannot be the file of a relay's socket", file=repr(need.file)))
    if not _GROUP.match(need.group):
        raise api.Refused(api.say("{group} cannot be the name of a group", group=repr(need.group)))
    match need.to:
        case api.RemoteSocket(path=path):
            if not _PATH.match(path) or ".." in path.split("/"):
                raise api.Refused(api.say("{path} cannot be the path of a socket", path=repr(path)))
            paths = [socket(need), path]
        case api.RemotePort(port=port):
            if port.open_to != "host":
                raise api.Refused(
                    api.say("the port {port} of {plugin} is open to others", port=port.name, plugin=need.to.plugin),
                    "nothing has to be relayed to it: connect to it where it is open",
                )
            if port.protocol != "tcp":
                raise api.Refused(
                    api.say("the port {port} of {plugin} is not a TCP port", port=port.name, plugin=need.to.plugin),
                    "only TCP can be relayed: run both on one host",
                )
            paths = [socket(need)]
    for path in paths:
        if len(path.encode()) > _LONGEST_PATH:
            raise api.Refused(
                api.say("{path} is too long for the path of a socket", path=path),
                api.say("at most {number} characters", number=_LONGEST_PATH),
            )
    if number is None or not 1 <= number <= 65535:
        raise api.Refused(api.say("the relay {name} leads to no port", name=need.name))
    return number


def check_way(context: api.Context[WireguardSettings], peer: str) -> None:
    """Raise Refused where neither this host nor its peer can call the other."""
    if not are_connected(context.host, context.hosts[peer]):
        raise api.Refused(_apart(context, peer), _way_out(context, peer))


def problems(context: api.Context[WireguardSettings]) -> Iterator[api.Problem]:
    """What is wrong with the settings, and the hosts that serve this one and cannot be reached."""
    if "port" in context.of_host:
        path = ("hosts", context.host.name, "platform", "wireguard", "port")
        yield api.Problem(
            path,
            "the port is the same on all hosts, since each calls the others on it",
            hint=api.say("set it under {section}", section="[platform.wireguard]"),
        )
    if len(context.host.name) > LONGEST_HOST_NAME:
        yield api.Problem(
            ("hosts", context.host.name),
            api.say("the name of a host in a private network has at most {number} letters", number=LONGEST_HOST_NAME),
            hint="give the host a shorter name, in maidan.lock too",
            at="key",
        )
    for peer in sorted(set(context.host.served_by.values()) & (context.hosts.keys() - {context.host.name})):
        if not are_connected(context.host, context.hosts[peer]):
            place = ("hosts", peer, "network", "reached_at")
            yield api.Problem(place, _apart(context, peer), hint=_way_out(context, peer), at="key")


def _apart(context: api.Context[WireguardSettings], peer: str) -> str:
    return api.say(
        "{host} and {peer} do not know where to reach each other, so neither can call",
        host=context.host.name,
        peer=peer,
    )


def _way_out(context: api.Context[WireguardSettings], peer: str) -> str:
    return api.say(
        "set {key} to the name or address at which {host} reaches {peer};"
        " if a router stands before it, let UDP port {port} through there",
        key=f"hosts.{peer}.network.reached_at",
        host=context.host.name,
        peer=peer,
        port=context.settings.port,
    )
