"""What members and other servers find, and what nobody finds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from maidan_nix import api
from maidan_nix_plugins.services.matrix import Matrix
from maidan_nix_plugins.services.matrix.ports import HTTP, MEDIA
from maidan_nix_plugins.services.matrix.tests.examples import (
    CLOSED,
    EVERYTHING,
    LISTED,
    OPEN,
    SMALLEST,
    community,
    locations,
    planned,
)

HOMESERVER = "matrix.example.org"


def answering(one: api.Context[Any], path: str, host: str = HOMESERVER) -> api.Location | None:
    """The location that nginx chooses for a path: the exact one, else the longest prefix."""
    here = [location for (name, _), location in locations(one).items() if name == host]
    exact = [location for location in here if location.exact and location.path == path]
    prefixes = [location for location in here if not location.exact and path.startswith(location.path)]
    return next(iter(exact), max(prefixes, key=lambda location: len(location.path), default=None))


def document(one: api.Context[Any], name: str) -> Any:
    return json.loads(locations(one)["example.org", f"/.well-known/matrix/{name}"].document)


def test_apps_find_the_homeserver_by_the_name_alone() -> None:
    assert document(community(), "client") == {
        "m.homeserver": {"base_url": "https://matrix.example.org"},
        "io.element.e2ee": {"default": True, "secure_backup_required": True},
    }


def test_apps_are_told_when_rooms_are_not_encrypted_by_themselves() -> None:
    told = document(community({**SMALLEST, "e2ee": "off"}), "client")["io.element.e2ee"]
    assert told == {"default": False, "secure_backup_required": False}


def test_other_servers_find_the_homeserver_on_port_443() -> None:
    assert document(community(SMALLEST, LISTED), "server") == {"m.server": "matrix.example.org:443"}
    assert document(community(SMALLEST, LISTED), "support")["contacts"][0]["email_address"] == "stewards@example.org"


def test_the_name_may_belong_to_a_site_elsewhere() -> None:
    one = community({**EVERYTHING, "delegation": "elsewhere"}, LISTED)
    assert "example.org" not in {host for host, _ in locations(one)}
    assert "example.org" not in {each.hostname for each in Matrix().smoke_test(one, planned(one).grants)}


def test_documents_are_for_apps_on_other_sites_too() -> None:
    for (host, _), location in locations(community(SMALLEST, OPEN)).items():
        if host == "example.org":
            assert (location.exact, location.cross_origin) == (True, True)


@pytest.mark.parametrize("path", ["/_matrix/federation/v1/send/1", "/_matrix/key/v2/server"])
def test_other_servers_find_nothing_without_federation(path: str) -> None:
    assert answering(community(), path) is None
    assert answering(community(SMALLEST, LISTED), path) is not None
    assert not {name for name in locations(community()) if name[1].endswith(("/server", "/support"))}


@pytest.mark.parametrize(
    "path", ["/_synapse/admin/v1/register", "/_synapse/admin/v2/users", "/_synapse/metrics", "/_synapse/replication/x"]
)
def test_nobody_reaches_the_administration(path: str) -> None:
    found = answering(community(EVERYTHING, OPEN), path)
    assert found is not None
    assert found.blocked


@pytest.mark.parametrize("path", ["/", "/health", "/_matrix/static/", "/_matrix/push/v1/notify", "/metrics"])
def test_what_no_app_needs_is_not_there(path: str) -> None:
    assert answering(community(EVERYTHING, OPEN), path) is None


@pytest.mark.parametrize("version", ["v3", "r0", "api/v1", "unstable"])
def test_guessing_passwords_meets_the_limit_of_log_in_pages(version: str) -> None:
    found = answering(community(), f"/_matrix/client/{version}/login")
    assert found is not None
    assert found.login


@pytest.mark.parametrize("version", ["v3", "r0", "unstable"])
def test_guessing_tokens_meets_it_too(version: str) -> None:
    found = answering(community({**SMALLEST, "registration": "token"}), f"/_matrix/client/{version}/register")
    assert found is not None
    assert found.login


def test_what_apps_do_all_day_does_not_meet_it() -> None:
    for path in ("/_matrix/client/v3/sync", "/_matrix/client/v3/login/sso/redirect", "/_matrix/client/v3/keys/upload"):
        found = answering(community(), path)
        assert found is not None
        assert not found.login
        assert found.port is HTTP


def test_the_web_server_lets_pass_what_the_homeserver_takes() -> None:
    found = answering(community({**SMALLEST, "upload": "80M"}), "/_matrix/media/v3/upload")
    assert found is not None
    assert 80 * 2**20 < found.upload <= 82 * 2**20


MEDIA_PATHS = (
    "/_matrix/media/v3/upload",
    "/_matrix/media/v1/create",
    "/_matrix/client/v1/media/download/example.org/x",
    "/_matrix/federation/v1/media/download/x",
)
"""Every path of files: docs/workers.md of Synapse, section media_repository, without administration."""


@pytest.mark.parametrize("path", MEDIA_PATHS)
def test_files_go_to_the_process_that_keeps_them(path: str) -> None:
    alone, apart = (answering(community(given, LISTED), path) for given in (SMALLEST, EVERYTHING))
    assert alone is not None
    assert apart is not None
    assert (alone.port, apart.port) == (HTTP, MEDIA)


def test_sites_are_granted_whatever_names_are_shared() -> None:
    shared: tuple[Mapping[str, Any], ...] = (
        {"server_name": "example.org", "domain": "example.org"},
        {"server_name": "example.org", "domain": "matrix.example.org", "element_domain": "example.org"},
    )
    for given in shared:
        for privacy in (CLOSED, OPEN):
            planned(community(given, privacy))
