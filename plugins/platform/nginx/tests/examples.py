"""Sites of every sort, and what the plugin makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.manifest.schema import Community, Privacy
from maidan_nix_plugins.platform.nginx import Nginx
from maidan_nix_plugins.platform.nginx.relays import relay
from maidan_nix_plugins.platform.nginx.settings import Acme, Settings

PORT = api.Port(name="web")
PACKAGE = api.nix.pkgs("client")
HOSTILE = json.dumps({"$host": '"; return 200 $host; } ${uri} \\', "': }": "line\nline\0 \u00e4"})

WIKI = api.Site(
    hostname="wiki.example.org",
    locations=(
        api.Location(path="/", port=PORT),
        api.Location(path="/login", port=PORT, login=True),
        api.Location(path="/socket", port=PORT, websocket=True, timeout=300),
        api.Location(path="/upload", port=PORT, upload=64 * 1024 * 1024),
        api.Location(path="/small", port=PORT, upload=0),
        api.Location(path="/admin", blocked=True),
    ),
)
CLIENT = api.Site(
    hostname="chat.example.org",
    locations=(
        api.Location(path="/", files=PACKAGE),
        api.Location(path="/more/", files=PACKAGE),
        api.Location(path="/robots.txt", exact=True, files=PACKAGE),
    ),
    frames="self",
    content_security_policy="default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
)
DOMAIN = api.Site(
    hostname="example.org",
    locations=(
        api.Location(path="/.well-known/service", exact=True, document=HOSTILE, cross_origin=True),
        api.Location(path="/.well-known/wide", document='{"below": true}'),
    ),
)
API = api.Site(
    hostname="example.org",
    locations=(
        api.Location(path="/api/", port=PORT, cross_origin=True),
        api.Location(path="/framed/", port=PORT),
    ),
    frames="self",
    content_security_policy="default-src 'none'",
)
SITES = (WIKI, CLIENT, DOMAIN, API)


AWAY = api.Site(
    hostname="away.example.org",
    locations=(
        api.Location(path="/", port=PORT, upload=64 * 1024 * 1024),
        api.Location(path="/login", port=PORT, login=True),
        api.Location(path="/socket", port=PORT, websocket=True),
        api.Location(path="/admin", blocked=True),
        api.Location(path="/files/", files=PACKAGE),
    ),
)
"""A site of a plugin that runs on the host ``apps``."""
RELAY = relay("apps", "services/example", PORT)


def context(settings: Settings | None = None) -> api.Context[Settings]:
    """A context with nothing but what the plugin reads."""
    community = Community.model_construct(name="Commons", domain="example.org", contact="stewards@example.org")
    return api.Context(
        settings=settings or Settings(),
        community=community,
        stewards={},
        privacy=Privacy.model_construct(),
        host=api.Host.model_construct(name="main"),
        section="platform.nginx",
    )


def everything_on() -> Settings:
    """HTTP/3, and certificates that browsers trust; everything else strict."""
    return Settings(http3=True, acme=Acme(staging=False))


def grants(
    sites: Iterable[api.Site] = SITES,
    *,
    port: int = 20000,
    secrets: Mapping[api.Need[Any], Any] | None = None,
    away: Iterable[api.Site] = (),
) -> api.Grants:
    """What the planner would hand to the plugin: sites whose one backend listens on `port`.

    `away` are sites of a plugin on another host.
    """
    behind = api.Grants({PORT: api.PortGrant(number=port, address="127.0.0.1")})
    served = [api.Served(site, "services/example", "main", behind) for site in sites]
    # The number is that of the other host, where this one must not look for the backend.
    there = api.Grants({PORT: api.PortGrant(number=1, address="127.0.0.1")})
    served += [api.Served(site, "services/example", "apps", there) for site in away]
    name = f"relay-{RELAY.name}"
    relayed: dict[api.Need[Any], Any] = {
        RELAY: api.RelayGrant(socket=f"/run/{name}/{RELAY.file}", unit=f"{name}.socket", number=1)
    }
    return api.Grants({**(secrets or {}), **relayed}, tuple(served))


def configuration(
    settings: Settings | None = None,
    sites: Iterable[api.Site] = SITES,
    port: int = 20000,
    away: Iterable[api.Site] = (),
) -> Mapping[str, api.Value]:
    """What the plugin sets for these sites."""
    return Nginx().configure(context(settings), grants(sites, port=port, away=away))
