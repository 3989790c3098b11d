"""PostgreSQL: one server per host, reached over its socket by the users that own a database, and by nobody else.

Services of another host get there through a relay, with a password: see ``across_hosts.py``.

Source: nixos/modules/services/databases/postgresql.nix of nixpkgs 4aa6836a.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from . import across_hosts
from .across_hosts import SOCKET

MAJOR = api.Kept(name="major", initial="17", pattern="[0-9]{1,3}")
"""17 is the default of NixOS 26.05; a newer major needs a dump and a restore, so a host stays where it began."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")  # PostgreSQL truncates identifiers beyond 63 bytes
_TAKEN = re.compile(r"(postgres|template[01]|public|none|pg_.*|relay(ed)?-.*)\Z")
"""Names with a meaning of their own: the administrator's, templates, everybody, PostgreSQL's own roles; and those that
processes of relays run under, to whom the kernel must not open any database."""

# Replaces the module's own lines, which would let anyone try passwords over loopback.
_AUTHENTICATION = """\
local all postgres peer map=postgres
local all all      peer
"""

# `initialScript` runs on the first start only, so a service added later would find no database; and the module's
# `ensureDatabases` creates databases in the collation of the cluster. This runs every time and changes nothing twice.
_CREATE = r"""
psql --no-psqlrc --dbname=postgres --set=ON_ERROR_STOP=1 --set=name="$DATABASE" --set=owner="$OWNER" <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LC_COLLATE ''C'' LC_CTYPE ''C''',
              :'name', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SQL
"""


class PostgresqlSettings(api.Settings):
    """``[platform.postgresql]``."""

    shared_memory: api.ByteSize = api.setting(
        "Memory for the server's own cache of pages; a quarter of the host's memory is usual", default="256M"
    )


class Postgresql(api.Platform[PostgresqlSettings]):
    """Provides databases."""

    name = "postgresql"
    title = "PostgreSQL"
    summary = "The database server, on its socket only: no port is open"
    upstream = "https://www.postgresql.org/"
    licence = "PostgreSQL"
    settings = PostgresqlSettings
    provides = (api.Database,)
    across_hosts = (api.Database,)

    def needs(self, context: api.Context[PostgresqlSettings]) -> Iterable[api.Need[Any]]:
        """The major version, chosen when the host is created."""
        return (MAJOR,)

    def grant(self, context: api.Context[PostgresqlSettings], request: api.Request[api.Database]) -> api.DatabaseGrant:
        """Grant a database to the system user of the role's name. Refuses a name that would need quoting."""
        need = request.need
        for name in (need.name, need.role):
            if not _NAME.match(name) or _TAKEN.match(name):
                raise api.Refused(api.say("{name} cannot be the name of a database or a role", name=repr(name)))
        if need.collation == "default" and need.role != need.name:
            raise api.Refused(
                api.say("the role of {name} must have its name: NixOS gives ownership by equal names", name=need.name)
            )
        if request.host != context.host.name:
            return across_hosts.grant(need, request.plugin)
        return api.DatabaseGrant(name=need.name, role=need.role, socket=SOCKET, unit="postgresql.target")

    def needs_to_reach(
        self, context: api.Context[PostgresqlSettings], request: api.Request[api.Database]
    ) -> Iterable[api.Need[Any]]:
        """On the host that asks: the relay, and the password."""
        need = request.need
        yield across_hosts.relay(need, context.host.name)
        yield across_hosts.password(need, request.plugin, need.role)

    def needs_to_serve(
        self, context: api.Context[PostgresqlSettings], requests: tuple[api.Request[Any], ...]
    ) -> Iterable[api.Need[Any]]:
        """The passwords of those who come from another host."""
        for request in requests:
            if request.host != context.host.name:
                yield across_hosts.password(request.need, request.plugin, "postgres")

    def configure(self, context: api.Context[PostgresqlSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The server, its databases and their owners."""
        major = grants[MAJOR]
        needs = [served.need for served in grants.serves(api.Database)]
        plain = [need for need in needs if need.collation == "default"]
        c_collated = [need for need in needs if need.collation == "C"]
        elsewhere = [served for served in grants.serves(api.Database) if served.host != context.host.name]
        asked_for_passwords = across_hosts.authentication(served.need for served in elsewhere)
        return {
            "services": {
                "postgresql": {
                    "enable": True,
                    "package": nix.Noted(
                        nix.pkgs(f"postgresql_{major}"), "Kept in maidan.lock since this host was created."
                    ),
                    "ensureDatabases": [need.name for need in plain],
                    "ensureUsers": [
                        {"name": need.role, **({"ensureDBOwnership": True} if need in plain else {})} for need in needs
                    ],
                    "authentication": nix.Noted(
                        nix.Override(asked_for_passwords + _AUTHENTICATION),
                        "The module would add password log-ins over loopback.",
                    ),
                    "settings": {
                        "listen_addresses": nix.Noted(
                            nix.Override(""), "The socket alone; the module would listen on loopback too."
                        ),
                        "shared_buffers": f"{context.settings.shared_memory.bytes // 2**20}MB",
                        "password_encryption": "scram-sha-256",
                        "log_connections": False,
                        "log_min_error_statement": nix.Noted(
                            "panic", "An error's statement may hold what a member wrote; the error itself is logged."
                        ),
                    },
                }
            },
            "systemd": {
                "services": {
                    "postgresql-setup": {
                        "serviceConfig": {
                            "ReadWritePaths": nix.Noted(
                                [f"/var/lib/postgresql/{major}"],
                                "It removes the mark of the first start; if it fails, so does every application.",
                            )
                        }
                    },
                    **{_creator(need): _create(need) for need in c_collated},
                    **{across_hosts.unit(served.need): _set_password(served, grants) for served in elsewhere},
                }
            },
        }

    def units(self, context: api.Context[PostgresqlSettings], grants: api.Grants) -> Iterable[api.Unit]:
        """The server, its set-up, and one unit per database with a collation of its own."""
        memory = context.settings.shared_memory.bytes // 2**20
        yield api.Unit(
            name="postgresql",
            profile="socket",
            exemptions=(
                api.Exemption("PrivateUsers", False, "peer authentication must see the real user of each client"),
            ),
            limits=api.Limits(memory_high=f"{memory * 4}M", memory_max=f"{memory * 6}M", tasks=512),
        )
        setup = api.Limits(memory_high="128M", memory_max="256M", tasks=32)
        yield api.Unit(name="postgresql-setup", profile="socket", limits=setup, oneshot=True)
        for served in grants.serves(api.Database):
            if served.need.collation == "C":
                yield api.Unit(name=_creator(served.need), profile="socket", limits=setup, oneshot=True)
            if served.host != context.host.name:
                yield api.Unit(name=across_hosts.unit(served.need), profile="socket", limits=setup, oneshot=True)


def _creator(need: api.Database) -> str:
    return f"postgresql-create-{need.name}"


def _create(need: api.Database) -> api.Value:
    """A unit that creates a database in the C collation, before `postgresql.target` is reached."""
    return {
        "description": f"Create the database {need.name} in the C collation",
        "requires": ["postgresql-setup.service"],
        "after": ["postgresql-setup.service"],
        "requiredBy": ["postgresql.target"],
        "before": ["postgresql.target"],
        "path": [nix.Ref("config", "services", "postgresql", "finalPackage")],
        "environment": {"DATABASE": need.name, "OWNER": need.role},
        "script": _CREATE.lstrip(),
        "serviceConfig": {"Type": "oneshot", "RemainAfterExit": True, "User": "postgres", "Group": "postgres"},
    }


def _set_password(served: api.Served[api.Database], grants: api.Grants) -> api.Value:
    """The password unit of a role, once the role and its database are there."""
    need = served.need
    after = _creator(need) if need.collation == "C" else "postgresql-setup"
    file = grants[across_hosts.password(need, served.plugin, "postgres")].path
    return across_hosts.set_password(need, f"{after}.service", file)


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Postgresql()
