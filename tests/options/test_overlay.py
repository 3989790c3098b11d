"""Overlay files."""

from __future__ import annotations

import pytest

from maidan_nix.options.overlay import Overlay
from maidan_nix.options.table import Option

TEXT = """
[[source]]
from = "example/flake@12345678 module.nix"
under = ["a.<name>", "b"]

[source.options]
"x" = "listOf  str"

[source.renamed]
"y" = "c.y"

[[source]]
from = "notes"

[source.removed]
"z" = "Gone."
"""


def test_a_group_holds_for_each_place() -> None:
    source = "example/flake@12345678 module.nix"
    assert Overlay.parse(TEXT, "options.toml").options == (
        Option("a.<name>.x", "listOf str", source),
        Option("b.x", "listOf str", source),
        Option("a.<name>.y", "?", source, "renamed", replacement="c.y"),
        Option("b.y", "?", source, "renamed", replacement="c.y"),
        Option("z", "?", "notes", "removed", note="Gone."),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[source]]\n", "without 'from'"),
        ("[[source]]\nfrom = ''\n", "without 'from'"),
        ("[source]\nfrom = 'x'\n", "a table is expected"),
        ("[[source]]\nfrom = 'x'\noptions = 3\n", "a table is expected"),
        ("[[source]]\nfrom = 'x'\nunder = 'a'\n", "'under' is a list"),
        ("[[source]]\nfrom = 'x'\n[source.options]\na = 'strr'\n", "unknown name 'strr'"),
        ("[[source]]\nfrom = 'x'\n[source.options]\na = 3\n", "a: a string is expected"),
        ("[[source]]\nfrom = 'x'\n[source.options]\n'a..b' = 'str'\n", "not the name of an option"),
        ("[[source]]\nfrom = 'x'\n[source.renamed]\na = 'b.'\n", "not the name of an option"),
        ("[[source]]\nfrom = 'x'\n[source.option]\na = 'str'\n", "unknown key 'option'"),
        ("[sources]\n", "unknown key 'sources'"),
        ("[[source\n", "options.toml"),
    ],
)
def test_a_faulty_overlay_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^options\.toml: ") as error:
        Overlay.parse(text, "options.toml")
    assert message in str(error.value)
