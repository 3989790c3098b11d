"""Whether a value is of a type: examples. The properties are in test_properties.py."""

from __future__ import annotations

import pytest

from maidan_nix.nix.values import Call, Function, Noted, Override, Path, Raw, Ref, Text, Value, pkgs
from maidan_nix.options.accept import Mismatch, accepts

UNKNOWN: list[Value] = [
    Ref("config", "age", "secrets", "x", "path"),
    Ref("pkgs", "stdenv", "hostPlatform", "system"),
    Call(Ref("lib", "optionals"), True, []),
    Raw("x: x", "a test"),
]
TYPES = ["bool", "int", "str", "path", "package", "function", "listOf str", "attrsOf int", 'enum("a")', "nullOr port"]


@pytest.mark.parametrize("value", UNKNOWN)
@pytest.mark.parametrize("type_", TYPES)
def test_what_only_nix_can_evaluate_is_accepted(type_: str, value: Value) -> None:
    assert accepts(type_, value) is None


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("package", pkgs("git")),
        ("package", "/nix/store/00000000000000000000000000000000-git"),
        ("package", Text(Ref("config", "x"), "/bin")),
        ("path", pkgs("git")),
        ("path", Path("./x.age")),
        ("path", "/run/x"),
        ("path", Text("/run/", Ref("config", "x"))),
        ("path", Text(pkgs("git"), "/bin/git")),
        ("str", Text("a", Ref("config", "x"))),
        ("lines", "a\nb"),
        ("singleLineStr", "one line\n"),
        ("function", Function(("pkgs",), None)),
        ("attrs", pkgs("linuxPackages")),
        ("submodule", {}),
        ("enum(1, true)", True),
        ('enum("a")', Text(Ref("config", "x"))),
        ("number", 1),
        ("unitOption", ["a", 1, True, Text("b"), pkgs("git"), Ref("config", "x")]),
        ("listOf int", ()),
        ("either(listOf str, attrsOf bool)", {"a": True}),
    ],
)
def test_accepted(type_: str, value: Value) -> None:
    assert accepts(type_, value) is None


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("int", True),
        ("bool", 1),
        ("float", 1),
        ("enum(1)", True),
        ("str", Path("./x")),
        ("str", pkgs("git")),
        ("str", None),
        ("path", "run/x"),
        ("path", Text("run/", Ref("config", "x"))),
        ("path", Text()),
        ("package", "git"),
        ("package", "/usr/bin/git"),
        ("singleLineStr", "a\nb"),
        ("nonEmptyStr", " \n"),
        ("nonEmptyListOf str", []),
        ("listOf str", "a"),
        ("attrsOf str", ["a"]),
        ("submodule", []),
        ("port", -1),
        ("port", 65536),
        ("port", True),
        ("unitOption", {"a": 1}),
        ("unitOption", [["a"]]),
        ("unitOption", None),
        ("null", False),
    ],
)
def test_refused(type_: str, value: Value) -> None:
    assert accepts(type_, value) is not None


@pytest.mark.parametrize(
    "wrap",
    [
        lambda value: Noted(value, "why"),
        Override,
        lambda value: Noted(Override(Noted(value, "why")), "why"),
        lambda value: Call(Ref("lib", "mkIf"), Ref("config", "x"), value),
        lambda value: Call(Ref("lib", "mkForce"), Noted(value, "why")),
        lambda value: Call(Ref("lib", "mkOrder"), 10, value),
        lambda value: Call(Ref("lib", "mkMerge"), [5, Override(value)]),
    ],
)
def test_wrappers_are_looked_through(wrap: object) -> None:
    assert callable(wrap)
    assert accepts("int", wrap(1)) is None
    assert accepts("int", wrap("1")) == Mismatch((), "an integer", "the string '1'")


def test_a_mismatch_says_where_it_is() -> None:
    value: Value = {"a": [1, 2], "b": [3, Override("4")]}
    assert accepts("attrsOf nullOr listOf int", value) == Mismatch(("b", 1), "an integer", "the string '4'")


def test_among_choices_the_one_of_the_same_shape_says_what_is_wrong() -> None:
    assert accepts("either(bool, listOf port)", [80, 70000]) == Mismatch(
        (1,), "a port from 0 to 65535", "the integer 70000"
    )
    assert accepts("either(bool, listOf port)", "80") == Mismatch(
        (), "a boolean or a list, each element a port from 0 to 65535", "the string '80'"
    )


def test_a_long_string_is_cut() -> None:
    mismatch = accepts("int", "x" * 1000)
    assert mismatch is not None
    assert len(mismatch.found) < 60
