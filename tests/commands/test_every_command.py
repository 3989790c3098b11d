"""What holds for all commands: bad input ends in a few plain lines, a documented exit code, and nothing written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import click
import pytest

from commands.bad_manifests import BAD_MANIFESTS
from commands.runner import MINIMAL, Maidan, tree
from maidan_nix.commands import group
from maidan_nix.problems import ExitCode

READS_A_MANIFEST: dict[str, tuple[str, ...]] = {
    "add": ("add", "matrix", "--manifest", "{}", "--yes"),
    "check": ("check", "{}"),
    "doctor": ("doctor", "{}"),
    "explain": ("explain", "community.name", "{}"),
    "generate": ("generate", "{}"),
    "graph": ("graph", "{}"),
    "plugin show": ("plugin", "show", "services/vaultwarden", "--manifest", "{}"),
    "remove": ("remove", "vaultwarden", "--manifest", "{}", "--yes"),
    "set": ("set", "community.name", "Sheds", "--manifest", "{}", "--yes"),
}
"""How each command that is given a manifest is called with one, for ``{}``."""
OTHERS = {
    "completion bash": ("completion", "bash"),
    "completion fish": ("completion", "fish"),
    "completion install": ("completion", "install", "bash"),
    "completion zsh": ("completion", "zsh"),
    "init": ("init", "--yes"),
    "man": ("man",),
    "options diff": ("options", "diff"),
    "options search": ("options", "search", "nginx"),
    "options show": ("options", "show", "services.nginx.enable"),
    "options update": ("options", "update", "--nixpkgs", "nowhere"),
    "plugin check": ("plugin", "check", "nowhere"),
    "plugin list": ("plugin", "list"),
    "plugin new": ("plugin", "new", "--kind", "service", "wiki"),
    "schema": ("schema",),
}
"""How each other command is called, to an end or to an error."""
MENDS = {"add", "remove", "set"}
"""The commands that edit a manifest: they may be what makes a bad one better."""
TELLS = {"doctor", "explain", "plugin show"}
"""The commands that say what they can, whatever the manifest is."""
WRITES_ELSEWHERE = {"completion install"}
"""What would write into the home of whoever runs the tests."""
CODES = {*ExitCode}
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def commands(found: click.Command, *names: str) -> Iterator[str]:
    if isinstance(found, click.Group):
        context = click.Context(found)
        for name in found.list_commands(context):
            below = found.get_command(context, name)
            assert below is not None
            yield from commands(below, *names, name)
    else:
        yield " ".join(names)


def call(command: str, manifest: Path | str) -> list[str]:
    return [word.replace("{}", str(manifest)) for word in {**READS_A_MANIFEST, **OTHERS}[command]]


def test_every_command_is_here() -> None:
    assert set(commands(group)) == {*READS_A_MANIFEST, *OTHERS}


@pytest.mark.parametrize("command", sorted({*READS_A_MANIFEST} - MENDS - TELLS))
@pytest.mark.parametrize(("text", "said"), BAD_MANIFESTS)
def test_a_bad_manifest_is_told_of_by_whoever_needs_it(
    maidan: Maidan, folder: Path, command: str, text: str, said: str
) -> None:
    (folder / "community.toml").write_text(text, "utf-8")
    before = tree(folder)
    done = maidan(*call(command, "community.toml"))
    assert done.code == ExitCode.MANIFEST_INVALID
    assert said in done.err
    assert tree(folder) == before


@pytest.mark.parametrize("command", sorted(MENDS | TELLS))
@pytest.mark.parametrize(("text", "said"), BAD_MANIFESTS)
def test_a_bad_manifest_breaks_nobody(maidan: Maidan, folder: Path, command: str, text: str, said: str) -> None:
    (folder / "community.toml").write_text(text, "utf-8")
    done = maidan(*call(command, "community.toml"))
    assert done.code in CODES
    assert "maidan-nix itself failed" not in done.err + done.out
    assert not CONTROL.search(done.err + done.out)
    if done.code != ExitCode.DONE:
        assert (folder / "community.toml").read_text("utf-8") == text


def _directory(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _absent(path: Path) -> None:
    pass


def _latin(path: Path) -> None:
    path.write_bytes(
        MINIMAL.replace("Allotment", "Schreberg\N{LATIN SMALL LETTER A WITH DIAERESIS}rten").encode("latin-1")
    )


def _large(path: Path) -> None:
    path.write_bytes(b"#" * (8 * 1024 * 1024 + 1))


@pytest.mark.parametrize("json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("make", [_directory, _pipe, _loop, _absent, _latin, _large])
@pytest.mark.parametrize("command", READS_A_MANIFEST)
def test_what_is_no_manifest(
    maidan: Maidan, folder: Path, command: str, make: Callable[[Path], None], json: bool
) -> None:
    (folder / "community.toml").unlink()
    make(folder / "other.toml")
    done = maidan(*call(command, "other.toml"), *(["--json"] if json else []))
    assert done.code in CODES - {ExitCode.DONE} or command in TELLS
    assert "maidan-nix itself failed" not in done.err + done.out
    assert len(done.err.splitlines()) <= 3
    if json:
        assert done.json()["version"] == 1
    assert [path.name for path in folder.iterdir() if path.name != "other.toml"] == []


HOSTILE = [
    "${pkgs.hello}",
    "a\nb",
    "\x1b[31mred",
    "'; drop",
    "../../etc/passwd",
    "-",
    "--",
    "\u202eevil",
    "a" * 5000,
    "\udcff",
]


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
@pytest.mark.parametrize("command", ["add", "remove", "set", "explain", "plugin show", "plugin new", "options show",
                                     "options search"])  # fmt: skip
def test_a_hostile_word_is_only_a_word(maidan: Maidan, folder: Path, command: str, word: str) -> None:
    before = tree(folder)
    rest = {"set": ["x", "--yes"], "plugin new": ["--kind", "service"], "add": ["--yes"], "remove": ["--yes"]}
    done = (
        maidan(*command.split(), *rest.get(command, []), "--", word)
        if command != "set"
        else maidan("set", "--yes", "--", word, "x")
    )
    assert done.code in CODES - {ExitCode.DONE} or command == "options search"
    assert "maidan-nix itself failed" not in done.err + done.out
    assert not CONTROL.search(done.err + done.out)
    assert tree(folder) == before


def run(words: list[str], cwd: Path, stdout: int | BinaryIO, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a process of its own; return its exit code and what it wrote to standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "maidan_nix", *words],
        stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd, env=environment, timeout=60,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("command", sorted({*READS_A_MANIFEST, *OTHERS} - WRITES_ELSEWHERE))
def test_a_full_disk_behind_the_output_is_an_error(folder: Path, command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        code, err = run(call(command, "community.toml"), folder, full, os.environ)
    assert code not in (ExitCode.DONE, None)
    assert "Traceback" not in err


@pytest.mark.parametrize("command", sorted({*READS_A_MANIFEST, *OTHERS} - WRITES_ELSEWHERE))
def test_without_a_home_and_without_a_locale(folder: Path, command: str) -> None:
    code, err = run(call(command, "community.toml"), folder, subprocess.DEVNULL, {"PATH": os.environ["PATH"]})
    assert code in CODES
    assert "Traceback" not in err
    assert "itself failed" not in err
