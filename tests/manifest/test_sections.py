"""The sections that belong to no plugin: what goes together, and what does not."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from maidan_nix.manifest.schema import secret_recipients
from maidan_nix.manifest.sections import Manifest, interpret, plugin_sections
from maidan_nix.problems import Problem

MINIMAL = tomllib.loads((Path(__file__).parents[2] / "hosts/minimal/community.toml").read_text("utf-8"))


def read(privacy: dict[str, Any]) -> tuple[Manifest | None, list[Problem]]:
    return read_with(privacy=privacy)


def read_with(**sections: Any) -> tuple[Manifest | None, list[Problem]]:
    """Read the smallest manifest with other sections."""
    values = {**MINIMAL, **sections}
    apart, problems = plugin_sections(values, ["services/vaultwarden", "hardening/kernel"])
    manifest, more = interpret(values, apart)
    return manifest, [*problems, *more]


@pytest.mark.parametrize("preset", ["strict", "balanced", "open"])
def test_a_preset_alone_is_a_whole_policy(preset: str) -> None:
    manifest, problems = read({"preset": preset})
    assert problems == []
    assert manifest is not None
    assert manifest.privacy.federation_allow == ()


def test_listing_chosen_without_a_list_is_a_mistake() -> None:
    reasons = {"federation": "The neighbours are our partners."}
    _, problems = read({"federation": "listed", "reasons": reasons})
    assert [problem.path for problem in problems] == [("privacy", "federation_allow")]


def test_a_list_without_listing_is_a_mistake() -> None:
    _, problems = read({"federation_allow": ["matrix.example.net"]})
    assert [problem.path for problem in problems] == [("privacy", "federation_allow")]


IN_HARDWARE = (
    "sk-ssh-ed25519@openssh.com "
    "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gAAAABHNzaDo= ada"
)
(ORDINARY,) = MINIMAL["stewards"]["ada"]["ssh_keys"]
AGE = "age1" + "q" * 58


@pytest.mark.parametrize(
    ("steward", "recipients"),
    [
        ({"ssh_keys": [IN_HARDWARE, ORDINARY]}, (ORDINARY,)),
        ({"ssh_keys": [IN_HARDWARE], "age_recipients": [AGE]}, (AGE,)),
        ({"ssh_keys": [ORDINARY], "age_recipients": [AGE]}, (ORDINARY, AGE)),
    ],
)
def test_secrets_are_encrypted_to_the_keys_that_age_can_read(
    steward: dict[str, Any], recipients: tuple[str, ...]
) -> None:
    manifest, problems = read_with(stewards={"ada": steward})
    assert problems == []
    assert manifest is not None
    assert secret_recipients(manifest.stewards["ada"]) == recipients


def test_a_steward_who_could_open_no_secret_is_refused() -> None:
    _, problems = read_with(stewards={"ada": {"ssh_keys": [IN_HARDWARE]}})
    (problem,) = problems
    assert problem.path == ("stewards", "ada", "ssh_keys")
    assert "age_recipients" in problem.hint


@pytest.mark.parametrize("name", ["", "a" * 81, "Comm\u202eons", "Com\tmons", "Com\u2028mons"])
def test_the_name_of_a_community_can_be_read(name: str) -> None:
    _, problems = read_with(community={**MINIMAL["community"], "name": name})
    (problem,) = problems
    assert problem.path == ("community", "name")
    assert problem.expected == "a name of 1 to 80 visible characters"
    assert problem.message.isprintable()


def test_any_script_makes_a_name() -> None:
    manifest, _ = read_with(community={**MINIMAL["community"], "name": "میدان, Общая земля"})
    assert manifest is not None
    assert manifest.community.name == "میدان, Общая земля"


@pytest.mark.parametrize(
    ("name", "said"), [("platform/base", "ground"), ("platform/disk", "ground"), ("services/vaultwarden", "section")]
)
def test_only_hardening_can_be_disabled(name: str, said: str) -> None:
    _, problems = read_with(plugins={"disable": {name: "we would rather not"}})
    (problem,) = problems
    assert problem.path == ("plugins", "disable", name)
    assert said in problem.message
    assert problem.expected == "a plugin below hardening/"


def test_a_plugin_is_not_both_set_and_disabled() -> None:
    reason = {"disable": {"hardening/kernel": "the machine is a container"}}
    assert read_with(plugins=reason)[1] == []
    _, problems = read_with(plugins=reason, hardening={"kernel": {}})
    (problem,) = problems
    assert (problem.path, problem.at) == (("hardening", "kernel"), "key")
    assert problem.message == "hardening/kernel has settings and is disabled"
