"""The sections that belong to no plugin: what goes together, and what does not."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from maidan_nix.manifest.sections import Manifest, interpret, plugin_sections
from maidan_nix.problems import Problem

MINIMAL = tomllib.loads((Path(__file__).parents[2] / "hosts/minimal/community.toml").read_text("utf-8"))


def read(privacy: dict[str, Any]) -> tuple[Manifest | None, list[Problem]]:
    values = {**MINIMAL, "privacy": privacy}
    sections, problems = plugin_sections(values, ["services/vaultwarden"])
    manifest, more = interpret(values, sections)
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
