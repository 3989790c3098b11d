"""Miniflux, a reader of news feeds: a plugin that somebody else might publish.

Source: nixos/modules/services/web-apps/miniflux.nix of nixpkgs 4aa6836a.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

DATABASE = api.Database(name="miniflux", role="miniflux")
HTTP = api.Port(name="http", purpose="the reader, for the web server in front of it")
ADMIN = api.Secret(
    name="miniflux-admin",
    content="two lines, ADMIN_USERNAME=... and ADMIN_PASSWORD=...",
)
FEEDS = api.Outgoing(unit="miniflux", reason="asking the sites that members follow for news")


class MinifluxSettings(api.Settings):
    """``[services.miniflux]``."""

    domain: api.Domain = api.setting("The address of the reader", examples=("news.example.org",))
    refresh: api.Duration = api.setting("How often feeds are asked for news", default="1h")


class Miniflux(api.Service[MinifluxSettings]):
    """The feed reader."""

    name = "miniflux"
    title = "Miniflux"
    summary = "A reader of news feeds"
    upstream = "https://miniflux.app/"
    licence = "Apache-2.0"
    settings = MinifluxSettings

    def needs(self, context: api.Context[MinifluxSettings]) -> Iterable[api.Need[Any]]:
        """A database, a port, a site, the first account, and the way out to the feeds."""
        return (DATABASE, HTTP, _site(context), ADMIN, FEEDS)

    def configure(self, context: api.Context[MinifluxSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The upstream module."""
        database, http = grants[DATABASE], grants[HTTP]
        return {
            "services": {
                "miniflux": {
                    "enable": True,
                    "createDatabaseLocally": False,
                    "adminCredentialsFile": grants[ADMIN].path,
                    "config": {
                        "BASE_URL": grants[_site(context)].origin,
                        "DATABASE_URL": f"user={database.role} host={database.socket} dbname={database.name}",
                        "LISTEN_ADDR": f"{http.address}:{http.number}",
                        "POLLING_FREQUENCY": nix.Noted(
                            context.settings.refresh.seconds // 60, f"Minutes; {context.cite('refresh')}"
                        ),
                    },
                }
            },
            "systemd": {
                "services": {
                    "miniflux": {
                        "requires": [database.unit],
                        "after": [database.unit],
                        **(
                            {}
                            if database.password is None
                            else {"environment": {"PGPASSFILE": grants[database.password].path}}
                        ),
                    }
                }
            },
        }

    def units(self, context: api.Context[MinifluxSettings], grants: api.Grants) -> Iterable[api.Unit]:
        """One program, which calls out."""
        yield api.Unit(
            name="miniflux",
            profile="internet",
            limits=api.Limits(memory_high="256M", memory_max="384M", tasks=64),
        )

    def smoke_test(self, context: api.Context[MinifluxSettings], grants: api.Grants) -> Iterable[api.SmokeRequest]:
        """It is alive."""
        yield api.SmokeRequest(hostname=context.settings.domain, path="/healthcheck", status=200, contains="OK")


def _site(context: api.Context[MinifluxSettings]) -> api.Site:
    return api.Site(
        hostname=context.settings.domain,
        locations=(
            api.Location(path="/", port=HTTP),
            api.Location(path="/login", exact=True, port=HTTP, login=True),
        ),
    )


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Miniflux()
