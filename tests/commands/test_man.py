"""``maidan-nix man``: a page that says what the commands say, and that the programs for manual pages accept."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from commands.runner import Maidan, process
from judges import judge, run
from maidan_nix.commands import group
from maidan_nix.explain.exit_codes import EXIT_CODES
from maidan_nix.manual import render_manual
from maidan_nix.manual.roff import escaped, example, paragraphs
from maidan_nix.problems import ExitCode

PAGE = render_manual(group).decode("ascii")


def text_of(page: str, tmp_path: Path, *options: str) -> str:
    file = tmp_path / "page.1"
    file.write_text(page, "ascii")
    verdict = run([judge("groff", package="groff"), "-ww", "-Tascii", "-P-cbou", "-man", "-rLL=400n", *options, file])
    assert verdict, verdict
    return verdict.output


def test_the_page_is_printed(maidan: Maidan) -> None:
    assert maidan("man").out == PAGE
    assert maidan("man", "--json").json() == {"version": 1, "page": PAGE}


def test_the_page_is_one_in_every_language_and_width() -> None:
    assert process("man", LANGUAGE="de", LC_ALL="de_DE.UTF-8", COLUMNS="30").out == PAGE
    assert process("man", PYTHONHASHSEED="7", LC_ALL="C", COLUMNS="200").out == PAGE


def test_groff_has_nothing_to_remark(tmp_path: Path) -> None:
    assert text_of(PAGE, tmp_path, "-z") == ""


def test_mandoc_misses_the_date_alone(tmp_path: Path) -> None:
    """A page with a date would differ from day to day."""
    file = tmp_path / "page.1"
    file.write_text(PAGE, "ascii")
    said = run([judge("mandoc", package="mandoc"), "-Tlint", "-Wwarning", file]).output
    assert [line for line in said.splitlines() if "missing date" not in line] == []


def leaves(found: click.Group, context: click.Context) -> list[tuple[str, click.Command]]:
    below = []
    for name in found.list_commands(context):
        command = found.get_command(context, name)
        assert command is not None
        own = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            below += leaves(command, own)
        else:
            below.append((own.command_path, command))
    return below


def test_every_command_and_option_is_in_the_page(tmp_path: Path) -> None:
    text = text_of(PAGE, tmp_path)
    commands = leaves(group, click.Context(group, info_name="maidan-nix"))
    assert len(commands) > 10
    for path, command in commands:
        assert f"\n   {path.removeprefix('maidan-nix ')} [OPTIONS]" in text
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert re.search(rf"^ +(-\w, )?{re.escape(parameter.opts[0])}\b", text, re.MULTILINE), parameter.opts


def test_every_exit_code_is_in_the_page_and_explained(tmp_path: Path) -> None:
    section = text_of(PAGE, tmp_path).partition("\nEXIT STATUS\n")[2].partition("\nFILES\n")[0]
    assert {*ExitCode} < {*EXIT_CODES}
    for code, meaning in EXIT_CODES.items():
        assert re.search(rf"^ +{int(code)} +{re.escape(meaning)}", section, re.MULTILINE)


@pytest.mark.parametrize("text", [".so /etc/passwd", "'br", "a\\fBb", 'say "x"', "x -y --z", "~^`", "\N{EURO SIGN}"])
def test_text_cannot_become_markup(tmp_path: Path, text: str) -> None:
    head = '.TH X 1 "" "x" "x"\n.SH Y\n'
    shown = text.replace("\N{EURO SIGN}", "EUR")
    assert shown in text_of(f"{head}{escaped(text)}\n", tmp_path)
    assert shown in text_of(head + "\n".join(example([text])) + "\n", tmp_path)


def test_paragraphs_and_lines_that_stay(tmp_path: Path) -> None:
    lines = list(paragraphs("One. Two.\n\n\b\n  three\n    four\n\nFive."))
    assert lines[:2] == ["One.", "Two."]
    text = text_of('.TH X 1 "" "x" "x"\n.SH Y\n' + "\n".join(lines) + "\n", tmp_path)
    assert re.search(r"^ +three\n +four$", text, re.MULTILINE)


def test_the_page_needs_click_alone() -> None:
    """It is made while a wheel is built, where the other dependencies need not be installed."""
    code = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('pydantic', 'pluggy', 'tomlkit'):\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from maidan_nix.commands import group\n"
        "from maidan_nix.completion import script\n"
        "from maidan_nix.manual import render_manual\n"
        "assert all(map(script, ('bash', 'zsh', 'fish')))\n"
        "sys.stdout.buffer.write(render_manual(group))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode() == PAGE
