"""What pydantic finds is told in TOML's words, at the manifest's own key paths."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, StringConstraints, field_validator, model_validator

from maidan_nix.manifest.schema import Steward
from maidan_nix.manifest.settings import Settings, setting
from maidan_nix.manifest.types import Domain, Duration, Form, HostName, InvalidValue, IpInterface, PortNumber
from maidan_nix.manifest.validation import MISSING, in_toml_words, validate
from maidan_nix.problems import Problem


class Static(Settings):
    kind: Literal["static"] = setting("Fixed")
    address: IpInterface = setting("Address")


class Dynamic(Settings):
    kind: Literal["dhcp"] = setting("By DHCP")
    metric: int = setting("Metric", default=0)


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Sub(Settings):
    size: int = setting("Size", ge=1, le=10)


def check_even(number: int) -> int:
    if number % 2:
        raise InvalidValue(f"{number} is odd", hint="add one")
    return number


class Everything(Settings):
    text: str = setting("Text", default="")
    number: int = setting("Number", default=0)
    ratio: float = setting("Ratio", default=0.0)
    switch: bool = setting("Switch", default=False)
    date: dt.date = setting("Date", default=dt.date(2030, 1, 1))
    time: dt.time = setting("Time", default=dt.time(1))
    moment: dt.datetime = setting("Moment", default=dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    words: tuple[str, ...] = setting("Words", default=(), max_length=3)
    pair: tuple[int, str] = setting("Pair", default=(1, "a"))
    names: tuple[Domain, ...] = setting("Names", default=())
    sub: Sub | None = setting("Sub", default=None)
    subs: tuple[Sub, ...] = setting("Subs", default=())
    by_name: dict[HostName, Sub] = setting("By name", default={})
    choice: Literal["first", "second", 3] = setting("Choice", default="first")
    colour: Colour = setting("Colour", default=Colour.RED)
    keep: Duration | Literal["forever"] = setting("Keep", default="forever")
    sub_or_number: int | Sub = setting("Either", default=1)
    network: Annotated[Static | Dynamic, Field(discriminator="kind")] | None = setting("Network", default=None)
    either: Static | Dynamic | None = setting("Either", default=None)
    port: PortNumber = setting("Port", default=1, examples=(8448,))
    code: Annotated[str, StringConstraints(pattern=r"[a-z]+\Z", max_length=5)] = setting("Code", default="a")
    even: Annotated[int, Form("an even number", check_even)] = setting("Even", default=0)
    minutes: int = setting("Minutes", default=5, unit="minutes")
    checked: int = setting("Checked by a plugin", default=1)

    @field_validator("checked")
    @classmethod
    def _check(cls, value: int) -> int:
        if value > 1:
            raise ValueError("only one\x1b[2J")
        return value

    @model_validator(mode="after")
    def _together(self) -> Everything:
        if self.text == "alone" and self.number:
            raise InvalidValue("text and number exclude each other", "one of them", "remove number")
        return self


def problems(**values: Any) -> list[Problem]:
    model, found = validate(Everything, values, ("services", "x"), "services/x")
    assert (model is None) == bool(found)
    for problem in found:
        assert problem.plugin == "services/x"
        assert problem.path[:2] == ("services", "x")
        text = f"{problem.message} {problem.expected} {problem.hint}"
        for word in ("pydantic", "Input should", "str_type", "function-", "dict", "list", "tuple", "None"):
            assert word not in text
    return found


def told(**values: Any) -> tuple[str, str, str, str]:
    (problem,) = problems(**values)
    return ".".join(map(str, problem.path[2:])), problem.message, problem.expected, problem.hint


@pytest.mark.parametrize(
    ("key", "value", "path", "message", "expected", "hint"),
    [
        ("text", 5, "text", "this is an integer", "a string", ""),
        ("text", {"a": 1}, "text", "this is a table", "a string", ""),
        ("text", dt.date(2030, 1, 1), "text", "this is a date", "a string", ""),
        ("number", "8080", "number", "this is a string", "an integer", "write the number without quotes"),
        ("number", "x", "number", "this is a string", "an integer", ""),
        ("number", True, "number", "this is a boolean", "an integer", ""),
        ("number", 1.0, "number", "this is a float", "an integer", ""),
        ("number", 1.5, "number", "this is a float", "an integer", ""),
        ("ratio", "1.5", "ratio", "this is a string", "a float", ""),
        ("switch", "yes", "switch", "this is a string", "a boolean", "write true or false, without quotes"),
        ("switch", 1, "switch", "this is an integer", "a boolean", ""),
        ("date", "2030-01-01", "date", "this is a string", "a date", ""),
        ("time", 12, "time", "this is an integer", "a time", ""),
        ("moment", dt.date(2030, 1, 1), "moment", "this is a date", "a date with time", ""),
        ("words", "a", "words", "this is a string", "an array of strings", "write [ ] around it"),
        ("words", {"a": 1}, "words", "this is a table", "an array of strings", ""),
        ("words", ["a", 1], "words.1", "this is an integer", "a string", ""),
        ("words", ["a"] * 4, "words", "this has 4 elements", "at most 3", ""),
        ("pair", [1, 2], "pair.1", "this is an integer", "a string", ""),
        ("names", ["a.example.org", "b"], "names.1", "'b' has one part only",
         "a domain name such as 'chat.example.org'", "name the domain too, as in 'chat.example.org'"),
        ("names", 5, "names", "this is an integer", "an array, each element a domain name such as 'chat.example.org'",
         "write [ ] around it"),
        ("sub", 5, "sub", "this is an integer", "a table", ""),
        ("sub", {}, "sub.size", MISSING, "an integer", ""),
        ("sub", {"size": 0}, "sub.size", "0 is out of bounds", "at least 1", ""),
        ("sub", {"size": 11}, "sub.size", "11 is out of bounds", "at most 10", ""),
        ("sub", {"size": 1, "sise": 1}, "sub.sise", "unknown setting 'sise'", "", "did you mean 'size'?"),
        ("sub", {"size": 1, "zzz": 1}, "sub.zzz", "unknown setting 'zzz'", "one of size", ""),
        ("subs", [{"size": 1}, {"size": "1"}], "subs.1.size", "this is a string", "an integer",
         "write the number without quotes"),
        ("subs", {"size": 1}, "subs", "this is a table", "an array of tables", ""),
        ("by_name", {"main": {"size": 99}}, "by_name.main.size", "99 is out of bounds", "at most 10", ""),
        ("by_name", {"Main": {"size": 1}}, "by_name.Main", "'Main' has capital letters",
         "a host name of lower-case letters, digits and hyphens, such as 'main'", "did you mean 'main'?"),
        ("by_name", [], "by_name", "this is an array", "a table", ""),
        ("choice", "frist", "choice", "'frist' is not a choice here", "'first', 'second' or 3",
         "did you mean 'first'?"),
        ("choice", "zzz", "choice", "'zzz' is not a choice here", "'first', 'second' or 3", ""),
        ("choice", [], "choice", "this is an array", "'first', 'second' or 3", ""),
        ("keep", "30", "keep", "'30' has no unit",
         "a duration with its unit s, m, h, d or w, such as '30d' or 'forever'", ""),
        ("keep", "forevr", "keep", "'forevr' is not a choice here",
         "a duration with its unit s, m, h, d or w, such as '30d' or 'forever'", "did you mean 'forever'?"),
        ("sub_or_number", "x", "sub_or_number", "this is a string", "an integer or a table", ""),
        ("sub_or_number", {"size": "x"}, "sub_or_number.size", "this is a string", "an integer", ""),
        ("sub_or_number", {}, "sub_or_number.size", MISSING, "an integer", ""),
        ("network", {"kind": "static", "address": "192.0.2.1"}, "network.address", "'192.0.2.1' has no prefix length",
         "an IP address with its prefix length, such as '192.0.2.10/24' or '2001:db8::10/64'", ""),
        ("network", {"kind": "wifi"}, "network", "kind = 'wifi' is not a choice here", "one of 'static', 'dhcp'", ""),
        ("network", {}, "network", "'kind' is missing, which says what kind of table this is", "a table", ""),
        ("network", 5, "network", "this is an integer", "a table", ""),
        ("either", {"kind": "dhcp", "metric": "x"}, "either.metric", "this is a string", "an integer", ""),
        ("port", 70000, "port", "70000 is not a port", "a port, from 1 to 65535", ""),
        ("port", "http", "port", "this is a string", "a port, from 1 to 65535", ""),
        ("code", "A1", "code", "'A1' does not have the right form", r"text that matches [a-z]+\Z", ""),
        ("code", "abcdef", "code", "this has 6 characters", "at most 5", ""),
        ("even", 3, "even", "3 is odd", "an even number", "add one"),
        ("minutes", "5m", "minutes", "this is a string", "an integer, in minutes", ""),
        ("checked", 2, "checked", "only one\\u001B[2J", "an integer", ""),
    ],
)  # fmt: skip
def test_told_in_our_words(key: str, value: Any, path: str, message: str, expected: str, hint: str) -> None:
    assert told(**{key: value}) == (path, message, expected, hint)


def test_an_enumeration_wants_its_values() -> None:
    assert told(colour="rad")[2] == "'red' or 'green'"


def test_a_fault_of_several_settings_stands_at_their_table() -> None:
    (problem,) = problems(text="alone", number=1)
    assert problem == Problem(
        ("services", "x"), "text and number exclude each other", "one of them", "remove number", "services/x"
    )


def test_everything_is_found_at_once() -> None:
    found = problems(text=1, number="x", sub={"sise": 2}, subs=[1, {"size": 0}], nmae=1)
    assert {problem.path[2:] for problem in found} == {
        ("text",), ("number",), ("sub", "size"), ("sub", "sise"), ("subs", 0), ("subs", 1, "size"), ("nmae",),
    }  # fmt: skip


def test_unknown_and_missing_keys_point_at_keys() -> None:
    found = problems(sub={"sise": 2}, by_name={"Main": {"size": 1}})
    assert {problem.path[-1]: problem.at for problem in found} == {"size": "key", "sise": "key", "Main": "key"}


def test_keys_that_others_read_are_suggested() -> None:
    _, found = validate(Sub, {"size": 1, "hots": "main"}, also_known=("host",))
    assert [problem.hint for problem in found] == ["did you mean 'host'?"]


def test_a_key_named_like_a_type_is_a_key() -> None:
    class Tricky(Settings):
        value: dict[str, int] | int = setting("Value")

    _, found = validate(Tricky, {"value": {"int": "x", "dict[str,int]": "y"}})
    assert {problem.path for problem in found} == {("value", "int"), ("value", "dict[str,int]")}


def test_hostile_words_cannot_act() -> None:
    hostile = "\x1b[2J\n\u202e" + "x" * 10_000
    for problem in problems(**{hostile: 1}, choice=hostile, keep=hostile, names=[hostile]):
        for text in (problem.message, problem.expected, problem.hint):
            assert text.isprintable()
            assert len(text) < 500


def test_a_hundred_thousand_problems_take_no_minutes() -> None:
    assert len(problems(**{f"key{number}": 1 for number in range(20_000)})) == 20_000


def test_a_plain_model_is_validated_too() -> None:
    class Plain(BaseModel):
        a: int

    model, found = validate(Plain, {"a": 1})
    assert model == Plain(a=1)
    assert found == []


def test_words_of_toml() -> None:
    values: tuple[Any, ...] = (True, 1, 1.5, "x", [], (), {}, dt.date(2030, 1, 1), dt.time(1), None)
    words = [in_toml_words(value) for value in values]
    assert words == ["a boolean", "an integer", "a float", "a string", "an array", "an array", "a table", "a date",
                     "a time", "nothing"]  # fmt: skip
    assert in_toml_words(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)) == "a date with time"


def test_an_array_is_not_too_short_because_an_element_of_it_is_wrong() -> None:
    _, problems = validate(Steward, {"name": "ada", "ssh_keys": ["no key"]})
    assert [problem.path for problem in problems] == [("ssh_keys", 0)]
    _, problems = validate(Steward, {"name": "ada", "ssh_keys": []})
    assert [problem.path for problem in problems] == [("ssh_keys",)]
