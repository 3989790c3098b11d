"""New files are made known to git, and nothing of the repository's is run or changed for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from maidan_nix.tree import git, recover
from tree.disk import generate

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here: apt-get install git")


def run(root: Path, *command: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    return subprocess.run(
        ["git", "-C", root, *author, *command], check=True, capture_output=True, text=True, env=environment, timeout=20
    ).stdout


def known(root: Path) -> set[str]:
    return set(run(root, "ls-files", "-z").split("\0")) - {""}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", "/nowhere")  # what redirects git must not reach it
    place = tmp_path / "checkout"
    place.mkdir()
    run(place, "init", "-q")
    return place


def test_new_files_and_our_records_are_intended_to_be_added(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub/untracked").write_bytes(b"")
    assert generate(root / "sub", {"hosts/a/x.nix": b"1", ":(top)*": b"1", "--all": b"1", "ü b": b"1"}) == ()
    names = {"hosts/a/x.nix", ":(top)*", "--all", "ü b"}
    records = {f".maidan/{name}" for name in ("journal.json", "files.json", ".gitignore")}
    assert known(root) == {f"sub/{name}" for name in names | records}
    assert run(root, "diff", "--cached", "--name-only") == ""  # known, and nothing staged


def test_what_is_staged_stays_as_it_is_staged(root: Path) -> None:
    generate(root, {"a": b"1", "b": b"1"})
    run(root, "add", "a")
    before = run(root, "ls-files", "-s", "a")
    (root / "a").unlink()
    generate(root, {"a": b"2", "b": b"2", "c": b"2"})
    assert run(root, "ls-files", "-s", "a") == before
    assert "c" in known(root)


def test_git_is_not_asked_when_no_file_is_new(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generate(root, {"a": b"1"})
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("git was started"))
    assert generate(root, {"a": b"2"}) == ()


def test_files_of_an_interrupted_run_are_made_known_before_the_journal_is_idle(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> str:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(git, "intend_to_add", die)
        with pytest.raises(Killed):
            generate(root, {"a": b"1"})
    assert known(root) == set()
    assert recover(root).state == "finished"
    assert {"a", ".maidan/journal.json"} <= known(root)


def test_the_staging_directory_and_the_lock_are_ignored(root: Path) -> None:
    generate(root, {"a": b"1"})
    (root / ".maidan/staging").mkdir()
    for name in ("staging/0.new", "lock"):
        (root / ".maidan" / name).write_bytes(b"")
    assert "??" not in run(root, "status", "--porcelain")


def test_programs_named_by_the_repository_are_not_run(root: Path) -> None:
    trap = root / ".git/hooks/trap"
    trap.write_text(f"#!/bin/sh\ntouch {root}/.git/sprung\n")
    trap.chmod(0o755)
    trap.with_name("post-index-change").symlink_to("trap")
    run(root, "config", "core.fsmonitor", str(trap))
    run(root, "config", "filter.trap.clean", str(trap))
    (root / ".gitattributes").write_text("* filter=trap\n")
    assert generate(root, {"a": b"1"}) == ()
    assert not (root / ".git/sprung").exists()
    run(root, "config", "--unset", "core.fsmonitor")
    assert "a" in known(root)


def test_ignored_files_stay_ignored_with_a_warning(root: Path) -> None:
    (root / ".gitignore").write_text("documents/\n")
    [warning] = generate(root, {"a": b"1", "documents/x": b"1"})
    assert "documents" in warning
    assert "a" in known(root)
    assert "documents/x" not in known(root)


def test_a_repository_that_git_refuses_is_a_warning(root: Path) -> None:
    (root / ".git/index").write_bytes(b"no index\x1b[2J")
    [warning] = generate(root, {"a": b"1"})
    assert "will not see" in warning
    assert warning.isprintable()
    assert (root / "a").read_bytes() == b"1"


def test_outside_a_checkout_and_without_git_nothing_happens(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("git was started"))
        assert generate(tmp_path / "elsewhere", {"a": b"1"}) == ()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert generate(root, {"a": b"1"}) == ()
    assert (root / "a").exists()
