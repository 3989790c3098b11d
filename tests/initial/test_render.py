"""What `init` writes means what was answered, whatever that was."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maidan_nix.generation import generate
from maidan_nix.initial.outcome import outcome
from maidan_nix.initial.render import UNFINISHED, render
from maidan_nix.manifest.document import parse_document

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("hosts/*/community.toml"))

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
TABLES = st.recursive(
    TEXT | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.lists(TEXT, max_size=3),
    lambda inner: st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["community", "stewards", "privacy", "hosts", "services", "hardening", "plugins"]) | TEXT


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_example_is_written_with_the_same_meaning(path: Path) -> None:
    values = tomllib.loads(path.read_text("utf-8"))
    text = render(values)
    assert tomllib.loads(text) == values
    assert generate(parse_document(text.encode(), "community.toml"), lock=None, public=None).manifest


@settings(max_examples=200)
@given(st.dictionaries(NAMES, TABLES, max_size=4), st.booleans())
def test_whatever_was_answered_is_read_back(values: dict[str, Any], unfinished: bool) -> None:
    text = render(values, unfinished=unfinished)
    assert tomllib.loads(text) == values
    assert (UNFINISHED in text) is unfinished


def test_settings_that_are_shown_as_comments_are_right_when_they_are_uncommented() -> None:
    values = tomllib.loads((ROOT / "hosts/minimal/community.toml").read_text("utf-8"))
    text = render({**values, "privacy": {"preset": "balanced"}})
    lines = [line.removeprefix("# ") if line.startswith("# ") and " = " in line else line for line in text.splitlines()]
    uncommented = "\n".join(lines)
    assert uncommented != text
    document = parse_document(uncommented.encode(), "community.toml")
    assert document.values["privacy"]["log_retention"] == "14d"
    assert "swap" in document.values["hosts"]["shed"]["disk"]


def test_a_manifest_of_ones_own_keeps_every_line() -> None:
    mine = "# ours\n[community]\nname = 'C'   # voted\n"
    document = parse_document(mine.encode(), "community.toml")
    values = {
        "community": {"name": "C", "domain": "example.org"},
        "hosts": {"shed": {"disk": {"device": "/dev/disk/by-id/x"}}},
        "services": {"vaultwarden": {"domain": "p.example.org", "reasons": {"x": "y"}}},
    }
    after = outcome(document, values, unfinished=False)
    assert tomllib.loads(after) == values
    assert [line for line in mine.splitlines() if line not in after.splitlines()] == []
    assert "# The domain the community owns; services live below it.\ndomain" in after
