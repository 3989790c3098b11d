"""The schema of the whole manifest: what is accepted is accepted, and what an editor should underline is refused."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from maidan_nix.generation import generate
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.setting_info import PRESETS
from maidan_nix.plugins import known, load
from maidan_nix.problems import MaidanError
from maidan_nix.schema import manifest_schema, render_schema
from maidan_nix.testing.example import example_document

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "hosts").glob("*/community.toml"))
SCHEMA = manifest_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def messages(values: Mapping[str, Any]) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(values)]


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def is_accepted(values: dict[str, Any]) -> bool:
    try:
        generate(Document("example", "", values), lock=None, public=None)
    except MaidanError:
        return False
    return True


def test_the_schema_is_valid_and_always_the_same() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    code = "import sys; from maidan_nix.schema import render_schema; sys.stdout.buffer.write(render_schema())"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
        assert done.stdout == render_schema()
    assert json.loads(render_schema()) == SCHEMA


def test_the_schema_names_no_place() -> None:
    assert "$id" not in SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_example_is_accepted(path: Path) -> None:
    assert messages(read(path)) == []


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", known())
def test_what_every_plugin_gives_as_its_example_is_accepted(name: str, preset: Any) -> None:
    assert messages(example_document(load(name), preset).values) == []


@pytest.mark.parametrize("name", known())
def test_every_plugin_has_its_settings_in_the_schema(name: str) -> None:
    floor, _, short = name.partition("/")
    table = SCHEMA["properties"][floor]["properties"][short]
    wanted = {*load(name).settings.model_fields, *(("host",) if floor == "services" else ())}
    assert wanted == table["properties"].keys() - {"reasons"}
    of_host = SCHEMA["properties"]["hosts"]["additionalProperties"]["properties"]
    assert of_host.get(floor, {"properties": {short: table}})["properties"][short] == table


def tables(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every table and every setting of the schema, by its key path."""
    yield path, schema
    for name, below in schema.get("properties", {}).items():
        yield from tables(below, f"{path}.{name}".removeprefix("."))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from tables(schema["additionalProperties"], f"{path}.NAME")


def test_everything_is_described_in_whole_sentences() -> None:
    silent = [path for path, schema in tables(SCHEMA) if not str(schema.get("description", "")).strip()]
    assert [path for path in silent if not path.endswith(".NAME")] == []
    unfinished = [path for path, schema in tables(SCHEMA) if str(schema.get("description", "")).endswith("..")]
    assert unfinished == []


def test_no_table_of_known_keys_takes_an_unknown_one() -> None:
    open_tables = [
        path
        for path, schema in tables(SCHEMA)
        if "properties" in schema and schema["additionalProperties"] is not False
    ]
    assert open_tables == []


def values_in(table: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from values_in(value, (*path, key))


def table_at(values: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for step in path:
        values = values[step]
    return values


EVERY_VALUE = [(example, path) for example in EXAMPLES for path in values_in(read(example))]
WRONG: tuple[Any, ...] = (True, 7, "", "two words", [], {}, {"unheard-of": 1}, [1], 2.5, ["x", []])


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(EVERY_VALUE), st.data())
def test_what_is_accepted_after_a_change_the_schema_accepts_too(
    place: tuple[Path, tuple[str, ...]], data: st.DataObject
) -> None:
    example, path = place
    values = read(example)
    table, key = table_at(values, path[:-1]), path[-1]
    match data.draw(st.sampled_from(("value", "gone", "another"))):
        case "value":
            table[key] = data.draw(st.one_of(st.sampled_from(WRONG), st.text(max_size=5), st.integers(-1, 99)))
        case "gone":
            del table[key]
        case _:
            there, other = data.draw(st.sampled_from(EVERY_VALUE))
            table[other[-1]] = copy.deepcopy(table_at(read(there), other[:-1])[other[-1]])
    if is_accepted(values):
        assert messages(values) == []


@pytest.mark.parametrize(
    ("example", "path"), EVERY_VALUE, ids=lambda each: each.parent.name if isinstance(each, Path) else ".".join(each)
)
def test_a_value_of_another_kind_and_an_unknown_key_are_refused(example: Path, path: tuple[str, ...]) -> None:
    values = read(example)
    table_at(values, path[:-1])[path[-1]] = 2.5
    assert messages(values)
    assert not is_accepted(values)

    values = read(example)
    table = table_at(values, path)
    if isinstance(table, dict):
        table["unheard-of"] = "x"
        refused = not is_accepted(values)
        # A steward, a host: any name will do, and what it names is not there.
        assert refused == bool(messages(values))


def minimal() -> dict[str, Any]:
    return read(ROOT / "hosts/minimal/community.toml")


@pytest.mark.parametrize("section", ["community", "stewards", "hosts"])
def test_what_must_be_there_is_required(section: str) -> None:
    without = minimal()
    del without[section]
    assert any("required" in message for message in messages(without))
    empty = minimal() | {section: {}}
    assert messages(empty)


def test_a_second_host_asks_where_a_service_runs() -> None:
    values = read(EXAMPLES[0])
    values["hosts"]["second"] = copy.deepcopy(next(iter(values["hosts"].values())))
    assert any("'host' is a required property" in message for message in messages(values))
    for service in values["services"].values():
        service["host"] = "second"
    assert messages(values) == []


def test_a_host_may_have_settings_of_its_own() -> None:
    values = minimal()
    (host,) = values["hosts"].values()
    host["hardening"] = {"ssh": {"port": 2222}}
    assert is_accepted(values)
    assert messages(values) == []
    host["hardening"] = {"ssh": {"prot": 2222}}
    assert not is_accepted(values)
    assert messages(values)


def test_reasons_are_for_what_can_be_looser() -> None:
    values = minimal() | {"privacy": {"log_retention": "30d", "reasons": {"log_retention": "the courts ask for them"}}}
    assert is_accepted(values)
    assert messages(values) == []
    for reasons in ({"preset": "the courts ask for them"}, {"log_retention": "because"}, {"log_retention": "a\nb" * 9}):
        values["privacy"]["reasons"] = reasons
        assert not is_accepted(values)
        assert messages(values), reasons
    values["privacy"]["reasons"] = {"log_retention": " " * 9 + "x" * 500 + " " * 9}
    assert is_accepted(values)
    assert messages(values) == []


def test_choices_between_plugins() -> None:
    values = minimal() | {
        "plugins": {
            "providers": {"database": "platform/postgresql"},
            "disable": {"hardening/kernel": "the board has a kernel of its own"},
        }
    }
    assert is_accepted(values)
    assert messages(values) == []
    for name, choices in (
        ("providers", {"database": "platform/nginx"}),
        ("providers", {"databse": "platform/postgresql"}),
        ("disable", {"platform/nginx": "we have a web server of our own"}),
        ("disable", {"hardening/kernel": "because"}),
    ):
        wrong = minimal() | {"plugins": {name: choices}}
        assert not is_accepted(wrong)
        assert messages(wrong), choices
