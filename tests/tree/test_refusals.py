"""What the system, another run or a trap refuses: a clear problem, and the old tree intact."""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from maidan_nix.problems import MaidanError
from maidan_nix.tree import File, apply, plan_write, recover
from maidan_nix.tree.directory import Root
from maidan_nix.tree.journal import IDLE
from maidan_nix.tree.lock import exclusive
from tree.disk import files_of, generate, own, tree_of, wrap_effects
from tree.drivers import drive
from tree.scenarios import NEW, OLD, SCENARIOS, expected

Before: TypeAlias = Callable[[str, tuple[Any, ...]], None]


@pytest.fixture
def unprivileged() -> tuple[str, ...]:
    """What to put before a command, so that it runs without the rights that let root write anywhere."""
    if os.geteuid() != 0:
        return ()
    within = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    if shutil.which("setpriv") is None or subprocess.run([*within, "true"], check=False, timeout=20).returncode != 0:
        pytest.skip("root cannot give up its rights here: needs setpriv of util-linux")
    return within


def refusal(root: Path, action: Callable[[], object], said: str) -> MaidanError:
    before = files_of(root)
    with pytest.raises(MaidanError, match=said) as caught:
        action()
    assert files_of(root) == before
    assert not (root / ".maidan/staging").exists()
    return caught.value


# What the system refuses


def failing(first: int, last: int, number: int) -> tuple[Before, list[str]]:
    """Make the effects number `first` to `last` fail with the error `number`; the list names those that came."""
    came: list[str] = []

    def before(name: str, _: tuple[Any, ...]) -> None:
        came.append(name)
        if first < len(came) <= last + 1:
            raise OSError(number, os.strerror(number))

    return before, came


def generate_with(before: Before, root: Path, wanted: dict[str, bytes | File]) -> MaidanError | None:
    """Generate with `before` called before each effect; return what was refused."""
    with pytest.MonkeyPatch.context() as patch:
        wrap_effects(before, lambda name, call: patch.setattr(os, name, call))
        try:
            generate(root, wanted)
        except MaidanError as error:
            return error
    return None


@pytest.mark.parametrize("scenario", ["first", "update"])
def test_whichever_step_is_refused_once_the_tree_is_old_or_new(scenario: str, tmp_path: Path) -> None:
    first, wanted = SCENARIOS[scenario]
    refused = 0
    for step in range(1000):
        root = tmp_path / str(step)
        if first is not None:
            generate(root, first)
        old = files_of(root)
        before, came = failing(step, step, errno.ENOSPC)
        error = generate_with(before, root, wanted)
        recover(root)
        if error:
            refused += 1
            assert "no space left" in str(error)
            assert "free some space" in error.problems[0].hint
            untouched = "as it was" in error.problems[0].hint or not root.exists()
            assert files_of(root) == old if untouched else own(root) == expected(first, wanted)
        else:
            assert own(root) == expected(first, wanted)
        generate(root, wanted)
        assert own(root) == expected(first, wanted)
        if len(came) <= step:
            break
    assert refused > 30


@pytest.mark.parametrize("scenario", ["first", "update"])
def test_if_nothing_works_any_more_the_next_run_finishes(scenario: str, tmp_path: Path) -> None:
    first, wanted = SCENARIOS[scenario]
    unfinished = 0
    for step in range(60):
        root = tmp_path / str(step)
        if first is not None:
            generate(root, first)
        old = files_of(root)
        error = generate_with(failing(step, 10_000, errno.EIO)[0], root, wanted)
        journal = root / ".maidan/journal.json"
        if journal.exists() and journal.read_bytes() != IDLE:
            unfinished += 1
            assert error
            assert "half written" in error.problems[0].hint
            recover(root)
            assert own(root) == expected(first, wanted)
        else:
            recover(root)
            assert files_of(root) == old or own(root) == expected(first, wanted)
    assert unfinished > 10


def test_a_full_disk_leaves_the_old_tree(tmp_path: Path) -> None:
    within = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)))
    if shutil.which("unshare") is None or subprocess.run([*within, "true"], check=False, timeout=20).returncode != 0:
        pytest.skip("no mount namespace here: needs unshare of util-linux and the right to use it")
    told = drive("refusal_driver", tmp_path, "small", within=within)
    refused = [one for one in told if one["messages"]]
    assert len(refused) > 40  # at many different steps, since the file systems had ever more room
    for one in refused:
        if "was there before" not in one["messages"][0]:
            assert "no space left" in one["messages"][0]
            assert "free some space and run again" in one["hints"][0]
        assert one["untouched"], one
    assert any(one["messages"] == [] for one in told)


@pytest.mark.parametrize("place", [".", ".maidan", "hosts/a", "hosts/a/services", "packages"])
def test_a_directory_that_may_not_be_written(place: str, root: Path, unprivileged: tuple[str, ...]) -> None:
    before = files_of(root)
    (root / place).chmod(0o555)
    told = drive("refusal_driver", root, within=unprivileged)
    (root / place).chmod(0o755)
    assert "permission denied" in told["messages"][0]
    assert str(root) in told["messages"][0]
    assert "owner and mode" in told["hints"][0]
    assert files_of(root) == before
    assert not (root / ".maidan/staging").exists()
    generate(root, NEW)


@pytest.mark.parametrize("place", ["flake.nix", "hosts", ".maidan", ".maidan/files.json", ".maidan/journal.json"])
def test_a_place_that_may_not_be_read(place: str, root: Path, unprivileged: tuple[str, ...]) -> None:
    mode = (root / place).stat().st_mode
    (root / place).chmod(0)
    told = drive("refusal_driver", root, within=unprivileged)
    (root / place).chmod(mode)
    assert re.match(f"cannot (read|look at) {root}/{place}", told["messages"][0])
    assert "permission denied" in told["messages"][0]


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for place in (tmp_path / "file", tmp_path / "file/below"):
        with pytest.raises(MaidanError, match="not a directory"):
            plan_write(place, {})
        with pytest.raises(MaidanError, match="not a directory"):
            recover(place)


def test_a_first_run_that_is_refused_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_write(tmp_path / "a/b", tree_of(OLD))
    wrap_effects(failing(20, 20, errno.ENOSPC)[0], lambda name, call: monkeypatch.setattr(os, name, call))
    with pytest.raises(MaidanError, match="no space left"):
        apply(plan)
    assert list(tmp_path.iterdir()) == []


# Traps


@pytest.mark.parametrize("link", ["hosts", "hosts/a", "flake.nix", ".maidan", ".maidan/files.json", ".maidan/staging"])
def test_nothing_is_read_or_written_through_a_symbolic_link(link: str, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    if (root / link).exists():
        (root / link).rename(outside)
    else:
        outside.mkdir()
        (outside / "0.new").write_bytes(b"precious")
    (root / link).symlink_to(outside)
    kept = files_of(outside) if outside.is_dir() else {"": outside.read_bytes()}

    def run() -> None:
        recover(root)
        generate(root, NEW, mode="overwrite")

    with pytest.raises(MaidanError, match=f"{re.escape(str(root / link))} is a symbolic link"):
        run()
    assert (root / link).is_symlink()
    assert kept == (files_of(outside) if outside.is_dir() else {"": outside.read_bytes()})


def test_a_link_put_in_place_after_planning_is_not_followed(root: Path, tmp_path: Path) -> None:
    plan = plan_write(root, tree_of(NEW))
    (root / "hosts").rename(tmp_path / "outside")
    (root / "hosts").symlink_to(tmp_path / "outside")
    before = files_of(tmp_path / "outside")
    with pytest.raises(MaidanError, match="symbolic link"):
        apply(plan)
    assert files_of(tmp_path / "outside") == before


def test_what_is_no_regular_file_is_refused_without_waiting(root: Path) -> None:
    (root / "flake.nix").unlink()
    os.mkfifo(root / "flake.nix")
    with pytest.raises(MaidanError, match="cannot be a generated file"):
        plan_write(root, tree_of(NEW))
    (root / "flake.nix").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(root)  # a socket's path has room for 108 bytes only
        try:
            listener.bind("flake.nix")
        finally:
            os.chdir(here)
        with pytest.raises(MaidanError, match="cannot read"):
            plan_write(root, tree_of(NEW))


def test_a_directory_of_the_stewards_in_the_way_of_a_file(root: Path) -> None:
    (root / "hosts/b/platform/new.nix").mkdir(parents=True)
    (root / "hosts/b/platform/new.nix/mine").write_bytes(b"mine")
    error = refusal(root, lambda: generate(root, NEW), "is a directory")
    assert "move the directory out of the way; the tree is as it was" in error.problems[0].hint


def test_a_file_of_the_stewards_in_the_way_of_a_directory(root: Path) -> None:
    (root / "hosts/b").write_bytes(b"mine")
    error = refusal(root, lambda: generate(root, NEW), "not a directory")
    assert "move the file out of the way; the tree is as it was" in error.problems[0].hint


# Two at once


def test_a_second_run_is_refused_while_one_writes(root: Path) -> None:
    plan = plan_write(root, tree_of(NEW))
    with Root(root) as opened, exclusive(opened):
        refusal(root, lambda: apply(plan), "another run of maidan-nix is writing")
        (root / ".maidan/staging").mkdir()
        with pytest.raises(MaidanError, match="another run of maidan-nix is writing"):
            recover(root)
        (root / ".maidan/staging").rmdir()
    apply(plan)
    assert not (root / ".maidan/lock").exists()


def test_a_lock_left_by_a_killed_run_is_no_obstacle(root: Path) -> None:
    (root / ".maidan/lock").write_bytes(b"")
    generate(root, NEW)
    assert own(root) == expected(OLD, NEW)


@pytest.mark.parametrize("path", ["flake.nix", "hosts/b/platform/new.nix", "packages/turns"])
def test_a_plan_that_was_overtaken_by_an_edit_is_refused(path: str, root: Path) -> None:
    plan = plan_write(root, tree_of(NEW))
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(b"edited a moment ago")
    error = refusal(root, lambda: apply(plan), "was changed while")
    assert error.problems[0].hint == "run again"


def test_a_plan_that_was_overtaken_by_another_run_is_refused(root: Path) -> None:
    plan = plan_write(root, tree_of({**NEW, "flake.nix": b"third"}))
    generate(root, NEW)
    refusal(root, lambda: apply(plan), "was changed while")
