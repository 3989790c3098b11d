"""What the settings of a manifest are worth, without a plan: problems, and what is looser than the preset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maidan_nix.contract.plugin import FLOORS
from maidan_nix.editing.values import value_at, with_value
from maidan_nix.manifest.resolution import resolve
from maidan_nix.manifest.schema import Community, Host, Privacy, Steward
from maidan_nix.manifest.sections import HOST_FLOORS, host_sections, plugin_sections, preset_of
from maidan_nix.manifest.settings import REASONS, Settings
from maidan_nix.plugin_settings import read_settings, resolve_section
from maidan_nix.plugins import known, load
from maidan_nix.problems import KeyPath, Problem


def problems_of_settings(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with core's sections and the settings of every plugin that the manifest names.

    Raises MaidanError for a plugin that cannot be loaded.
    """
    return list(read_settings(values).problems)


def near(problems: Iterable[Problem], path: KeyPath) -> list[Problem]:
    """The problems at a path, below it, or with the reason that goes with it."""
    reason = reason_path(path)
    return [each for each in problems if each.path[: len(path)] == path or each.path == reason]


def reason_path(path: KeyPath) -> KeyPath:
    """Where the reason for a setting stands; that of an element of an array is the array's."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return (*path[:-1], REASONS, *path[-1:])


def is_loosened(values: Mapping[str, Any], path: KeyPath) -> bool:
    """Whether a setting has a value that is looser than the community's preset, with a reason or without."""
    found = section_of(path)
    if found is None:
        return False
    place, kind = found
    reason = reason_path(path)
    try:  # with some reason, so that looseness shows as such and not as a problem
        measured = with_value(values, reason, "a reason to measure with")
    except LookupError:
        return False
    preset = preset_of(values)
    if place[-2:-1] and place[-2] in FLOORS:
        full_name = f"{place[-2]}/{place[-1]}"
        sections, of_hosts = plugin_sections(measured, known())[0], host_sections(measured, known())[0]
        of_host = of_hosts.get((str(place[1]), full_name)) if place[0] == "hosts" else None
        loosened = resolve_section(sections.get(full_name), of_host, preset).loosened
    else:
        table = value_at(measured, place)
        loosened = resolve(kind, table, preset, place, "").loosened if isinstance(table, Mapping) else ()
    return any(each.path == (*reason[:-2], reason[-1]) for each in loosened)


def section_of(path: KeyPath) -> tuple[KeyPath, type[Settings]] | None:
    """The section that a setting belongs to: its path, and the class that says what may be in it."""
    named: Mapping[str, type[Settings]] = {"stewards": Steward, "hosts": Host}
    match path:
        case ("community", *_):
            return ("community",), Community
        case ("privacy", *_):
            return ("privacy",), Privacy
        case ("hosts", str(host), str(floor), str(name), *_) if floor in HOST_FLOORS and f"{floor}/{name}" in known():
            return ("hosts", host, floor, name), load(f"{floor}/{name}").settings
        case (("stewards" | "hosts") as section, str(name), *_):
            return (section, name), named[section]
        case (str(floor), str(name), *_) if floor in FLOORS and f"{floor}/{name}" in known():
            return (floor, name), load(f"{floor}/{name}").settings
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Reading:
    """A word as it was understood. `is_text` says that it was taken as it stands, and not as TOML."""

    value: Any
    is_text: bool


def read_word(word: str, problems_with: Callable[[Any], list[Problem]]) -> Reading:
    """Understand what somebody wrote for a setting: as a value of TOML, or as a string without its quotes.

    What is both, such as ``42``, is what the setting accepts. `problems_with` validates a value in its place.
    """
    value = parse_value(word)
    if value is NO_VALUE:
        return Reading(word, is_text=True)
    if not isinstance(value, str) and problems_with(value) and not problems_with(word):
        return Reading(word, is_text=True)
    return Reading(value, is_text=False)


NO_VALUE: Any = object()


def parse_value(word: str) -> Any:
    """Return the one value of TOML that a text is, or `NO_VALUE`."""
    import tomllib

    try:
        parsed = tomllib.loads(f"value = {word}")
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return NO_VALUE
    return parsed["value"] if list(parsed) == ["value"] else NO_VALUE
