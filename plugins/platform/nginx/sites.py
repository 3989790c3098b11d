"""The sites of a host: what several plugins asked for, gathered by host name and checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maidan_nix import api

from . import nginx_syntax

LONGEST_TIMEOUT = 24 * 60 * 60
_CHALLENGE = "/.well-known/acme-challenge"


@dataclass(frozen=True, slots=True)
class Place:
    """One location of a host name, with the site it was asked for and the backend that answers, if any."""

    location: api.Location
    site: api.Site
    backend: str


def check(site: api.Site, plugin: str) -> None:
    """Raise ValueError, naming the plugin that asked, if nginx could not serve a site as it was meant."""
    try:
        nginx_syntax.host_name(site.hostname)
        if site.content_security_policy:
            nginx_syntax.quoted(site.content_security_policy)
        if not site.locations:
            raise ValueError("there is no path to answer for")
        for location in site.locations:
            _check_location(location)
    except ValueError as error:
        raise ValueError(f"{plugin} asks for {site.hostname}: {error}") from None


def _check_location(location: api.Location) -> None:
    path = location.path
    nginx_syntax.location(path, exact=location.exact)
    answers = (location.port is not None, location.files is not None, location.document != "", location.blocked)
    if sum(answers) != 1:
        raise ValueError(f"{path} needs exactly one of port, files, document and blocked")
    if path == _CHALLENGE or path.startswith(f"{_CHALLENGE}/"):
        raise ValueError(f"{path} belongs to the certificates")
    if location.files is not None and not location.exact and not path.endswith("/"):
        # nginx would join path and folder without a slash between them: /app and ../ lead out of the folder.
        raise ValueError(f"{path} serves a folder, so it has to end with a slash")
    if location.websocket and location.port is None:
        raise ValueError(f"{path} has no backend that could speak over a websocket")
    if location.upload < 0:
        raise ValueError(f"{path} takes an upload of {location.upload} bytes")
    if not 1 <= location.timeout <= LONGEST_TIMEOUT:
        raise ValueError(f"{path} has a timeout of {location.timeout} seconds, not 1 to {LONGEST_TIMEOUT}")


def by_host(served: Iterable[api.Served[api.Site]]) -> Mapping[str, tuple[Place, ...]]:
    """Gather what was granted by host name; names and the places of each are sorted."""
    hosts: dict[str, list[Place]] = defaultdict(list)
    for each in served:
        for location in each.need.locations:
            hosts[each.need.hostname].append(Place(location, each.need, _backend(location, each.grants)))
    return {
        name: tuple(sorted(hosts[name], key=lambda place: (place.location.path, not place.location.exact)))
        for name in sorted(hosts)
    }


def _backend(location: api.Location, grants: api.Grants) -> str:
    if location.port is None:
        return ""
    granted = grants[location.port]
    return nginx_syntax.backend(granted.address, granted.number)
