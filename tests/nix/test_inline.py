"""Values on one line, for a sentence."""

from __future__ import annotations

import pytest

from maidan_nix.nix.inline import one_line
from maidan_nix.nix.values import Call, Function, Noted, Ref, Value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (["@system-service", "~@privileged"], '[ "@system-service" "~@privileged" ]'),
        ([], "[ ]"),
        ([-1, [Call(Ref("f"), 1)]], "[ (-1) [ (f 1) ] ]"),
        ([Noted("two\nlines", "a"), "b"], '[ "two\\nlines" "b" ]'),
        ({"a": [1, 2], "b c": {}}, '{ a = [ 1 2 ]; "b c" = { }; }'),
        (Function(("x",), {"a": 1}), "..."),
        (False, "false"),
        ("0022", '"0022"'),
        ("two\nlines", '"two\\nlines"'),
    ],
)
def test_a_value_is_one_line_however_long(value: Value, written: str) -> None:
    assert one_line(value) == written
