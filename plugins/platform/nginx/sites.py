"""The sites of a host: what several plugins, here and on other hosts, asked for, gathered by host name and checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from maidan_nix import api

from . import nginx_syntax, relays

LONGEST_TIMEOUT = 24 * 60 * 60
_CHALLENGE = "/.well-known/acme-challenge"


@dataclass(frozen=True, slots=True)
class Place:
    """One location of a host name, with the site it was asked for and the URL of the backend that answers, if any."""

    location: api.Location
    site: api.Site
    backend: str


def check(site: api.Site, plugin: str, *, elsewhere: bool = False) -> None:
    """Raise ValueError, naming the plugin that asked, if nginx could not serve a site as it was meant.

    `elsewhere` is whether the plugin runs on another host than this web server.
    """
    try:
        nginx_syntax.host_name(site.hostname)
        if site.content_security_policy:
            nginx_syntax.quoted(site.content_security_policy)
        if not site.locations:
            raise ValueError("there is no path to answer for")
        for location in site.locations:
            _check_location(location)
            if elsewhere:
                relays.check_files(location)
    except ValueError as error:
        message = api.say(
            "{plugin} asks for {hostname}: {error}", plugin=plugin, hostname=site.hostname, error=error.args[0]
        )
        raise ValueError(message) from None


def _check_location(location: api.Location) -> None:
    path = location.path
    nginx_syntax.location(path, exact=location.exact)
    answers = (location.port is not None, location.files is not None, location.document != "", location.blocked)
    if sum(answers) != 1:
        raise ValueError(api.say("{path} needs exactly one of port, files, document and blocked", path=path))
    if path == _CHALLENGE or path.startswith(f"{_CHALLENGE}/"):
        raise ValueError(api.say("{path} belongs to the certificates", path=path))
    if location.files is not None and not location.exact and not path.endswith("/"):
        # nginx would join path and folder without a slash between them: /app and ../ lead out of the folder.
        raise ValueError(api.say("{path} serves a folder, so it has to end with a slash", path=path))
    if location.websocket and location.port is None:
        raise ValueError(api.say("{path} has no backend that could speak over a websocket", path=path))
    if location.upload < 0:
        raise ValueError(api.say("{path} takes an upload of {number} bytes", path=path, number=location.upload))
    if not 1 <= location.timeout <= LONGEST_TIMEOUT:
        raise ValueError(
            api.say(
                "{path} has a timeout of {number} seconds, not 1 to {longest}",
                path=path,
                number=location.timeout,
                longest=LONGEST_TIMEOUT,
            )
        )


def by_host(grants: api.Grants, here: str) -> Mapping[str, tuple[Place, ...]]:
    """Gather what the web server of the host `here` was granted, by host name; names and places are sorted."""
    hosts: dict[str, list[Place]] = defaultdict(list)
    for each in grants.serves(api.Site):
        for location in each.need.locations:
            hosts[each.need.hostname].append(Place(location, each.need, _backend(location, each, grants, here)))
    return {
        name: tuple(sorted(hosts[name], key=lambda place: (place.location.path, not place.location.exact)))
        for name in sorted(hosts)
    }


def _backend(location: api.Location, served: api.Served[api.Site], grants: api.Grants, here: str) -> str:
    if location.port is None:
        return ""
    if served.host != here:
        relay = relays.relay(served.host, served.plugin, location.port)
        return nginx_syntax.socket_backend(grants[relay].socket)
    granted = served.grants[location.port]
    return nginx_syntax.backend(granted.address, granted.number)
