"""What is printed means the value: Nix itself is the judge."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from judges import nix_eval, nix_parse
from maidan_nix.nix.names import free_names
from maidan_nix.nix.printer import module, render, render_file
from maidan_nix.nix.values import Call, Function, Noted, Override, Ref, Text, Value
from maidan_nix.nix.values import Path as NixPath
from nix.strategies import COMMENTS, DATA, STRINGS, VALUES

SAME = """
let
  same =
    a: b:
    builtins.typeOf a == builtins.typeOf b
    && (
      if builtins.isAttrs a then
        builtins.attrNames a == builtins.attrNames b && builtins.all (n: same a.${n} b.${n}) (builtins.attrNames a)
      else if builtins.isList a then
        builtins.length a == builtins.length b
        && builtins.all (i: same (builtins.elemAt a i) (builtins.elemAt b i)) (
          builtins.genList (i: i) (builtins.length a)
        )
      else
        a == b
    );
in
"""
"""Deep equality that tells 1 from 1.0."""


def agrees(found: object, expected: object) -> bool:
    """Compare with what Nix says in JSON, where it rounds a float to six digits and writes 1.0 as 1."""
    if isinstance(expected, float):
        return (
            isinstance(found, int | float)
            and not isinstance(found, bool)
            and math.isclose(found, expected, rel_tol=1e-5, abs_tol=1e-300)
        )
    if isinstance(expected, list) and isinstance(found, list):
        return len(found) == len(expected) and all(map(agrees, found, expected))
    if isinstance(expected, dict) and isinstance(found, dict):
        return found.keys() == expected.keys() and all(agrees(found[name], expected[name]) for name in expected)
    return type(found) is type(expected) and found == expected


@settings(max_examples=12)
@given(st.lists(DATA, min_size=20, max_size=30))
def test_nix_evaluates_what_is_printed_to_the_value(values: list[Value]) -> None:
    found = nix_eval(render(values))
    assert isinstance(found, list)
    for one, expected in zip(found, values, strict=True):
        assert agrees(one, expected)


@settings(max_examples=12)
@given(st.lists(DATA, min_size=20, max_size=30))
def test_every_digit_and_type_of_a_number_survives(values: list[Value]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = Path(folder, "expected.json")
        expected.write_text(json.dumps(values), encoding="utf-8")
        given_ = f"builtins.fromJSON (builtins.readFile {expected})"
        assert nix_eval(f"{SAME} same ({given_}) ({render(values)})") is True


@settings(max_examples=12)
@given(st.lists(st.lists(STRINGS, min_size=1, max_size=6), min_size=10, max_size=20))
def test_a_string_with_expressions_joins_its_parts(templates: list[list[str]]) -> None:
    # Every second part is given by a name, so that text and expressions take turns.
    names = {f"x{i}_{j}": part for i, parts in enumerate(templates) for j, part in enumerate(parts) if j % 2}
    printed: list[Value] = [
        Text(*(Ref(f"x{i}_{j}") if j % 2 else part for j, part in enumerate(parts)))
        for i, parts in enumerate(templates)
    ]
    found = nix_eval(f"with {render(names)};\n{render(printed)}")
    assert found == ["".join(parts) for parts in templates]


@settings(max_examples=12)
@given(st.lists(st.tuples(DATA, COMMENTS, COMMENTS), min_size=10, max_size=20))
def test_comments_and_priorities_leave_the_value_alone(noted: list[tuple[Value, str, str]]) -> None:
    values: list[Value] = [
        Noted({"a": Noted(Override(Noted(value, inner)), outer)}, outer) for value, inner, outer in noted
    ]
    lib = "let lib.mkOverride = priority: value: { inherit priority value; }; in"
    found = nix_eval(f"{lib}\n{render_file(values, header=noted[0][1])}")
    assert isinstance(found, list)
    for one, (value, _, _) in zip(found, noted, strict=True):
        assert agrees(one, {"a": {"priority": 90, "value": value}})


@settings(max_examples=6)
@given(st.lists(st.tuples(VALUES, COMMENTS), min_size=20, max_size=40))
def test_nix_parses_whatever_is_printed(values: list[tuple[Value, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.nix") for number in range(len(values))]
        for file, (value, header) in zip(files, values, strict=True):
            file.write_bytes(module({"value": value, "other": value}, header).encode())
        verdict = nix_parse(files)
        assert verdict, verdict.output


@settings(max_examples=12)
@given(st.lists(st.tuples(DATA | STRINGS, STRINGS, STRINGS), min_size=10, max_size=15))
def test_a_value_in_a_call_or_a_function_is_still_the_value(values: list[tuple[Value, str, str]]) -> None:
    second = Ref("second")
    calls: list[Value] = [
        {
            "argument": Call(second, first, value),
            "inner": Call(second, Call(second, value, first), Call(second, name, value)),
            "function": Call(Function(("x",), Ref("x"), open=False), {"x": value}),
            "body": Call(Function((), value), {"unused": first}),
            "inside": Text(name, Call(second, first, name), name),
            "lines": Text("a\n", Call(second, value, name), "\nb\n"),
            name + "x" * 90: value,
        }
        for value, first, name in values
    ]
    found = nix_eval(f"let second = first: value: value; in\n{render(calls)}")
    assert isinstance(found, list)
    for one, (value, _, name) in zip(found, values, strict=True):
        expected = dict.fromkeys(("argument", "inner", "function", "body", name + "x" * 90), value)
        assert agrees(one, {**expected, "inside": name * 3, "lines": f"a\n{name}\nb\n"})


def test_a_module_evaluates_with_the_arguments_that_it_names() -> None:
    printed = module(
        {
            "imports": [NixPath("./hardware.nix")],
            "a": Override(Text("port ", Ref("config", "port"))),
            "f": Function(("x",), Ref("x")),
            "version": Ref("builtins", "langVersion"),
        }
    )
    assert printed.startswith("{ config, lib, ... }:\n{\n")
    lib = "{ mkOverride = priority: value: value; }"
    assert nix_eval(f"(({printed}) {{ config.port = ''80''; lib = {lib}; pkgs = 1; }}).a") == "port 80"


def test_names_bound_by_a_function_are_not_free() -> None:
    assert free_names(Function(("x",), [Ref("x"), Ref("y"), Ref("all")], bind="all")) == {"y"}
