"""`init --answers` together with options: each complaint names its cause and its own way out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from commands.runner import TWO_HOSTS, Maidan, tree
from maidan_nix.problems import ExitCode


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "new"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def test_what_two_hosts_lack_is_asked_for_by_host(maidan: Maidan, empty: Path) -> None:
    lacking = "\n".join(line for line in TWO_HOSTS.splitlines() if not line.startswith(("disk.", "network.")))
    (empty / "answers.toml").write_text(lacking)
    done = maidan("init", "--answers", "answers.toml", "--host", "main", "--disk", "/dev/disk/by-id/main",
                  "--interface", "enp1s0")  # fmt: skip
    assert done.code == ExitCode.USAGE
    assert done.err == (
        "nobody can be asked, and needed are: --set hosts.east.disk.device=VALUE, "
        "--set hosts.east.network.interface=VALUE, --set hosts.west.disk.device=VALUE, "
        "--set hosts.west.network.interface=VALUE, give them, or a file with --answers\n"
    )
    more = [f"--set=hosts.{host}.{key}" for host in ("east", "west")
            for key in ("disk.device=/dev/disk/by-id/a", "network.interface=enp1s0")]  # fmt: skip
    assert maidan("init", "--answers", "answers.toml", *more).code == ExitCode.DONE


def test_an_answer_that_an_option_contradicts_is_the_files(maidan: Maidan, empty: Path) -> None:
    (empty / "answers.toml").write_text('[community]\nname = "Other"\n')
    done = maidan("init", "--answers", "answers.toml", "--name", "Commons")
    assert done.code == ExitCode.USAGE
    assert done.err == "--name: answers.toml says another community.name, leave one of the two out\n"


def test_a_value_without_room_for_an_option_is_the_cause_and_said_once(maidan: Maidan, empty: Path) -> None:
    (empty / "answers.toml").write_text("community = 3\n")
    done = maidan("init", "--answers", "answers.toml", "--name", "Commons", "--domain", "example.org")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("answers.toml:1:13: community: ")
    assert len(done.err.splitlines()) == 1
    assert tree(empty) == {"answers.toml": b"community = 3\n"}


@pytest.mark.parametrize("kind", ["absent", "folder", "pipe", "large", "empty"])
def test_a_file_of_answers_is_called_so(maidan: Maidan, empty: Path, kind: str) -> None:
    path = empty / "answers"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind in ("large", "empty"):
        path.write_bytes(b"#" * (8 * 1024 * 1024 + 1) if kind == "large" else b"")
    done = maidan("init", "--answers", "answers")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert len(done.err.splitlines()) == 1
    assert "generate" not in done.err
    assert "expected a manifest" not in done.err
    if kind in ("absent", "folder", "pipe"):
        assert done.err.endswith(", say which file: --answers PATH\n")
    else:
        assert "expected answers" in done.err


def test_standard_input_is_not_read(maidan: Maidan, empty: Path) -> None:
    done = maidan("init", "--answers", "-")
    assert done.code == ExitCode.USAGE
    assert done.err == "--answers reads a file, not standard input, write the answers into a file, and name it\n"


@pytest.mark.parametrize(
    ("command", "way_out"),
    [
        (["set", "community.name", "x", "--manifest", "absent"], "--manifest PATH"),
        (["add", "kernel", "--manifest", "absent"], "--manifest PATH"),
        (["remove", "kernel", "--manifest", "absent"], "--manifest PATH"),
        (["plugin", "show", "hardening/kernel", "--manifest", "absent"], "--manifest PATH"),
        (["generate", "absent"], "maidan-nix generate PATH"),
        (["check", "absent"], "maidan-nix check PATH"),
        (["graph", "absent"], "maidan-nix graph PATH"),
        (["explain", "community.name", "absent"], "maidan-nix explain WHAT PATH"),
    ],
)
def test_the_way_to_another_manifest_is_that_of_the_command(
    maidan: Maidan, empty: Path, command: list[str], way_out: str
) -> None:
    done = maidan(*command)
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err == f"absent: there is no such file, expected a manifest, say which manifest: {way_out}\n"


def test_a_place_that_does_not_exist_is_refused_where_it_is_said(maidan: Maidan, empty: Path) -> None:
    done = maidan("init", "--locale", "xx_YY.UTF-8")
    assert done.code == ExitCode.USAGE
    assert done.err.startswith("--locale: no locale is named 'xx_YY.UTF-8'")
    (empty / "answers.toml").write_text('[community]\nlocale = "xx_YY.UTF-8"\n')
    done = maidan("init", "--answers", "answers.toml")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("answers.toml:2:10: community.locale: no locale is named 'xx_YY.UTF-8'")
    assert len(done.err.splitlines()) == 1


def test_what_is_in_the_manifest_already_is_only_looked_at(maidan: Maidan, folder: Path) -> None:
    text = (folder / "community.toml").read_text().replace("[community]\n", '[community]\nlocale = "xx_YY.UTF-8"\n')
    (folder / "community.toml").write_text(text)
    assert maidan("init").code == ExitCode.DONE
    assert maidan("check").code == ExitCode.DONE
    assert "  look: community.locale: no locale is named 'xx_YY.UTF-8'\n" in maidan("doctor").out
