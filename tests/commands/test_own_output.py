"""`--out` replaces what the same command wrote, and nothing else that somebody needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands.runner import MINIMAL, Maidan, tree
from maidan_nix.commands.own_output import OPTIONS
from maidan_nix.problems import ExitCode
from maidan_nix.schema import render_schema

COMMANDS = [
    ("schema",),
    ("graph",),
    ("graph", "--format", "mermaid"),
    ("graph", "--format", "text"),
]


@pytest.mark.parametrize("command", [*COMMANDS, ("options", "update", "--nixpkgs", ".")])
@pytest.mark.parametrize("name", ["community.toml", "maidan.lock", "logo.svg", "chart.md", "package.json", "binary"])
def test_a_file_of_another_kind_is_left_and_the_way_out_said(
    maidan: Maidan, folder: Path, command: tuple[str, ...], name: str
) -> None:
    assert maidan("generate").code == ExitCode.DONE
    (folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>')
    (folder / "chart.md").write_text("flowchart LR\n  a --> b\n")
    (folder / "package.json").write_text('{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "a"}')
    (folder / "binary").write_bytes(b"\xff\x00")
    before = tree(folder)
    done = maidan(*command, "--out", name)
    assert done.code == ExitCode.FAILED
    assert done.out == ""
    assert done.err.startswith(f"{name} is there already, and is not a ")
    assert done.err.endswith("it is left as it is, choose another name, or remove the file first\n")
    assert len(done.err.splitlines()) == 1
    assert tree(folder) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_command_wrote_is_replaced(maidan: Maidan, folder: Path, command: tuple[str, ...]) -> None:
    out = folder / "out"
    assert maidan(*command, "--out", out).code == ExitCode.DONE
    first = out.read_bytes()
    out.write_bytes(first + b"\n")
    assert maidan(*command, "--out", out).out == f"{out} was written.\n"
    assert out.read_bytes() == first


def test_a_file_without_a_line_is_nobodys_loss(maidan: Maidan, folder: Path) -> None:
    (folder / "out").write_bytes(b"")
    assert maidan("schema", "--out", "out").code == ExitCode.DONE
    assert (folder / "out").read_bytes() == render_schema()


def test_a_text_on_another_community_is_left(maidan: Maidan, folder: Path) -> None:
    assert maidan("graph", "--format", "text", "--out", "out").code == ExitCode.DONE
    first = (folder / "out").read_bytes()
    (folder / "community.toml").write_text(re.sub(r'name = "[^"]*"', 'name = "Another"', MINIMAL, count=1))
    assert maidan("graph", "--format", "text", "--out", "out").code == ExitCode.FAILED
    assert (folder / "out").read_bytes() == first


def test_a_list_of_options_of_any_format_is_one(maidan: Maidan, folder: Path) -> None:
    assert re.match(OPTIONS, b"# maidan-nix options 1\n")
    (folder / "list").write_bytes(b"# maidan-nix options 1\n")
    done = maidan("options", "update", "--nixpkgs", ".", "--out", "list")
    assert "is not a nixpkgs tree" in done.err
