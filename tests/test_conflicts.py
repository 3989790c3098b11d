"""Options that several plugins of a host set: what agrees, and what is a conflict with names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import pytest
from hypothesis import given, settings

from maidan_nix.conflicts import conflicts
from maidan_nix.nix.values import Call, Noted, Override, Raw, Ref, Text, Value, pkgs
from maidan_nix.options.index import Index
from maidan_nix.problems import Problem
from nix.strategies import DATA

Parts: TypeAlias = dict[str, Mapping[str, Value]]
INDEX = Index.load()


def nested(option: str, value: Value) -> dict[str, Value]:
    """An option tree with one value; spaces stand between the names of the path."""
    first, *rest = option.split()
    return {first: nested(" ".join(rest), value) if rest else value}


def problems(option: str, *values: Value) -> tuple[Problem, ...]:
    """What is wrong when plugins a, b, ... each give the option a value."""
    return conflicts({name: nested(option, value) for name, value in zip("abcd", values, strict=False)}, INDEX)


NAME = "networking hostName"
UNIT = "systemd services x serviceConfig"
SYSCTL = "boot kernel sysctl"
USER = "systemd.services.x.serviceConfig.User two different values"
ONE_ONLY = 'boot.kernel.sysctl."vm.swappiness" a value each, and it takes one only'


@pytest.mark.parametrize(
    ("option", "one", "other"),
    [
        (NAME, "a", "a"),
        (NAME, Noted("a", "why"), "a"),
        (NAME, Override("a"), "b"),
        (NAME, Override("weak", 1000), "b"),
        (NAME, Ref("config", "x"), "b"),  # only Nix knows
        (NAME, Call(Ref("lib", "mkIf"), Ref("config", "x"), "a"), "b"),
        ("networking", Call(Ref("lib", "mkIf"), Ref("config", "x"), {"hostName": "b"}), {"hostName": "a"}),
        (NAME, Raw("x", "only Nix knows"), "b"),
        ("environment systemPackages", ["a"], ["b"]),
        ("environment etc motd text", "a", "b"),  # lines follow one another
        ("environment etc motd text", "a", Text("t", Ref("config", "x"))),
        ("networking extraHosts", "a", "b"),  # recorded as a string, and made of lines
        ("services unheard of before", "a", "b"),  # nothing is known: Nix decides
        ("services openssh package", pkgs("git"), pkgs("git")),
        (UNIT, {"User": "1"}, {"Group": "2"}),
        (UNIT, {}, {"User": "2"}),
        (UNIT, {"User": "2"}, {}),
        (UNIT, Override({"User": "1"}), {"User": "2", "Group": "3"}),
        (SYSCTL, {"vm.swappiness": 1}, {"kernel.sysrq": 1}),
        (SYSCTL, {"vm.swappiness": Override(1)}, {"vm.swappiness": 2}),
        (SYSCTL, {"net.core.rmem_max": 1}, {"net.core.rmem_max": 2}),  # the largest is taken
        (SYSCTL, {"net.core.wmem_max": 1}, {"net.core.wmem_max": 1}),
    ],
)
def test_what_agrees(option: str, one: Value, other: Value) -> None:
    assert problems(option, one, other) == ()


@pytest.mark.parametrize(
    ("option", "one", "other", "what"),
    [
        (NAME, "a", "b", "networking.hostName two different values"),
        (NAME, Noted("a", "why"), "b", "networking.hostName two different values"),
        (NAME, Override("a"), Override("b"), "networking.hostName two different values"),
        (NAME, "a", Text("a", pkgs("b")), "networking.hostName two different values"),
        ("services openssh enable", True, False, "services.openssh.enable two different values"),
        ("services openssh package", pkgs("hello"), pkgs("git"), "services.openssh.package two different values"),
        ("environment etc motd mode", "a", "b", "environment.etc.motd.mode two different values"),
        (UNIT, {"User": "1"}, {"User": "2"}, USER),
        (
            UNIT,
            Noted({"User": "1"}, "why"),
            {"User": "2"},
            "systemd.services.x.serviceConfig.User two different values",
        ),
        (f"{UNIT} 9x", 1, 2, 'systemd.services.x.serviceConfig."9x" two different values'),
        (f"{UNIT} x", True, 1, "systemd.services.x.serviceConfig.x two different values"),
        (f"{UNIT} x", 1, 1.0, "systemd.services.x.serviceConfig.x two different values"),
        (f"{UNIT} x", None, False, "systemd.services.x.serviceConfig.x two different values"),
        (f"{UNIT} x", [], "a", "systemd.services.x.serviceConfig.x two different values"),
        ("services openssh settings LoginGraceTime", 1, 1.0, "openssh.settings.LoginGraceTime two different values"),
        (UNIT, {}, "a", "systemd.services.x.serviceConfig two different values"),
        (SYSCTL, {"vm.swappiness": 1}, {"vm.swappiness": 2}, ONE_ONLY),
        (SYSCTL, {"vm.swappiness": 1}, {"vm.swappiness": 1}, ONE_ONLY),
        (
            SYSCTL,
            {"vm.swappiness": Override(1)},
            {"vm.swappiness": Override(1)},
            ONE_ONLY,
        ),
    ],
)
def test_a_conflict_names_both_and_the_option(option: str, one: Value, other: Value, what: str) -> None:
    (problem,) = problems(option, one, other)
    assert problem.message.startswith("a and b give the option ")
    assert problem.message.endswith(what)
    assert problem.plugin == "b"
    assert problem.expected
    assert problem.hint


@pytest.mark.parametrize("value", [1, [], "text"])
def test_a_value_where_another_has_attributes_is_a_conflict_either_way(value: Value) -> None:
    attributes: Value = {"y": {"z": 1, "zz": 2}}  # one conflict, however many there are
    for one, other in ((value, attributes), (attributes, value)):
        (problem,) = problems(UNIT, one, other)
        assert {"a", "b", "systemd.services.x.serviceConfig"} <= set(problem.message.split())
        assert problem.message.endswith("a value and attributes")


def test_each_that_differs_from_the_first_is_reported() -> None:
    assert [problem.plugin for problem in problems(NAME, "1", "2", "1", "3")] == ["b", "d"]


def test_the_weaker_of_three_is_not_compared() -> None:
    assert problems(NAME, "plain", Override("strong"), "another") == ()


@given(DATA)
@settings(deadline=None)
def test_a_plugin_agrees_with_itself(value: Value) -> None:
    assert problems(UNIT, value) == problems(UNIT, value, value) == ()


def test_what_was_given_is_not_changed() -> None:
    first: dict[str, Value] = {"x": {}, "l": [1]}
    conflicts({"a": first, "b": {"x": {"y": 1}, "l": [2]}}, INDEX)
    assert first == {"x": {}, "l": [1]}
