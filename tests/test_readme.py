"""README.md is true: its commands run and print what it says, its tables name what there is, its plugin works."""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import maidan_nix.api
from maidan_nix.commands import group
from maidan_nix.contract.needs import Need
from maidan_nix.problems import ExitCode

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language, without the indentation of a list."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def transcript(block: str) -> list[tuple[list[str], list[str]]]:
    """The commands of a block, each with the lines it is said to print."""
    commands: list[tuple[list[str], list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            commands.append((line.removeprefix("$ ").split(), []))
        else:
            commands[-1][1].append(line)
    return commands


def run(arguments: list[str], where: Path) -> str:
    assert arguments[0] == "maidan-nix"
    done = subprocess.run(
        [sys.executable, "-m", "maidan_nix", *arguments[1:]],
        cwd=where,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def community(tmp_path: Path) -> Path:
    """A folder as the README's reader has it: the smallest manifest, and the plugin that the README shows."""
    (tmp_path / "community.toml").write_text((ROOT / "hosts/minimal/community.toml").read_text("utf-8"))
    wiki = tmp_path / "services/wiki"
    wiki.mkdir(parents=True)
    (code,) = blocks("python")
    (wiki / "__init__.py").write_text(code)
    (wiki / "README.md").write_text("`domain`: the address of the wiki.\n")
    return tmp_path


def test_every_command_prints_what_the_readme_says(community: Path) -> None:
    shown = [command for block in blocks("console") for command in transcript(block)]
    assert shown
    for arguments, expected in shown:
        pattern = "\n".join("*" if line == "..." else re.sub(r"([*?\[])", r"[\1]", line) for line in expected)
        assert fnmatch.fnmatchcase(run(arguments, community).rstrip(), pattern.rstrip())


def test_every_command_and_option_is_documented() -> None:
    everywhere = README.partition("Each knows")[2].partition("\n\n")[0]

    def documented(command: click.Command, context: click.Context, path: str) -> None:
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                member = command.get_command(context, name)
                assert member is not None
                documented(member, context, f"{path} {name}")
        else:
            (row,) = (line for line in README.splitlines() if line.startswith("| ") and re.search(f"`{path}[` ]", line))
            for parameter in command.params:
                for option in (*parameter.opts, *parameter.secondary_opts):
                    wanted = option if option.startswith("--") else (parameter.metavar or option.upper()).rstrip(".")
                    assert wanted in row or f"`{wanted}`" in everywhere or wanted == "--help", f"{path} {option}"

    documented(group, click.Context(group), "maidan-nix")


def test_every_exit_code_is_documented() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \| ", README, re.MULTILINE)}
    assert documented == {*ExitCode, 130}


def test_every_need_is_documented() -> None:
    kinds = {
        name
        for name in dir(maidan_nix.api)
        if isinstance(found := getattr(maidan_nix.api, name), type) and issubclass(found, Need) and found is not Need
    }
    section = README.partition("What a plugin may need")[2]
    for kind in kinds:
        assert f"`{kind}`" in section


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("https://"):
            assert (ROOT / target).exists(), target
