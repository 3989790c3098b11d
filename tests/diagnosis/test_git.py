"""What git says of a flake, and that a repository from a stranger runs nothing while it is asked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from judges import judge
from maidan_nix.diagnosis.git import check_git
from maidan_nix.diagnosis.git_facts import GitFacts, gather, read_status
from maidan_nix.diagnosis.line import Line

Git: TypeAlias = Callable[..., str]


def states(facts: GitFacts, generated: tuple[str, ...] | None = (), secrets: tuple[str, ...] = ()) -> dict[str, Line]:
    return {line.id: line for line in check_git(facts, generated, secrets, "/srv/my flake")}


def test_everything_is_right() -> None:
    facts = GitFacts(tracked=frozenset({"flake.nix", "secrets/a.age"}), remotes=("origin",), ahead=0)
    lines = states(facts, ("flake.nix",), ("secrets/a.age",))
    assert {line.state for line in lines.values()} == {"ok"}


def test_everything_is_wrong() -> None:
    lines = states(GitFacts(changed=("flake.nix",)), ("flake.nix",), ("secrets/a.age", "secrets/b.age"))
    assert {id_: line.state for id_, line in lines.items()} == {
        "git-repository": "ok",
        "git-tracked": "wrong",
        "git-secrets": "wrong",
        "git-committed": "look",
        "git-remote": "look",
    }
    assert lines["git-secrets"].message == (
        "2 files are not known to git, so the flake does not have them: secrets/a.age, secrets/b.age"
    )
    assert all(line.way_out for line in lines.values() if line.state != "ok")


def test_commits_that_were_not_pushed() -> None:
    assert states(GitFacts(remotes=("origin",), ahead=3))["git-pushed"].message == "3 commits were not pushed"
    assert states(GitFacts(remotes=("origin",), ahead=None))["git-pushed"].state == "skipped"


@pytest.mark.parametrize("changed", [(), ("flake.nix",)])
def test_before_the_first_commit_there_is_nothing_to_compare_with(changed: tuple[str, ...]) -> None:
    line = states(GitFacts(has_commit=False, changed=changed))["git-committed"]
    assert (line.state, line.message) == ("look", "nothing was committed yet")
    assert line.way_out == "run 'git add --all' and 'git commit'"


def test_nothing_is_said_of_secrets_where_there_are_none() -> None:
    assert "git-secrets" not in states(GitFacts(), secrets=())


def test_a_manifest_that_says_nothing_of_files() -> None:
    assert states(GitFacts(), None)["git-tracked"].state == "skipped"


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (GitFacts("missing"), "skipped", "not looked at: git is missing"),
        (GitFacts("failed", "bad config"), "skipped", "not looked at: git failed (bad config)"),
        (GitFacts("owner"), "look", "not looked at: git refuses a repository of another user"),
    ],
)
def test_what_cannot_be_looked_at_says_why(facts: GitFacts, state: str, reason: str) -> None:
    lines = states(facts)
    assert lines.pop("git-repository").state == state
    assert {(line.state, line.message) for line in lines.values()} == {("skipped", reason)}


def test_the_way_to_trust_a_folder_can_be_pasted() -> None:
    line = states(GitFacts("owner"))["git-repository"]
    assert line.way_out.endswith("'git config --global --add safe.directory '/srv/my flake''")


def test_no_repository_is_worth_a_look() -> None:
    lines = states(GitFacts("none"))
    assert {id_: line.state for id_, line in lines.items()} == {"git-repository": "look"}


def test_a_status_is_read() -> None:
    entries = [
        b"# branch.oid 1234",
        b"# branch.head main",
        b"# branch.ab +2 -1",
        b"1 .M N... 100644 100644 100644 aaa bbb sub/with space.nix",
        b"2 R. N... 100644 100644 100644 aaa bbb R100 sub/new.nix",
        b"sub/old.nix",
        b"u UU N... 100644 100644 100644 100644 aaa bbb ccc sub/both.nix",
        b"? sub/strange\nname \xff",
        b"",
    ]
    facts = read_status(b"\0".join(entries), "sub/", frozenset(), ("origin",))
    assert facts.changed == ("with space.nix", "new.nix", "both.nix")
    assert facts.untracked == ("strange\nname \udcff",)
    assert facts.ahead == 2
    assert facts.has_commit


# -- with git


@pytest.fixture
def git(tmp_path: Path) -> Git:
    program = judge("git", package="git")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false")

    def call(folder: Path, *words: str) -> str:
        done = subprocess.run(
            [program, "-C", folder, *who, *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    return call


@pytest.fixture
def flake(tmp_path: Path, git: Git) -> Path:
    """A flake in a folder of a repository, committed."""
    folder = tmp_path / "repository/flake"
    folder.mkdir(parents=True)
    git(folder.parent, "init", "--quiet", "--initial-branch=main")
    (folder / "flake.nix").write_text("{ }")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=Begin")
    return folder


def asked(folder: Path) -> GitFacts:
    return gather(folder, judge("git", package="git"))


def test_a_repository_is_asked(flake: Path, git: Git) -> None:
    assert asked(flake) == GitFacts(tracked=frozenset({"flake.nix"}))
    (flake / "flake.nix").write_text("{ a = 1; }")
    (flake / "new.nix").write_text("{ }")
    (flake.parent / "beside").write_text("another project's")
    git(flake, "remote", "add", "origin.eu", "https://git.example.org/flake")
    facts = asked(flake)
    assert facts.changed == ("flake.nix",)
    assert facts.untracked == ("new.nix",)
    assert facts.remotes == ("origin.eu",)
    assert facts.ahead is None
    git(flake, "add", "--intent-to-add", "new.nix")
    assert "new.nix" in asked(flake).tracked


def test_commits_ahead_of_another_place(flake: Path, git: Git, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(flake.parent), "there")
    git(flake, "remote", "add", "origin", str(tmp_path / "there"))
    git(flake, "fetch", "--quiet", "origin")
    git(flake, "branch", "--quiet", "--set-upstream-to=origin/main")
    assert asked(flake).ahead == 0
    git(flake, "commit", "--quiet", "--allow-empty", "--message=More")
    assert asked(flake).ahead == 1


def test_a_folder_in_no_repository(tmp_path: Path) -> None:
    assert asked(tmp_path).trouble == "none"
    assert gather(tmp_path, None).trouble == "missing"
    assert gather(tmp_path, "/nowhere/git").trouble == "missing"


def test_a_repository_without_a_commit(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "--quiet")
    assert not asked(tmp_path).has_commit


def test_the_environment_does_not_lead_elsewhere(flake: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere"))
    assert asked(flake).tracked == {"flake.nix"}


def test_a_broken_configuration_is_told(flake: Path) -> None:
    (flake.parent / ".git/config").write_text("[core\n")
    facts = asked(flake)
    assert facts.trouble == "failed"
    assert "bad config" in facts.said


def test_a_strangers_repository_runs_nothing(flake: Path, git: Git, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    spy = tmp_path / "spy"
    spy.write_text(f"#!/bin/sh\necho \"$0 $*\" >>'{ran}'\ncat\n")
    spy.chmod(0o755)
    hooks = flake.parent / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout"):
        (hooks / hook).write_bytes(spy.read_bytes())
        (hooks / hook).chmod(0o755)
    for key, value in {
        "core.fsmonitor": str(spy),
        "core.pager": str(spy),
        "core.sshCommand": str(spy),
        "diff.external": str(spy),
        "filter.a=b.c.clean": str(spy),
        "filter.a=b.c.smudge": str(spy),
        "filter.plain.process": str(spy),
        "filter.plain.required": "true",
        "credential.helper": str(spy),
    }.items():
        git(flake, "config", key, value)
    (flake / ".gitattributes").write_text("*.nix filter=a=b.c\n*.toml filter=plain\n")
    (flake / "community.toml").write_text("")
    git(
        flake,
        "-c",
        "core.fsmonitor=false",
        "-c",
        "filter.plain.process=",
        "-c",
        "filter.plain.required=false",
        "add",
        "--intent-to-add",
        ".",
    )
    (flake / "flake.nix").write_text("{ b = 2; }")
    ran.unlink(missing_ok=True)
    facts = asked(flake)
    assert not facts.trouble, facts.said
    assert "flake.nix" in facts.changed
    assert not ran.exists(), ran.read_text()
    # The same without our care does run it: the spy works.
    git(flake, "status")
    assert ran.exists()


def test_asking_changes_nothing(flake: Path) -> None:
    os.utime(flake / "flake.nix", (1, 1))  # so that git would refresh its index
    before = (flake.parent / ".git/index").read_bytes()
    asked(flake)
    assert (flake.parent / ".git/index").read_bytes() == before


def test_a_repository_of_another_user(flake: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    for path in (flake.parent, flake.parent / ".git", flake):
        os.chown(path, 12345, 12345)
    assert asked(flake).trouble == "owner"
