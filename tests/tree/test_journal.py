"""The journal: when it is idle, for us and for Nix, and what it may name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judges import nix_eval
from maidan_nix.problems import MaidanError
from maidan_nix.tree.file import path_fault
from maidan_nix.tree.journal import IDLE, Step, print_journal, read_journal
from maidan_nix.tree.record import sha256

HASHES = st.none() | st.binary(max_size=8).map(sha256)
PATHS = st.text(min_size=1, max_size=20).filter(lambda path: not path_fault(path) and not path.startswith(".maidan"))
STEPS = st.builds(Step, PATHS, HASHES, HASHES)


@given(st.lists(STEPS, max_size=4, unique_by=lambda step: step.path).map(tuple))
def test_what_is_printed_reads_back(steps: tuple[Step, ...]) -> None:
    assert read_journal(print_journal(steps)) == steps


def test_without_steps_it_is_idle() -> None:
    assert print_journal(()) == IDLE
    assert read_journal(IDLE) == ()


@pytest.mark.parametrize("steps", [(), (Step("flake.nix", None, "0" * 64),)])
def test_one_expression_tells_nix_whether_it_is_idle(steps: tuple[Step, ...], tmp_path: Path) -> None:
    (tmp_path / "journal.json").write_bytes(print_journal(steps))
    expression = f"(builtins.fromJSON (builtins.readFile {tmp_path}/journal.json)).pending == [ ]"
    assert nix_eval(expression) is (not steps)


def journal(**changed: object) -> bytes:
    return json.dumps({"version": 1, "pending": [{"path": "a", "old": None, "new": "0" * 64, **changed}]}).encode()


def test_a_plain_step_is_read() -> None:
    assert read_journal(journal()) == (Step("a", None, "0" * 64),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 2, "pending": []}',
        b'{"version": 1}',
        b'{"version": 1, "pending": {}}',
        b'{"version": 1, "pending": [1]}',
        journal(more=1),
        journal(path=1),
        journal(path="../a"),
        journal(path="/etc/passwd"),
        journal(path=".git/hooks/post-checkout"),
        journal(path=".maidan/journal.json"),
        journal(path=".maidan/staging/0.new"),
        journal(new="0"),
        journal(old=0),
        journal().replace(b"]", b", " + journal()[len(b'{"version": 1, "pending": [') : -2] + b"]"),
        print_journal((Step("a", None, "0" * 64),))[:-10],
    ],
)
def test_anything_else_is_refused_with_its_place_and_a_way_out(content: bytes) -> None:
    with pytest.raises(MaidanError, match=r"here/journal\.json") as caught:
        read_journal(content, "here/journal.json")
    assert "generate again" in caught.value.problems[0].hint
