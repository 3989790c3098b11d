"""Fixtures for the tests of a plugin.

    def test_contract(maidan_conformance):
        maidan_conformance("services/wiki")

    def test_page(maidan_example):
        assert "Welcome" in maidan_example("services/wiki", greeting="Welcome")["hosts/example/services/wiki.nix"]

A plugin that is not installed is found by the pyproject.toml of the tests' own root folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from maidan_nix.manifest.settings import Preset


@pytest.fixture
def maidan_conformance(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that fails the test with everything in which the named plugin breaks the contract."""

    def check(full_name: str) -> None:
        from maidan_nix.manifest.report import format_problems
        from maidan_nix.testing.conformance import faults

        added = _added(full_name, request.config.rootpath)
        problems = [fault.named() for fault in faults(full_name, added)]
        if problems:
            pytest.fail("\n".join(format_problems(problems, None)), pytrace=False)

    return check


@pytest.fixture
def maidan_example(request: pytest.FixtureRequest) -> Callable[..., Mapping[str, str]]:
    """Return a function that generates a small community with the named plugin: the text of each file, by path.

    ``maidan_example("services/wiki", preset="open", greeting="Hello")``: `preset` is that of the privacy policy, strict
    unless said; everything else is a setting of the plugin. Settings that must be given have their first example. Of a
    provider, something there asks for one of each kind that it provides. Raises MaidanError.
    """

    def generated(full_name: str, preset: Preset = "strict", **settings: Any) -> Mapping[str, str]:
        from maidan_nix.plugins import load
        from maidan_nix.testing.example import example_document, required, trying

        _added(full_name, request.config.rootpath)
        plugin = load(full_name)
        document = example_document(plugin, preset, {**required(plugin.settings), **settings})
        with trying(plugin) as generate:
            tree = generate(document).tree
        return {path: file.content.decode() for path, file in tree.items()}

    return generated


def _added(full_name: str, root: Path) -> Path | None:
    """Make the plugins of the tests' own root folder known, where they are not; return the folder if it has any."""
    from maidan_nix.plugins import known
    from maidan_nix.testing.places import add_place, is_distribution

    if is_distribution(root) and (full_name not in known() or known()[full_name].distribution.startswith("the folder")):
        add_place(root)
        return root
    return None
