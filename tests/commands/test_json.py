"""What commands print for programs: documented, of the described shape, versioned, and English in every language."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, is_typeddict

import click
import pytest

from commands.runner import MINIMAL, Maidan
from commands.shapes import faults, keys
from maidan_nix.commands import group
from maidan_nix.manifest.report import ProblemRecord


def commands(found: click.Command = group, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that there is, by what is typed for it."""
    if not isinstance(found, click.Group):
        yield name, found
        return
    context = click.Context(found)
    for each in found.list_commands(context):
        inner = found.get_command(context, each)
        assert inner is not None
        yield from commands(inner, f"{name} {each}".strip())


def has_json(command: click.Command) -> bool:
    return any("--json" in parameter.opts for parameter in command.params)


COMMANDS = dict(commands())
WITH_JSON = {name: command for name, command in COMMANDS.items() if has_json(command)}


def results(command: click.Command) -> list[Any]:
    """The shapes that the module of a command describes."""
    callback = command.callback
    assert callback is not None
    module = sys.modules[callback.__module__]
    return [each for name, each in vars(module).items() if name.endswith("Result") and is_typeddict(each)]


def test_every_command_has_json_but_those_that_only_hold_others() -> None:
    assert sorted(COMMANDS.keys() - WITH_JSON.keys()) == []


@pytest.mark.parametrize("name", WITH_JSON)
def test_every_key_is_named_in_the_help(name: str) -> None:
    shapes = results(WITH_JSON[name])
    assert shapes, "a command with --json describes its result in a TypedDict"
    callback = WITH_JSON[name].callback
    assert callback is not None
    module = callback.__module__
    helps = [each.help or "" for each in WITH_JSON.values() if each.callback and each.callback.__module__ == module]
    named = set(re.findall(r"[a-z_]+", " ".join(helps)))
    general = keys(ProblemRecord) | {"version"}  # named in the help of the program
    assert sorted(set().union(*map(keys, shapes)) - named - general) == []


@pytest.mark.parametrize("name", WITH_JSON)
def test_the_help_begins_what_it_says_of_json_in_one_way(name: str) -> None:
    assert "With --json" in " ".join((WITH_JSON[name].help or "").split())


def test_the_keys_of_a_problem_are_named_in_the_help_of_the_program(maidan: Maidan) -> None:
    named = set(re.findall(r"[a-z_]+", maidan("--help").out))
    assert keys(ProblemRecord) <= named
    assert {"version", "problems"} <= named


@pytest.mark.parametrize(
    ("arguments", "module", "shape"),
    [
        (["generate"], "generate", "GenerateResult"),
        (["generate", "--diff"], "generate", "GenerateResult"),
        (["check"], "check", "CheckResult"),
        (["doctor"], "doctor", "DoctorResult"),
        (["graph"], "graph", "GraphResult"),
        (["man"], "man", "ManResult"),
        (["plugin", "list"], "plugin", "ListResult"),
        (["schema"], "schema", "SchemaResult"),
        (["completion", "bash"], "completion", "CompletionResult"),
        (["options", "search", "nginx"], "options", "SearchResult"),
        (["explain", "privacy.log_retention"], "explain", "ExplainResult"),
        (["explain", "services.vaultwarden"], "explain", "ExplainResult"),
        (["explain", "single-steward"], "explain", "ExplainResult"),
        (["explain", "nixpkgs-age"], "explain", "ExplainResult"),
        (["explain", "services.openssh.enable"], "explain", "ExplainResult"),
        (["explain", "services.nginx"], "explain", "ExplainResult"),
        (["explain", "exit-codes"], "explain", "ExplainResult"),
    ],
)
def test_what_is_printed_is_of_its_shape(
    maidan: Maidan, folder: Path, arguments: list[str], module: str, shape: str
) -> None:
    printed = maidan(*arguments, "--json").json()
    assert printed.pop("version") == 1
    described = getattr(importlib.import_module(f"maidan_nix.commands.{module}"), shape)
    assert list(faults(printed, described)) == []


LOOSENED = '\n[privacy]\nlog_retention = "30d"\n\n[privacy.reasons]\nlog_retention = "a fault is being looked for"\n'


def test_a_setting_that_is_looser_is_of_its_shape(maidan: Maidan, folder: Path) -> None:
    from maidan_nix.commands.check import CheckResult

    (folder / "community.toml").write_text(MINIMAL + LOOSENED)
    printed = maidan("check", "--json").json()
    assert printed.pop("version") == 1
    assert printed["loosened"]
    assert list(faults(printed, CheckResult)) == []


@pytest.mark.parametrize("arguments", [["generate"], ["check"], ["generate", "--host", "nowhere"]])
def test_problems_are_of_their_shape(maidan: Maidan, folder: Path, arguments: list[str]) -> None:
    if "--host" not in arguments:
        (folder / "community.toml").write_text(MINIMAL.replace('"bios"', '"boos"').replace("time_zone", "time_zon"))
    printed = maidan(*arguments, "--json").json()
    assert printed.pop("version") == 1
    assert printed["problems"]
    for problem in printed.pop("problems"):
        assert list(faults(problem, ProblemRecord)) == []
    assert not printed


@pytest.mark.parametrize("arguments", [["generate", "--diff"], ["check"], ["check", "absent.toml"]])
def test_json_is_the_same_in_every_language(
    maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    english = maidan(*arguments, "--json").out
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    assert maidan(*arguments, "--json").out == english


def test_a_shape_is_judged_strictly() -> None:
    right = {"file": "a", "line": 1, "column": 1, "path": ["a", 1], "key": "a", "at": "key", "plugin": "",
             "message": "m", "expected": "", "hint": ""}  # fmt: skip
    assert list(faults(right, ProblemRecord)) == []
    for wrong in ({"line": "1"}, {"line": True}, {"path": "a"}, {"path": [1.5]}, {"more": 1}, {"file": None}):
        assert list(faults({**right, **wrong}, ProblemRecord))
    assert list(faults({key: value for key, value in right.items() if key != "at"}, ProblemRecord))
