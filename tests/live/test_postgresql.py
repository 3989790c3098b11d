"""PostgreSQL 17 as a host would run it: set up by its own units, reached over its socket by those who may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from live.nspawn import Machine, boot
from live.probe import make_users, own_folders
from maidan_nix import api
from maidan_nix_plugins.platform.postgresql.tests.compose import files
from plugin_harness import plain
from units.composition import Effective, effective, example

BIN: Final = "/usr/lib/postgresql/17/bin"
PATH: Final = f"PATH={BIN}:/usr/bin"
TARGET: Final = """
[Unit]
Requires=postgresql.service postgresql-setup.service
"""
# What orders upstream's two units; the plugin's own unit brings its order along.
ORDER: Final = """
[Unit]
After=postgresql.service
Requires=postgresql.service
"""


@pytest.fixture(scope="module")
def units() -> Mapping[str, Effective]:
    (host,) = example("commons").values()
    return effective(host)


@pytest.fixture(scope="module")
def machine(units: Mapping[str, Effective]) -> Iterator[Machine]:
    (host,) = example("commons").values()
    system = "/etc/systemd/system"
    laid = {
        **files(plain(host["platform/postgresql"].options)),
        f"{system}/postgresql.target": TARGET,
        f"{system}/postgresql-setup.service.d/order.conf": ORDER,
    }
    with boot(laid) as booted:
        make_users(booted, "vaultwarden", "matrix-synapse", "redis-matrix-synapse", "mallory")
        mine = [name for name, one in units.items() if one.plugin == "platform/postgresql"]
        booted.write({f"{system}/{name}.service": text(units[name]) for name in mine})
        booted.run("systemctl", "enable", *(name for name in mine if "[Install]" in text(units[name])))
        booted.start("postgresql.service", "postgresql-setup.service", "postgresql.target")
        keep = "CREATE TABLE secret (text text); INSERT INTO secret VALUES ('kept')"
        sql(booted, keep, user="vaultwarden", database="vaultwarden")
        yield booted


def text(unit: Effective) -> str:
    """The unit with Debian's programs; a cluster of another collation than C is what NixOS makes too."""
    return unit.text({"postgres": f"{BIN}/postgres"}, Environment=[PATH, "LANG=C.UTF-8"])


def as_unit(machine: Machine, unit: Effective, command: str) -> str:
    """Run a command in place of a unit's own, confined as the unit is; return what it wrote to the journal."""
    name = f"client-{unit.name}.service"
    more: dict[str, str | list[str]] = {"ExecStart": command, "Type": "oneshot", "Environment": [PATH]}
    nothing: dict[str, list[str]] = {"EnvironmentFile": [], "ExecStartPre": [], "Restart": []}
    machine.run("install", "-d", "-o", str(unit.service["User"]), *own_folders(unit))
    machine.write({f"/etc/systemd/system/{name}": unit.service_text({}, **more, **nothing)})
    machine.start(name)
    return machine.journal(name)


def sql(machine: Machine, statement: str, *, user: str, database: str = "postgres", check: bool = True) -> str:
    client = (f"{BIN}/psql", "-XAt", "--host=/run/postgresql", f"--dbname={database}", f"--command={statement}")
    return machine.run(*client, user=user, check=check).stdout.strip()


def test_everything_comes_up_by_itself(machine: Machine, units: Mapping[str, Effective]) -> None:
    for name in ("postgresql", "postgresql-setup", "postgresql-create-matrix-synapse"):
        assert machine.show(f"{name}.service", "ActiveState") == "active", machine.journal(f"{name}.service")
    assert sql(machine, "SHOW server_version", user="postgres").startswith("17.")
    assert not (machine.root / "var/lib/postgresql/17/.first_startup").exists()
    assert "FATAL" not in machine.journal("postgresql.service")


def test_each_application_owns_its_database(machine: Machine) -> None:
    owners = "SELECT datname, rolname, datcollate, datctype FROM pg_database JOIN pg_roles ON datdba = pg_roles.oid"
    found = sql(machine, f"{owners} WHERE NOT datistemplate ORDER BY 1", user="postgres").splitlines()
    assert found == [
        "matrix-synapse|matrix-synapse|C|C",
        "postgres|postgres|C.UTF-8|C.UTF-8",
        "vaultwarden|vaultwarden|C.UTF-8|C.UTF-8",
    ]
    assert sql(machine, "SHOW server_encoding", user="matrix-synapse", database="matrix-synapse") == "UTF8"


def test_a_user_is_known_by_the_kernel_alone(machine: Machine) -> None:
    assert sql(machine, "SELECT text FROM secret", user="vaultwarden", database="vaultwarden") == "kept"
    # Not somebody else, not as somebody else, not into what is another's.
    assert 'role "mallory" does not exist' in sql(machine, "SELECT 1", user="mallory", check=False)
    claimed = machine.run(
        f"{BIN}/psql", "-h/run/postgresql", "-Uvaultwarden", "vaultwarden", "-cSELECT 1", user="mallory", check=False
    )
    assert 'Peer authentication failed for user "vaultwarden"' in claimed.stdout
    denied = sql(machine, "SELECT text FROM secret", user="matrix-synapse", database="vaultwarden", check=False)
    assert "permission denied for table secret" in denied


def test_no_port_is_open(machine: Machine) -> None:
    assert machine.run("ss", "--tcp", "--listening", "--numeric", "--no-header").stdout == ""
    assert sql(machine, "SHOW listen_addresses", user="postgres") == ""


def test_an_application_reaches_its_database_from_its_sandbox(machine: Machine, units: Mapping[str, Effective]) -> None:
    ask = f"{BIN}/psql -XAt -h /run/postgresql -d {{0}} -c 'SELECT current_user || 42'"
    for name in ("vaultwarden", "matrix-synapse"):
        assert f"{name}42" in as_unit(machine, units[name], ask.format(name))


def test_the_server_itself_is_confined(machine: Machine) -> None:
    def refused(statement: str) -> str:
        return sql(machine, statement, user="postgres", check=False)

    assert "Read-only file system" in refused("COPY (SELECT 1) TO '/var/lib/other'")
    assert "Read-only file system" in refused("COPY (SELECT 1) TO '/etc/other'")
    assert "Permission denied" in refused("COPY (SELECT 1) TO '/home/other'")
    machine.run("ip", "address", "add", "192.0.2.1/32", "dev", "lo")
    reach = "python3 -c \"import socket; socket.create_connection(('192.0.2.1', 9))\" 2>&1 | tail -n 1 >&2; false"
    assert "program" in refused(f"COPY (SELECT 1) TO PROGRAM $${reach}$$")
    assert "Address family not supported" in machine.journal("postgresql.service")
    process = machine.show("postgresql.service", "MainPID")
    status = machine.run("cat", f"/proc/{process}/status").stdout
    for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        assert line in status


def test_a_second_start_changes_nothing(machine: Machine) -> None:
    state = "SELECT oid, datname, datdba FROM pg_database ORDER BY 1"
    before = sql(machine, state, user="postgres")
    machine.run("systemctl", "restart", "postgresql.target", "postgresql-setup", "postgresql-create-matrix-synapse")
    machine.run("systemctl", "restart", "postgresql.service")
    machine.start("postgresql.target")
    assert sql(machine, state, user="postgres") == before
    assert sql(machine, "SELECT text FROM secret", user="vaultwarden", database="vaultwarden") == "kept"


def test_the_one_exception_is_needed(machine: Machine, units: Mapping[str, Effective]) -> None:
    """In a user namespace of its own the server would not know who asks."""
    (exemption,) = units["postgresql"].unit.exemptions
    assert exemption == api.Exemption("PrivateUsers", False, exemption.reason)
    changed = "/etc/systemd/system/postgresql.service.d/without.conf"
    machine.write({changed: "[Service]\nPrivateUsers=yes\n"})
    try:
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "postgresql.service")
        answer = sql(machine, "SELECT 1", user="vaultwarden", database="vaultwarden", check=False)
    finally:
        machine.run("rm", changed)
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "postgresql.service")
    assert "eer authentication failed" in answer
    assert sql(machine, "SELECT 1", user="vaultwarden", database="vaultwarden") == "1"
