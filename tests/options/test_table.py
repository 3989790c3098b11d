"""The sorted text and its look-ups."""

from __future__ import annotations

import pytest

from maidan_nix.options.table import Option, Table, write

OPTIONS = (
    Option("a", "bool", "one"),
    Option("a.b", "attrsOf submodule", "one"),
    Option("a.b-c", "int", "one"),
    Option("a.b.<name>.x", "str", "two"),
    Option('a.b."q.r".y', "str", "one"),
    Option("a.old", "?", "two", "renamed", replacement="a.b-c"),
    Option("z", "?", "three", "removed", note="Do without, please."),
)


def table() -> Table:
    return Table(write(("a heading",), OPTIONS))


def test_every_option_is_found_as_it_was_given() -> None:
    for option in OPTIONS:
        assert table().find(option.name) == option
    assert set(table()) == set(OPTIONS)
    assert len(table()) == len(OPTIONS)


@pytest.mark.parametrize("name", ["", "b", "a.", "a.b.", "a.b-", "a.b.<name>", "zz", "A"])
def test_what_is_not_there_is_not_found(name: str) -> None:
    assert table().find(name) is None


def test_beginnings() -> None:
    assert table().has("")
    assert table().has("a.b.<name>")
    assert not table().has("z.")
    assert not table().has("zz")


def test_members_are_steps_as_written_also_with_dots_inside() -> None:
    assert set(table().members("")) == {"a", "z"}
    assert set(table().members("a")) == {"b", "b-c", "old"}
    assert set(table().members("a.b")) == {"<name>", '"q.r"'}
    assert list(table().members("z")) == []


def test_an_empty_table_answers() -> None:
    empty = Table(write((), ()))
    assert len(empty) == 0
    assert empty.find("a") is None
    assert not empty.has("")


def test_a_name_given_twice_is_refused_with_both_sources() -> None:
    with pytest.raises(ValueError, match="a is given twice: one, two"):
        write((), (Option("a", "bool", "one"), Option("a", "int", "two")))


def test_a_line_end_in_a_field_is_refused() -> None:
    with pytest.raises(ValueError, match="line end"):
        write((), (Option("a", "?", "one", "removed", note="Two\nlines."),))
