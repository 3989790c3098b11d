"""What starting does not load: time that every run would pay for what few of them use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
