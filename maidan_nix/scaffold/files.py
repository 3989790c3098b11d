"""The files of a new plugin, from the templates beside this module. Pure, but for reading them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

from maidan_nix.scaffold.naming import Kind, names

_ENDING = ".in"
_RENAMED = {"gitignore": ".gitignore"}
"""Hidden files are not hidden among the templates."""
_PACKAGE, _SUITE = "package", "suite"
"""The folders of the package and of its tests; one called tests would be left out of our own distribution."""
_EVERY = "every"


def plugin_files(kind: Kind, name: str) -> dict[str, str]:
    """Return the text of each file of a new plugin's distribution, by path."""
    called = names(kind, name)
    values = {key: value for key, value in asdict(called).items() if isinstance(value, str)}
    found: dict[str, str] = {}
    for folder in (_EVERY, kind):
        for path, text in _templates(files("maidan_nix.scaffold") / "templates" / folder):
            *above, last = path
            folders = [{_PACKAGE: called.package, _SUITE: "tests"}.get(step, step) for step in above]
            found["/".join((*folders, _RENAMED.get(last, last)))] = Template(text).substitute(values)
    return dict(sorted(found.items()))


def _templates(folder: Traversable, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _templates(entry, (*path, entry.name))
        elif entry.name.endswith(_ENDING):
            yield (*path, entry.name.removesuffix(_ENDING)), entry.read_text("utf-8")
