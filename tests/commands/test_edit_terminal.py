"""`set`, `add` and `remove` at a terminal: the diff first, then the question."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from commands.runner import MINIMAL, TWO_HOSTS
from commands.terminal import CTRL_C, CTRL_D, Terminal
from maidan_nix.commands import INTERRUPTED
from maidan_nix.problems import ExitCode

SET = ("set", "hosts.shed.disk.swap", "2G")


def written(folder: Path) -> str:
    return (folder / "community.toml").read_text()


@pytest.mark.parametrize(("answer", "code"), [("", ExitCode.DONE), ("YES", ExitCode.DONE), ("n", ExitCode.FAILED)])
def test_the_answer_counts(folder: Path, answer: str, code: ExitCode) -> None:
    with Terminal(*SET, cwd=folder, environment={"NO_COLOR": "1"}) as terminal:
        shown = terminal.answer("Write this? [yes]", answer)
        assert '-disk.swap = "1G"\n+disk.swap = "2G"\n' in shown
        assert terminal.end() == code
    assert written(folder) == (MINIMAL.replace('"1G"', '"2G"') if code == ExitCode.DONE else MINIMAL)


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_stopped_at_the_question(folder: Path, key: str) -> None:
    with Terminal(*SET, cwd=folder) as terminal:
        terminal.asked("Write this?")
        terminal.type(key)
        assert terminal.end() == INTERRUPTED
    assert terminal.shown.endswith("interrupted\n")
    assert written(folder) == MINIMAL


def test_somebody_else_edits_while_the_question_stands(folder: Path) -> None:
    with Terminal(*SET, cwd=folder, environment={"NO_COLOR": "1"}) as terminal:
        terminal.asked("Write this?")
        (folder / "community.toml").write_text(f"{MINIMAL}# mine\n")
        terminal.type("\n")
        assert terminal.end() == ExitCode.FAILED
    assert "community.toml was changed meanwhile, and is left as it is, run again" in terminal.shown
    assert written(folder) == f"{MINIMAL}# mine\n"


def test_the_diff_has_colour_where_it_is_wanted(folder: Path) -> None:
    cases: list[tuple[dict[str, str], bool]] = [({}, True), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1"}, False)]
    for environment, coloured in cases:
        with Terminal(*SET, "--diff", cwd=folder, environment=environment) as terminal:
            assert terminal.end() == ExitCode.DONE
        assert ("\x1b[32m+disk.swap" in terminal.shown) is coloured
        assert ("\x1b" in terminal.shown) is coloured


def test_what_a_service_needs_is_asked(folder: Path) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    with Terminal("add", "matrix", cwd=folder, environment={"NO_COLOR": "1"}) as terminal:
        terminal.answer("Host of matrix", "south")
        shown = terminal.answer("Host of matrix", "west")
        assert "Not so: no host is named 'south'; expected one of east, west" in shown
        terminal.answer("Matrix: server_name [example.org]")
        terminal.answer("Matrix: domain [matrix.example.org]", "rooms.Example.org")
        terminal.answer("Matrix: domain", "rooms.example.org")
        terminal.answer("Write this?", "y")
        assert terminal.end() == ExitCode.DONE
    assert tomllib.loads(written(folder))["services"]["matrix"] == {
        "host": "west",
        "server_name": "example.org",
        "domain": "rooms.example.org",
    }


def test_a_program_is_never_asked(folder: Path) -> None:
    with Terminal("add", "matrix", "--json", cwd=folder) as terminal:
        assert terminal.end() == ExitCode.USAGE
    assert '"message": "services/matrix needs --set ' in terminal.shown


def test_a_removal_says_what_stays_before_it_asks(folder: Path) -> None:
    with Terminal("remove", "vaultwarden", cwd=folder, columns=40, environment={"NO_COLOR": "1"}) as terminal:
        shown = terminal.answer("Write this?", "no")
        assert "stays on its host" in " ".join(shown.split())
        assert terminal.end() == ExitCode.FAILED
    assert written(folder) == MINIMAL
