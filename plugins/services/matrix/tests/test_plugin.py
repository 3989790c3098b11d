"""What the plugin sets, asks for and refuses."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.nix.values import Ref
from maidan_nix_plugins.services import matrix
from maidan_nix_plugins.services.matrix.tests.examples import (
    CLOSED,
    EVERYTHING,
    LISTED,
    OPEN,
    SMALLEST,
    community,
    planned,
    replaces_requirements,
    synapse,
    with_database_elsewhere,
)
from plugin_harness import configuration

PLUGIN = matrix.Matrix()
SYNAPSE = "matrix-synapse"
FEDERATION = {"none": CLOSED, "listed": LISTED, "open": OPEN}


def settings(given: Mapping[str, Any] = SMALLEST, privacy: Mapping[str, Any] = CLOSED) -> Mapping[str, Any]:
    found: Mapping[str, Any] = synapse(community(given, privacy))["settings"]
    return found


def needs(one: api.Context[Any], kind: type[api.Need[Any]]) -> list[Any]:
    return [need for need in PLUGIN.needs(one) if type(need) is kind]


def test_it_keeps_the_contract(maidan_conformance: Callable[[str], None]) -> None:
    maidan_conformance("services/matrix")


def test_the_name_is_for_ever_and_the_address_is_not() -> None:
    (permanent,) = needs(community(), api.Permanent)
    assert (permanent.value, permanent.setting) == ("example.org", "server_name")


def test_the_strict_preset_is_closed_quiet_and_encrypted() -> None:
    found = settings()
    assert found["enable_registration"] is False
    assert found["encryption_enabled_by_default_for_room_type"] == "all"
    assert found["presence"] == {"enabled": False}
    assert found["start_pushers"] is False
    assert found["url_preview_enabled"] is False
    assert found["report_stats"] is False
    assert found["trusted_key_servers"] == []
    assert found["user_directory"]["search_all_users"] is False
    assert found["limit_profile_requests_to_users_who_share_rooms"] is True
    assert found["push"]["include_content"] is False


def test_requests_are_not_logged() -> None:
    assert synapse(community())["log"] == {"root": {"level": "WARNING"}}


@pytest.mark.parametrize("e2ee", ["all", "invite", "off"])
def test_rooms_are_encrypted_as_the_community_decides(e2ee: str) -> None:
    assert settings({**SMALLEST, "e2ee": e2ee})["encryption_enabled_by_default_for_room_type"] == e2ee


def test_a_token_opens_an_account_where_the_community_says_so() -> None:
    found = settings({**SMALLEST, "registration": "token"})
    assert (found["enable_registration"], found["registration_requires_token"]) == (True, True)


def test_nobody_is_talked_to_without_federation() -> None:
    found = settings()
    assert found["federation_domain_whitelist"] == []
    assert [resource["names"] for resource in found["listeners"][0]["resources"]] == [["client"]]


def test_those_listed_are_talked_to() -> None:
    found = settings(SMALLEST, LISTED)
    assert found["federation_domain_whitelist"] == ["matrix.example.net"]
    assert [resource["names"] for resource in found["listeners"][0]["resources"]] == [["client", "federation"]]


def test_everybody_is_talked_to_where_federation_is_open() -> None:
    assert "federation_domain_whitelist" not in settings(SMALLEST, OPEN)


def test_one_policy_decides_how_long_things_are_kept() -> None:
    found = settings(SMALLEST, {**CLOSED, "message_retention": "90d", "log_retention": "3d"})
    assert found["retention"]["default_policy"]["max_lifetime"] == "90d"
    assert found["retention"]["allowed_lifetime_max"] == "90d"
    assert found["media_retention"]["local_media_lifetime"] == "90d"
    assert found["user_ips_max_age"] == "3d"


def test_every_lifetime_that_is_purged_has_a_job_without_bounds() -> None:
    assert settings()["retention"]["purge_jobs"] == [{"interval": "1d"}]


def test_no_value_is_null_since_the_module_would_drop_it() -> None:
    def nulls(value: Any) -> bool:
        if isinstance(value, Mapping):
            return any(nulls(inner) for inner in value.values())
        return any(nulls(inner) for inner in value) if isinstance(value, list) else value is None

    for privacy in FEDERATION.values():
        assert not nulls(settings(EVERYTHING, privacy))


def test_secrets_are_paths_that_only_synapse_reads() -> None:
    one = community(EVERYTHING, LISTED)
    found = synapse(one)["settings"]
    secrets = needs(one, api.Secret)
    assert {(secret.owner, secret.group) for secret in secrets} == {(SYNAPSE, SYNAPSE)}
    paths = {Ref("config", "age", "secrets", secret.name, "path") for secret in secrets}
    assert {value for value in found.values() if isinstance(value, Ref)} == paths
    assert len(paths) == 4


def test_the_database_is_reached_over_its_socket_in_the_collation_that_synapse_insists_on() -> None:
    one = community()
    (database,) = needs(one, api.Database)
    assert database.collation == "C"
    arguments = settings()["database"]["args"]
    assert (arguments["host"], arguments["user"]) == ("/run/postgresql", SYNAPSE)
    assert "password" not in arguments


def test_it_listens_on_loopback_and_on_sockets_alone() -> None:
    found = synapse(community(EVERYTHING, LISTED))
    listeners = [*found["settings"]["listeners"]]
    listeners += [listener for worker in found["workers"].values() for listener in worker.get("worker_listeners", [])]
    for listener in listeners:
        assert listener.get("bind_addresses") == ["127.0.0.1"] or listener["path"].startswith("/run/matrix-synapse/")
    assert not [port for port in needs(community(EVERYTHING, LISTED), api.Port) if port.open_to != "host"]


def test_without_workers_there_is_no_cache_and_one_process() -> None:
    one = community()
    assert not needs(one, api.Cache)
    assert "workers" not in synapse(one)
    assert [unit.name for unit in PLUGIN.units(one, planned(one).grants)] == [SYNAPSE]


def test_processes_wait_for_what_they_use_and_may_use_the_cache() -> None:
    one = community(EVERYTHING, LISTED)
    services = configuration(one, planned(one).grants)["systemd"]["services"]
    assert set(services) == {SYNAPSE, *(f"{SYNAPSE}-worker-{name}" for name in ("background", "media", "outgoing"))}
    for service in services.values():
        assert set(service["requires"]) == {"postgresql.target", "redis-matrix-synapse.service"}
        assert service["serviceConfig"] == {"SupplementaryGroups": ["redis-matrix-synapse"]}


def test_a_database_on_another_host_is_reached_with_the_password_in_a_file() -> None:
    one = community(EVERYTHING, LISTED)
    options = configuration(one, with_database_elsewhere(one))
    assert options["services"]["matrix-synapse"]["settings"]["database"]["args"] == {
        "user": SYNAPSE,
        "database": SYNAPSE,
        "host": "/run/relay-database-matrix-synapse",
        "passfile": Ref("config", "age", "secrets", "database-matrix-synapse", "path"),
        "cp_min": 2,
        "cp_max": 10,
    }
    for service in options["systemd"]["services"].values():
        relay = "relay-database-matrix-synapse.socket"
        assert service["requires"] == service["after"] == [relay, "redis-matrix-synapse.service"]


def test_every_process_waits_patiently_for_a_database_on_another_host() -> None:
    for given in (SMALLEST, EVERYTHING):
        one = community(given, LISTED)
        for service in configuration(one, with_database_elsewhere(one))["systemd"]["services"].values():
            assert service["startLimitIntervalSec"] == 0
            assert service["serviceConfig"]["RestartSec"] == 10
        for service in configuration(one, planned(one).grants)["systemd"]["services"].values():
            assert "startLimitIntervalSec" not in service


def test_no_process_gives_up_because_the_main_one_failed_first() -> None:
    one = community(EVERYTHING, LISTED)
    replaces = replaces_requirements(one, with_database_elsewhere(one))
    assert len(replaces) == 4
    assert {name for name, replaced in replaces.items() if not replaced} == {SYNAPSE}
    assert not any(replaces_requirements(one, planned(one).grants).values())


def test_on_its_own_host_there_is_no_password() -> None:
    assert "passfile" not in settings()["database"]["args"]


def test_the_order_of_workers_in_the_manifest_does_not_matter() -> None:
    one, other = (
        community({**SMALLEST, "workers": workers}, LISTED)
        for workers in (["media", "outgoing"], ["outgoing", "media"])
    )
    assert synapse(one) == synapse(other)


def subsets() -> list[tuple[str, ...]]:
    names = ("background", "media", "outgoing")
    return [chosen for count in range(4) for chosen in itertools.combinations(names, count)]


@pytest.mark.parametrize("workers", subsets(), ids="+".join)
@pytest.mark.parametrize("federation", ["none", "listed", "open"])
def test_only_processes_with_a_reason_reach_the_internet(workers: tuple[str, ...], federation: str) -> None:
    for push in (False, True):
        one = community({**SMALLEST, "workers": list(workers), "push": push}, FEDERATION[federation])
        if tuple(PLUGIN.problems(one)):
            assert ("outgoing" in workers, federation, push) == (True, "none", False)
            continue
        granted = planned(one).grants
        reaching = {need.unit for need in needs(one, api.Outgoing)}
        assert {unit.name for unit in PLUGIN.units(one, granted) if unit.profile == "internet"} == reaching
        if federation == "none" and not push:
            assert not reaching
        elif "outgoing" in workers:
            assert reaching == {f"{SYNAPSE}-worker-outgoing"}
        else:
            assert SYNAPSE in reaching
        starts = synapse(one)["settings"]
        assert starts.get("start_pushers", True) is push


def test_every_unit_has_its_upstream_facts() -> None:
    recorded = tomllib.loads((Path(matrix.__file__).parent / "upstream.toml").read_text("utf-8"))["units"]
    one = community(EVERYTHING, LISTED)
    for unit in PLUGIN.units(one, planned(one).grants):
        name = unit.name if unit.name == SYNAPSE else f"{SYNAPSE}-worker-NAME"
        assert recorded[name]["serviceConfig"]["User"] == SYNAPSE


def test_a_healthy_host_answers_and_hides_its_administration() -> None:
    one = community(EVERYTHING, LISTED)
    requests = {(each.hostname, each.path): each for each in PLUGIN.smoke_test(one, planned(one).grants)}
    assert requests["matrix.example.org", "/_matrix/client/versions"].status == 200
    assert requests["matrix.example.org", "/_synapse/admin/v1/server_version"].status == 404
    assert requests["example.org", "/.well-known/matrix/server"].contains == "matrix.example.org:443"
    assert requests["chat.example.org", "/"].status == 200


def test_without_federation_a_healthy_host_is_silent_to_other_servers() -> None:
    one = community()
    requests = {(each.hostname, each.path): each for each in PLUGIN.smoke_test(one, planned(one).grants)}
    assert requests["matrix.example.org", "/_matrix/federation/v1/version"].status == 404
    assert ("example.org", "/.well-known/matrix/server") not in requests


@pytest.mark.parametrize(
    ("given", "privacy", "path"),
    [
        ({"element_domain": "matrix.example.org"}, CLOSED, ("services", "matrix", "element_domain")),
        ({"workers": ["media", "media"]}, CLOSED, ("services", "matrix", "workers", 1)),
        ({"workers": ["media", "outgoing"]}, CLOSED, ("services", "matrix", "workers", 1)),
        ({}, {**CLOSED, "message_retention": "12h"}, ("privacy", "message_retention")),
        (
            {},
            {"federation": "listed", "federation_allow": ["a.example.net", "example.org"]},
            ("privacy", "federation_allow", 1),
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_key(
    given: Mapping[str, Any], privacy: Mapping[str, Any], path: tuple[str | int, ...]
) -> None:
    (problem,) = PLUGIN.problems(community({**SMALLEST, **given}, privacy))
    assert problem.path == path
    assert problem.hint or problem.expected


def test_what_is_meant_is_not_refused() -> None:
    for given, privacy in itertools.product(
        (SMALLEST, {**SMALLEST, "element_domain": "example.org"}), FEDERATION.values()
    ):
        assert not tuple(PLUGIN.problems(community(given, privacy)))
    assert not tuple(PLUGIN.problems(community(EVERYTHING, LISTED)))
