"""One tree of options out of several plugins'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import pytest
from hypothesis import given

from maidan_nix.nix.merge import leaves, merge
from maidan_nix.nix.values import Noted, Override, Ref, Text, Value
from nix.strategies import DATA

Parts: TypeAlias = list[tuple[str, Mapping[str, Value]]]


def test_sets_merge_lists_follow_one_another_and_equal_values_agree() -> None:
    merged = merge(
        [
            ("platform/a", {"x": {"list": [1], "same": "s", "a": True}}),
            ("services/b", {"x": {"list": [2, 1], "same": "s", "b": False}, "y": {}}),
        ]
    )
    assert merged.problems == ()
    assert merged.options == {"x": {"list": [1, 2, 1], "same": "s", "a": True, "b": False}, "y": {}}
    assert merged.origins["x", "list"] == ("platform/a", "services/b")
    assert merged.origins["x", "b"] == ("services/b",)


@pytest.mark.parametrize(
    ("one", "other"), [("a", "b"), (1, 2), (True, 1), (1, 1.0), (None, False), ([], "a"), ("a", Ref("a"))]
)
def test_two_different_values_are_a_conflict_that_names_both(one: Value, other: Value) -> None:
    merged = merge([("platform/a", {"x": {"y z": one}}), ("services/b", {"x": {"y z": other}})])
    [problem] = merged.problems
    assert problem.message == 'platform/a and services/b give the option x."y z" two different values'
    assert problem.plugin == "services/b"
    assert problem.expected
    assert problem.hint
    assert merged.options == {"x": {"y z": one}}


def test_each_that_differs_from_the_first_is_reported() -> None:
    merged = merge([("a", {"x": 1}), ("b", {"x": 2}), ("c", {"x": 1}), ("d", {"x": 3})])
    assert [problem.plugin for problem in merged.problems] == ["b", "d"]


def test_the_stronger_priority_wins_and_the_weaker_is_not_merged() -> None:
    merged = merge(
        [
            ("a", {"x": "plain", "l": ["plain"], "s": Override({"t": 1}), "w": Override("weak", 1000)}),
            ("b", {"x": Override("strong"), "l": Override(["strong"]), "s": {"t": 2, "u": 3}, "w": "plain"}),
        ]
    )
    assert merged.problems == ()
    assert merged.options == {"x": "strong", "l": ["strong"], "s": {"t": 1, "u": 3}, "w": "plain"}
    assert merged.origins["x",] == ("b",)


def test_equal_priorities_conflict() -> None:
    merged = merge([("a", {"x": Override(1)}), ("b", {"x": Override(2)})])
    assert len(merged.problems) == 1


def test_text_follows_text_where_the_option_joins_it() -> None:
    parts: Parts = [
        ("a", {"x": {"extra": "one", "name": "n"}}),
        ("b", {"x": {"extra": Text("t", Ref("y")), "name": "m"}}),
    ]
    merged = merge(parts, concatenates=lambda path: path == ("x", "extra"))
    assert merged.options["x"] == {"extra": Text("one", "\n", "t", Ref("y")), "name": "n"}
    assert [problem.message for problem in merged.problems] == ["a and b give the option x.name two different values"]
    plain = merge([("a", {"x": "one"}), ("b", {"x": "two"})], concatenates=lambda _: True)
    assert plain.options == {"x": "one\ntwo"}


@pytest.mark.parametrize("value", [1, [], "text"])
def test_a_value_where_another_has_attributes_is_a_conflict_either_way(value: Value) -> None:
    either: list[Parts] = [
        [("a", {"x": value}), ("b", {"x": {"y": {"z": 1}}})],
        [("b", {"x": {"y": {"z": 1}}}), ("a", {"x": value})],
    ]
    for parts in either:
        [problem] = merge(parts).problems
        assert "a" in problem.message.split()
        assert "b" in problem.message.split()
        assert " x " in problem.message


def test_an_empty_set_agrees_with_any_other() -> None:
    either: list[Parts] = [[("a", {"x": {}}), ("b", {"x": {"y": 1}})], [("b", {"x": {"y": 1}}), ("a", {"x": {}})]]
    for parts in either:
        merged = merge(parts)
        assert merged.problems == ()
        assert merged.options == {"x": {"y": 1}}


def test_what_was_given_is_not_changed() -> None:
    first: dict[str, Value] = {"x": {}, "l": [1]}
    merge([("a", first), ("b", {"x": {"y": 1}, "l": [2]})])
    assert first == {"x": {}, "l": [1]}


@given(DATA)
def test_one_plugin_alone_is_what_it_says(value: Value) -> None:
    options: dict[str, Value] = {"x": value}
    assert merge([("a", options)]).options == options
    twice = merge([("a", options), ("b", options)])
    assert twice.problems == ()


def test_leaves_see_through_comments_and_priorities_and_stop_at_values() -> None:
    reference = Ref("config", "x")
    value: Value = {"a": Noted({"b": Override({"c": Noted(1, "n")}), "d": [{"e": 1}]}, "n"), "f": {}, "g": reference}
    assert list(leaves(value)) == [(("a", "b", "c"), 1), (("a", "d"), [{"e": 1}]), (("f",), {}), (("g",), reference)]
    assert list(leaves(Override(3))) == [((), 3)]
