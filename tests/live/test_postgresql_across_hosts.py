"""PostgreSQL 17 for services of another host: they get in with their password, through the relay, and nowhere else.

Both hosts are one machine here. What comes from the other host arrives by a process of a relay, which is systemd's own
proxy behind a socket, as an account that owns nothing; what the private network adds is not part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from live.nspawn import Machine, boot
from live.probe import make_users
from live.test_postgresql import BIN, ORDER, TARGET, sql, text
from maidan_nix import api
from maidan_nix.flake.host import sandboxed
from maidan_nix.plan.configured import Configured
from maidan_nix_plugins.platform.postgresql import MAJOR, Postgresql
from maidan_nix_plugins.platform.postgresql.across_hosts import password
from maidan_nix_plugins.platform.postgresql.tests.compose import files
from plugin_harness import context, plain
from units.composition import Effective, effective

WIKI = api.Database(name="wiki", role="wiki")
CHAT = api.Database(name="chat", role="chat", collation="C")
HOME = api.Database(name="home", role="home")
FIRST: Final = "first0passwordfirst0passwordfirst0password"
SECOND: Final = "second0passwordsecond0passwordsecond0password"
UNITS: Final = "/etc/systemd/system"
NOTES: Final = "/run/notes"

# On this host the relay ends at the server's socket; on the other it is a socket of its own. In between is loopback.
RELAY: Final = {
    f"{UNITS}/arrives.socket": "[Socket]\nListenStream=127.0.0.1:6432\n",
    f"{UNITS}/arrives.service": """
[Service]
ExecStart=/usr/lib/systemd/systemd-socket-proxyd /run/postgresql/.s.PGSQL.5432
DynamicUser=yes
""",
    f"{UNITS}/relay-database-wiki.socket": "[Socket]\nListenStream=/run/relay-database-wiki/.s.PGSQL.5432\n",
    f"{UNITS}/relay-database-wiki.service": """
[Service]
ExecStart=/usr/lib/systemd/systemd-socket-proxyd 127.0.0.1:6432
DynamicUser=yes
""",
}


def secret(need: api.Database) -> str:
    return f"/run/agenix/{password(need, 'services/example', 'postgres').name}"


def configured() -> Configured:
    """What the plugin makes of a database of this host and two of another's."""
    one = context("platform/postgresql")
    granted: dict[api.Need[Any], Any] = {MAJOR: "17"}
    for need in (WIKI, CHAT):
        path: Any = secret(need)  # where agenix would put it
        granted[password(need, "services/example", "postgres")] = api.SecretGrant(path=path, name=need.name)
    served = tuple(
        api.Served(need, "services/example", host, api.Grants({}))
        for need, host in ((HOME, "main"), (WIKI, "apps"), (CHAT, "apps"))
    )
    grants = api.Grants(granted, served)
    units = tuple(Postgresql().units(one, grants))
    return Configured(sandboxed(Postgresql().configure(one, grants), units), units, ())


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    one = configured()
    units: dict[str, Effective] = effective({"platform/postgresql": one})
    laid = {
        **files(plain(one.options)),
        **RELAY,
        f"{UNITS}/postgresql.target": TARGET,
        f"{UNITS}/postgresql-setup.service.d/order.conf": ORDER,
    }
    with boot(laid) as booted:
        make_users(booted, "home", "mallory", "app")
        give(booted, WIKI, f"*:*:*:*:{FIRST}\n")
        give(booted, CHAT, f"*:*:*:*:{FIRST}")
        booted.write({f"{UNITS}/{name}.service": text(unit) for name, unit in units.items()})
        booted.run("systemctl", "enable", *(name for name in units if "[Install]" in text(units[name])))
        booted.start("postgresql.service", "postgresql-setup.service", "postgresql.target")
        booted.start("arrives.socket", "relay-database-wiki.socket")
        yield booted


def give(machine: Machine, need: api.Database, content: str) -> None:
    """Put a secret in place, as agenix does: readable by the server's user alone."""
    machine.write({secret(need): content})
    machine.run("chmod", "0400", secret(need))
    machine.run("chown", "postgres", secret(need))


def ask(
    machine: Machine,
    *,
    role: str,
    given: str = "",
    database: str = "",
    user: str = "app",
    directory: str = "/run/relay-database-wiki",
) -> str:
    """Ask as a service of the other host does: libpq reads the password from a file that belongs to it."""
    more = ""
    if given:
        machine.write({"/run/passfile": f"*:*:*:*:{given}\n"})
        machine.run("chmod", "0600", "/run/passfile")
        machine.run("chown", user, "/run/passfile")
        more = "&passfile=/run/passfile"
    url = f"postgresql:///{database or role}?host={directory}&user={role}{more}"
    command = (f"{BIN}/psql", "-XAtw", url, "--command=SELECT current_user, 'inside'")
    return machine.run(*command, user=user, check=False).stdout.strip()


@pytest.mark.parametrize("need", [WIKI, CHAT], ids=lambda need: need.name)
def test_the_unit_sets_the_password(machine: Machine, need: api.Database) -> None:
    unit = f"postgresql-password-{need.name}.service"
    assert machine.show(unit, "ActiveState") == "active", machine.journal(unit)
    assert ask(machine, role=need.role, given=FIRST) == f"{need.role}|inside"


def test_a_wrong_password_or_none_is_refused(machine: Machine) -> None:
    assert 'password authentication failed for user "wiki"' in ask(machine, role="wiki", given=SECOND)
    assert "no password supplied" in ask(machine, role="wiki")


def test_who_has_a_password_gets_into_one_database_alone(machine: Machine) -> None:
    for database in ("chat", "home", "postgres", "template1"):
        answer = ask(machine, role="wiki", given=FIRST, database=database)
        assert "inside" not in answer
        assert "FATAL" in answer, database


@pytest.mark.parametrize("role", ["postgres", "home", "root", "mallory", "arrives"])
def test_the_relay_itself_is_nobody(machine: Machine, role: str) -> None:
    for database in ("postgres", "home", "wiki"):
        answer = ask(machine, role=role, given=FIRST, database=database)
        assert "inside" not in answer
        assert "FATAL" in answer, database


def test_the_password_is_asked_for_on_this_host_too(machine: Machine) -> None:
    here = "/run/postgresql"
    assert "no password supplied" in ask(machine, role="wiki", directory=here, user="mallory")
    assert "no password supplied" in ask(machine, role="wiki", directory=here, user="home")


def test_the_kernel_still_vouches_for_the_users_of_this_host(machine: Machine) -> None:
    here = "/run/postgresql"
    assert ask(machine, role="home", user="home", directory=here) == "home|inside"
    assert ask(machine, role="postgres", user="postgres", directory=here) == "postgres|inside"
    assert "Peer authentication failed" in ask(machine, role="home", user="mallory", directory=here)


def test_a_second_start_changes_nothing(machine: Machine) -> None:
    before = verifier(machine)
    machine.run("systemctl", "restart", "postgresql-password-wiki.service", "postgresql.target")
    assert verifier(machine) == before


@pytest.mark.parametrize("content", ["", FIRST, "*:*:*:*:short", f"*:*:*:*:{FIRST}'; DROP ROLE home", f"*:*:*:{FIRST}"])
def test_another_content_is_refused_in_words_that_do_not_tell_it(machine: Machine, content: str) -> None:
    before = verifier(machine)
    give(machine, CHAT, content)
    try:
        failed = machine.run("systemctl", "restart", "postgresql-password-chat.service", check=False)
        journal = machine.journal("postgresql-password-chat.service")
    finally:
        give(machine, CHAT, f"*:*:*:*:{FIRST}")
        machine.run("systemctl", "reset-failed", "postgresql-password-chat.service")
        machine.run("systemctl", "restart", "postgresql-password-chat.service")
    assert failed.returncode != 0
    assert f"{secret(CHAT)} does not hold" in journal
    assert FIRST not in journal
    assert verifier(machine) == before


def test_one_that_cannot_be_set_leaves_the_other_databases_alone(machine: Machine) -> None:
    give(machine, CHAT, "broken")
    try:
        machine.run("systemctl", "stop", "postgresql.target", "postgresql-password-chat.service")
        machine.run("systemctl", "start", "postgresql.target")
        assert machine.show("postgresql-password-chat.service", "Result") == "exit-code"
        assert machine.show("postgresql.target", "ActiveState") == "active"
    finally:
        give(machine, CHAT, f"*:*:*:*:{FIRST}")
        machine.run("systemctl", "reset-failed", "postgresql-password-chat.service")
        machine.run("systemctl", "restart", "postgresql-password-chat.service")


def test_the_password_is_seen_nowhere(machine: Machine) -> None:
    """Even where somebody has every statement logged, a new password shows as what SCRAM makes of it."""
    for setting in ("log_statement = 'all'", "log_min_error_statement = 'debug5'"):
        sql(machine, f"ALTER SYSTEM SET {setting}", user="postgres")
    sql(machine, "SELECT pg_reload_conf()", user="postgres")
    note_programs(machine)
    give(machine, WIKI, f"*:*:*:*:{SECOND}\n")
    machine.run("systemctl", "restart", "postgresql-password-wiki.service")
    assert ask(machine, role="wiki", given=SECOND) == "wiki|inside"
    assert "authentication failed" in ask(machine, role="wiki", given=FIRST)

    machine.run("journalctl", "--sync")
    journal = machine.run("journalctl", "--no-pager", "--output=export", "--all").stdout
    assert 'ALTER USER "wiki" PASSWORD \'SCRAM-SHA-256$' in journal or "ALTER USER wiki PASSWORD 'SCRAM" in journal
    noted = machine.run("cat", NOTES).stdout
    assert "--username=wiki" in noted
    assert "PGPASSFILE=" in noted
    for written in (FIRST, SECOND):
        assert written not in journal
        assert written not in noted
        # Nor in the server's files, whatever it has written there.
        assert machine.run("grep", "-rqF", written, "/var/lib/postgresql", check=False).returncode == 1
    assert "wiki|SCRAM-SHA-256$" in verifier(machine)


def verifier(machine: Machine) -> str:
    """What the server keeps of the passwords."""
    return sql(
        machine, "SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword <> '' ORDER BY 1", user="postgres"
    )


def note_programs(machine: Machine) -> None:
    """From now on, note the arguments and the environment of every client that the unit starts."""
    noting = f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >>{NOTES}\nexec {BIN}/psql "$@"\n'
    path = f"PATH=/usr/local/noting:{BIN}:/usr/bin"
    drop_in = f"{UNITS}/postgresql-password-wiki.service.d/note.conf"
    machine.write({
        "/usr/local/noting/psql*": noting,
        drop_in: f"[Service]\nEnvironment={path}\nReadWritePaths={NOTES}\n",
    })  # fmt: skip
    machine.run("install", "-o", "postgres", "/dev/null", NOTES)
    machine.run("systemctl", "daemon-reload")
