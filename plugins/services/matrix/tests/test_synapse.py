"""Synapse's own judgement: its configuration classes on every file, and started servers that are asked."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from live.tree import Files, run_in_tree
from maidan_nix import api
from maidan_nix_plugins.services.matrix.tests.compose import DATA, LOG, Composed, compose, secrets
from maidan_nix_plugins.services.matrix.tests.examples import (
    CLOSED,
    EVERYTHING,
    LISTED,
    OPEN,
    SMALLEST,
    community,
    synapse,
    with_database_elsewhere,
)

PYTHON = "/opt/synapse/bin/python"
HERE = Path(__file__).parent
SIGNING_KEY = "ed25519 a_test zA5ZWbZMSQ1xqFY6kvVCxeiwuDtzWx9pfCVLJhzlhdM\n"

LOG_CONFIG = json.dumps(
    {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "formatters": {},
        "root": {"level": "INFO", "handlers": ["console"]},
    }
)

READ_LATER = {"database.args", "password_config.policy.minimum_length"}
"""Keys that Synapse reads not with its configuration but when it needs them; the started servers show that it does."""


def staged(composed: Composed) -> dict[str, str | bytes]:
    scripts = {f"/judged/{name}": (HERE / name).read_bytes() for name in ("ask_server.py", "read_settings.py")}
    return {**composed.files(), **secrets(composed), **scripts, LOG: LOG_CONFIG}


def test_a_database_elsewhere_is_opened_with_the_password_in_the_file() -> None:
    one = community(SMALLEST, CLOSED)
    composed = compose(synapse(one, with_database_elsewhere(one)))
    passfile = composed.main["database"]["args"]["passfile"]
    files: Files = {**staged(composed), passfile: "*:*:*:*:fixturefixturefixturefixturefixture\n"}
    command = [PYTHON, "/judged/ask_server.py", str(composed.main["listeners"][0]["port"])]
    done = run_in_tree(command, files, timeout=60)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == ["matrix-synapse"]


def unread(composed: Composed) -> set[str]:
    """The keys that no process asks for: unknown ones."""
    processes = ["/judged/homeserver.yaml"]
    processes += [f"/judged/homeserver.yaml+/judged/worker-{name}.yaml" for name in composed.workers]
    files: Files = {**staged(composed), f"{DATA}/homeserver.signing.key": SIGNING_KEY}
    done = run_in_tree([PYTHON, "/judged/read_settings.py", *processes], files)
    assert done.returncode == 0, done.stdout
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert len(lines) == len(processes)
    return set.intersection(*map(set, lines))


@pytest.mark.parametrize(
    ("given", "privacy"),
    [
        (SMALLEST, CLOSED),
        (EVERYTHING, LISTED),
        ({**EVERYTHING, "push": True, "registration": "token", "presence": True, "e2ee": "invite"}, OPEN),
    ],
    ids=["smallest", "everything", "loosened"],
)
def test_synapse_reads_every_key(given: Mapping[str, Any], privacy: Mapping[str, Any]) -> None:
    options = synapse(community(given, privacy))
    ours = {key for key in unread(compose(options)) if key.partition(".")[0] in options["settings"]}
    assert ours == READ_LATER


def test_a_key_that_synapse_does_not_know_is_found() -> None:
    def misspell(settings: dict[str, Any]) -> None:
        settings["enable_registrations"] = settings.pop("enable_registration")
        settings["retention"] = {**settings["retention"], "purge_job": []}

    found = unread(compose(synapse(community()), misspell))
    assert {"enable_registrations", "retention.purge_job"} <= found


def started(one: api.Context[Any], change: Callable[[dict[str, Any]], None] = lambda _: None) -> Mapping[str, Any]:
    """Start a server, ask it, and return the answers."""
    composed = compose(synapse(one), change)
    listeners = [*composed.main["listeners"], *composed.workers.get("media", {}).get("worker_listeners", [])]
    ports = [str(listener["port"]) for listener in listeners if listener.get("port")]
    command = [PYTHON, "/judged/ask_server.py", ports[0], ports[-1], *composed.workers]
    done = run_in_tree(command, staged(composed), timeout=60)
    assert done.returncode == 0, done.stdout
    answers: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def at_once(settings: dict[str, Any]) -> None:
    """Push without the delay that blurs when a message came."""
    settings["push"]["jitter_delay"] = "0s"


@functools.cache
def alone() -> Mapping[str, Any]:
    """One process that federates with nobody and pushes nothing, with SQLite; days pass in a second."""

    def hurried(settings: dict[str, Any]) -> None:
        at_once(settings)
        settings["database"] = {"name": "sqlite3", "args": {"database": f"{DATA}/homeserver.db"}}
        retention = json.loads(json.dumps(settings["retention"]).replace('"180d"', '"1s"').replace('"1d"', '"1s"'))
        settings["retention"] = retention

    return started(community(SMALLEST, CLOSED), hurried)


@functools.cache
def with_workers() -> Mapping[str, Any]:
    """All workers, one neighbour and pushes, with PostgreSQL and Redis."""
    return started(community({**EVERYTHING, "push": True}, LISTED), at_once)


BOTH = pytest.mark.parametrize("server", [alone, with_workers], ids=["alone", "with workers"])


@BOTH
def test_accounts_are_opened_by_stewards_alone(server: Callable[[], Mapping[str, Any]]) -> None:
    answers = server()
    assert answers["register"][0] == 403
    assert answers["guest"][0] == 403
    assert answers["login"][0] == 200
    assert answers["login"][1]["user_id"] == "@ada:example.org"
    assert answers["policy"] == [200, {"m.minimum_length": 12}]


@BOTH
def test_rooms_are_encrypted_from_the_start(server: Callable[[], Mapping[str, Any]]) -> None:
    assert server()["encryption"] == [200, {"algorithm": "m.megolm.v1.aes-sha2"}]


@BOTH
def test_wrong_passwords_are_slowed_down(server: Callable[[], Mapping[str, Any]]) -> None:
    assert server()["wrong passwords"] == [403, 403, 403, 429, 429]


@BOTH
def test_strangers_learn_nothing(server: Callable[[], Mapping[str, Any]]) -> None:
    answers = server()
    assert answers["versions"][0] == 200
    assert answers["profile"][0] == 401
    assert answers["public rooms"][0] == 401
    assert answers["download without log-in"][0] == 401
    assert answers["download by old address"][0] == 404


@BOTH
def test_members_are_found_by_those_who_know_them(server: Callable[[], Mapping[str, Any]]) -> None:
    answers = server()
    assert answers["invite member"] == [200, {}]
    assert answers["search"][1]["results"] == []


@BOTH
def test_servers_that_are_not_listed_are_refused(server: Callable[[], Mapping[str, Any]]) -> None:
    status, said = server()["invite stranger"]
    assert (status, said["errcode"]) == (403, "M_FORBIDDEN")


@BOTH
def test_no_page_is_fetched_for_a_preview(server: Callable[[], Mapping[str, Any]]) -> None:
    assert server()["preview"][0] == 404


def reaching(answers: Mapping[str, Any], host: str) -> set[str]:
    """The processes that say in their logs that they tried to reach a host."""
    return {name for name, log in answers["logs"].items() if f"https://{host}" in log}


def test_no_phone_is_woken_unless_the_community_wants_it() -> None:
    for answers, pushing in ((alone(), set()), (with_workers(), {"outgoing"})):
        assert (answers["pusher"][0], answers["message"][0]) == (200, 200)
        assert reaching(answers, "push.example.net") == pushing


def test_messages_are_gone_from_the_database_when_their_time_is_over() -> None:
    assert alone()["kept"] == {"message": 0, "last message": 1}


def test_without_federation_there_is_nothing_for_other_servers() -> None:
    answers = alone()
    assert answers["federation"][0] == 404
    assert answers["keys"][0] == 404
    assert answers["invite neighbour"][0] == 403


def test_with_workers_files_are_kept_by_theirs() -> None:
    answers = with_workers()
    assert answers["files of the main process"] == 404
    assert answers["upload"][0] == 200
    assert answers["download"] == [200, "a picture"]
    assert answers["largest upload"] == [200, {"m.upload.size": 50 * 2**20}]


def test_one_process_alone_talks_to_the_neighbours() -> None:
    answers = with_workers()
    assert answers["federation"][0] == 200
    assert answers["keys"][1]["server_name"] == "example.org"
    assert reaching(answers, "matrix.example.net") == {"outgoing"}
