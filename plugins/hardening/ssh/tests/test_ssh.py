"""SSH: what the plugin sets, and what OpenSSH makes of it. tests/live/test_sshd.py logs in."""

from __future__ import annotations

from typing import Any

import pytest

from judges import sshd_test
from maidan_nix_plugins.hardening.ssh.tests.compose import compose
from plugin_harness import ADA, Preset, configuration, context, plain, plan
from units.composition import EXAMPLES, example


def options(preset: Preset = "strict", **settings: Any) -> dict[str, Any]:
    stewards = {name: {"ssh_keys": [ADA]} for name in ("grace", "ada")}
    one = context("hardening/ssh", settings, preset=preset, stewards=stewards)
    return configuration(one, plan(one)["hardening/ssh"].grants)


def sshd(preset: Preset = "strict", **settings: Any) -> dict[str, Any]:
    found: dict[str, Any] = options(preset, **settings)["services"]["openssh"]
    return found


def test_stewards_come_in_with_keys_from_the_manifest_and_nobody_else() -> None:
    server = sshd()
    assert server["settings"]["AllowUsers"] == ["ada", "grace"]
    assert server["settings"]["AuthenticationMethods"] == "publickey"
    assert server["settings"]["PermitRootLogin"] == "no"
    assert server["authorizedKeysInHomedir"] is False


def test_the_port_is_opened_by_the_firewall_alone() -> None:
    assert (sshd()["ports"], sshd()["openFirewall"]) == ([22], False)
    assert sshd(port=2222)["ports"] == [2222]


@pytest.mark.parametrize("preset", ["strict", "balanced", "open"])
def test_every_preset_is_understood_by_sshd(preset: Preset) -> None:
    assert sshd_test(compose(options(preset)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_sshd_understands_the_examples(name: str) -> None:
    for host in example(name).values():
        assert sshd_test(compose(plain(host["hardening/ssh"].options)))


@pytest.mark.parametrize(("preset", "allowed"), [("strict", False), ("balanced", True), ("open", True)])
def test_older_clients_follow_the_preset(preset: Preset, allowed: bool) -> None:
    assert ("curve25519-sha256" in sshd(preset)["settings"]["KexAlgorithms"]) == allowed


def test_what_sshd_does_not_know_is_refused() -> None:
    assert not sshd_test(compose(options()) + "PermitRootLogins no\n")


def test_no_setting_stands_twice_in_another_spelling() -> None:
    names = [line.split()[0].lower() for line in compose(options()).splitlines()]
    once = [name for name in names if name not in {"port", "hostkey"}]
    assert len(once) == len(set(once))
