"""What plugins import: a type checker sees the names that a program sees, and takes them for the same things."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from maidan_nix import api


def seen_by_type_checkers() -> dict[str, tuple[str, str]]:
    """The names that are imported for type checkers only: from which module, and what they are called there."""
    tree = ast.parse(Path(str(api.__file__)).read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.asname or alias.name: (str(statement.module), alias.name)
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }


def test_programs_and_type_checkers_see_the_same_names() -> None:
    assert sorted(seen_by_type_checkers()) == sorted(api.__all__) == dir(api)


@pytest.mark.parametrize("name", api.__all__)
def test_a_name_is_what_type_checkers_take_it_for(name: str) -> None:
    module, original = seen_by_type_checkers()[name]
    home = importlib.import_module(module)
    expected = getattr(home, original, None) or importlib.import_module(f"{module}.{original}")
    assert getattr(api, name) is expected
