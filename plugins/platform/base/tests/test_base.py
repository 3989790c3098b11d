"""The base system, seen in the options that are set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.api import nix
from maidan_nix.plan.lock import HostLock, Lock
from maidan_nix.plugins import load
from maidan_nix.problems import MaidanError
from plugin_harness import ADA, STEWARDS, Preset, configuration, context, plan

NAME = "platform/base"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICAfHh0cGxoZGBcWFRQTEhEQDw4NDAsKCQgHBgUEAwIB grace"
TWO = {"grace": {"ssh_keys": [KEY]}, "ada": {"ssh_keys": [ADA, KEY]}}


def base(
    settings: Mapping[str, Any] | None = None,
    *,
    stewards: Mapping[str, Any] = STEWARDS,
    preset: Preset = "strict",
    lock: Lock | None = None,
    **more: Any,
) -> dict[str, Any]:
    one = context(NAME, settings, stewards=stewards, preset=preset, **more)
    return configuration(one, plan(one, lock=lock)[NAME].grants)


def journal(made: Mapping[str, Any]) -> dict[str, str]:
    lines = made["services"]["journald"]["extraConfig"].splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_each_steward_has_an_account_a_key_and_a_password_for_sudo() -> None:
    users = base(stewards=TWO)["users"]["users"]
    assert users.keys() == {"root", "ada", "grace"}
    assert users["ada"] == {
        "isNormalUser": True,
        "uid": 1000,
        "extraGroups": ["wheel"],
        "hashedPasswordFile": nix.Ref("config", "age", "secrets", "steward-ada-password", "path"),
        "openssh": {"authorizedKeys": {"keys": [ADA, KEY]}},
    }
    assert users["grace"]["uid"] == 1001


def test_the_order_of_stewards_in_the_manifest_decides_nothing() -> None:
    assert base(stewards=TWO) == base(stewards=dict(reversed(TWO.items())))


def test_a_lock_that_keeps_no_release_is_refused() -> None:
    assert base(lock=Lock({"main": HostLock(kept={f"{NAME} stateVersion": "25.11"})}))["system"] == {
        "stateVersion": "25.11"
    }
    for odd in ("", "26", "26.05\n", "26.05; x"):
        with pytest.raises(MaidanError, match=r"maidan[.]lock keeps"):
            base(lock=Lock({"main": HostLock(kept={f"{NAME} stateVersion": odd})}))


def test_an_account_is_not_called_as_a_service_was() -> None:
    with pytest.raises(MaidanError) as caught:
        base(lock=Lock({"main": HostLock(claims={"user ada": "services/removed"})}))
    (problem,) = caught.value.problems
    assert problem.path == ("stewards", "ada")
    assert problem.hint.startswith("choose another account name")


def test_a_new_steward_takes_nobodys_number() -> None:
    locked = Lock({"main": HostLock(user_ids={"grace": 1000, "linus": 1001})})
    users = base(stewards=TWO, lock=locked)["users"]["users"]
    assert users["grace"]["uid"] == 1000
    assert users["ada"]["uid"] == 1002


def test_the_password_is_a_secret_that_says_how_to_make_it() -> None:
    one = context(NAME, stewards=TWO)
    secrets = [need for need in load(NAME).needs(one) if isinstance(need, api.Secret)]
    assert [secret.name for secret in secrets] == ["steward-ada-password", "steward-grace-password"]
    assert all("mkpasswd" in secret.content and secret.owner == "root" for secret in secrets)


def test_nobody_else_becomes_root() -> None:
    made = base()
    assert made["users"]["mutableUsers"] is False
    assert made["users"]["users"]["root"] == {"hashedPassword": "!"}
    assert made["security"]["sudo"] == {"wheelNeedsPassword": True, "execWheelOnly": True}


def test_accounts_are_made_after_secrets_are_decrypted() -> None:
    made = base()
    assert made["systemd"]["sysusers"]["enable"] is False
    assert made["services"]["userborn"]["enable"] is False


def test_the_state_version_is_kept_from_the_day_the_host_was_created() -> None:
    assert base()["system"]["stateVersion"] == "26.05"
    older = Lock({"main": HostLock(kept={f"{NAME} stateVersion": "25.11"})})
    assert base(lock=older)["system"]["stateVersion"] == "25.11"


def test_time_language_and_keyboard_are_the_communitys() -> None:
    made = base({"keyboard": "de-latin1"}, community={"time_zone": "Europe/Berlin", "locale": "de_DE.UTF-8"})
    assert made["time"]["timeZone"] == "Europe/Berlin"
    assert made["i18n"]["defaultLocale"] == "de_DE.UTF-8"
    assert made["console"]["keyMap"] == "de-latin1"


@pytest.mark.parametrize(("preset", "kept"), [("strict", "7d"), ("balanced", "14d"), ("open", "30d")])
def test_logs_are_kept_as_long_as_the_privacy_policy_says(preset: Preset, kept: str) -> None:
    assert journal(base(preset=preset)) == {"SystemMaxUse": "1G", "MaxRetentionSec": kept, "MaxFileSec": "1d"}


def test_no_file_of_the_journal_covers_more_time_than_logs_are_kept() -> None:
    made = base(privacy={"log_retention": "6h"})
    assert journal(made)["MaxRetentionSec"] == "6h"
    assert journal(made)["MaxFileSec"] == "6h"


def test_the_journal_has_a_limit_in_size() -> None:
    assert journal(base({"journal_size": "256M"}))["SystemMaxUse"] == "256M"


def test_the_memory_of_a_crashed_service_is_not_stored() -> None:
    assert base()["systemd"]["coredump"]["settings"]["Coredump"] == {"Storage": "none", "ProcessSizeMax": 0}


def test_nix_trusts_root_only_and_asks_no_registry() -> None:
    settings = base()["nix"]["settings"]
    assert settings["trusted-users"] == ["root"]
    assert settings["allowed-users"] == ["@wheel"]
    assert settings["flake-registry"] == ""
    assert settings["min-free"] < settings["max-free"]


@pytest.mark.parametrize(("written", "days"), [("30d", 30), ("2w", 14), ("36h", 2)])
def test_old_generations_are_reclaimed_in_whole_days(written: str, days: int) -> None:
    assert base({"old_generations": written})["nix"]["gc"]["options"] == f"--delete-older-than {days}d"


@pytest.mark.parametrize(
    ("settings", "privacy", "path"),
    [
        ({}, {"log_retention": 0}, ("privacy", "log_retention")),
        ({"journal_size": "8M"}, {}, ("platform", "base", "journal_size")),
        ({"old_generations": 0}, {}, ("platform", "base", "old_generations")),
    ],
)
def test_limits_that_are_none_are_problems(
    settings: dict[str, Any], privacy: dict[str, Any], path: tuple[str, ...]
) -> None:
    (problem,) = load(NAME).problems(context(NAME, settings, privacy=privacy))
    assert problem.path == path
    assert problem.expected
    assert problem.plugin == NAME


def test_what_a_manifest_says_by_itself_is_no_problem() -> None:
    assert list(load(NAME).problems(context(NAME))) == []


def test_a_virtual_machine_of_the_host_evaluates() -> None:
    # nixos/modules/virtualisation/qemu-vm.nix sets it plainly, and two plain values would be a conflict.
    one = context(NAME)
    options: Mapping[str, Any] = load(NAME).configure(one, plan(one)[NAME].grants)
    noted = options["services"]["timesyncd"]["enable"]
    assert isinstance(noted, nix.Noted)
    assert noted.value == nix.Override(True)
