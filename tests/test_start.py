"""What starting does not load: time that few runs would use, and code of a folder that only holds data."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands.runner import process
from fake_plugins import install, source

MINIMAL = Path(__file__).parents[1] / "hosts/minimal/community.toml"
LIST_MODULES = "import atexit, sys; atexit.register(lambda: print('loaded', *sys.modules, file=sys.stderr));"

# Needed to report problems, to show a difference, by other commands, by tests, or by nothing here.
RARELY_NEEDED = {
    "argparse",
    "asyncio",
    "concurrent.futures",
    "difflib",
    "hypothesis",
    "jinja2",
    "maidan_nix.manifest.positions",
    "maidan_nix.manifest.report",
    "maidan_nix.options.evaluated_file",
    "maidan_nix.testing",
    "multiprocessing",
    "pkg_resources",
    "pytest",
    "rich",
    "setuptools",
    "tomlkit",
    "unittest",
    "urllib.request",
}


def loaded(code: str, *arguments: str | Path) -> set[str]:
    """Run a program and return the modules that are loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES + code, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("loaded "))
    return set(line.split())


def test_importing_the_api_loads_nothing_that_it_names() -> None:
    modules = loaded("import maidan_nix.api")
    assert {name for name in modules if name.startswith("maidan_nix")} == {"maidan_nix", "maidan_nix.api"}
    assert not modules & {"click", "difflib", "jinja2", "pluggy", "pydantic", "tomlkit"}


def test_generating_with_nothing_to_change_loads_what_it_uses(tmp_path: Path) -> None:
    generate = "from maidan_nix.__main__ import main; main()"
    arguments = ("generate", MINIMAL, "--out", tmp_path)
    loaded(generate, *arguments)
    modules = loaded(generate, *arguments)
    assert not modules & RARELY_NEEDED
    assert "maidan_nix_plugins.services.vaultwarden" in modules
    assert "maidan_nix_plugins.services.matrix" not in modules


def test_help_loads_no_part_of_generation() -> None:
    modules = loaded("from maidan_nix.__main__ import main; main()", "--help")
    assert not modules & {*RARELY_NEEDED, "maidan_nix.generation", "maidan_nix.plugins", "pydantic", "pluggy"}


# -- nothing in the working directory is code to run ----------------------------------------------------------------

RUNS = "import sys\nsys.exit('{} was run')\n"


@pytest.fixture
def cloned(tmp_path: Path) -> Path:
    """A community's folder with modules in it that a run would import, and a plugin."""
    shutil.copy(MINIMAL, tmp_path)
    for name in ("__future__", "click", "contextlib", "json", "maidan_nix_plugins", "pathlib", "tomlkit", "tomllib"):
        (tmp_path / f"{name}.py").write_text(RUNS.format(name))
    install(tmp_path, RUNS.format("the plugin"))
    return tmp_path


def test_nothing_in_the_working_directory_is_run(cloned: Path) -> None:
    generated = process("generate", cwd=cloned)
    assert (generated.code, generated.err) == (0, "")
    listed = process("plugin", "list", cwd=cloned)
    assert (listed.code, listed.err) == (0, "")
    assert "services/wiki" not in listed.out


def test_what_was_put_on_the_path_on_purpose_is_found(cloned: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("site")
    install(elsewhere, source())
    for environment in ({}, {"PYTHONSAFEPATH": "1"}):
        listed = process("plugin", "list", cwd=cloned, PYTHONPATH=str(elsewhere), **environment)
        assert (listed.code, listed.err) == (0, "")
        assert "services/wiki" in listed.out


def test_a_working_directory_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    removed = 'rmdir "$PWD" && exec "$0" -m maidan_nix --version'
    place = tmp_path / "gone"
    place.mkdir()
    done = subprocess.run(
        ["sh", "-c", removed, sys.executable], cwd=place, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
