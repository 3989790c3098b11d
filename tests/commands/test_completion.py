"""Completion in the shell: what is offered, how fast, and scripts that real shells read."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from commands.runner import TWO_HOSTS, Done, Maidan
from judges import judge
from maidan_nix.commands import completers
from maidan_nix.problems import ExitCode

HOMELESS = {"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "BASH_COMPLETION_USER_DIR", "FPATH", "SHELL"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and nothing of the home of whoever runs the tests."""
    for name in HOMELESS:
        monkeypatch.delenv(name, raising=False)
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    return place


def offered(words: str, cwd: Path) -> list[str]:
    """What bash is offered for the last of the words."""
    environment = {**os.environ, "_MAIDAN_NIX_COMPLETE": "bash_complete"}
    environment |= {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", "from maidan_nix.__main__ import main; main()"],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not done.stderr
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_what_is_offered(home: Path, folder: Path) -> None:
    assert offered("maidan-nix expl", folder) == ["explain"]
    assert offered("maidan-nix explain privacy.fed", folder) == ["privacy.federation", "privacy.federation_allow"]
    assert offered("maidan-nix explain single", folder) == ["single-steward"]
    assert offered("maidan-nix explain exit", folder) == ["exit-codes"]
    assert "services.nginx.enable" in offered("maidan-nix explain services.nginx.ena", folder)
    assert offered("maidan-nix completion install f", folder) == ["fish"]


def test_names_of_the_manifest_are_offered(home: Path, folder: Path) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    assert {"hosts.east", "hosts.west"} <= set(offered("maidan-nix explain hosts.", folder))
    assert "hosts.east.disk.swap" in offered("maidan-nix explain hosts.east.disk.s", folder)
    (folder / "community.toml").unlink()
    assert "hosts.NAME" in offered("maidan-nix explain hosts.N", folder)


@pytest.mark.parametrize("text", ["[", "hosts = 3", '[hosts."a\\nb"]', "\0"])
def test_a_bad_manifest_is_passed_over(home: Path, folder: Path, text: str) -> None:
    (folder / "community.toml").write_text(text)
    assert offered("maidan-nix explain privacy.pre", folder) == ["privacy.preset"]
    assert all("\n" not in each for each in offered("maidan-nix explain hosts.", folder))


def test_words_are_remembered_and_made_anew_when_they_are_damaged(home: Path, folder: Path) -> None:
    expected = offered("maidan-nix explain privacy.pre", folder)
    cache = home / ".cache/maidan-nix/completion.json"
    assert cache.is_file()
    whole = cache.read_bytes()
    for damaged in (b"", b"[]", b"{}", b"\xff", b'{"made_of": 1}', whole[:100]):
        cache.write_bytes(damaged)
        assert offered("maidan-nix explain privacy.pre", folder) == expected
        assert cache.read_bytes() == whole


def test_no_home_and_no_place_to_write(folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "community.toml"))
    assert offered("maidan-nix explain privacy.pre", folder) == ["privacy.preset"]
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    assert offered("maidan-nix explain privacy.pre", folder) == ["privacy.preset"]


def test_an_answer_comes_at_once(home: Path, folder: Path) -> None:
    """The promise is 150 ms on a machine that does nothing else; the best of a few is held to twice that."""
    offered("maidan-nix explain privacy.pre", folder)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        offered("maidan-nix explain privacy.pre", folder)
        times.append(time.perf_counter() - started)
    assert min(times) < 0.3


@click.command()
@click.argument("key", shell_complete=completers.complete_key)
@click.option("--plugin", shell_complete=completers.complete_plugin)
@click.option("--service", shell_complete=completers.complete_service)
@click.option("--host", shell_complete=completers.complete_host)
def every(**_words: str) -> None:
    """Use every completer."""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("every --plugin platform/ng", "platform/nginx"),
        ("every --service vault", "vaultwarden"),
        ("every --service services/vault", "services/vaultwarden"),
        ("every --host w", "west"),
        ("every hosts.west.boot.f", "hosts.west.boot.firmware"),
    ],
)
def test_every_completer(home: Path, folder: Path, words: str, expected: str) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    environment = {"_EVERY_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = CliRunner().invoke(every, [], env=environment, prog_name="every")
    assert done.output == f"plain,{expected}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed(maidan: Maidan, shell: str) -> None:
    script = maidan("completion", shell).out
    assert "_MAIDAN_NIX_COMPLETE" in script
    assert maidan("completion", shell, "--json").json() == {"version": 1, "shell": shell, "script": script}


@pytest.mark.parametrize(
    ("shell", "path"),
    [
        ("bash", ".local/share/bash-completion/completions/maidan-nix"),
        ("zsh", ".local/share/zsh/site-functions/_maidan-nix"),
        ("fish", ".config/fish/completions/maidan-nix.fish"),
    ],
)
def test_installing_twice(maidan: Maidan, home: Path, monkeypatch: pytest.MonkeyPatch, shell: str, path: str) -> None:
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    done = maidan("completion", "install")
    assert f"{home / path} was written." in done.out
    assert (home / path).read_text() == maidan("completion", shell).out
    assert f"{home / path} is up to date." in maidan("completion", "install").out
    written = [each for each in home.rglob("*") if each.is_file()]
    assert written == [home / path]
    assert ("Add these lines to your .zshrc" in done.out) == (shell == "zsh")


def test_the_variables_of_folders_are_honoured(
    maidan: Maidan, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "BASH_COMPLETION_USER_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("FPATH", f"/usr/share/zsh:{tmp_path}/XDG_DATA_HOME/zsh/site-functions")
    result = [maidan("completion", "install", shell, "--json").json() for shell in ("bash", "zsh", "fish")]
    assert [Path(each["path"]).relative_to(tmp_path).parts[0] for each in result] == [
        "BASH_COMPLETION_USER_DIR",
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
    ]
    assert all(each["written"] for each in result)
    assert result[1]["still_to_do"] == []  # zsh looks there already
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("shell", ["", "/bin/dash", "/bin/\x1b[31m"])
def test_a_shell_that_is_not_known(maidan: Maidan, home: Path, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("SHELL", shell)
    done = maidan("completion", "install")
    assert done.code == ExitCode.USAGE
    assert "maidan-nix completion install bash" in done.err
    assert "\x1b" not in done.err
    assert list(home.iterdir()) == []


def test_no_home_to_install_into(maidan: Maidan, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    done = maidan("completion", "install", "bash")
    assert done.code == ExitCode.FAILED
    assert "set HOME or XDG_DATA_HOME" in done.err


def test_something_in_the_way(maidan: Maidan, home: Path) -> None:
    (home / ".local").write_text("")
    done = maidan("completion", "install", "bash")
    assert done.code == ExitCode.FAILED
    assert len(done.err.splitlines()) == 1
    place = home / ".config/fish/completions/maidan-nix.fish"
    place.parent.mkdir(parents=True)
    place.symlink_to("/nowhere/at/all")
    assert "is not a regular file" in maidan("completion", "install", "fish").err


def program(folder: Path) -> str:
    """A folder for PATH in which this program has its name."""
    binary = folder / "bin"
    binary.mkdir()
    start = binary / "maidan-nix"
    call = "from maidan_nix.__main__ import main; main()"
    start.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(call)} "$@"\n')
    start.chmod(0o755)
    return f"{binary}:{os.environ['PATH']}"


def in_shell(arguments: list[str], script: str, path: str, cwd: Path) -> Done:
    done = subprocess.run(
        [*arguments, script],
        env={**os.environ, "PATH": path, "TERM": "dumb"},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_bash_completes(maidan: Maidan, home: Path, folder: Path, tmp_path: Path) -> None:
    bash = judge("bash", package="bash")
    maidan("completion", "install", "bash")
    script = home / ".local/share/bash-completion/completions/maidan-nix"
    text = (
        f"source {shlex.quote(str(script))}\n"
        "complete -p maidan-nix >/dev/null || exit 9\n"
        "COMP_WORDS=(maidan-nix explain privacy.fed) COMP_CWORD=2\n"
        '_maidan_nix_completion maidan-nix\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = in_shell([bash, "--norc", "--noprofile", "-c"], text, program(tmp_path), folder)
    assert done == Done(0, "privacy.federation\nprivacy.federation_allow\n", "")


def test_fish_completes(maidan: Maidan, home: Path, folder: Path, tmp_path: Path) -> None:
    fish = judge("fish", package="fish")
    maidan("completion", "install", "fish")
    done = in_shell([fish, "-c"], "complete -C 'maidan-nix explain privacy.fed'", program(tmp_path), folder)
    words = [line.partition("\t")[0] for line in done.out.splitlines()]
    assert (done.code, words) == (0, ["privacy.federation", "privacy.federation_allow"])


def test_zsh_completes(maidan: Maidan, home: Path, folder: Path, tmp_path: Path) -> None:
    zsh = judge("zsh", package="zsh")
    maidan("completion", "install", "zsh")
    place = home / ".local/share/zsh/site-functions"
    # Without a terminal there is no completion system to answer: what it would be given is printed instead.
    text = (
        f"fpath+=({shlex.quote(str(place))})\nautoload -Uz compinit && compinit -u\n"
        "(( $+_comps[maidan-nix] )) || exit 9\n"
        "compadd() { : }\n_describe() { print -l ${(P)3} }\n"
        "words=(maidan-nix explain privacy.fed) CURRENT=3\n"
        f"source {shlex.quote(str(place / '_maidan-nix'))}\n_maidan_nix_completion maidan-nix\n"
    )
    done = in_shell([zsh, "-f", "-c"], text, program(tmp_path), folder)
    assert "privacy.federation:Whom services may talk to" in done.out, done
    assert done.code == 0
