"""What is known of a key of the manifest, and of its value in one community."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from maidan_nix.explain.citations import options_citing
from maidan_nix.explain.effects import Generate, Tried, try_change
from maidan_nix.explain.kinds import kind_in_words
from maidan_nix.explain.places import NAME, Place, actual_paths, value_at, what_it_is
from maidan_nix.generation import Generated
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.positions import locate
from maidan_nix.manifest.sections import preset_of
from maidan_nix.manifest.settings import REASONS
from maidan_nix.options.names import join
from maidan_nix.problems import KeyPath, dotted


@dataclass(frozen=True, slots=True)
class Setting:
    """What there can be in a table: a key, and what it is."""

    key: str
    what: str


@dataclass(frozen=True, slots=True)
class Given:
    """A value in a community's manifest, and where it is from: the line it stands in, or what holds without one.

    `value` is None where there is none. `line` and `column` count from 1 and are 0 where the manifest does not say.
    """

    path: KeyPath
    value: Any
    source: Literal["manifest", "preset", "default", "nothing"]
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """What a key of the manifest is, whoever's manifest it is.

    `what` is a sentence without a final stop, `kind` what it takes in words; `default` and `presets` are values as the
    manifest has them. `looser` is empty where nothing is: "true", "false", "higher", "lower", or words from strict to
    loose. `settings` are those of a table.
    """

    key: str
    plugin: str
    what: str
    kind: str
    unit: str
    required: bool
    default: Any
    presets: Mapping[str, Any]
    looser: str | tuple[str, ...]
    reason: str
    examples: tuple[Any, ...]
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a key ends up. `tried` is None where no second value is valid; `cited` are options whose comments name it.

    `sections` are the files of the plugin whose whole section was asked for.
    """

    tried: Tried | None
    cited: tuple[str, ...]
    sections: tuple[str, ...]


def key_facts(place: Place) -> Key:
    """Say what a place of the manifest is, from the schema alone."""
    schema = place.schema
    looser = schema.get("x-looser", "") if place.can_be_loosened else ""
    return Key(
        key=dotted(place.path),
        plugin=place.plugin,
        what=what_it_is(schema),
        kind=kind_in_words(schema),
        unit=schema.get("x-unit", ""),
        required=place.is_required,
        default=schema.get("default"),
        presets=schema.get("x-presets", {}),
        looser=tuple(looser) if isinstance(looser, list) else looser,
        reason=place.reason if looser else "",
        examples=tuple(schema.get("examples", ())),
        settings=tuple(_settings(place)),
    )


def _settings(place: Place) -> Iterator[Setting]:
    below = dict(place.schema.get("properties", {}))
    if isinstance(place.schema.get("additionalProperties"), dict):
        below[NAME] = place.schema["additionalProperties"]
    for name, schema in below.items():
        if name != REASONS:
            yield Setting(dotted((*place.path, name)), what_it_is(schema))


def values_given(place: Place, document: Document) -> list[Given]:
    """The values that a community has at a place, or those that hold because it has none."""
    paths = actual_paths(document.values, place)
    places = locate(document.text, [(path, "key") for path in paths])
    found = []
    for path in paths:
        value = value_at(document.values, path)
        if value is not None:
            where = places[path, "key"]
            found.append(Given(path, value, "manifest", where.line, where.column))
        else:
            found.append(_unsaid(place, path, document))
    return found


def _unsaid(place: Place, path: KeyPath, document: Document) -> Given:
    presets = place.schema.get("x-presets", {})
    if presets:
        return Given(path, presets[preset_of(document.values)], "preset")
    if "default" in place.schema:
        return Given(path, place.schema["default"], "default")
    return Given(path, None, "nothing")


def uses(place: Place, document: Document, base: Generated, generate: Generate, generate_new: Generate) -> Uses:
    """Find out where a setting ends up in one community, `base` being what is generated from its manifest.

    `generate` takes the community's lock, and `generate_new` none: what is decided once can only be changed there.
    """
    paths = actual_paths(document.values, place)
    tried = None
    if paths and not place.is_table:
        tried = try_change(place, paths[0], document.values, base, generate)
        if tried is None:
            new = generate_new(document.values)
            tried = try_change(place, paths[0], document.values, new, generate_new)
            tried = replace(tried, as_new=True) if tried is not None else None
    keys = {place.path, *paths}
    cited = [
        f"hosts/{host}/{plugin}.nix: {join(option)}"
        for host, members in base.configured.items()
        for plugin, configured in members.items()
        for option in options_citing(configured.options, keys)
    ]
    about = {path[1] for path in paths} if place.path[0] == "hosts" and len(place.path) > 1 else set(base.configured)
    files = [
        f"hosts/{host}/{place.plugin}.nix"
        for host, members in base.configured.items()
        if place.is_table and place.plugin in members and host in about
    ]
    return Uses(tried, tuple(dict.fromkeys(cited)), tuple(files))
