"""Backends on other hosts: the relays that lead to them, and what cannot be taken along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

GROUP = "nginx"
"""Who may use the socket of a relay: the web server alone."""


def relay(host: str, plugin: str, port: api.Port) -> api.Relay:
    """The way to a port that a plugin of another host listens on."""
    # No name of a host or a plugin has a "_" or is empty, so that no two backends share a name.
    floor, _, name = plugin.partition("/")
    owner = name if floor == "services" else f"_{floor}_{name}"
    return api.Relay(
        name=f"site_{host}_{owner}_{port.name}",
        to=api.RemotePort(host=host, plugin=plugin, port=port),
        group=GROUP,
    )


def needed(requests: Iterable[api.Request[Any]], here: str) -> tuple[api.Relay, ...]:
    """The relays of the web server on the host `here`: one for each backend on another host."""
    found = {
        relay(request.host, request.plugin, location.port): None
        for request in requests
        if request.host != here
        for location in request.need.locations
        if location.port is not None
    }
    return tuple(found)


def units(grants: api.Grants, here: str) -> tuple[str, ...]:
    """The socket units of these relays, each once, sorted."""
    found = {
        grants[relay(served.host, served.plugin, location.port)].unit
        for served in grants.serves(api.Site)
        if served.host != here
        for location in served.need.locations
        if location.port is not None
    }
    return tuple(sorted(found))


def check_files(location: api.Location) -> None:
    """Raise ValueError for files that depend on the configuration of the plugin's own host: they are served here."""
    if location.files is not None and any(step == "config" for step in _first_steps(location.files)):
        raise ValueError(
            api.say("{path} serves files that depend on the configuration of its own host", path=location.path)
        )


def _first_steps(value: api.Value) -> Iterator[str]:
    """What each reference in a value begins with. Text that nobody can look into counts as a reference to anything."""
    match value:
        case nix.Ref(steps=steps):
            yield steps[0]
        case nix.Raw():
            yield "config"
        case nix.Text(parts=parts):
            for part in parts:
                yield from () if isinstance(part, str) else _first_steps(part)
        case nix.Call(function=function, arguments=arguments):
            yield from _first_steps(function)
            for argument in arguments:
                yield from _first_steps(argument)
        case nix.Override(value=inner) | nix.Noted(value=inner) | nix.Function(body=inner):
            yield from _first_steps(inner)
        case str():
            return
        case Mapping():
            for inner in value.values():
                yield from _first_steps(inner)
        case Sequence():
            for inner in value:
                yield from _first_steps(inner)
