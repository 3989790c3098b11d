"""What printed files look like. What plugins return is printed as nixfmt leaves it: test_nixfmt.py."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from maidan_nix.nix.printer import module, render, render_file
from maidan_nix.nix.values import Call, Function, Noted, Override, Path, Raw, Ref, Text, Value, pkgs

LONG = "a" * 60

EXAMPLES: dict[str, tuple[Value, str]] = {
    "a set with one attribute is a path": (
        {"services": {"x": {"enable": True}}, "b": {"c d": {"or": 1}}},
        """\
        {
          services.x.enable = true;
          b."c d"."or" = 1;
        }""",
    ),
    "an empty set or list is short, and stays a value": (
        {"a": {"b": {}}, "c": []},
        """\
        {
          a.b = { };
          c = [ ];
        }""",
    ),
    "attributes of several lines stand apart in a file's own set, and close together inside": (
        {"a": 1, "b": 2, "c": {"d": {"e": 1, "f": 2}, "g": 3}, "h": 4},
        """\
        {
          a = 1;
          b = 2;

          c = {
            d = {
              e = 1;
              f = 2;
            };
            g = 3;
          };

          h = 4;
        }""",
    ),
    "a list of one stands on its line, any other is one element a line": (
        {"one": ["a"], "two": ["a", -1], "sets": [{"a": 1}], "long": [LONG + LONG]},
        f"""\
        {{
          one = [ "a" ];

          two = [
            "a"
            (-1)
          ];

          sets = [
            {{
              a = 1;
            }}
          ];

          long = [
            "{LONG}{LONG}"
          ];
        }}""",
    ),
    "a comment stands above its attribute or element, and keeps its set from becoming a path": (
        {"a": Noted({"b": Noted(1, "inner")}, "outer\nsecond line"), "c": [Noted("x", "element")]},
        """\
        {
          # outer
          # second line
          a = {
            # inner
            b = 1;
          };

          c = [
            # element
            "x"
          ];
        }""",
    ),
    "a priority": (
        {"a": Override(True), "b": Override(["x", "y"]), "c": Noted(Override({"d": 1}, 60), "why")},
        """\
        {
          a = lib.mkOverride 90 true;

          b = lib.mkOverride 90 [
            "x"
            "y"
          ];

          # why
          c = lib.mkOverride 60 {
            d = 1;
          };
        }""",
    ),
    "whole lines are an indented string, anything else is quoted": (
        {"a": "one\n  ''two'' ${x}\n\nthree\n", "b": "one\n", "c": "one\ntwo", "d": " one\n two\n", "e": "a \nb\n"},
        r"""        {
          a = ''
            one
              '''two''' ''${x}

            three
          '';

          b = "one\n";
          c = "one\ntwo";
          d = " one\n two\n";
          e = "a \nb\n";
        }""",
    ),
    "references, paths and strings with expressions": (
        {
            "a": Ref("config", "age", "secrets", "a.b", "path"),
            "b": [pkgs("git"), Path("./x")],
            "c": Text("file:", Ref("config", "x"), "$", Ref("y")),
            "d": Text("run\n", Ref("pkgs", "x"), "/bin '", Ref("y"), "'\n"),
        },
        r"""        {
          a = config.age.secrets."a.b".path;

          b = [
            pkgs.git
            ./x
          ];

          c = "file:${config.x}\$${y}";

          d = ''
            run
            ${pkgs.x}/bin '${y}'
          '';
        }""",
    ),
    "the last argument of a call spreads first; failing that, each has its line": (
        {
            "a": Call(Ref("lib", "mkIf"), Ref("config", "x"), {"b": 1}),
            "c": Call(Ref("lib", "f"), Call(Ref("g"), LONG), {}, Call(Ref("h"), LONG)),
            "d": [Call(Ref("f"), -1)],
        },
        f"""\
        {{
          a = lib.mkIf config.x {{
            b = 1;
          }};

          c =
            lib.f
              (g "{LONG}")
              {{ }}
              (h "{LONG}");

          d = [ (f (-1)) ];
        }}""",
    ),
    "a function starts a line, and so does its body": (
        {
            "a": Function(("self", "nixpkgs"), {"b": 1}, bind="inputs"),
            "c": Function(("x",), 1, open=False),
            "d": Function((), []),
        },
        """\
        {
          a =
            inputs@{ self, nixpkgs, ... }:
            {
              b = 1;
            };

          c =
            { x }:
            1;

          d =
            { ... }:
            [ ];
        }""",
    ),
    "a long name breaks after its sign of equality if it is quoted or deep": (
        {LONG + LONG: LONG, f"{LONG} ": LONG, "a": {"b": {"c": {"d": {LONG: LONG}}}}},
        f"""\
        {{
          {LONG}{LONG} = "{LONG}";

          "{LONG} " =
            "{LONG}";

          a.b.c.d.{LONG} =
            "{LONG}";
        }}""",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_layout(name: str) -> None:
    value, expected = EXAMPLES[name]
    assert render(value) == dedent(expected)


def test_a_line_has_a_hundred_columns_besides_its_indentation() -> None:
    fits, exceeds = "x" * 89, "x" * 90
    assert f'\n    a = [ "{fits}" ];\n' in render({"deep": {"a": [fits], "b": [exceeds]}})
    assert f'\n    b = [\n      "{exceeds}"\n    ];\n' in render({"deep": {"a": [fits], "b": [exceeds]}})
    assert render({"a": Ref("x" * 95)}) == f"{{\n  a = {'x' * 95};\n}}"
    assert render({"a": Ref("x" * 96)}) == f"{{\n  a =\n    {'x' * 96};\n}}"


def test_a_module_names_only_the_arguments_it_uses() -> None:
    assert module({"a": 1}) == "{\n  a = 1;\n}\n"
    assert module({"a": Override(1)}).startswith("{ lib, ... }:\n{\n")
    assert module({"a": Text(Ref("modulesPath"), "/x"), "b": [Ref("config", "c")]}).startswith(
        "{ config, modulesPath, ... }:\n{\n"
    )
    assert module({"a": Ref("inputs", "x"), "b": pkgs("y"), "c": Ref("options", "z")}).startswith(
        "{\n  pkgs,\n  options,\n  inputs,\n  ...\n}:\n{\n"
    )
    assert module({"a": Raw("f lib.x my.config", "a test")}).startswith("{ lib, ... }:\n{\n")


def test_a_header_stands_above_the_file() -> None:
    assert render_file({"a": 1}, header="Generated.\n\nDo not edit.") == (
        "# Generated.\n#\n# Do not edit.\n{\n  a = 1;\n}\n"
    )
    assert module({"a": pkgs("x")}, "Generated.").startswith("# Generated.\n{ pkgs, ... }:\n{\n")


def test_raw_text_is_printed_as_it_stands_and_kept_together() -> None:
    raw = Raw("a ++ b", "a test")
    assert render({"x": raw, "y": [raw]}) == "{\n  x = a ++ b;\n  y = [ (a ++ b) ];\n}"
    assert render({"x": Raw("x:\nx + 1", "a test")}) == "{\n  x =\n    x:\n    x + 1;\n}"


def test_the_order_of_attributes_is_kept() -> None:
    assert render({"b": 1, "a": 2}) == "{\n  b = 1;\n  a = 2;\n}"


def test_a_comment_inside_a_call_is_not_lost() -> None:
    value = {"a": Call(Ref("f"), Noted(1, "first"), Noted(2, "second"))}
    assert render(value) == "{\n  # first\n  # second\n  a = f 1 2;\n}"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a\0b", "NUL"),
        ("\ud800", "U\\+D800"),
        ("line\nline\n\udfff\n", "U\\+DFFF"),
        (2**63, "64 bits"),
        (-(2**63) - 1, "64 bits"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (Text("a\0", Ref("b")), "NUL"),
        (Function(("a b",), 1), "a b"),
        (Function(("a", "a"), 1), "twice"),
        (Function(("a",), 1, bind="a"), "twice"),
    ],
)
def test_what_nix_cannot_hold_is_refused_and_located(value: Value, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        render({"services": {"x": 1, "y": {"z": value}}})
    assert refused.value.__notes__ == ["in the attribute y.z", "in the attribute services"]


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="not a Nix value: bytes"):
        render({"a": [b"bytes"]})
    with pytest.raises(TypeError, match="attribute name"):
        render({1: "a", 2: "b"})  # type: ignore[dict-item]  # the point of the test
    with pytest.raises(ValueError, match="NUL"):
        render({"a\0": 1})


@pytest.mark.parametrize(
    "text", ["", "x", "/etc", ".", "..", "./a b", "./${x}", "./a/", "./a\n", "~/x", "<x>", "./a;b"]
)
def test_only_a_relative_path_is_a_path(text: str) -> None:
    with pytest.raises(ValueError, match="not a relative Nix path"):
        Path(text)


def test_a_reference_starts_with_a_name() -> None:
    for steps in [(), ("a b",), ("or",), ("",), ("a.b",)]:
        with pytest.raises(ValueError, match="starts with an identifier"):
            Ref(*steps)
    assert render(Ref("a", "b c", "${d}", "in")) == r'a."b c"."\${d}"."in"'


def test_the_time_to_print_grows_with_the_size_alone() -> None:
    """Counted in visits, not seconds: each attribute set is visited once, however deep it stands."""
    visits = 0

    class Counting(dict[str, Value]):
        def items(self) -> Any:
            nonlocal visits
            visits += 1
            return super().items()

    depth = 60
    value: Value = Counting({"a": 1, "b": 2})
    for _ in range(depth):
        value = Counting({"a": Call(Ref("lib", "mkIf"), Ref("x"), value), "b": 2})
    render(value)
    assert visits == depth + 1
