"""Whatever a document looks like: an edit means what was wanted, and touches what it must and nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from maidan_nix.editing.layout import Layout
from maidan_nix.editing.place import add_section, set_value
from maidan_nix.editing.splice import newline_of
from maidan_nix.editing.unset import unset_value
from maidan_nix.editing.values import MISSING, value_at, with_value, without_empty, without_value
from maidan_nix.problems import KeyPath, MaidanError
from manifest.test_positions import KEYS, SCALARS, documents, walk

PLENTY = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
NEW_VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(KEYS, SCALARS, min_size=1, max_size=2)


@st.composite
def places(draw: Callable[[Any], Any]) -> tuple[str, dict[str, Any], KeyPath]:
    """A document, and a key in it that may be there or not, in a table that may be there or not."""
    text, values = draw(documents())
    paths = [path for path, value in walk(values) if isinstance(value, dict)]
    path: KeyPath = draw(st.sampled_from(paths))
    return text, values, (*path, *draw(st.lists(KEYS, min_size=1, max_size=2)))


def common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next(
        (number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def changed(before: str, after: str) -> tuple[str, str]:
    """What is between the beginning and the end that two texts have in common."""
    start = common(before, after)
    end = common(before[start:][::-1], after[start:][::-1])
    return before[start : len(before) - end], after[start : len(after) - end]


def edited(edit: Callable[[], str]) -> str:
    """The outcome of an edit; a refusal, which is always allowed and names a line, ends the example."""
    try:
        return edit()
    except MaidanError as error:
        unplaced = [problem for problem in error.problems if not problem.line]
    assume(unplaced)
    raise AssertionError(unplaced)


@PLENTY
@given(places(), NEW_VALUES)
def test_setting_means_what_was_wanted_and_leaves_the_rest(
    place: tuple[str, dict[str, Any], KeyPath], value: Any
) -> None:
    text, values, path = place
    after = edited(lambda: set_value(text, path, value))
    there = value_at(values, path)
    assert without_empty(tomllib.loads(after), path) == without_empty(with_value(values, path, value), path)
    gone, _ = changed(text, after)
    if there is MISSING:
        # An insertion: but for an empty inline table, which is written anew.
        assert not gone or not gone.strip(" {}")
    else:
        span = Layout(text).spans[path]
        assert text[: span.start] == after[: span.start]
        assert after.endswith(text[span.end :])


@PLENTY
@given(places(), SCALARS)
def test_unsetting_what_was_new_restores_every_byte(place: tuple[str, dict[str, Any], KeyPath], value: Any) -> None:
    text, values, path = place
    assume(value_at(values, path) is MISSING)
    assume(text.strip())
    parent = value_at(values, path[:-1])
    assume(parent is MISSING or parent != {})  # an empty table has more than one notation
    after = edited(lambda: set_value(text, path, value))
    restored = edited(lambda: unset_value(after, path, lambda table: value_at(values, table) is not MISSING))
    inline = [len(span) for span in Layout(text).spans if span == path[: len(span)] and len(span) < len(path)]
    if inline:  # spaces around braces may go, commas may not
        assert tomllib.loads(restored) == tomllib.loads(text) or without_empty(
            tomllib.loads(restored), path
        ) == without_empty(values, path)
    else:
        assert restored == text


@PLENTY
@given(documents(), st.data())
def test_unsetting_takes_away_one_thing(document: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
    text, values = document
    paths = [path for path, _ in walk(values) if path]
    assume(paths)
    path = data.draw(st.sampled_from(paths))
    after = edited(lambda: unset_value(text, path))
    assert without_empty(tomllib.loads(after), path) == without_empty(without_value(values, path), path)


@PLENTY
@given(documents(), st.lists(KEYS, min_size=1, max_size=3), st.dictionaries(KEYS, SCALARS, max_size=2))
def test_a_section_comes_and_goes_without_a_trace(
    document: tuple[str, dict[str, Any]], names: list[str], table: dict[str, Any]
) -> None:
    text, values = document
    path = tuple(names)
    assume(value_at(values, path) is MISSING)
    body = "".join(set_value("", (key,), value).replace("\n", newline_of(text)) for key, value in table.items())
    after = edited(lambda: add_section(text, path, body, "what it is\n[not a header]"))
    assert value_at(tomllib.loads(after), path) == table
    assert changed(text, after)[0] == ""
    restored = unset_value(after, path)
    assert restored == text or not text.strip()
