"""Paths that lead nowhere, or that no system takes: each command that is given one says so in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.runner import MINIMAL, Maidan, process, tree
from maidan_nix.problems import ExitCode

COMMANDS = {
    "init": ("init", "{}", "--yes"),
    "init, below": ("init", "{}/new", "--yes"),
    "init --answers": ("init", "fresh", "--yes", "--answers", "{}"),
    "set --manifest": ("set", "community.name", "Sheds", "--manifest", "{}", "--yes"),
    "add --manifest": ("add", "matrix", "--manifest", "{}", "--yes"),
    "remove --manifest": ("remove", "vaultwarden", "--manifest", "{}", "--yes"),
    "plugin show --manifest": ("plugin", "show", "services/vaultwarden", "--manifest", "{}"),
    "options update --module": ("options", "update", "--nixpkgs", "nixpkgs", "--module", "{}"),
    "generate --out": ("generate", "--out", "{}"),
    "check --out": ("check", "--out", "{}"),
    "graph --out": ("graph", "--out", "{}"),
}
"""How each command that takes a path is called with one, for ``{}``."""
PATHS = {
    "a loop": "loop",
    "below a loop": "loop/file",
    "below a file": "file/below",
    "a name that is too long": "n" * 300,
    "a path that is too long": "p/" * 3000 + "file",
}


@pytest.fixture
def odd(folder: Path) -> Path:
    (folder / "community.toml").write_text(MINIMAL)
    (folder / "loop").symlink_to("loop")
    (folder / "file").write_text("")
    # All that is looked at before further modules are.
    for file in ("lib/default.nix", "nixos/lib/eval-config.nix", "nixos/modules/module-list.nix", "default.nix"):
        (folder / "nixpkgs" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "nixpkgs" / file).touch()
    return folder


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_path_that_leads_nowhere(maidan: Maidan, odd: Path, words: tuple[str, ...], path: str) -> None:
    before = tree(odd)
    done = maidan(*(word.replace("{}", path) for word in words))
    assert done.code in {ExitCode.FAILED, ExitCode.USAGE, ExitCode.MANIFEST_INVALID}
    assert done.err
    assert "Traceback" not in done.err
    assert "not a nixpkgs tree" not in done.err
    assert tree(odd) == before


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_nul_in_a_path(maidan: Maidan, odd: Path, words: tuple[str, ...]) -> None:
    done = maidan(*(word.replace("{}", "a\0b") for word in words))
    assert done.code == ExitCode.USAGE
    assert "An argument contains a NUL character" in done.err


def test_bytes_that_are_no_text(odd: Path) -> None:
    done = process("set", "community.name", "Sheds", "--yes", "--manifest", b"\xff\xfe", cwd=odd)
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("\\uDCFF\\uDCFE: there is no such file")
