"""Output on terminals, into pipes, to nowhere, and where the locale knows no more than ASCII."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from commands.runner import MINIMAL, TWO_HOSTS, Maidan, process, tree
from maidan_nix.commands import console
from maidan_nix.commands.console import Console
from maidan_nix.problems import ExitCode

MODULE = (sys.executable, "-m", "maidan_nix")
PLAIN_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
ESCAPE = "\x1b["


def on_a_terminal(*arguments: str, cwd: Path, interrupt_at: str = "", **environment: str) -> tuple[int, str]:
    """Run on a terminal of its own; return exit code and everything shown. Ctrl-C is typed once a text appears."""
    master, slave = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    child = subprocess.Popen(
        [*MODULE, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=cwd,
        env={**plain, "TERM": "xterm-256color", **environment},
        start_new_session=True,
    )
    os.close(slave)
    shown = ""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.05)[0]:
            try:
                shown += os.read(master, 65536).decode()
            except OSError:  # the other side is closed
                break
        if interrupt_at and interrupt_at in shown:
            child.send_signal(signal.SIGINT)
            interrupt_at = ""
    os.close(master)
    return child.wait(timeout=30), shown


def test_colour_on_a_terminal_and_only_there(folder: Path) -> None:
    code, shown = on_a_terminal("generate", cwd=folder)
    assert code == ExitCode.DONE
    assert f"{ESCAPE}32mcreate    flake.nix{ESCAPE}0m" in shown
    assert ESCAPE not in process("generate", "--overwrite", cwd=folder, NO_COLOR="").out


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_it_is_not_wanted(folder: Path, environment: dict[str, str]) -> None:
    assert ESCAPE not in on_a_terminal("generate", "--check", cwd=folder, **environment)[1]


def test_the_option_has_the_last_word_about_colour(maidan: Maidan, folder: Path) -> None:
    assert ESCAPE in maidan("--color", "generate", "--check").out
    assert ESCAPE in maidan("generate", "--check", "--color").out
    assert ESCAPE in maidan("--color", "check", "absent.toml").err
    assert ESCAPE not in maidan("--color", "generate", "--check", "--no-color").out
    assert ESCAPE not in maidan("generate", "--check").out
    assert ESCAPE not in on_a_terminal("generate", "--no-color", "--check", cwd=folder)[1]


def test_json_has_no_colour_and_is_ascii(maidan: Maidan, folder: Path) -> None:
    (folder / "ä.toml").write_text("community = 1")
    done = maidan("--color", "check", "ä.toml", "--json")
    assert done.out.isascii()
    assert ESCAPE not in done.out
    assert done.json()["problems"][0]["file"] == "ä.toml"


def test_progress_is_erased_at_the_end(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PROGRESS_AFTER", 0.0)
    monkeypatch.setattr(console, "_is_terminal", lambda _: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    with Console(colour_out=False, colour_err=False, debug=False).progress() as progress:
        progress("configuring east")
        progress("configuring \x1b[31m" + "x" * 200)
    shown = capsys.readouterr().err
    assert shown.startswith("\r\x1b[Kconfiguring east ...\r\x1b[Kconfiguring \\u001B[31mxxx")
    assert shown.endswith("\r\x1b[K")
    assert all(len(line) < 40 for line in shown.split("\r\x1b[K"))
    with suppress(KeyError), Console(colour_out=False, colour_err=False, debug=False).progress() as progress:
        progress("configuring east")
        raise KeyError
    assert capsys.readouterr().err.endswith("\r\x1b[K")


@pytest.mark.parametrize("why", ["no terminal", "dumb", "json", "quick"])
def test_progress_is_silent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    monkeypatch.setattr(console, "PROGRESS_AFTER", 3600.0 if why == "quick" else 0.0)
    monkeypatch.setattr(console, "_is_terminal", lambda _: why != "no terminal")
    monkeypatch.setenv("TERM", "dumb" if why == "dumb" else "xterm")
    with Console(colour_out=False, colour_err=False, debug=False, json=why == "json").progress() as progress:
        progress("configuring east")
    assert capsys.readouterr().err == ""


SLOW = """\
import pathlib
import signal
import time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is born with it ignored
from maidan_nix import generation
from maidan_nix.commands import console, main
console.PROGRESS_AFTER = 0.0
configure = generation._configure
def slowly(name, planned):
    pathlib.Path("../begun").touch()
    time.sleep(0.2)
    return configure(name, planned)
generation._configure = slowly
main(["generate"])
"""


def test_ctrl_c_while_it_works_leaves_the_old_tree_and_exits_130(folder: Path, maidan: Maidan) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    assert maidan("generate").code == ExitCode.DONE
    (folder / "community.toml").write_text(TWO_HOSTS.replace("enp1s0", "enp2s0"))
    before = tree(folder)
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (folder / "../begun").exists() and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, (child.returncode, out, err)
    assert err.strip() == "interrupted"
    assert not out
    assert tree(folder) == before


def test_a_reader_that_has_seen_enough_gets_no_complaint(folder: Path) -> None:
    command = f"{sys.executable} -m maidan_nix options show services | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [("check",), ("check", "absent.toml"), ("--help",)])
@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full", "2>/dev/full"])
def test_streams_that_are_closed_or_full(folder: Path, arguments: tuple[str, ...], redirection: str) -> None:
    command = f"{sys.executable} -m maidan_nix {' '.join(arguments)} {redirection}"
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    expected = ExitCode.MANIFEST_INVALID if "absent.toml" in arguments else ExitCode.DONE
    lost = (redirection == ">/dev/full" and expected == ExitCode.DONE) or (
        redirection == "2>/dev/full" and expected != ExitCode.DONE
    )
    assert done.returncode == (ExitCode.FAILED if lost else expected)


def test_a_locale_of_ascii_stops_nothing(folder: Path) -> None:
    (folder / "ä.toml").write_text(MINIMAL.replace("Allotment", "Schrebergärten").replace('"bios"', '"büos"'))
    done = process("check", "ä.toml", cwd=folder, **PLAIN_LOCALE)
    assert done.code == ExitCode.MANIFEST_INVALID
    assert re.search(r"'b(ü|\\xfc|\\u00fc)os' is not a choice here", done.err)
    assert "Traceback" not in done.err
    assert process("generate", cwd=folder, **PLAIN_LOCALE).code == ExitCode.DONE


def test_a_file_name_that_is_not_utf8(folder: Path) -> None:
    name = os.fsencode(folder) + b"/\xff\x1b[31m.toml"
    Path(os.fsdecode(name)).write_text(MINIMAL)
    done = process("check", name, cwd=folder)
    assert done.code == ExitCode.DONE
    assert "\\uDCFF\\u001B[31m.toml is valid" in done.out
    assert process("check", name, "--json", cwd=folder).json()["up_to_date"] is False


@pytest.mark.parametrize("columns", ["20", "80", "400"])
def test_help_fits_the_terminal(folder: Path, columns: str) -> None:
    done = process("--help", cwd=folder, COLUMNS=columns)
    assert done.code == ExitCode.DONE
    # click does not break long options; text is broken for every width that can hold a word.
    widest = max(len(line) for line in done.out.splitlines() if not re.match(r"\s*(-|Usage)", line))
    assert widest <= max(int(columns), 50)


def test_nothing_that_is_shown_can_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Console(colour_out=False, colour_err=False, debug=False)
    shown.line("a\x1b]0;title\x07b\tc\u202ed")
    shown.note("x\ny")
    said = capsys.readouterr()
    assert said.out == "a\\u001B]0;title\\u0007b\tc\\u202Ed\n"
    assert said.err == "x\\u000Ay\n"
