"""Properties: values made from a type are accepted, values of another kind are not; likewise for whole options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from maidan_nix.nix.values import Call, Function, Noted, Override, Path, Ref, Text, Value, pkgs
from maidan_nix.options.accept import accepts
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index
from maidan_nix.options.names import split
from maidan_nix.options.types import ATOMS, Atom, AttrsOf, Between, Either, Enum, ListOf, NullOr, Type, parse

FEW = settings(deadline=None, max_examples=60)

words = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=6)
texts = st.builds(Text, words, st.just(Ref("config", "x")))
integers = st.integers(-70000, 70000)
directives = st.one_of(st.booleans(), integers, words, texts)
plain_data: st.SearchStrategy[Value] = st.recursive(
    st.one_of(st.none(), st.booleans(), integers, words),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(words, inner, max_size=2)),
    max_leaves=4,
)
atoms: Mapping[str, st.SearchStrategy[Any]] = {
    "?": plain_data,
    "null": st.none(),
    "bool": st.booleans(),
    "int": integers,
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "number": st.one_of(integers, st.floats(allow_nan=False, allow_infinity=False)),
    "str": st.one_of(words, texts),
    "lines": st.one_of(words.map(lambda word: word + "\n" + word), texts),
    "commas": words,
    "singleLineStr": words,
    "nonEmptyStr": words.map(lambda word: "a" + word),
    "path": st.one_of(words.map(lambda word: "/" + word), st.just(Path("./x")), st.just(pkgs("x"))),
    "package": st.just(pkgs("x")),
    "function": st.just(Function(("pkgs",), None)),
    "attrs": st.dictionaries(words, plain_data, max_size=2),
    "submodule": st.just({}),
    "unitOption": st.one_of(directives, st.lists(directives, max_size=3)),
}
# What kinds of value may be accepted at most; "package" is a reference to one, and "text" a string with expressions.
KINDS: Mapping[str, set[str]] = {
    "null": {"null"},
    "bool": {"bool"},
    "int": {"int"},
    "float": {"float"},
    "number": {"int", "float"},
    "path": {"str", "text", "path", "package"},
    "package": {"str", "text", "package"},
    "function": {"function", "package"},
    "attrs": {"attrs", "package"},
    "submodule": {"attrs", "function", "path"},
    "unitOption": {"bool", "int", "float", "str", "text", "path", "package", "list"},
}
ONE_OF_EACH: Mapping[str, Value] = {
    "null": None,
    "bool": True,
    "int": 3,
    "float": 1.5,
    "str": "text",
    "text": Text("a", Ref("config", "x")),
    "path": Path("./x"),
    "package": pkgs("x"),
    "function": Function(("pkgs",), None),
    "list": [],
    "attrs": {},
}

leaves: st.SearchStrategy[Type] = st.one_of(
    st.sampled_from(sorted(ATOMS)).map(Atom),
    st.tuples(integers, integers).map(lambda pair: Between(min(pair), max(pair))),
    st.lists(st.one_of(words, integers, st.booleans()), min_size=1, max_size=3).map(lambda m: Enum(tuple(m))),
)
types: st.SearchStrategy[Type] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(ListOf, inner, st.booleans()),
        inner.map(AttrsOf),
        inner.map(NullOr),
        st.lists(inner, min_size=1, max_size=3).map(lambda choices: Either(tuple(choices))),
    ),
    max_leaves=4,
)


def wrapped(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Put a comment, a priority or a condition around some values."""
    return st.one_of(
        values,
        values,
        values.map(lambda value: Noted(value, "why")),
        values.map(Override),
        values.map(lambda value: Call(Ref("lib", "mkIf"), Ref("config", "x"), value)),
    )


def values_of(type_: Type) -> st.SearchStrategy[Any]:
    """Make values of a type."""
    match type_:
        case Atom(name):
            return wrapped(atoms[name])
        case Between(low, high):
            return wrapped(st.integers(low, high))
        case Enum(members):
            return wrapped(st.sampled_from(members))
        case ListOf(element, non_empty):
            return wrapped(st.lists(values_of(element), min_size=int(non_empty), max_size=3))
        case AttrsOf(element):
            return wrapped(st.dictionaries(words, values_of(element), max_size=2))
        case NullOr(other):
            return st.one_of(wrapped(st.none()), values_of(other))
        case Either(choices):
            return st.one_of([values_of(choice) for choice in choices])


def kinds_of(type_: Type) -> set[str]:
    """Name the kinds of value that a type may accept at most."""
    match type_:
        case Atom("?"):
            return set(ONE_OF_EACH)
        case Atom(name):
            return KINDS.get(name, {"str", "text"})
        case Between():
            return {"int"}
        case Enum():
            return {"bool", "int", "str", "text"}
        case ListOf():
            return {"list"}
        case AttrsOf():
            return {"attrs"}
        case NullOr(other):
            return {"null"} | kinds_of(other)
        case Either(choices):
            return set().union(*map(kinds_of, choices))


@FEW
@given(types)
def test_a_type_survives_being_written(type_: Type) -> None:
    assert parse(str(type_)) == type_


@FEW
@given(st.data(), types)
def test_a_value_made_from_a_type_is_accepted(data: st.DataObject, type_: Type) -> None:
    assert accepts(type_, data.draw(values_of(type_))) is None


@FEW
@given(st.data(), types)
def test_a_value_of_another_kind_is_refused(data: st.DataObject, type_: Type) -> None:
    others = sorted(set(ONE_OF_EACH) - kinds_of(type_))
    assume(others)
    value = data.draw(wrapped(st.just(ONE_OF_EACH[data.draw(st.sampled_from(others))])))
    mismatch = accepts(type_, value)
    assert mismatch is not None
    assert mismatch.path == ()


@FEW
@given(st.data(), leaves, st.integers(0, 3))
def test_one_wrong_element_is_pointed_at(data: st.DataObject, element: Type, position: int) -> None:
    others = sorted(set(ONE_OF_EACH) - kinds_of(element))
    assume(others)
    items: list[Value] = [data.draw(values_of(element)) for _ in range(3)]
    items.insert(position, ONE_OF_EACH[data.draw(st.sampled_from(others))])
    for type_, path in ((ListOf(element), (position,)), (AttrsOf(ListOf(element)), ("a", position))):
        value: Value = items if isinstance(type_, ListOf) else {"a": items}
        mismatch = accepts(type_, value)
        assert mismatch is not None
        assert mismatch.path == path


INDEX = Index.load()
SETTABLE: Sequence[tuple[str, str]] = [
    (option.name, option.type) for option in INDEX if option.status == "current" and "*" not in split(option.name)
]


def nested(name: str, value: Value) -> Mapping[str, Value]:
    """Set one option; ``<name>`` becomes a name that needs quotes."""
    for step in reversed(split(name)):
        value = {"a.b" if step == "<name>" else step: value}
    assert isinstance(value, Mapping)
    return value


@FEW
@given(st.data(), st.sampled_from(SETTABLE))
def test_any_option_may_be_set_to_a_value_of_its_type(data: st.DataObject, option: tuple[str, str]) -> None:
    name, type_ = option
    value = data.draw(values_of(parse(type_)))
    assume("submodule" not in type_ or not isinstance(value, Mapping | list))
    assert check_options(nested(name, value), INDEX, "services/example") == []


@FEW
@given(st.data(), st.sampled_from([option for option in SETTABLE if "?" not in option[1]]))
def test_no_option_may_be_set_to_a_value_of_another_kind(data: st.DataObject, option: tuple[str, str]) -> None:
    name, type_ = option
    others = sorted(set(ONE_OF_EACH) - kinds_of(parse(type_)))
    value = ONE_OF_EACH[data.draw(st.sampled_from(others))]
    [problem] = check_options(nested(name, value), INDEX, "services/example")
    assert name.rpartition(".")[2].removeprefix('"').partition('"')[0].removesuffix("<name>") in problem.message
    assert problem.expected


@FEW
@given(st.data(), st.sampled_from(SETTABLE))
def test_a_misspelt_option_is_unknown(data: st.DataObject, option: tuple[str, str]) -> None:
    *above, last = split(option[0])
    position = data.draw(st.integers(0, len(last) - 1))
    path = (*above, last[:position] + "qx" + last[position:])
    assume(last != "<name>" and INDEX.find((*above, "<name>")) is None and not INDEX.has_prefix((*above, "<name>")))
    assume(
        all(
            INDEX.find(tuple(above[:length])) is None or "submodule" in str(INDEX.find(tuple(above[:length])))
            for length in range(1, len(above) + 1)
        )
    )
    assert INDEX.find(path) is None
    assert not INDEX.has_prefix(path)


@pytest.mark.parametrize("name", sorted(ATOMS))
def test_every_atom_has_a_strategy_and_accepts_something(name: str) -> None:
    assert name in atoms
    assert any(accepts(Atom(name), value) is None for value in [*ONE_OF_EACH.values(), "/nix/store/x", "/x"])
