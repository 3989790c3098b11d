"""Nix, run on the shipped modules.

`evaluate` needs any Nix. `host` and `flake` need the module system: a Nix from 2.18 on and nixpkgs' lib, at
``MAIDAN_NIXPKGS_LIB`` (a checkout of nixpkgs.lib, or its ``lib``) or in ``MAIDAN_NIXPKGS`` (a nixpkgs tree).
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from live.tree import loader, missing, require_tree

SHIPPED = Path(__file__).parents[2] / "modules"
STAND_INS = Path(__file__).parent / "nix"
MODULE_SYSTEM_NEEDS = (2, 18)

Directives: TypeAlias = dict[str, bool | int | str | list[str]]
"""The [Service] section of a unit: a list stands for a repeated directive."""


class EvaluationError(Exception):
    """Nix refused; the message is what it said."""


@dataclass(frozen=True)
class Host:
    """What the module system made of a host: messages of failed assertions, and each unit's [Service] section."""

    failed: list[str]
    services: dict[str, Directives]


def _version(command: list[str]) -> tuple[int, ...]:
    answer = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.findall(r"\d+", answer)))


@functools.cache
def nix_instantiate(at_least: tuple[int, ...] = ()) -> tuple[str, ...]:
    """Return the start of a command line: this machine's nix-instantiate if new enough, else the Debian 13 tree's."""
    found = shutil.which("nix-instantiate")
    if found and _version([found]) >= at_least:
        return (found,)
    if not found and not at_least:
        missing("nix-instantiate", "install the Debian package nix-bin")
    return tuple(loader(require_tree(), "/usr/bin/nix-instantiate"))


def nixpkgs_lib() -> Path:
    """Return the folder of nixpkgs' lib, or skip."""
    for variable in ("MAIDAN_NIXPKGS_LIB", "MAIDAN_NIXPKGS"):
        if value := os.environ.get(variable):
            folder = Path(value)
            return folder / "lib" if (folder / "lib").is_dir() else folder
    pytest.skip("nixpkgs' module system is missing: set MAIDAN_NIXPKGS_LIB to a checkout of nixpkgs.lib")


def run(*arguments: str, at_least: tuple[int, ...] = ()) -> str:
    """Run nix-instantiate away from any store of this machine and return what it prints. Raises EvaluationError."""
    with tempfile.TemporaryDirectory(prefix="maidan-nix-") as scratch:
        folders = {f"NIX_{kind}_DIR": f"{scratch}/{kind}" for kind in ("STORE", "STATE", "LOG", "CONF")}
        done = subprocess.run(
            [*nix_instantiate(at_least), *arguments],
            env={**os.environ, **folders, "NIX_REMOTE": "", "HOME": scratch},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    if done.returncode:
        raise EvaluationError(done.stderr)
    return done.stdout


def evaluate(expression: str, at_least: tuple[int, ...] = ()) -> Any:
    """Evaluate a Nix expression to its value."""
    return json.loads(run("--eval", "--strict", "--json", "--expr", expression, at_least=at_least))


def host(modules: str) -> Host:
    """Evaluate a host of the shipped modules and `modules`: NixOS modules as the elements of a Nix list."""
    arguments = f"nixpkgsLib = {nixpkgs_lib()}; shipped = {SHIPPED}; modules = [ {modules} ];"
    return Host(**evaluate(f"import {STAND_INS}/evaluate.nix {{ {arguments} }}", MODULE_SYSTEM_NEEDS))


def flake(journal: Path, more: str = "") -> Any:
    """Evaluate outputs.nix with stand-in inputs, see nix/flake.nix; `more` is further arguments to it."""
    arguments = f"nixpkgsLib = {nixpkgs_lib()}; shipped = {SHIPPED}; journal = {journal}; {more}"
    return evaluate(f"import {STAND_INS}/flake.nix {{ {arguments} }}", MODULE_SYSTEM_NEEDS)
