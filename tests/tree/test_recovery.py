"""After a crash: what is finished, what is kept, what stops everything; and what is durable at which moment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from maidan_nix.problems import ExitCode, MaidanError
from maidan_nix.tree import plan_write, recover
from maidan_nix.tree.journal import IDLE, Step, print_journal
from maidan_nix.tree.record import sha256
from tree.disk import generate, own, tree_of, wrap_effects
from tree.scenarios import NEW, OLD, expected


def interrupted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave `root` as a run that was cut short after its commit does."""

    class Killed(BaseException):
        pass

    def before(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "rename" and str(arguments[0]).endswith(".new"):
            raise Killed

    with monkeypatch.context() as patch:
        wrap_effects(before, lambda name, call: patch.setattr(os, name, call))
        with pytest.raises(Killed):
            generate(root, NEW)


def test_planning_on_a_half_written_tree_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(root, monkeypatch)
    with pytest.raises(MaidanError, match="half written") as caught:
        plan_write(root, tree_of(NEW))
    assert caught.value.exit_code is ExitCode.OUT_OF_DATE
    assert recover(root).state == "finished"
    assert own(root) == expected(OLD, NEW)


def test_what_was_edited_after_the_crash_is_kept_and_then_asked_about(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(root, monkeypatch)
    (root / "flake.nix").write_bytes(b"mine")
    (root / "hosts/b").mkdir()
    assert recover(root).kept == ("flake.nix",)
    assert (root / "flake.nix").read_bytes() == b"mine"
    with pytest.raises(MaidanError) as caught:
        generate(root, NEW)
    assert caught.value.exit_code is ExitCode.HAND_EDITS


@pytest.mark.parametrize("damage", ["removed", "emptied", "altered"])
def test_lost_staging_stops_everything_until_the_journal_is_deleted(
    damage: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(root, monkeypatch)
    staging = root / ".maidan/staging"
    if damage == "altered":
        next(staging.glob("*.new")).write_bytes(b"not what was staged")
    else:
        shutil.rmtree(staging)
        if damage == "emptied":
            staging.mkdir()
    with pytest.raises(MaidanError, match="lost or damaged") as caught:
        recover(root)
    assert "delete .maidan/journal.json" in caught.value.problems[0].hint
    assert (root / ".maidan/journal.json").read_bytes() != IDLE
    (root / ".maidan/journal.json").unlink()
    recover(root)
    generate(root, NEW, mode="overwrite")
    assert own(root) == expected(OLD, NEW)


def test_a_hostile_journal_reaches_nothing_outside(root: Path, tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    staging = root / ".maidan/staging"
    staging.mkdir()
    (staging / "0.new").write_bytes(b"evil")
    (staging / "idle.json").write_bytes(IDLE)
    journal = root / ".maidan/journal.json"
    good = print_journal((Step("x", None, sha256(b"evil")),))
    for path in ("../victim", str(tmp_path / "victim"), ".git/hooks/post-commit"):
        journal.write_bytes(good.replace(b'"x"', f'"{path}"'.encode()))
        with pytest.raises(MaidanError, match="cannot be used"):
            recover(root)
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert not (root / ".git").exists()


def test_a_directory_in_the_staging_directory_is_not_ours_to_delete(root: Path) -> None:
    (root / ".maidan/staging/mine").mkdir(parents=True)
    with pytest.raises(MaidanError, match="holds files only"):
        recover(root)
    assert (root / ".maidan/staging/mine").exists()


def test_all_is_durable_before_the_journal_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[tuple[str, str]] = []

    def before(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "fsync":
            events.append(("fsync", os.path.relpath(Path(f"/proc/self/fd/{arguments[0]}").readlink(), root)))
        elif name == "rename":
            events.append(("rename", str(arguments[0])))

    wrap_effects(before, lambda name, call: monkeypatch.setattr(os, name, call))
    generate(root, NEW)
    commit, end = events.index(("rename", "pending.json")), events.index(("rename", "idle.json"))
    synced = [path for kind, path in events[:commit] if kind == "fsync"]
    moved = [name for kind, name in events if kind == "rename" and name.endswith(".new")]
    for name in (*moved, "pending.json", "idle.json"):
        assert synced.count(f".maidan/staging/{name}") == 1
    assert synced[-2:] == [".maidan/staging", ".maidan"]
    assert events[commit + 1] == ("fsync", ".maidan")
    last_move = max(number for number, (kind, name) in enumerate(events) if kind == "rename" and name.endswith(".new"))
    directories = [path for kind, path in events[last_move:end] if kind == "fsync"]
    assert len(directories) == len(set(directories))
    assert {".", "hosts", "hosts/a", "hosts/b", "hosts/b/platform", "packages/turns", "modules"} <= set(directories)
    assert events[end + 1] == ("fsync", ".maidan")
