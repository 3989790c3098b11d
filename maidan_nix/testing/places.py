"""Plugins that are not installed: a folder with one plugin, or the source of a distribution."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from typing import Any

from maidan_nix.contract.plugin import FLOORS
from maidan_nix.messages import say
from maidan_nix.plugins import ENTRY_POINT_GROUP, Source, add, add_folder, known
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.regular_file import read_regular_file

_LARGEST = 1024 * 1024
"""Bytes of a pyproject.toml."""
_GROUP = f"{ENTRY_POINT_GROUP}1"


def add_place(path: Path) -> tuple[str, ...]:
    """Make the plugins at a place known to this process; return their full names.

    `path` is the folder of one plugin, below a folder named for its floor, or that of a distribution: its
    pyproject.toml says which plugins it brings. Raises MaidanError.
    """
    folder = path.resolve()
    if (folder / "pyproject.toml").is_file():
        return _add_distribution(folder, path)
    if folder.parent.name in FLOORS and (folder / "__init__.py").is_file():
        return (add_folder(folder),)
    floors = ", ".join(FLOORS)
    expected = say("a folder with a pyproject.toml, or one with an __init__.py below a folder named {floors}",
                   floors=floors)  # fmt: skip
    raise MaidanError(Problem((), say("{path} is not the folder of a plugin", path=path), expected))


def is_distribution(folder: Path) -> bool:
    """Whether a folder has a pyproject.toml that names plugins."""
    try:
        return bool(_entry_points(folder, folder))
    except MaidanError:
        return False


def _add_distribution(folder: Path, shown: Path) -> tuple[str, ...]:
    points = _entry_points(folder, shown)
    if not points:
        message = say("{path}/pyproject.toml names no plugin", path=shown)
        raise MaidanError(Problem((), message, say('a table [project.entry-points."{group}"]', group=_GROUP)))
    for root in (folder / "src", folder):
        if root.is_dir() and str(root) not in sys.path:
            sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    names = []
    for point, module in points.items():
        name = str(point).replace(".", "/", 1)
        _refuse_another(module, folder, shown)
        if name not in known() or known()[name].module != module:
            add(Source(name, module, f"the folder {shown}"))
            known()  # refuses a name that is none, or that somebody else has
        names.append(name)
    return tuple(names)


def _entry_points(folder: Path, shown: Path) -> dict[str, str]:
    try:
        content = read_regular_file(folder / "pyproject.toml", _LARGEST)
        project: Any = tomllib.loads(content.decode()).get("project", {})
        points = project.get("entry-points", {}).get(_GROUP, {})
        return {str(name): str(module) for name, module in points.items()}
    except (AttributeError, OSError, ValueError) as error:
        message = say("{path}/pyproject.toml cannot be read: {error}", path=shown, error=error)
        raise MaidanError(Problem((), message)) from error


def _refuse_another(module: str, folder: Path, shown: Path) -> None:
    """Refuse to check what is installed from elsewhere in place of what lies in the folder."""
    try:
        specification = importlib.util.find_spec(module)
    except (ImportError, ValueError) as error:
        specification, why = None, str(error)
    else:
        why = say("there is no module {module}", module=module)
    if specification is None or specification.origin is None:
        message = say("{path}/pyproject.toml names a module that cannot be found: {why}", path=shown, why=why)
        raise MaidanError(Problem((), message))
    if folder not in Path(specification.origin).resolve().parents:
        message = say("{module} is imported from {place}", module=module, place=specification.origin)
        hint = "uninstall the other one, or run this in an environment without it"
        raise MaidanError(Problem((), message, hint=hint))
