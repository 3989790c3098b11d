"""How tests start a program of their own beside them, with the same modules at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import maidan_nix

_MODULES = (str(Path(__file__).parents[1]), str(Path(maidan_nix.__file__).parents[1]))


def drive(module: str, *arguments: object, within: Sequence[str] = ()) -> Any:
    """Run a module of this folder, started by the command `within` if given, and return what it says as JSON."""
    done = subprocess.run(
        [*within, sys.executable, "-W", "error", "-m", f"tree.{module}", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(_MODULES)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
