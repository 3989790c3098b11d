"""The Makefile explains itself, and what it calls can be called."""

from __future__ import annotations

import os
import re
from pathlib import Path

from judges import judge, run

ROOT = Path(__file__).parents[1]


def test_help_names_every_target_with_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets is not None
    said = run([judge("make", package="make"), "--no-print-directory", "--directory", ROOT, "help"])
    assert said
    explained = dict(re.findall(r"^make (\S+) +(\S.*)$", said.output, re.MULTILINE))
    assert set(explained) == set(targets[1].split())


def test_every_script_that_is_called_is_there_and_executable() -> None:
    callers = [ROOT / "Makefile", ROOT / ".ci/run", *(ROOT / "scripts").iterdir()]
    called = {
        name
        for caller in callers
        if caller.is_file()
        for name in re.findall(r"scripts/([a-z][a-z.-]*[a-z])", caller.read_text(encoding="utf-8"))
    }
    assert {"environment", "judges", "debian-tree"} <= called
    for name in called:
        script = ROOT / "scripts" / name
        assert script.is_file(), name
        assert os.access(script, os.X_OK) or script.suffix == ".py", name


def test_shell_scripts_are_well_formed() -> None:
    scripts = [
        ROOT / ".ci/run",
        *(path for path in (ROOT / "scripts").iterdir() if path.suffix == "" and path.is_file()),
    ]
    for script in scripts:
        shell = "bash" if "bash" in script.read_text(encoding="utf-8").splitlines()[0] else "sh"
        assert run([shell, "-n", script]), script.name
