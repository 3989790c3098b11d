"""`doctor`: what is missing, stale, unlocked, uncommitted, each with the way out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from commands.runner import MINIMAL, Maidan, process, tree
from judges import judge, run
from maidan_nix.commands import doctor
from maidan_nix.diagnosis.checks import CHECKS
from maidan_nix.flake.inputs import render_lock
from maidan_nix.problems import ExitCode

OWN = MINIMAL.replace("example.org", "gardens.internal").replace("EXAMPLE", "Samsung")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day after the nixpkgs that comes along was published."""
    import json

    pinned: int = json.loads(render_lock())["nodes"]["nixpkgs"]["locked"]["lastModified"]
    monkeypatch.setattr(doctor, "now", lambda: pinned + 86_400)


def lines(done: Any, id_: str) -> list[dict[str, str]]:
    return [line for line in done.json()["lines"] if line["id"] == id_]


def test_a_new_flake(maidan: Maidan, folder: Path) -> None:
    assert maidan("generate").code == ExitCode.DONE
    before = tree(folder)
    done = maidan("doctor")
    assert done.code == ExitCode.FAILED
    headings = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert headings[:4] == ["This machine:", "The manifest:", "The flake:", "Git:"]
    assert "  ok: community.toml: it is valid\n" in done.out
    assert (
        "  wrong: steward-ada-password: platform/base needs this secret: the password hash of ada,"
        " one line made by 'mkpasswd --method=yescrypt'\n"
        "    What to do: in the folder secrets, run 'agenix -e steward-ada-password.age'\n"
    ) in done.out
    assert "  ok: flake: every file is as it would be generated now\n" in done.out
    assert "  look: git: the flake is in no git repository" in done.out
    assert done.err == ""
    assert tree(folder) == before


def test_every_line_says_what_why_and_the_way_out(maidan: Maidan, folder: Path) -> None:
    maidan("generate")
    result = maidan("doctor", "--json").json()
    assert result.keys() == {"version", "lines", "wrong", "look"}
    for line in result["lines"]:
        assert line.keys() == {"id", "group", "state", "subject", "message", "way_out"}
        assert line["subject"]
        assert line["message"]
        assert line["state"] in ("ok", "skipped") or line["way_out"], line
    assert result["wrong"] == sum(line["state"] == "wrong" for line in result["lines"])
    assert result["look"] == sum(line["state"] == "look" for line in result["lines"])


def test_placeholders_of_the_example(maidan: Maidan, folder: Path) -> None:
    subjects = {line["subject"] for line in lines(maidan("doctor", "--json"), "placeholder")}
    assert {"community.domain", "stewards.ada.ssh_keys[0]", "hosts.shed.disk.device"} <= subjects
    (folder / "community.toml").write_text(OWN)
    subjects = {line["subject"] for line in lines(maidan("doctor", "--json"), "placeholder")}
    assert subjects == {"stewards.ada.ssh_keys[0]"}


def test_quiet_says_only_what_needs_something(maidan: Maidan, folder: Path) -> None:
    maidan("generate")
    out = maidan("doctor", "--quiet").out
    assert "  ok: " not in out
    assert "  wrong: " in out
    assert "things are wrong." not in out


def test_a_flake_that_is_out_of_date_and_edited(maidan: Maidan, folder: Path) -> None:
    maidan("generate")
    (folder / "flake.nix").write_text("{ }")
    (folder / "README.md").unlink()
    done = maidan("doctor", "--json")
    (generated,) = lines(done, "generated")
    (edited,) = lines(done, "hand-edits")
    assert generated["message"] == "1 file is not as it would be generated now: README.md"
    assert edited["message"] == "1 file was changed by hand: flake.nix"


def test_a_run_that_was_interrupted_is_told_and_left(maidan: Maidan, folder: Path) -> None:
    maidan("generate")
    pending = b'{"pending": [{"new": null, "old": null, "path": "README.md"}], "version": 1}'
    (folder / ".maidan/journal.json").write_bytes(pending)
    done = maidan("doctor", "--json")
    assert [line["state"] for line in lines(done, "journal")] == ["wrong"]
    assert [line["state"] for line in lines(done, "generated")] == ["skipped"]
    assert (folder / ".maidan/journal.json").read_bytes() == pending


def test_an_empty_folder(maidan: Maidan, tmp_path: Path) -> None:
    done = maidan("doctor", tmp_path / "community.toml")
    assert done.code == ExitCode.FAILED
    assert "community.toml" in done.out
    assert done.err == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[community\n",
        b"\xff\xfe\x00",
        b"a = 1\n" * 10,
        MINIMAL.replace('"example.org"', '"exa mple\\u001b[31m"').encode(),
        MINIMAL.replace("[hosts", "[hsots").encode(),
    ],
)
def test_a_manifest_that_is_wrong_stops_nothing_else(maidan: Maidan, folder: Path, content: bytes) -> None:
    maidan("generate")
    (folder / "community.toml").write_bytes(content)
    done = maidan("doctor")
    assert done.code == ExitCode.FAILED
    assert "  wrong: community.toml" in done.out
    assert "Git:\n" in done.out
    assert "  ok: flake.lock: every input is locked\n" in done.out
    assert "\x1b" not in done.out
    assert "Traceback" not in done.err


@pytest.mark.parametrize("kind", ["directory", "pipe", "link to nowhere", "unreadable lock", "broken public halves"])
def test_what_cannot_be_read(maidan: Maidan, folder: Path, kind: str) -> None:
    maidan("generate")
    manifest = folder / "community.toml"
    if kind in ("directory", "pipe", "link to nowhere"):
        manifest.unlink()
    if kind == "directory":
        manifest.mkdir()
    elif kind == "pipe":
        os.mkfifo(manifest)
    elif kind == "link to nowhere":
        manifest.symlink_to("nowhere")
    elif kind == "unreadable lock":
        (folder / "maidan.lock").write_text("{")
    else:
        (folder / "secrets/public.toml").write_text("[hosts\n")
    done = maidan("doctor")
    assert done.code == ExitCode.FAILED
    assert "The manifest:\n  wrong: " in done.out
    assert "  ok: flake.lock: every input is locked\n" in done.out
    assert done.err == ""


def test_a_flake_elsewhere(maidan: Maidan, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "flake"
    maidan("generate", "--out", out)
    done = maidan("doctor", "--out", out, "--json")
    assert [line["state"] for line in lines(done, "generated")] == ["ok"]
    assert [line["state"] for line in lines(maidan("doctor", "--json"), "flake-there")] == ["look"]
    done = maidan("doctor", "--out", tmp_path / "nowhere", "--json")
    assert [line["message"] for line in lines(done, "git-repository")] == ["not looked at: there is no such folder"]
    assert not (tmp_path / "nowhere").exists()


def test_a_machine_without_programs(folder: Path, tmp_path: Path) -> None:
    done = process("doctor", "--json", cwd=folder, PATH=str(tmp_path))
    assert done.code == ExitCode.FAILED
    found = {line["id"]: line["state"] for line in done.json()["lines"]}
    assert (found["nix-present"], found["git-present"], found["git-tracked"]) == ("look", "look", "skipped")
    assert "not looked at: git is missing" in done.out


def test_the_checks_are_listed(maidan: Maidan, folder: Path) -> None:
    maidan("generate")
    assert maidan("doctor", "--checks", "--json").json()["checks"] == dict(CHECKS)
    listed = maidan("doctor", "--checks")
    assert listed.code == ExitCode.DONE
    assert "clock: Whether this machine's clock is behind the inputs of flake.lock.\n" in listed.out
    findings = {each["id"] for each in maidan("check", "--json").json()["findings"]}
    assert {line["id"] for line in maidan("doctor", "--json").json()["lines"]} <= CHECKS.keys() | findings


TRANSCRIPT = """\
This machine:
  ok: nix: nix is here
  ok: nix: Nix 2.31 is new enough
  ok: nix: flakes are on
  ok: git: git is here
  look: ssh: ssh is missing: no host can be reached from here
    What to do: install OpenSSH's client
  look: agenix: agenix is missing: secrets cannot be written from here
    What to do: install agenix, or write 'nix run github:ryantm/agenix --' where a command begins with agenix
"""
AT_THE_END = """\
Git:
  ok: git: the flake lies in a git repository
  ok: flake: git knows every file of the flake
  wrong: secrets: 1 file is not known to git, so the flake does not have it: secrets/steward-ada-password.age
    What to do: run 'git add secrets'
  look: git: 1 file differs from the last commit: README.md
    What to do: read 'git diff HEAD', and commit what is right
  look: git: the repository is on this machine alone: if its disk fails, the flake is gone
    What to do: add a private place for it: 'git remote add origin URL'
"""


def test_a_transcript(folder: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    git = judge("git", package="git")
    (programs / "git").symlink_to(git)
    (programs / "nix").write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        '  --version) echo "nix (Nix) 2.31.2" ;;\n'
        '  "config show") echo "experimental-features = flakes nix-command" ;;\n'
        "  *) exit 1 ;;\n"
        "esac\n"
    )
    (programs / "nix").chmod(0o755)
    assert process("generate", cwd=folder).code == ExitCode.DONE
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false")
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message=Begin"]):
        assert run([git, "-C", folder, *who, *words])
    (folder / "README.md").write_text("Mine.\n")
    (folder / "secrets/steward-ada-password.age").write_bytes(b"age-encryption.org/v1\n")
    done = process("doctor", cwd=folder, PATH=str(programs), LC_ALL="C")
    assert done.code == ExitCode.FAILED
    assert done.err == ""
    assert done.out.startswith(TRANSCRIPT)
    assert AT_THE_END in done.out
    assert "  wrong: flake: 1 file was changed by hand: README.md\n" in done.out
    assert "steward-ada-password: " not in done.out
