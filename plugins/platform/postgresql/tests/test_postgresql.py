"""PostgreSQL: what the plugin sets for the databases that others need."""

from __future__ import annotations

from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.plan.lock import HostLock, Lock
from maidan_nix.problems import MaidanError
from maidan_nix_plugins.platform.postgresql import MAJOR, Postgresql
from plugin_harness import configuration, context, plan

WIKI = api.Database(name="wiki", role="wiki")
SORTED = api.Database(name="chat", role="chat", collation="C")


def grants(*databases: api.Database, major: str = "17") -> api.Grants:
    served = tuple(api.Served(need, "services/example", "main", api.Grants({})) for need in databases)
    return api.Grants({MAJOR: major}, served)


def options(*databases: api.Database, major: str = "17", **settings: Any) -> dict[str, Any]:
    return configuration(context("platform/postgresql", settings), grants(*databases, major=major))


def grant(need: api.Database) -> api.DatabaseGrant:
    request = api.Request(need, "services/example", "main")
    return Postgresql().grant(context("platform/postgresql"), request)


def test_a_database_is_granted_over_the_socket_without_a_password() -> None:
    assert grant(WIKI) == api.DatabaseGrant(
        name="wiki", role="wiki", socket="/run/postgresql", unit="postgresql.target"
    )


@pytest.mark.parametrize("name", ["", "Wiki", "wiki;drop", "9wiki", 'wi"ki', "wi ki", "w" * 64, "wiki\n"])
def test_a_name_that_would_need_quoting_is_refused(name: str) -> None:
    with pytest.raises(api.Refused, match="cannot be the name"):
        grant(api.Database(name=name, role=name))


def test_ownership_by_another_name_is_refused_where_nixos_cannot_give_it() -> None:
    with pytest.raises(api.Refused, match="must have its name"):
        grant(api.Database(name="wiki", role="pages"))
    assert grant(api.Database(name="wiki", role="pages", collation="C")).role == "pages"


def test_each_database_has_its_owner() -> None:
    server = options(WIKI, SORTED)["services"]["postgresql"]
    assert server["ensureDatabases"] == ["wiki"]
    assert server["ensureUsers"] == [{"name": "wiki", "ensureDBOwnership": True}, {"name": "chat"}]


def test_a_sorted_database_is_made_by_a_unit_of_its_own_before_anyone_may_ask() -> None:
    unit = options(WIKI, SORTED)["systemd"]["services"]["postgresql-create-chat"]
    assert unit["environment"] == {"DATABASE": "chat", "OWNER": "chat"}
    assert unit["before"] == unit["requiredBy"] == ["postgresql.target"]
    assert unit["after"] == unit["requires"] == ["postgresql-setup.service"]
    assert unit["serviceConfig"]["User"] == "postgres"


def test_there_is_no_such_unit_for_other_databases() -> None:
    assert set(options(WIKI)["systemd"]["services"]) == {"postgresql-setup"}


def test_the_set_up_may_write_where_the_data_is() -> None:
    def writable(major: str) -> list[str]:
        services = options(WIKI, major=major)["systemd"]["services"]
        found: list[str] = services["postgresql-setup"]["serviceConfig"]["ReadWritePaths"]
        return found

    assert writable("17") == ["/var/lib/postgresql/17"]
    assert writable("18") == ["/var/lib/postgresql/18"]


@pytest.mark.parametrize("major", ["", "17.2", "17\n", "latest", "17; x", "1000"])
def test_a_lock_that_keeps_no_major_version_is_refused(major: str) -> None:
    lock = Lock({"main": HostLock(kept={"platform/postgresql major": major})})
    with pytest.raises(MaidanError, match=r"maidan[.]lock keeps"):
        plan(context("platform/postgresql"), lock=lock)


def test_nobody_logs_in_over_the_network_or_with_a_password() -> None:
    server = options(WIKI)["services"]["postgresql"]
    assert server["settings"]["listen_addresses"] == ""
    methods = {line.split()[3] for line in server["authentication"].splitlines()}
    kinds = {line.split()[0] for line in server["authentication"].splitlines()}
    assert (kinds, methods) == ({"local"}, {"peer"})


def test_members_words_stay_out_of_the_log() -> None:
    settings = options(WIKI)["services"]["postgresql"]["settings"]
    assert settings["log_min_error_statement"] == "panic"
    assert settings["log_connections"] is False


def test_memory_follows_the_setting() -> None:
    assert options(WIKI, shared_memory="1G")["services"]["postgresql"]["settings"]["shared_buffers"] == "1024MB"
    one = context("platform/postgresql", {"shared_memory": "1G"})
    server = next(iter(Postgresql().units(one, grants(WIKI))))
    assert server.limits is not None
    assert (server.limits.memory_high, server.limits.memory_max) == ("4096M", "6144M")


def test_every_unit_has_a_sandbox_without_a_network() -> None:
    units = {unit.name: unit for unit in Postgresql().units(context("platform/postgresql"), grants(WIKI, SORTED))}
    assert set(units) == {"postgresql", "postgresql-setup", "postgresql-create-chat"}
    assert {unit.profile for unit in units.values()} == {"socket"}
    assert {name for name, unit in units.items() if unit.exemptions} == {"postgresql"}
    assert {name for name, unit in units.items() if not unit.oneshot} == {"postgresql"}
