"""Messages are their English, whatever happens to them, and know how they were made."""

from __future__ import annotations

import copy
import json
import pickle
from string import ascii_lowercase

from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.language import ENGLISH, Language
from maidan_nix.messages import Message, alternatives, count, listed, phrase, say, together

NAMES = st.text(ascii_lowercase, min_size=1, max_size=8)
VALUES = st.one_of(st.text(max_size=20), st.integers(), st.just("{x.__class__}"), st.just("\x1b[31m"))
LITERAL = st.text(max_size=20).map(lambda text: text.replace("{", "{{").replace("}", "}}"))


@st.composite
def templates(draw: st.DrawFn) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = draw(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4))
    parts = [f"{draw(LITERAL)}{{{name}}}" for name in values]
    return "".join(parts) + draw(LITERAL), values


@given(templates())
def test_a_message_is_its_template_filled_in(made: tuple[str, dict[str, object]]) -> None:
    template, values = made
    message = say(template, **values)
    assert message == template.format(**values)
    assert isinstance(message, str)
    assert (message.template, message.values) == (template, values)
    for language in (ENGLISH, Language("de")):  # which has no such template
        assert language.text(message) == message


@given(st.text(max_size=50))
def test_text_without_values_is_itself(text: str) -> None:
    assert say(text) == text
    assert phrase(text) == text
    assert ENGLISH.text(text) == text


@given(st.integers(0, 5))
def test_a_number_decides_between_two_forms(number: int) -> None:
    message = count("1 file", "{number} files", number=number)
    assert message == ("1 file" if number == 1 else f"{number} files")
    assert ENGLISH.text(message) == message


@given(st.lists(st.text(max_size=10), min_size=1, max_size=5), st.sampled_from([", ", "; ", "{}"]))
def test_a_list_is_what_join_makes(parts: list[str], separator: str) -> None:
    assert listed(parts, separator) == separator.join(parts)


def test_alternatives_and_what_belongs_together() -> None:
    assert alternatives(["'a'"]) == "'a'"
    assert alternatives(["'a'", "'b'", "'c'"]) == "'a', 'b' or 'c'"
    assert together(["a", "b", "c"]) == "a, b and c"


def test_lists_are_joined_in_the_language_they_are_shown_in() -> None:
    words = alternatives(["'a'", say("an integer"), "'c'"])
    assert Language("de").text(words) == "'a', eine ganze Zahl oder 'c'"
    assert Language("de").text(together(["a", "b"])) == "a und b"


def test_a_message_goes_through_copies_and_json_unharmed() -> None:
    message = count("1 file", "{number} files", number=2)
    for copied in (copy.deepcopy(message), copy.copy(message), pickle.loads(pickle.dumps(message))):  # noqa: S301
        assert isinstance(copied, Message)
        assert (copied, copied.template, copied.many, copied.values) == (
            message,
            message.template,
            message.many,
            message.values,
        )
    assert json.dumps(message) == '"2 files"'


def test_a_phrase_keeps_the_message_it_is_given() -> None:
    message = say("a {kind}", kind="table")
    assert phrase(message) is message
    assert phrase("{no value}").values == {}
