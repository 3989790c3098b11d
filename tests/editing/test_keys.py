"""Keys as messages write them are read back, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.editing.keys import parse_key
from maidan_nix.problems import ExitCode, KeyPath, MaidanError, dotted

STEPS = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF)) | st.integers(0, 10**8)


@given(STEPS.filter(lambda step: isinstance(step, str)), st.lists(STEPS, max_size=4))
def test_what_a_message_writes_is_read_back(first: str, rest: list[str | int]) -> None:
    path: KeyPath = (first, *rest)
    assert parse_key(dotted(path)) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("privacy.log_retention", ("privacy", "log_retention")),
        ("stewards.ada.ssh_keys[0]", ("stewards", "ada", "ssh_keys", 0)),
        ("a[1][2].b", ("a", 1, 2, "b")),
        ('plugins.disable."hardening/kernel"', ("plugins", "disable", "hardening/kernel")),
        ("plugins.disable.'hardening/kernel'", ("plugins", "disable", "hardening/kernel")),
        (' a . "b c" ', ("a", "b c")),
        ('"a\\u0062"', ("ab",)),
        ('""', ("",)),
    ],
)
def test_a_key(text: str, path: KeyPath) -> None:
    assert parse_key(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "a b",
        "[0]",
        "a[",
        "a[x]",
        "a[-1]",
        'a."',
        "a = 1",
        "a\nb",
        "ä",
        "\x1b[31m",
        '"\\q"',
    ],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(MaidanError, match="is not a key") as refused:
        parse_key(text)
    assert refused.value.exit_code == ExitCode.USAGE
    assert str(refused.value).isprintable()
