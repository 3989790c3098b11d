"""The notation of types."""

from __future__ import annotations

import pytest

from maidan_nix.options.types import (
    Atom,
    AttrsOf,
    Between,
    Either,
    Enum,
    ListOf,
    NullOr,
    Type,
    describe,
    parse,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bool", Atom("bool")),
        ("?", Atom("?")),
        ("port", Between(0, 65535)),
        ("ints.positive", Between(1, None)),
        ("ints.between(-3, 7)", Between(-3, 7)),
        ("listOf str", ListOf(Atom("str"))),
        ("nonEmptyListOf path", ListOf(Atom("path"), non_empty=True)),
        ("nullOr either(str, path)", NullOr(Either((Atom("str"), Atom("path"))))),
        ("attrsOf nullOr either(?, path)", AttrsOf(NullOr(Either((Atom("?"), Atom("path")))))),
        ("attrsOf listOf submodule", AttrsOf(ListOf(Atom("submodule")))),
        (r'enum("a", "say \"b\"", 3, true)', Enum(("a", 'say "b"', 3, True))),
        ('either(bool, enum("keep"))', Either((Atom("bool"), Enum(("keep",))))),
    ],
)
def test_a_type_is_read_and_written(text: str, expected: Type) -> None:
    assert parse(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "strr",
        "listOf",
        "bool bool",
        "either(str",
        "either(str path)",
        "either()",
        "enum(a)",
        'enum("a"',
        "listOf (str)",
        "ints.between(1)",
        "ints.between(7, 3)",
        'ints.between(0, "x")',
        "str;",
        "Str",
    ],
)
def test_what_is_no_type_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="not a type: ") as error:
        parse(text)
    assert repr(text) in str(error.value)


def test_a_type_is_described_in_words() -> None:
    assert describe(parse("nullOr listOf port")) == "null or a list, each element a port from 0 to 65535"
    assert describe(parse('enum("a", 2, false)')) == 'one of "a", 2, false'
