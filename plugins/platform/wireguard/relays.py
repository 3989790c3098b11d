"""Relays: a socket on this side, a socket on the other, and between them a proxy on either host.

The proxy is systemd-socket-proxyd(8): it copies bytes between a socket that systemd hands it and one other place, and
knows nothing of what they mean.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from maidan_nix import api
from maidan_nix.api import nix

from .checks import socket
from .tunnel import INTERFACE

_PROXY = ("config", "systemd", "package"), "/lib/systemd/systemd-socket-proxyd"
_IDLE = "10min"
_CONNECTIONS = 1024
"""Enough for a web server whose members' programs keep asking whether there is something new."""
_FILES = _CONNECTIONS * 6 + 256
"""Each connection takes two sockets and both ends of two pipes."""

_LONGEST_CALLERS = 150
"""Characters; a unit's name may have 255."""

LIMITS = api.Limits(memory_high="192M", memory_max="256M", tasks=32, open_files=_FILES)
"""A pipe holds 256 KiB, until a user has 16384 pages of pipes; then, 8 KiB: 80 MiB if all of them are full."""


@dataclass(frozen=True, slots=True)
class Listener:
    """What is answered on a `number` of the private network: `path` or, without one, the loopback port `number`.

    `callers` are the hosts that may call, `purposes` says for whom.
    """

    number: int
    path: str
    callers: tuple[str, ...]
    purposes: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The name of its units.

        The callers are part of it: a switch leaves a socket that listens as it is, and so would not let a new one in.
        No host's name has a "_", so that other callers make another name.
        """
        callers = "_".join(self.callers)
        if len(callers) > _LONGEST_CALLERS:
            callers = hashlib.sha256(callers.encode()).hexdigest()[:12]
        return f"relayed-{self.number}-{callers}"


def unit(need: api.Relay) -> str:
    """The name of the units of a relay on the asking host."""
    return f"relay-{need.name}"


def listeners(served: Iterable[api.Served[api.Relay]]) -> tuple[Listener, ...]:
    """What this host answers to others, by number: hosts that come for the same thing share a listener."""
    callers: dict[tuple[int, str], list[api.Served[api.Relay]]] = defaultdict(list)
    for each in served:
        path = each.need.to.path if isinstance(each.need.to, api.RemoteSocket) else ""
        callers[each.grants[each.need].number, path].append(each)
    return tuple(
        Listener(
            number,
            path,
            tuple(sorted({each.host for each in those})),
            tuple(sorted({f"{each.plugin} of {each.host}" for each in those})),
        )
        for (number, path), those in sorted(callers.items())
    )


def outgoing_socket(need: api.Relay) -> dict[str, api.Value]:
    """The socket unit on the asking host."""
    return {
        "description": f"Relay {need.name} to {need.to.host}",
        "wantedBy": ["sockets.target"],
        "listenStreams": [socket(need)],
        "socketConfig": {
            "SocketGroup": need.group,
            "SocketMode": "0660",
            "DirectoryMode": nix.Noted("0711", "The socket opens to its group; nobody lists what is beside it."),
            "RemoveOnStop": True,
            **_patience(),
        },
    }


def outgoing_service(need: api.Relay, address: str, number: int) -> dict[str, api.Value]:
    """The proxy on the asking host. An IPv6 address stands without brackets: the last colon ends it."""
    return {"description": f"Relay {need.name} to {need.to.host}", **_proxy(unit(need), f"{address}:{number}")}


def incoming_socket(listener: Listener, address: str, callers: Sequence[str]) -> dict[str, api.Value]:
    """The socket unit on the other host. `address` is its own, `callers` those that may connect."""
    return {
        "description": f"Port {listener.number} for {', '.join(listener.callers)}",
        "wantedBy": ["sockets.target"],
        "listenStreams": [f"[{address}]:{listener.number}"],
        "socketConfig": {
            "FreeBind": nix.Noted(True, f"It listens before {INTERFACE} has its address."),
            "IPAddressDeny": nix.Noted(["any"], "Connections belong to the socket's control group, not the proxy's."),
            "IPAddressAllow": list(callers),
            "KeepAlive": nix.Noted(True, "A host that vanished does not hold its connections for ever."),
            **_patience(),
        },
    }


def incoming_service(listener: Listener) -> dict[str, api.Value]:
    """The proxy on the other host."""
    return {
        "description": f"Port {listener.number} for {', '.join(listener.callers)}",
        **_proxy(listener.unit, listener.path or f"127.0.0.1:{listener.number}"),
    }


def inbound(listener: Listener, callers: Sequence[str]) -> Mapping[str, api.Value]:
    """The entry of ``maidan.inbound.ports`` for a listener."""
    return {
        "number": listener.number,
        "protocol": "tcp",
        "purpose": f"relayed for {', '.join(listener.purposes)}",
        "interface": INTERFACE,
        "addresses": list(callers),
    }


def _patience() -> dict[str, api.Value]:
    # Once a limit is hit the socket would be closed until somebody opens it again. PollLimit*= slows down instead.
    return {"TriggerLimitIntervalSec": nix.Noted(0, "Many callers at once are slowed down, not shut out for good.")}


def _proxy(name: str, target: str) -> dict[str, api.Value]:
    package, program = _PROXY
    arguments = f"--connections-max={_CONNECTIONS} --exit-idle-time={_IDLE} {target}"
    return {
        "requires": [f"{name}.socket"],
        "after": [f"{name}.socket"],
        "startLimitIntervalSec": 0,
        "serviceConfig": {
            "Type": "notify",
            "ExecStart": nix.Text(nix.Ref(*package), f"{program} {arguments}"),
            "DynamicUser": True,
        },
    }
