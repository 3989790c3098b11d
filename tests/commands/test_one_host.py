"""`generate --host`: everything is planned, and the files of one host are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.runner import TWO_HOSTS, Maidan, tree
from maidan_nix.problems import ExitCode

EAST = "hosts/east/platform/network.nix"
WEST = "hosts/west/platform/network.nix"
MATRIX = 'server_name = "example.org"\ndomain = "matrix.example.org"\n'


@pytest.fixture
def two(folder: Path, maidan: Maidan) -> Path:
    """The flake of two hosts, and a manifest that has since changed both."""
    (folder / "community.toml").write_text(TWO_HOSTS)
    assert maidan("generate").code == ExitCode.DONE
    (folder / "community.toml").write_text(TWO_HOSTS.replace("enp1s0", "enp2s0"))
    return folder


def test_only_that_hosts_files_are_written(maidan: Maidan, two: Path) -> None:
    before = tree(two)
    done = maidan("generate", "--host", "west")
    assert done.code == ExitCode.DONE
    assert f"change    {WEST}\n" in done.out
    assert f"change    {EAST} (of another host: not written)\n" in done.out
    changed = {path for path, content in tree(two).items() if content != before.get(path)}
    assert {path for path in changed if not path.startswith(".maidan/")} == {WEST}
    assert maidan("generate", "--check", "--host", "west").code == ExitCode.DONE
    assert maidan("generate", "--check").code == ExitCode.OUT_OF_DATE
    assert maidan("generate").code == ExitCode.DONE
    assert b"enp2s0" in (two / EAST).read_bytes()


@pytest.mark.parametrize("out", [(), ("--out", "flake")])
def test_a_service_is_added_to_that_host(maidan: Maidan, folder: Path, out: tuple[str, ...]) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    assert maidan("generate", *out).code == ExitCode.DONE
    (folder / "community.toml").write_text(f'{TWO_HOSTS}[services.matrix]\nhost = "west"\n{MATRIX}')
    flake = folder.joinpath(*out[1:])
    before = tree(flake)
    done = maidan("generate", *out, "--host", "west")
    assert (done.code, done.err) == (ExitCode.DONE, "")
    changed = {path for path, content in tree(flake).items() if content != before.get(path)}
    everyones = {path for path in changed if not path.startswith(("hosts/west/", ".maidan/"))}
    copied = {"community.toml"} if out else set()
    assert everyones == {"README.md", "maidan.lock", "secrets/secrets.nix", "tests/west.nix"} | copied
    assert maidan("generate", *out, "--check").code == ExitCode.DONE


def test_a_change_of_files_about_all_hosts_is_refused_with_nothing_written(maidan: Maidan, two: Path) -> None:
    changed = TWO_HOSTS.replace("Two Sheds", "Three Sheds")
    (two / "community.toml").write_text(changed.replace("enp1s0", "enp2s0"))
    before = tree(two)
    done = maidan("generate", "--host", "west")
    assert done.code == ExitCode.FAILED
    said = "README.md describes all hosts, and would change without the files of east, generate for all hosts\n"
    assert done.err == said
    assert tree(two) == before
    (two / "community.toml").write_text(changed)
    assert maidan("generate", "--host", "west").code == ExitCode.DONE


def test_another_host_is_part_of_every_host(maidan: Maidan, two: Path) -> None:
    north = TWO_HOSTS[TWO_HOSTS.index("[hosts.east]") : TWO_HOSTS.index("[hosts.west]")].replace("east", "north")
    (two / "community.toml").write_text(TWO_HOSTS + north)
    done = maidan("generate", "--host", "north")
    assert done.code == ExitCode.FAILED
    assert done.err == "flake.nix is part of every host, and would change, generate for all hosts\n"


def test_a_problem_of_another_host_stops_it_too(maidan: Maidan, two: Path) -> None:
    (two / "community.toml").write_text(TWO_HOSTS.replace("by-id/east", "by-path/east"))
    assert maidan("generate", "--host", "west").code == ExitCode.MANIFEST_INVALID


def test_a_hand_edit_of_another_host_is_not_in_the_way(maidan: Maidan, two: Path) -> None:
    (two / EAST).write_text("{ }\n")
    assert maidan("generate", "--host", "west").code == ExitCode.DONE
    assert (two / EAST).read_text() == "{ }\n"
    assert maidan("generate", "--host", "east").code == ExitCode.HAND_EDITS
