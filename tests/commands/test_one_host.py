"""`generate --host`: everything is planned, and the files of one host are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.runner import TWO_HOSTS, Maidan, tree
from maidan_nix.problems import ExitCode

EAST = "hosts/east/platform/network.nix"
WEST = "hosts/west/platform/network.nix"


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


def test_a_change_of_shared_files_is_refused_with_nothing_written(maidan: Maidan, two: Path) -> None:
    (two / "community.toml").write_text(TWO_HOSTS.replace("Two Sheds", "Three Sheds"))
    before = tree(two)
    done = maidan("generate", "--host", "west")
    assert done.code == ExitCode.FAILED
    assert done.err == "README.md is shared by all hosts, and would change, generate for all hosts\n"
    assert tree(two) == before


def test_a_problem_of_another_host_stops_it_too(maidan: Maidan, two: Path) -> None:
    (two / "community.toml").write_text(TWO_HOSTS.replace("by-id/east", "by-path/east"))
    assert maidan("generate", "--host", "west").code == ExitCode.MANIFEST_INVALID


def test_a_hand_edit_of_another_host_is_not_in_the_way(maidan: Maidan, two: Path) -> None:
    (two / EAST).write_text("{ }\n")
    assert maidan("generate", "--host", "west").code == ExitCode.DONE
    assert (two / EAST).read_text() == "{ }\n"
    assert maidan("generate", "--host", "east").code == ExitCode.HAND_EDITS
