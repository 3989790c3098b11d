"""The settings of plugins from both places: the community's table, and what one host has otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maidan_nix.manifest.resolution import Loosened, Resolved, resolve
from maidan_nix.manifest.sections import (
    Manifest,
    PluginSection,
    host_sections,
    interpret,
    plugin_sections,
    preset_of,
)
from maidan_nix.manifest.settings import Preset, Settings
from maidan_nix.messages import say
from maidan_nix.plugins import baseline, guarded, known, load
from maidan_nix.problems import KeyPath, Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class ManifestSettings:
    """What a manifest says: core's sections, and the settings of the plugins that it names; or what is wrong with it.

    `manifest` is None where core's sections cannot be used at all. `settings` hold for every host, by full name;
    `of_hosts` for one, by host and full name; both are without what has problems.
    """

    manifest: Manifest | None
    settings: Mapping[str, Settings]
    of_hosts: Mapping[tuple[str, str], Settings]
    loosened: tuple[Loosened, ...]
    """What plugins' settings are looser in than the preset; core's own are the manifest's."""
    problems: tuple[Problem, ...]


def read_settings(values: Mapping[str, Any]) -> ManifestSettings:
    """Validate core's sections, the settings of every plugin that the manifest names, and the choices of plugins.

    Where every host has a table of its own for a plugin, the community's is only a part of each: what is wrong in it
    is reported, and what it lacks is not. Raises MaidanError for a plugin that cannot be loaded.
    """
    sections, problems = plugin_sections(values, known())
    own, more = host_sections(values, known())
    problems += more
    manifest, more = interpret(values, sections, own)
    problems += more
    preset = preset_of(values)
    settings: dict[str, Settings] = {}
    of_hosts: dict[tuple[str, str], Settings] = {}
    loosened: dict[Loosened, None] = {}
    named = values.get("hosts")
    hosts = tuple(named) if isinstance(named, Mapping) else ()
    for name, section in sections.items():
        is_part = bool(hosts) and all((host, name) in own for host in hosts)
        resolved = resolve_section(section, None, preset, is_part=is_part)
        problems += resolved.problems
        if not is_part:
            loosened.update(dict.fromkeys(resolved.loosened))
        if resolved.settings is not None and not is_part:
            settings[name] = resolved.settings
    for (host, name), section in own.items():
        resolved = resolve_section(sections.get(name), section, preset)
        problems += resolved.problems
        loosened.update(dict.fromkeys(resolved.loosened))
        if resolved.settings is not None:
            of_hosts[host, name] = resolved.settings
    if manifest is not None:
        problems += _unknown_choices(manifest)
    return ManifestSettings(manifest, settings, of_hosts, tuple(loosened), tuple(dict.fromkeys(problems)))


def is_hardening(name: str) -> bool:
    """A hardening section in the manifest turns its plugin on; a platform section only sets what a need turns on."""
    return name.startswith("hardening/")


def _unknown_choices(manifest: Manifest) -> Iterable[Problem]:
    for kind, name in manifest.providers.items():
        path = ("plugins", "providers", kind)
        if name not in known():
            yield Problem(path, say("no plugin is named {plugin}", plugin=name), hint=did_you_mean(name, known()))
            continue
        kinds = [each.kind for each in load(name).provides]
        if kind not in kinds:
            expected = say("one of {names}", names=", ".join(kinds)) if kinds else "a plugin that provides something"
            message = say("{plugin} does not provide '{kind}'", plugin=name, kind=kind)
            yield Problem(path, message, expected, did_you_mean(kind, kinds), at="key")
    optional = tuple(filter(is_hardening, baseline()))
    for name in manifest.disabled:
        if name not in optional:
            yield Problem(
                ("plugins", "disable", name),
                say("{plugin} is not on by itself", plugin=name),
                expected=say("one of {names}", names=", ".join(optional)),
                at="key",
                hint=did_you_mean(name, optional),
            )


def resolve_section(
    everywhere: PluginSection | None, of_host: PluginSection | None, preset: Preset, *, is_part: bool = False
) -> Resolved[Settings]:
    """Read the settings of a plugin: those of the community, and over them those of one host. One may be None.

    What `is_part` of a section only, see `resolve`, lacks nothing, and its settings are not for use.

    A problem is placed where its value stands. Raises MaidanError, naming the plugin, when it cannot be loaded or its
    settings cannot be read; TypeError when both are None.
    """
    section = everywhere or of_host
    if section is None:
        raise TypeError("there is no section to read")
    name = section.full_name
    kind = load(name).settings
    table = _merged(everywhere.table if everywhere else {}, of_host.table if of_host else {})
    path = tuple(name.split("/"))
    below = everywhere.table if everywhere else {}

    def place(there: KeyPath) -> KeyPath:
        rest = there[len(path) :]
        if of_host is None or _depth(of_host.table, rest) < _depth(below, rest):
            return there
        return (*of_host.path, *rest)

    with guarded(name, "have its settings read"):
        return resolve(kind, table, preset, path, name, place=place, is_part=is_part)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one table over another; tables in both are merged, anything else is taken from above."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = _merged(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
    return merged


def _depth(table: Any, path: KeyPath) -> int:
    """How many steps of a path a table has."""
    for count, step in enumerate(path):
        is_key = isinstance(table, Mapping) and step in table
        is_index = isinstance(table, list) and isinstance(step, int) and step < len(table)
        if not (is_key or is_index):
            return count
        table = table[step]
    return len(path)
