"""Vaultwarden: the community's password vault, for the Bitwarden apps. The server stores ciphertext only.

Sources: nixos/modules/services/security/vaultwarden/default.nix of nixpkgs 4aa6836a; keys of the environment from
dani-garcia/vaultwarden 46d71107 (1.37.2), src/config.rs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from .settings import VaultwardenSettings

DATABASE = api.Database(name="vaultwarden", role="vaultwarden")
HTTP = api.Port(name="http", purpose="the vault, for the web server in front of it")
_MIB = 2**20


class Vaultwarden(api.Service[VaultwardenSettings]):
    """The password vault."""

    name = "vaultwarden"
    title = "Vaultwarden"
    summary = "The password vault: encrypted on each member's device before it reaches the server"
    upstream = "https://github.com/dani-garcia/vaultwarden"
    licence = "AGPL-3.0-only"
    settings = VaultwardenSettings
    finding_kinds = (
        api.FindingKind(
            id="signups-open",
            severity="advice",
            means="Anybody who finds the address of the vault may open an account.",
            matters="This is meant for the first account alone. Left open, it lets strangers fill the server.",
            way_out="Open the first account, remove services.vaultwarden.signups and its reason, and generate again.",
        ),
    )

    def needs(self, context: api.Context[VaultwardenSettings]) -> Iterable[api.Need[Any]]:
        """A database, a port on loopback, a site, and a domain that stays."""
        return (DATABASE, HTTP, _site(context), _domain(context))

    def configure(self, context: api.Context[VaultwardenSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The upstream module, with every key that matters set: its own defaults vanish once any key is set."""
        database, http, site = grants[DATABASE], grants[HTTP], grants[_site(context)]
        settings = context.settings
        keys: dict[str, api.Value] = {
            "DOMAIN": nix.Noted(site.origin, context.cite("domain")),
            "ROCKET_ADDRESS": http.address,
            "ROCKET_PORT": http.number,
            "IP_HEADER": site.client_header,
            "DATABASE_URL": _database_url(database, grants),
            "SIGNUPS_ALLOWED": nix.Noted(settings.signups, context.cite("signups")),
            "INVITATIONS_ALLOWED": settings.invitations,
            "ORG_CREATION_USERS": "all" if settings.organisations == "everybody" else "none",
            "SENDS_ALLOWED": settings.sends,
            "EMERGENCY_ACCESS_ALLOWED": settings.emergency_access,
            "PASSWORD_HINTS_ALLOWED": nix.Noted(
                False, "A hint is stored in clear, and tells a thief more than its owner."
            ),
            "SHOW_PASSWORD_HINT": False,
            "TRASH_AUTO_DELETE_DAYS": nix.Noted(_days(settings.trash), context.cite("trash")),
            "ORG_EVENTS_ENABLED": settings.events.seconds > 0,
            **({"EVENTS_DAYS_RETAIN": _days(settings.events)} if settings.events.seconds else {}),
            "DISABLE_ICON_DOWNLOAD": nix.Noted(
                True, "The server would ask every site for its icon, and so tell others where members have accounts."
            ),
            "ICON_CACHE_TTL": 0,
            "PUSH_ENABLED": nix.Noted(False, "Push messages pass through Bitwarden's relay and the phone's maker."),
            "HTTP_REQUEST_BLOCK_NON_GLOBAL_IPS": True,
            "LOGIN_RATELIMIT_SECONDS": nix.Noted(60, "Behind the web server's limit: one try a minute, ten at once."),
            "LOGIN_RATELIMIT_MAX_BURST": 10,
            "LOG_LEVEL": "warn",
            "EXTENDED_LOGGING": True,
        }
        return {
            "services": {"vaultwarden": {"enable": True, "dbBackend": "postgresql", "config": keys}},
            "systemd": {"services": {"vaultwarden": _service(database)}},
        }

    def units(self, context: api.Context[VaultwardenSettings], grants: api.Grants) -> Iterable[api.Unit]:
        """One program, written in Rust, with nothing it needs from the outside."""
        yield api.Unit(
            name="vaultwarden",
            profile="loopback",
            limits=api.Limits(memory_high="384M", memory_max="512M", tasks=128, open_files=65536),
        )

    def findings(self, context: api.Context[VaultwardenSettings]) -> Iterable[api.Finding]:
        """The door that is open for the first account, and forgotten."""
        if context.settings.signups:
            yield api.Finding(
                id="signups-open",
                severity="advice",
                subject=context.cite("signups"),
                message="anybody who finds the vault may open an account",
                way_out=api.say(
                    "once the first account exists, remove {key} and its reason", key=context.cite("signups")
                ),
            )

    def smoke_test(self, context: api.Context[VaultwardenSettings], grants: api.Grants) -> Iterable[api.SmokeRequest]:
        """The server is alive, its page is there, its administration page is not."""
        host = context.settings.domain
        yield api.SmokeRequest(hostname=host, path="/alive", status=200)
        yield api.SmokeRequest(hostname=host, path="/", status=200, contains="Vaultwarden")
        yield api.SmokeRequest(hostname=host, path="/admin", status=404)


def _site(context: api.Context[VaultwardenSettings]) -> api.Site:
    upload = context.settings.attachment.bytes + _MIB  # room for the form around the file
    return api.Site(
        hostname=context.settings.domain,
        locations=(
            api.Location(path="/", port=HTTP, websocket=True, upload=upload),
            api.Location(path="/identity/", port=HTTP, login=True),
            api.Location(path="/admin", blocked=True),
        ),
        frames="self",  # the server names the browser extensions that may show it, for security keys
    )


def _database_url(database: api.DatabaseGrant, grants: api.Grants) -> api.Value:
    """Where libpq finds the database. A password stays in its file: the URL stands in the store, for all to read."""
    url = f"postgresql:///{database.name}?host={database.socket}"
    return url if database.password is None else nix.Text(f"{url}&passfile=", grants[database.password].path)


def _service(database: api.DatabaseGrant) -> api.Value:
    """What the server waits for."""
    service: dict[str, api.Value] = {"requires": [database.unit], "after": [database.unit]}
    if database.password is not None:
        service |= {
            "startLimitIntervalSec": nix.Noted(0, "The database is on another host, which may be gone for a while."),
            "serviceConfig": {"RestartSec": 10},
        }
    return service


def _domain(context: api.Context[VaultwardenSettings]) -> api.Permanent:
    return api.Permanent(
        name="domain",
        value=context.settings.domain,
        consequence="members' passkeys and apps are bound to the old address",
        setting="domain",
    )


def _days(duration: api.Duration) -> int:
    """Whole days, at least one: what the application counts in."""
    return max(1, -(-duration.seconds // 86400))


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Vaultwarden()
