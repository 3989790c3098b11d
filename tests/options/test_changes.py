"""What changed between two lists, and what of it a flake sets."""

from __future__ import annotations

import pytest

from maidan_nix.nix.values import Call, Noted, Ref
from maidan_nix.options.changes import changes, set_options, touched
from maidan_nix.options.table import Option

GONE = Option("a", "?", status="removed", note="b")


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (None, Option("a", "bool"), "added"),
        (GONE, Option("a", "bool"), "added"),
        (Option("a", "bool"), None, "gone"),
        (GONE, None, ""),
        (Option("a", "bool"), GONE, "removed"),
        (GONE, GONE, ""),
        (Option("a", "bool"), Option("a", "?", status="renamed", replacement="b"), "renamed"),
        (Option("a", "bool"), Option("a", "int"), "retyped"),
        (Option("a", "str"), Option("a", "lines"), ""),
        (Option("a", "?"), Option("a", "int"), ""),
        (Option("a", "listOf ?"), Option("a", "listOf int"), ""),
        (Option("a", "listOf bool"), Option("a", "listOf int"), "retyped"),
        (Option("a", "attrs"), Option("a", "submodule"), ""),
        (Option("a", 'enum("a")'), Option("a", 'enum("a", "b")'), "retyped"),
        (Option("a", "nullOr str"), Option("a", "str"), "retyped"),
    ],
)
def test_a_change_is_what_a_steward_would_notice(old: Option | None, new: Option | None, kind: str) -> None:
    found = changes([old] if old else [], [new] if new else [])
    assert [change.kind for change in found] == ([kind] if kind else [])


def test_a_change_is_touched_by_whoever_sets_the_option_whatever_its_free_names() -> None:
    configuration = {
        "services": Noted(
            {"web": {"hosts": Call(Ref("lib", "mkIf"), True, {"example.org": {"tls": True}})}, "list": [{"a": 1}]},
            "why",
        )
    }
    paths = set_options(configuration)
    names = (
        "services.web.hosts.<name>.tls",
        "services.web.hosts.<name>.port",
        "services.list.*.a",
        "services.web.hosts",
    )
    found = changes([Option(name, "bool") for name in names], [])
    assert {change.name for change in touched(found, paths)} == {
        "services.web.hosts.<name>.tls",
        "services.list.*.a",
        "services.web.hosts",
    }
