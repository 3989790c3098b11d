"""What follows from a setting is found by trying: for every setting of every plugin, and truthfully."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maidan_nix.editing.keys import parse_key
from maidan_nix.explain.citations import options_citing
from maidan_nix.explain.effects import try_change
from maidan_nix.explain.key import key_facts
from maidan_nix.explain.kinds import kind_in_words
from maidan_nix.explain.places import actual_paths, find_place, key_paths, places_below
from maidan_nix.explain.variation import MOST, REMOVED, changed, other_values
from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import Document, read_document
from maidan_nix.nix.values import Noted, Value
from maidan_nix.plugins import known, load
from maidan_nix.schema import manifest_schema
from maidan_nix.testing.example import example_document

ROOT = Path(__file__).parents[2]
SCHEMA = manifest_schema()
COMMONS = read_document(ROOT / "hosts/commons/community.toml")


def generated(values: dict[str, Any]) -> Generated:
    return generate(Document("example", "", values), lock=None, public=None)


BASE = generated(COMMONS.values)


def tried(key: str) -> Any:
    place = find_place(SCHEMA, parse_key(key))
    assert place is not None
    (path, *_) = actual_paths(COMMONS.values, place)
    return try_change(place, path, COMMONS.values, BASE, generated)


def test_both_ends_of_a_setting_are_found() -> None:
    found = tried("services.matrix.upload")
    (own,) = (effect for effect in found.effects if effect.plugin == "services/matrix")
    assert own.option == "services.matrix-synapse.settings.max_upload_size"
    assert (own.before, own.after) == ('"50M"', '"100M"')
    assert {effect.plugin for effect in found.effects} == {"services/matrix", "platform/nginx"}


@pytest.mark.parametrize(
    "key",
    [
        "community.name",
        "community.domain",
        "community.contact",
        "community.time_zone",
        "community.locale",
        "stewards.NAME.ssh_keys",
        "stewards.NAME.age_recipients",
        "privacy.preset",
        "privacy.federation",
        "privacy.log_retention",
        "privacy.message_retention",
        "hosts.NAME.system",
        "hosts.NAME.boot.firmware",
        "hosts.NAME.disk.device",
        "hosts.NAME.disk.filesystem",
        "hosts.NAME.disk.swap",
        "hosts.NAME.network.interface",
        "hosts.NAME.network.ipv4",
        "hosts.NAME.network.ipv6",
        "hosts.NAME.network.ipv4_gateway",
        "hosts.NAME.network.resolvers",
    ],
)
def test_every_setting_of_core_ends_up_somewhere(key: str) -> None:
    found = tried(key)
    assert found is not None
    assert found.effects or found.files


@pytest.mark.parametrize("name", [name for name in known() if name.startswith("services/")])
def test_most_settings_of_a_service_end_up_somewhere(name: str) -> None:
    """Not all: some depend on others, and are without effect in the example."""
    document = example_document(load(name))
    base = generated(document.values)
    paths = {key: place for key, place in places_below(SCHEMA) if key.startswith(f"{name.replace('/', '.')}.")}
    found = {}
    for key, schema in paths.items():
        place = find_place(SCHEMA, parse_key(key))
        assert place is not None
        assert place.plugin == name
        if not place.is_table and "reasons" not in place.path and place.path[-1] != "host":
            outcome = try_change(place, place.path, document.values, base, generated)
            found[key] = outcome is not None and bool(outcome.effects or outcome.files)
            assert kind_in_words(schema)
    assert sum(found.values()) * 4 >= len(found) * 3, found


def test_a_kind_that_nothing_is_known_of_is_no_words() -> None:
    assert kind_in_words({"anyOf": [{}, {"type": "null"}]}) == ""
    assert kind_in_words({"enum": []}) == ""
    assert kind_in_words({"anyOf": [{"type": "boolean"}, {"type": "null"}]}) == "true or false"


def test_values_to_try_are_few_and_others() -> None:
    for key, schema in places_below(SCHEMA):
        place = find_place(SCHEMA, parse_key(key))
        assert place is not None, key
        current = schema.get("default")
        values = other_values(schema, current, ("east", "west"), is_required=False)
        assert len(values) <= MOST
        assert current not in [value for value in values if value is not REMOVED]


def test_a_change_leaves_the_manifest_as_it_was() -> None:
    values = {"privacy": {"federation": "open", "reasons": {"federation": "a reason to be here", "log_retention": "x"}}}
    without = changed(values, ("privacy", "federation"), REMOVED, with_reason=False)
    assert without == {"privacy": {"reasons": {"log_retention": "x"}}}
    with_reason = changed({}, ("privacy", "federation"), "open", with_reason=True)
    assert with_reason["privacy"]["federation"] == "open"
    assert "federation" in with_reason["privacy"]["reasons"]
    assert values["privacy"]["federation"] == "open"


def test_every_key_is_a_place_with_something_to_say() -> None:
    for key, what in key_paths(SCHEMA).items():
        place = find_place(SCHEMA, parse_key(key))
        assert place is not None
        facts = key_facts(place)
        assert facts.key == key
        assert facts.what == what or not what
        assert bool(facts.looser) == bool(facts.reason)


@pytest.mark.parametrize("key", ["services.nothing", "hosts", "community.name.first", "hosts.UPPER.disk", "nothing"])
def test_what_is_no_place(key: str) -> None:
    place = find_place(SCHEMA, parse_key(key))
    assert (place is not None) == (key == "hosts")


def test_an_option_is_found_by_the_key_that_its_comment_cites() -> None:
    options: Value = {"services": {"wiki": {"host": Noted("x", "services.wiki.domain"), "port": 1}}}
    assert options_citing(options, {("services", "wiki", "domain")}) == [("services", "wiki", "host")]
    assert options_citing(options, {("services", "wiki")}) == []
