"""The project's own flake.nix: it parses, its lock fits, and it asks for what pyproject.toml asks for."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from judges import nix_parse
from maidan_nix.flake.inputs import render_lock

ROOT = Path(__file__).parents[1]
FLAKE = (ROOT / "flake.nix").read_text("utf-8")


def test_nix_reads_it() -> None:
    assert nix_parse([ROOT / "flake.nix"])


def test_the_lock_is_of_its_inputs_and_pins_what_generated_flakes_pin() -> None:
    lock = json.loads((ROOT / "flake.lock").read_text("utf-8"))
    (name,) = lock["nodes"]["root"]["inputs"]
    locked = lock["nodes"][name]
    original = locked["original"]
    assert f'inputs.{name}.url = "github:{original["owner"]}/{original["repo"]}/{original["ref"]}";' in FLAKE
    assert locked == json.loads(render_lock())["nodes"][name]


def test_the_package_depends_on_what_pyproject_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.split(r"[<>=~!]", requirement)[0] for requirement in project["dependencies"]}
    (section,) = re.findall(r" dependencies = \[(.*?)\];", FLAKE, re.DOTALL)
    assert set(re.findall(r"python3Packages\.([a-z0-9-]+)", section)) == wanted


def test_the_template_is_an_example() -> None:
    (template,) = re.findall(r"path = \./(hosts/[a-z]+);", FLAKE)
    assert (ROOT / template / "community.toml").is_file()
