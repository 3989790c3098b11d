"""``maidan-nix plugin check``: what it checks, what it says, and where it finds what it is told to check."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from commands.runner import Maidan, process
from fake_plugins import source
from maidan_nix.scaffold.files import plugin_files
from maidan_nix.scaffold.folder import write_folder
from maidan_nix.testing.conformance import CHECKS

README = "# Wiki\n\nPages that members write together.\n"


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    folder = tmp_path / "services" / "wiki"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(source())
    (folder / "README.md").write_text(README)
    return folder


def test_a_folder_is_checked(wiki: Path) -> None:
    assert process("plugin", "check", wiki).out == "Every check passed.\n"
    (wiki / "__init__.py").write_text(source('summary = "Pages."'))
    done = process("plugin", "check", wiki)
    assert done.code == 1
    assert done.err == ("[services/wiki] its summary ends with a full stop (facts), expected one sentence without\n")


def test_json_names_the_check(wiki: Path) -> None:
    assert process("plugin", "check", wiki, "--json").json() == {"problems": [], "version": 1}
    (wiki / "__init__.py").write_text(source('summary = "Pages."'))
    done = process("plugin", "check", wiki, "--json")
    assert done.code == 1
    (problem,) = done.json()["problems"]
    assert problem["check"] == "facts"
    assert problem["plugin"] == "services/wiki"
    assert problem["message"] == "its summary ends with a full stop"


def test_the_checks_are_listed_with_their_reasons(maidan: Maidan) -> None:
    lines = maidan("plugin", "check", "--list").out.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [check.id for check in CHECKS]
    rows = maidan("plugin", "check", "--list", "--json").json()["checks"]
    assert rows == [{"id": check.id, "reason": check.reason} for check in CHECKS]


# -- the source of a distribution ----------------------------------------------------------------------------------


@pytest.fixture
def distribution(tmp_path: Path) -> Path:
    folder = tmp_path / "maidan-nix-lantern"
    write_folder(folder, plugin_files("service", "lantern"))
    return folder


@pytest.mark.parametrize("below", ["", "src"])
def test_the_source_of_a_distribution_is_checked(distribution: Path, below: str) -> None:
    package = distribution / "maidan_nix_lantern"
    if below:
        (distribution / below).mkdir()
        package = package.rename(distribution / below / package.name)
    assert process("plugin", "check", distribution).out == "Every check passed.\n"
    module = package / "__init__.py"
    module.write_text(module.read_text().replace('licence = "PSF-2.0"', 'licence = "GPL-2.0"'))
    done = process("plugin", "check", ".", cwd=distribution)
    assert done.code == 1
    assert done.err.startswith("[services/lantern] its licence 'GPL-2.0' does not say whether later versions count (f")


ENTRY = '"services.lantern" = "maidan_nix_lantern"'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (ENTRY, "", "names no plugin"),
        (ENTRY, "not TOML", "cannot be read"),
        (ENTRY, '"services.lantern" = "not_there"', "there is no module not_there"),
        (ENTRY, '"services.lantern" = "not_there.at_all"', "No module named 'not_there'"),
        (ENTRY, '"services.lantern" = "json"', "json is imported from"),
        (ENTRY, '"cellar.lantern" = "maidan_nix_lantern"', "brings a plugin under the name 'cellar/lantern'"),
        (ENTRY, '"services.vaultwarden" = "maidan_nix_lantern"', "two plugins are named services/vaultwarden"),
        (ENTRY, '"services.other" = "maidan_nix_lantern"', "the plugin calls itself services/lantern"),
    ],
)
def test_a_distribution_that_cannot_be_checked_says_why(distribution: Path, old: str, new: str, said: str) -> None:
    file = distribution / "pyproject.toml"
    file.write_text(file.read_text().replace(old, new))
    done = process("plugin", "check", distribution)
    assert done.code == 1
    assert done.out == ""
    assert said in done.err
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) == 1


def test_another_distribution_of_that_name_is_not_checked_in_its_place(distribution: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "site-packages"
    elsewhere.mkdir()
    shutil.copytree(distribution / "maidan_nix_lantern", elsewhere / "maidan_nix_lantern")
    shutil.rmtree(distribution / "maidan_nix_lantern")
    done = process("plugin", "check", distribution, PYTHONPATH=str(elsewhere))
    assert done.code == 1
    assert f"maidan_nix_lantern is imported from {elsewhere}" in done.err


@pytest.mark.parametrize("content", [None, "", b"\xff", "[project]\nentry-points = 7", "["])
def test_a_folder_of_nothing(tmp_path: Path, content: str | bytes | None) -> None:
    if content is not None:
        (tmp_path / "pyproject.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = process("plugin", "check", tmp_path)
    assert done.code == 1
    assert len(done.err.splitlines()) == 1


def test_a_pipe_in_place_of_a_pyproject_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    assert process("plugin", "check", tmp_path).code == 1


def test_a_place_that_there_is_not(tmp_path: Path) -> None:
    assert process("plugin", "check", tmp_path / "nowhere").code == 2
    (tmp_path / "file").touch()
    assert process("plugin", "check", tmp_path / "file").code == 2


def test_a_plugin_that_prints_breaks_what_programs_read(wiki: Path) -> None:
    (wiki / "__init__.py").write_text(source("def needs(self, context):\n    print('hello')\n    return ()"))
    done = process("plugin", "check", wiki)
    assert done.code == 1
    assert done.err.startswith("[services/wiki] it prints, in needs() (purity)")
    assert len(done.err.splitlines()) == 1
