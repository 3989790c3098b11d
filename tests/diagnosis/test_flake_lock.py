"""What is said of flake.lock, whatever is in it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.diagnosis.flake_lock import check_inputs, read_inputs
from maidan_nix.flake.inputs import render_lock

GOOD: dict[str, Any] = json.loads(render_lock())
PINNED: int = GOOD["nodes"]["nixpkgs"]["locked"]["lastModified"]
DAY = 86_400


def said(document: object, days: int = 1) -> dict[str, tuple[str, str]]:
    lines = check_inputs(json.dumps(document).encode(), "", PINNED + days * DAY)
    return {line.id: (line.state, line.message) for line in lines}


def test_our_own_lock_is_right() -> None:
    lines = said(GOOD)
    assert {state for state, _ in lines.values()} <= {"ok", "look"}
    assert lines["flake-lock"] == ("ok", "every input is locked")
    assert lines["nixpkgs-age"][0] == "ok"
    assert read_inputs(render_lock()).youngest == PINNED


@pytest.mark.parametrize(
    ("days", "state"), [(0, "ok"), (13, "ok"), (14, "look"), (41, "look"), (42, "wrong"), (-3, "skipped")]
)
def test_an_old_nixpkgs(days: int, state: str) -> None:
    assert said(GOOD, days)["nixpkgs-age"][0] == state


def test_an_input_that_is_not_locked() -> None:
    lock = copy.deepcopy(GOOD)
    del lock["nodes"]["root"]["inputs"]["disko"]
    assert said(lock)["flake-lock"][0] == "wrong"
    assert "the input disko of flake.nix is not locked" in said(lock)["flake-lock"][1]
    lock = copy.deepcopy(GOOD)
    del lock["nodes"]["agenix"]["locked"]["narHash"]
    del lock["nodes"]["disko"]["locked"]
    assert "the inputs agenix, disko of flake.nix are not locked" in said(lock)["flake-lock"][1]
    assert said(lock)["flake-follows"] == ("skipped", "not looked at: not every input is locked")
    lock["nodes"]["nixpkgs"]["locked"].pop("narHash")
    assert said({**lock, "nodes": {"root": {"inputs": {}}}})["flake-follows"][0] == "skipped"


def test_an_input_that_follows_something_else() -> None:
    lock = copy.deepcopy(GOOD)
    lock["nodes"]["disko"]["inputs"]["nixpkgs"] = "nixpkgs_2"
    lock["nodes"]["agenix"]["inputs"]["darwin"] = ["agenix", "darwin"]
    state, message = said(lock)["flake-follows"]
    assert state == "wrong"
    assert message.startswith("agenix/darwin, disko/nixpkgs do not follow")


def test_the_root_may_have_another_name_for_nixpkgs() -> None:
    lock = copy.deepcopy(GOOD)
    lock["nodes"]["nixpkgs_2"] = lock["nodes"].pop("nixpkgs")
    lock["nodes"]["root"]["inputs"]["nixpkgs"] = "nixpkgs_2"
    assert said(lock)["nixpkgs-age"][0] == "ok"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", b"null", b'{"version": 99}', b'{"version": true}', b"[" * 100_000]
)
def test_a_lock_that_is_none(content: bytes) -> None:
    (line,) = check_inputs(content, "", PINNED)
    assert (line.id, line.state) == ("flake-lock", "wrong")
    assert line.way_out


def test_no_lock_and_one_that_cannot_be_read() -> None:
    (none,) = check_inputs(None, "", PINNED)
    (refused,) = check_inputs(None, "permission denied", PINNED)
    assert (none.message, refused.message) == ("there is none", "it cannot be read: permission denied")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_no_shape_makes_it_fail(data: st.DataObject) -> None:
    lock = copy.deepcopy(GOOD)
    place: Any = lock
    for _ in range(data.draw(st.integers(0, 4))):
        keys = [key for key, value in place.items() if isinstance(value, dict)]
        if not keys:
            break
        place = place[data.draw(st.sampled_from(keys))]
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON)
    lines = list(check_inputs(json.dumps(lock).encode(), "", PINNED))
    assert lines
    assert all(line.message for line in lines)
