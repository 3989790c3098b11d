"""The files that NixOS writes for PostgreSQL, from the options that the plugin sets.

Follows nixos/modules/services/databases/postgresql.nix (see ../upstream.toml for the revision). Programs are found on
PATH, as in the units themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MODULE_SETTINGS: Mapping[str, Any] = {
    "hba_file": "/etc/postgresql/pg_hba.conf",
    "ident_file": "/etc/postgresql/pg_ident.conf",
    "jit": "off",
    "listen_addresses": "localhost",
    "log_destination": "stderr",
    "log_line_prefix": "[%p] ",
    "port": 5432,
}

_START = """\
#!/bin/sh
set -eu
if ! test -e "$PGDATA/PG_VERSION"; then
    rm -f "$PGDATA"/*.conf
    initdb --username=postgres
    touch "$PGDATA/.first_startup"
fi
ln -sfn /etc/postgresql/postgresql.conf "$PGDATA/postgresql.conf"
"""

_DATABASE = """\
psql -tAc "SELECT 1 FROM pg_database WHERE datname = 'NAME'" | grep -q 1 || psql -tAc 'CREATE DATABASE "NAME"'
"""
_USER = """\
psql -tAc "SELECT 1 FROM pg_roles WHERE rolname = 'NAME'" | grep -q 1 || psql -tAc 'CREATE USER "NAME"'
"""
_OWNERSHIP = """\
psql -tAc 'ALTER DATABASE "NAME" OWNER TO "NAME"'
"""


def files(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the configuration and the scripts of the units, from a plugin's options as plain data."""
    server = options["services"]["postgresql"]
    settings = {**MODULE_SETTINGS, **server["settings"]}
    scripts = {
        "postgresql-pre-start": _START,
        "postgresql-setup-start": "\n".join(_setup(server)),
        **{
            f"{unit}-start": f"#!/bin/sh\nset -e\n{service['script']}"
            for unit, service in options.get("systemd", {}).get("services", {}).items()
            if "script" in service
        },
    }
    return {
        "/etc/postgresql/postgresql.conf": "".join(f"{name} = {_written(value)}\n" for name, value in settings.items()),
        "/etc/postgresql/pg_hba.conf": server["authentication"],
        "/etc/postgresql/pg_ident.conf": "postgres postgres postgres\n",
        **{f"/usr/bin/{name}*": text for name, text in scripts.items()},
    }


def _setup(server: Mapping[str, Any]) -> Iterator[str]:
    """The set-up unit: databases, then their owners, and the mark of the first start goes."""
    data = f"/var/lib/postgresql/{server['package'].steps[-1].removeprefix('postgresql_')}"
    yield "#!/bin/sh\nset -e"
    yield f'if test -e "{data}/.first_startup"; then rm -f "{data}/.first_startup"; fi'
    for name in server["ensureDatabases"]:
        yield _DATABASE.replace("NAME", name)
    for user in server["ensureUsers"]:
        yield _USER.replace("NAME", user["name"])
        if user.get("ensureDBOwnership"):
            yield _OWNERSHIP.replace("NAME", user["name"])


def _written(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return str(value)
