"""Vaultwarden: what the plugin sets, and that the application knows every key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from live.tree import run_in_tree
from maidan_nix import api
from maidan_nix_plugins.services.vaultwarden import DATABASE, Vaultwarden
from plugin_harness import Preset, configuration, context, plan

DOMAIN: Mapping[str, Any] = {"domain": "passwords.example.org"}

KNOWN = {
    "DATABASE_URL", "DISABLE_ICON_DOWNLOAD", "DOMAIN", "EMERGENCY_ACCESS_ALLOWED", "EVENTS_DAYS_RETAIN",
    "EXTENDED_LOGGING", "HTTP_REQUEST_BLOCK_NON_GLOBAL_IPS", "ICON_CACHE_TTL", "INVITATIONS_ALLOWED", "IP_HEADER",
    "LOGIN_RATELIMIT_MAX_BURST", "LOGIN_RATELIMIT_SECONDS", "LOG_LEVEL", "ORG_CREATION_USERS", "ORG_EVENTS_ENABLED",
    "PASSWORD_HINTS_ALLOWED", "PUSH_ENABLED", "SENDS_ALLOWED", "SHOW_PASSWORD_HINT", "SIGNUPS_ALLOWED",
    "TRASH_AUTO_DELETE_DAYS",
}  # fmt: skip
"""Of src/config.rs of dani-garcia/vaultwarden 46d71107 (1.37.2); the two of Rocket's own are beside it."""
ROCKET = {"ROCKET_ADDRESS", "ROCKET_PORT"}


def community(settings: Mapping[str, Any] | None = None, preset: Preset = "strict") -> api.Context[Any]:
    return context("services/vaultwarden", {**DOMAIN, **(settings or {})}, preset=preset)


def keys(settings: Mapping[str, Any] | None = None, preset: Preset = "strict") -> dict[str, Any]:
    one = community(settings, preset)
    options = configuration(one, plan(one)["services/vaultwarden"].grants)
    found: dict[str, Any] = options["services"]["vaultwarden"]["config"]
    return found


@pytest.mark.parametrize("preset", ["strict", "balanced", "open"])
def test_the_application_knows_every_key(preset: Preset) -> None:
    assert set(keys(preset=preset)) <= KNOWN | ROCKET


def test_it_listens_for_the_web_server_alone_and_keeps_its_data_in_the_database() -> None:
    found = keys()
    assert found["ROCKET_ADDRESS"] == "127.0.0.1"
    assert found["ROCKET_PORT"] >= 1024
    assert found["DATABASE_URL"] == "postgresql:///vaultwarden?host=/run/postgresql"
    assert found["DOMAIN"] == "https://passwords.example.org"


def options_with_database_elsewhere() -> dict[str, Any]:
    one = community()
    here = plan(one)["services/vaultwarden"]
    password = api.Secret(name="database-vaultwarden", content="a password", owner="vaultwarden")
    granted: dict[api.Need[Any], Any] = {need: here.grants[need] for need in here.needs}
    path = api.nix.Ref("config", "age", "secrets", password.name, "path")
    granted[password] = api.SecretGrant(path=path, name=password.name)
    granted[DATABASE] = api.DatabaseGrant(
        name="vaultwarden", role="vaultwarden", socket="/run/relay", unit="relay.socket", password=password
    )
    return configuration(one, api.Grants(granted))


def test_a_database_on_another_host_is_reached_with_the_password_in_a_file() -> None:
    url = options_with_database_elsewhere()["services"]["vaultwarden"]["config"]["DATABASE_URL"]
    file = api.nix.Ref("config", "age", "secrets", "database-vaultwarden", "path")
    assert url == api.nix.Text("postgresql:///vaultwarden?host=/run/relay&passfile=", file)


def test_libpq_reads_the_url_of_a_database_on_another_host_so() -> None:
    """Asked of the library itself: whom it would connect to, and that it would look for the password in the file."""
    url = options_with_database_elsewhere()["services"]["vaultwarden"]["config"]["DATABASE_URL"]
    written = url.parts[0] + "/run/agenix/database-vaultwarden"
    asked = run_in_tree(["psql", "-XAtw", written, "-c", "SELECT 1"], {"/run/relay/.keep": ""})
    assert asked.returncode == 2
    assert 'connection to server on socket "/run/relay/.s.PGSQL.5432" failed' in asked.stdout
    assert "invalid URI query parameter" in run_in_tree(["psql", "-XAtw", f"{written}&passfil=/x"]).stdout


def test_it_waits_patiently_for_a_database_on_another_host_alone() -> None:
    unit = options_with_database_elsewhere()["systemd"]["services"]["vaultwarden"]
    assert unit == {
        "requires": ["relay.socket"],
        "after": ["relay.socket"],
        "startLimitIntervalSec": 0,
        "serviceConfig": {"RestartSec": 10},
    }
    one = community()
    here = configuration(one, plan(one)["services/vaultwarden"].grants)
    assert here["systemd"]["services"]["vaultwarden"] == {
        "requires": ["postgresql.target"],
        "after": ["postgresql.target"],
    }


def test_it_believes_the_web_server_about_addresses() -> None:
    one = community()
    need = next(need for need in Vaultwarden().needs(one) if isinstance(need, api.Site))
    assert keys()["IP_HEADER"] == plan(one)["services/vaultwarden"].grants[need].client_header


@pytest.mark.parametrize("preset", ["strict", "balanced", "open"])
def test_no_preset_lets_strangers_in_or_tells_others_of_members(preset: Preset) -> None:
    found = keys(preset=preset)
    for name in ("SIGNUPS_ALLOWED", "PASSWORD_HINTS_ALLOWED", "SHOW_PASSWORD_HINT", "PUSH_ENABLED"):
        assert found[name] is False, name
    assert found["DISABLE_ICON_DOWNLOAD"] is True


def test_the_door_for_the_first_account_is_opened_with_a_reason() -> None:
    assert keys({"signups": True, "reasons": {"signups": "the first account"}})["SIGNUPS_ALLOWED"] is True


@pytest.mark.parametrize(
    ("preset", "sends", "events"), [("strict", False, None), ("balanced", True, 30), ("open", True, 90)]
)
def test_presets(preset: Preset, sends: bool, events: int | None) -> None:
    found = keys(preset=preset)
    assert found["SENDS_ALLOWED"] is sends
    assert found.get("EVENTS_DAYS_RETAIN") == events
    assert found["ORG_EVENTS_ENABLED"] is (events is not None)


@pytest.mark.parametrize(("trash", "days"), [("30d", 30), ("36h", 2), ("1h", 1)])
def test_the_trash_is_emptied_in_whole_days(trash: str, days: int) -> None:
    assert keys({"trash": trash})["TRASH_AUTO_DELETE_DAYS"] == days


def test_organisations_can_be_nobodys() -> None:
    assert keys()["ORG_CREATION_USERS"] == "all"
    assert keys({"organisations": "nobody"})["ORG_CREATION_USERS"] == "none"


def test_the_site_limits_log_ins_blocks_the_administration_and_takes_attachments() -> None:
    one = community({"attachment": "10M"})
    site = next(need for need in Vaultwarden().needs(one) if isinstance(need, api.Site))
    at = {location.path: location for location in site.locations}
    assert at["/identity/"].login
    assert at["/admin"].blocked
    assert at["/"].upload == 11 * 2**20
    assert at["/"].websocket


def test_the_domain_is_permanent() -> None:
    kept = [need for need in Vaultwarden().needs(community()) if isinstance(need, api.Permanent)]
    assert [(need.value, need.setting) for need in kept] == [("passwords.example.org", "domain")]


def test_it_reaches_nobody() -> None:
    one = community()
    assert not [need for need in Vaultwarden().needs(one) if isinstance(need, api.Outgoing)]
    (unit,) = Vaultwarden().units(one, plan(one)["services/vaultwarden"].grants)
    assert (unit.name, unit.profile, unit.exemptions) == ("vaultwarden", "loopback", ())
