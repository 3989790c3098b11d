"""Databases of services on another host: what either end is asked for, and what the server is told."""

from __future__ import annotations

import re
import subprocess
from pathlib import PurePath
from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.api import nix
from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import parse_document
from maidan_nix_plugins.platform.postgresql import MAJOR, Postgresql
from maidan_nix_plugins.platform.postgresql.across_hosts import password
from plugin_harness import configuration, context

WIKI = api.Database(name="wiki", role="wiki")
CHAT = api.Database(name="chat", role="chat", collation="C")
HOME = api.Database(name="home", role="home")

FLEET = """
community = { name = "Example", domain = "example.org", contact = "stewards@example.org" }
stewards.ada.ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada"]
hosts.apps.disk.device = "/dev/disk/by-id/nvme-APPS"
hosts.apps.network.interface = "enp1s0"
hosts.apps.served_by.database = "store"
hosts.store.disk.device = "/dev/disk/by-id/nvme-STORE"
hosts.store.network = { interface = "enp1s0", reached_at = "store.example.org" }
services.vaultwarden = { host = "apps", domain = "passwords.example.org" }
services.matrix = { host = "apps", server_name = "example.org", domain = "matrix.example.org" }
"""


def fleet() -> Generated:
    return generate(parse_document(FLEET.encode(), "community.toml"), lock=None, public=None)


def request(need: api.Database, host: str = "apps") -> api.Request[api.Database]:
    return api.Request(need, "services/example", host)


def grants(*databases: tuple[api.Database, str]) -> api.Grants:
    granted: dict[api.Need[Any], Any] = {MAJOR: "17"}
    for need, host in databases:
        if host != "main":
            secret = password(need, "services/example", "postgres")
            path = nix.Ref("config", "age", "secrets", secret.name, "path")
            granted[secret] = api.SecretGrant(path=path, name=secret.name)
    served = tuple(api.Served(need, "services/example", host, api.Grants({})) for need, host in databases)
    return api.Grants(granted, served)


def options(*databases: tuple[api.Database, str]) -> dict[str, Any]:
    return configuration(context("platform/postgresql"), grants(*databases))


def test_the_asking_host_gets_a_relay_for_the_role_alone_and_the_password() -> None:
    relay, secret = Postgresql().needs_to_reach(context("platform/postgresql"), request(WIKI))
    assert relay == api.Relay(
        name="database-wiki",
        to=api.RemoteSocket(host="main", path="/run/postgresql/.s.PGSQL.5432", number=5432),
        group="wiki",
        file=".s.PGSQL.5432",
    )
    assert isinstance(secret, api.Secret)
    assert (secret.owner, secret.shared_by) == ("wiki", ("services/example", "platform/postgresql"))


def test_the_serving_host_reads_the_same_secret_for_those_who_come_from_elsewhere() -> None:
    one = context("platform/postgresql")
    (here,) = Postgresql().needs_to_serve(one, (request(WIKI), request(HOME, "main")))
    _, there = Postgresql().needs_to_reach(one, request(WIKI))
    assert isinstance(here, api.Secret)
    assert isinstance(there, api.Secret)
    assert (here.name, here.content, here.shared_by) == (there.name, there.content, there.shared_by)
    assert here.owner == "postgres"


def test_the_grant_names_the_relay_and_never_a_password() -> None:
    one = context("platform/postgresql")
    grant = Postgresql().grant(one, request(WIKI))
    _relay, secret = Postgresql().needs_to_reach(one, request(WIKI))
    assert grant == api.DatabaseGrant(
        name="wiki",
        role="wiki",
        socket="/run/relay-database-wiki",
        unit="relay-database-wiki.socket",
        password=secret,  # type: ignore[arg-type]  # asserted below
    )
    assert isinstance(secret, api.Secret)


def test_the_socket_is_where_the_relay_puts_it() -> None:
    """The grant is made before the relay's own: in a real plan both say the same."""
    apps = fleet().plan.hosts["apps"]
    for name in ("services/vaultwarden", "services/matrix"):
        planned = apps[name]
        (database,) = (need for need in planned.needs if isinstance(need, api.Database))
        (relay,) = (need for need in planned.needs if isinstance(need, api.Relay))
        granted, relayed = planned.grants[database], planned.grants[relay]
        assert granted.socket == str(PurePath(relayed.socket).parent)
        assert granted.unit == relayed.unit
        assert granted.password is not None
        assert planned.grants[granted.password].name == granted.password.name


def test_the_server_runs_on_the_serving_host_alone() -> None:
    hosts = fleet().plan.hosts
    assert "platform/postgresql" not in hosts["apps"]
    server = hosts["store"]["platform/postgresql"]
    assert {(served.host, served.need.role) for served in server.grants.serves(api.Database)} == {
        ("apps", "matrix-synapse"),
        ("apps", "vaultwarden"),
    }


def test_the_command_that_the_steward_is_told_makes_what_the_unit_takes() -> None:
    content = password(WIKI, "services/example", "postgres").content
    command = content.partition("made by ")[2]
    made = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"[*]:[*]:[*]:[*]:[A-Za-z0-9]{32,}\n", made)


def test_only_roles_of_other_hosts_have_passwords_and_only_for_their_own_database() -> None:
    lines = options((WIKI, "apps"), (CHAT, "apps"), (HOME, "main"))["services"]["postgresql"]["authentication"]
    assert [line.split() for line in lines.splitlines()] == [
        ["local", '"wiki"', '"wiki"', "scram-sha-256"],
        ["local", '"chat"', '"chat"', "scram-sha-256"],
        ["local", "all", "postgres", "peer", "map=postgres"],
        ["local", "all", "all", "peer"],
    ]


def test_a_name_that_means_something_in_a_list_of_names_is_only_a_name() -> None:
    everybody = api.Database(name="all", role="all")
    lines = options((everybody, "apps"))["services"]["postgresql"]["authentication"].splitlines()
    assert lines[0] == 'local "all" "all" scram-sha-256'


@pytest.mark.parametrize(
    "name",
    ["postgres", "public", "none", "template0", "template1", "pg_monitor", "relayed-5432", "relay-database-wiki"],
)
def test_nobody_gets_the_name_of_the_administrator_of_everybody_or_of_a_relays_process(name: str) -> None:
    for host in ("apps", "main"):
        with pytest.raises(api.Refused, match="cannot be the name"):
            Postgresql().grant(context("platform/postgresql"), request(api.Database(name=name, role=name), host))


@pytest.mark.parametrize("name", ["w" * 32, "wiki-", "wiki_"])
def test_a_name_that_a_relay_or_a_secret_cannot_have_is_refused_for_another_host_alone(name: str) -> None:
    one = context("platform/postgresql")
    need = api.Database(name=name, role=name)
    with pytest.raises(api.Refused, match="of another host"):
        Postgresql().grant(one, request(need))
    assert Postgresql().grant(one, request(need, "main")).password is None


def test_a_unit_sets_each_password_once_role_and_database_are_there() -> None:
    services = options((WIKI, "apps"), (CHAT, "apps"), (HOME, "main"))["systemd"]["services"]
    assert {name for name in services if "password" in name} == {
        "postgresql-password-wiki",
        "postgresql-password-chat",
    }
    wiki, chat = services["postgresql-password-wiki"], services["postgresql-password-chat"]
    assert wiki["after"] == wiki["requires"] == ["postgresql-setup.service"]
    assert chat["after"] == chat["requires"] == ["postgresql-create-chat.service"]
    for unit in (wiki, chat):
        assert unit["before"] == unit["wantedBy"] == ["postgresql.target"]
        assert unit["serviceConfig"]["User"] == "postgres"


def test_the_unit_knows_where_the_password_is_and_not_what_it_is() -> None:
    unit = options((WIKI, "apps"))["systemd"]["services"]["postgresql-password-wiki"]
    assert unit["environment"] == {
        "DATABASE": "wiki",
        "PGPASSFILE": nix.Ref("config", "age", "secrets", "database-wiki", "path"),
        "ROLE": "wiki",
    }


def test_the_units_of_passwords_have_no_network_either() -> None:
    units = {unit.name: unit for unit in Postgresql().units(context("platform/postgresql"), grants((WIKI, "apps")))}
    assert (units["postgresql-password-wiki"].profile, units["postgresql-password-wiki"].oneshot) == ("socket", True)
    assert not units["postgresql-password-wiki"].exemptions


def test_the_server_itself_listens_on_its_socket_alone() -> None:
    assert options((WIKI, "apps"))["services"]["postgresql"]["settings"]["listen_addresses"] == ""
