"""How a word is understood, and what is looser than the preset."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from commands.runner import MINIMAL
from maidan_nix.editing.judgement import is_loosened, near, problems_of_settings, read_word, reason_path
from maidan_nix.editing.values import with_value
from maidan_nix.problems import KeyPath, Problem

VALUES = tomllib.loads(MINIMAL)


@pytest.mark.parametrize(
    ("path", "value", "looser"),
    [
        (("privacy", "log_retention"), "60d", True),
        (("privacy", "log_retention"), "7d", False),
        (("privacy", "log_retention"), "1d", False),
        (("privacy", "log_retention"), "no duration", False),
        (("privacy", "federation"), "open", True),
        (("services", "vaultwarden", "signups"), True, True),
        (("services", "vaultwarden", "signups"), False, False),
        (("services", "vaultwarden", "domain"), "p.example.org", False),
        (("services", "vaultwarden", "absent"), True, False),
        (("hardening", "kernel", "wipe_memory"), False, True),
        (("hosts", "shed", "hardening", "kernel", "wipe_memory"), False, True),
        (("hosts", "shed", "hardening", "kernel", "wipe_memory"), True, False),
        (("hosts", "shed", "disk", "swap"), "2G", False),
        (("services", "absent", "x"), 1, False),
        (("plugins", "disable", "hardening/kernel"), "because of this", False),
    ],
)
def test_what_is_looser(path: KeyPath, value: Any, looser: bool) -> None:
    assert is_loosened(with_value(VALUES, path, value), path) is looser


def test_the_preset_is_the_measure() -> None:
    values = with_value(VALUES, ("privacy",), {"preset": "open", "log_retention": "30d"})
    assert not is_loosened(values, ("privacy", "log_retention"))


def test_reasons_that_are_no_table_are_left_to_validation() -> None:
    values = with_value(VALUES, ("privacy",), {"reasons": 1, "log_retention": "60d"})
    assert not is_loosened(values, ("privacy", "log_retention"))


def test_the_reason_of_an_element_is_that_of_its_array() -> None:
    assert reason_path(("services", "wiki", "workers", 1)) == ("services", "wiki", "reasons", "workers")
    assert reason_path(("privacy", "preset")) == ("privacy", "reasons", "preset")


def test_an_example_has_no_problems() -> None:
    assert problems_of_settings(VALUES) == []


def test_problems_near_a_setting() -> None:
    values = with_value(with_value(VALUES, ("community", "name"), 7), ("community", "domain"), "x")
    found = near(problems_of_settings(values), ("community", "name"))
    assert [each.path for each in found] == [("community", "name")]


@pytest.mark.parametrize(
    ("word", "accepts", "value", "is_text"),
    [
        ("42", str, "42", True),
        ("42", int, 42, False),
        ("42", (int, str), 42, False),
        ("42", (), 42, False),
        ('"a"', str, "a", False),
        ("a", str, "a", True),
        ("", str, "", True),
        ("[1, 2]", list, [1, 2], False),
        ("1\nb = 2", int, "1\nb = 2", True),
        ("1 # one", int, 1, False),
        ("9" * 5000, str, "9" * 5000, True),
        ("[" * 3000, str, "[" * 3000, True),
    ],
)
def test_how_a_word_is_read(word: str, accepts: Any, value: Any, is_text: bool) -> None:
    def problems_with(candidate: Any) -> list[Problem]:
        return [] if isinstance(candidate, accepts) else [Problem((), "not of this kind")]

    reading = read_word(word, problems_with)
    assert (reading.value, reading.is_text) == (value, is_text)
