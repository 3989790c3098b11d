"""The script that makes the catalogues, as a module, and the sources that they are made from."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/translations.py"


def script() -> Any:
    """Import scripts/translations.py, which is no part of a package."""
    if "translations" not in sys.modules:
        specification = importlib.util.spec_from_file_location("translations", SCRIPT)
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        sys.modules["translations"] = module
        specification.loader.exec_module(module)
    return sys.modules["translations"]


def sources() -> list[Path]:
    """Every module of core and of the plugins, without their tests."""
    modules = (*(ROOT / "maidan_nix").rglob("*.py"), *(ROOT / "plugins").rglob("*.py"))
    return sorted(path for path in modules if "tests" not in path.parts)
