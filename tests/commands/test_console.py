"""How much is said, how wide, and in words that a screen reader can follow."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from commands.runner import MINIMAL, Maidan
from maidan_nix.commands.console import Console
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode

ESCAPE = "\x1b["
LOOSENED = '\n[privacy]\nlog_retention = "30d"\n\n[privacy.reasons]\nlog_retention = "a fault is being looked for"\n'


def on_a_terminal(columns: int, *arguments: str, cwd: Path, **environment: str) -> str:
    """What a command shows on a terminal of a width; line ends as a file has them."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    unset = ("CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "NO_COLOR")
    inherited = {name: value for name, value in os.environ.items() if name not in unset}
    child = subprocess.Popen(
        [sys.executable, "-m", "maidan_nix", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=cwd,
        env={**inherited, "TERM": "dumb", **environment},
        start_new_session=True,
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(master)
    child.wait(timeout=60)
    return shown.decode().replace("\r\n", "\n")


class TestHowMuch:
    def test_quiet_leaves_results(self, maidan: Maidan, folder: Path) -> None:
        loud, quiet = maidan("generate", "--check"), maidan("generate", "--check", "--quiet")
        assert quiet.code == loud.code
        assert quiet.out.splitlines() == [line for line in loud.out.splitlines() if line.startswith("create ")]
        assert not quiet.err

    def test_quiet_says_nothing_where_nothing_changes(self, maidan: Maidan, folder: Path) -> None:
        maidan("generate")
        done = maidan("generate", "--quiet")
        assert (done.code, done.out, done.err) == (ExitCode.DONE, "", "")
        done = maidan("generate", "--diff", "--quiet")
        assert (done.code, done.out, done.err) == (ExitCode.DONE, "", "")

    def test_quiet_leaves_findings_and_problems(self, maidan: Maidan, folder: Path) -> None:
        done = maidan("check", "--quiet")
        assert "the host's public SSH key is unknown" in done.out
        assert "is valid" not in done.out
        (folder / "community.toml").write_text(MINIMAL.replace('"bios"', '"boos"'))
        assert "'boos' is not a choice here" in maidan("check", "--quiet").err

    def test_verbose_says_what_was_read_what_stays_and_how_long_it_took(self, maidan: Maidan, folder: Path) -> None:
        maidan("generate")
        done = maidan("generate", "--verbose")
        assert "community.toml was read\n" in done.err
        assert "maidan.lock was read\n" in done.err
        assert re.search(r"^generating: [0-9]+\.[0-9]{2} s$", done.err, re.MULTILINE)
        assert "identical flake.nix\n" in done.out
        assert "community.toml was read" not in maidan("generate").err

    def test_json_is_the_same_quiet_verbose_or_not(self, maidan: Maidan, folder: Path) -> None:
        printed = {maidan("check", "--json", *more).out for more in ((), ("--quiet",), ("--verbose",))}
        assert len(printed) == 1


class TestColour:
    def test_it_can_be_forced_into_a_pipe(self, maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for forced in ("1", "yes"):
            monkeypatch.setenv("CLICOLOR_FORCE", forced)
            assert ESCAPE in maidan("generate", "--check").out
        monkeypatch.setenv("CLICOLOR_FORCE", "0")
        assert ESCAPE not in maidan("generate", "--check").out

    def test_who_wants_none_gets_none(self, maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CLICOLOR_FORCE", "1")
        assert ESCAPE not in maidan("generate", "--check", "--no-color").out
        monkeypatch.setenv("NO_COLOR", "1")
        assert ESCAPE not in maidan("generate", "--check").out
        assert ESCAPE in maidan("generate", "--check", "--color").out

    def test_json_never_has_any(self, maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CLICOLOR_FORCE", "1")
        assert ESCAPE not in maidan("generate", "--check", "--json").out

    def test_clicolor_0_turns_it_off_on_a_terminal(self, folder: Path) -> None:
        assert ESCAPE in on_a_terminal(80, "generate", "--check", cwd=folder, TERM="xterm")
        assert ESCAPE not in on_a_terminal(80, "generate", "--check", cwd=folder, TERM="xterm", CLICOLOR="0")


class TestWidth:
    def test_prose_is_broken_between_words_on_a_terminal(self, folder: Path) -> None:
        shown = on_a_terminal(60, "check", cwd=folder)
        assert [line for line in shown.splitlines() if len(line) > 60] == []
        words = " ".join(shown.split())
        assert "the host's public SSH key is unknown, so no secret is encrypted to it" in words

    def test_what_goes_on_is_indented(self, folder: Path) -> None:
        lines = on_a_terminal(60, "check", cwd=folder).splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith("  shed: "))
        assert re.match(r" {4}\S", lines[first + 1])

    def test_a_path_is_never_broken(self, folder: Path) -> None:
        deep = folder / ("a-folder-with-a-long-name" * 4)
        shown = on_a_terminal(40, "generate", "community.toml", "--out", str(deep), cwd=folder)
        assert str(deep) in shown

    @pytest.mark.parametrize("columns", [0, 1, 5])
    def test_a_terminal_that_says_nothing_useful(self, folder: Path, columns: int) -> None:
        assert "community.toml" in on_a_terminal(columns, "check", cwd=folder)

    def test_problems_stay_on_one_line_each(self, folder: Path) -> None:
        (folder / "community.toml").write_text(MINIMAL.replace('"bios"', '"boos"'))
        (line,) = on_a_terminal(40, "check", cwd=folder).splitlines()
        assert line.startswith("community.toml:")

    def test_a_pipe_gets_whole_lines(self, maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "30")
        assert "so no secret is encrypted to it\n" in maidan("check").out

    def test_a_diff_is_never_broken_or_translated(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("maidan_nix.commands.console._is_terminal", lambda _: True)
        monkeypatch.setenv("COLUMNS", "30")
        monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
        monkeypatch.setenv("LANGUAGE", "de")
        console = Console.from_environment(color=False, debug=False)
        console.verbatim("this setting is missing")
        console.verbatim("+" + " word" * 20)
        console.line(say("this setting is missing"))
        assert capsys.readouterr().out == f"this setting is missing\n+{' word' * 20}\ndiese Einstellung fehlt\n"


SYMBOLS = re.compile(r"->|=>|[→←⇒✓✔✗✘•●○■□▪│─┌└├╭╰]|[\u2500-\u25ff]|[\U0001f300-\U0001faff]")


@pytest.mark.parametrize(
    "arguments",
    [
        ["generate"],
        ["generate", "--check"],
        ["generate", "--verbose"],
        ["check"],
        ["check", "absent.toml"],
        ["--help"],
        ["generate", "--help"],
        ["check", "--help"],
        ["genrate"],
        ["doctor"],
        ["explain", "exit-codes"],
        ["explain", "privacy.log_retention"],
        ["plugin", "list"],
        ["plugin", "show", "platform/nginx"],
        ["graph", "--format", "text"],
        ["options", "show", "services.nginx.enable"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_line_can_be_read_aloud(
    maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], language: str
) -> None:
    """Words before symbols: no arrow, tick, bullet or box; no line without a word; no run of dots or dashes."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", language)
    (folder / "community.toml").write_text(MINIMAL + LOOSENED)
    done = maidan(*arguments)
    lines = f"{done.out}{done.err}".splitlines()
    assert lines
    for line in filter(None, lines):
        assert not SYMBOLS.search(line), line
        assert re.search(r"[A-Za-z]{2}", line), line
        assert not re.search(r"[.\-_=*#]{4,}", line), line
        assert re.match(r"\s*['\"(\[.\w/-]", line), line
