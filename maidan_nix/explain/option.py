"""What is known of a NixOS option, and who sets it in one community's flake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from maidan_nix.citation import cited_keys
from maidan_nix.explain.citations import comments
from maidan_nix.explain.effects import leaves, shown
from maidan_nix.generation import Generated
from maidan_nix.options.index import Index
from maidan_nix.options.names import ANY_NAME, OptionPath, join, split
from maidan_nix.options.table import Option
from maidan_nix.problems import dotted

MOST = 40
"""Values below one name that are said at most."""


@dataclass(frozen=True, slots=True)
class SetBy:
    """A value that a plugin gives to an option, as Nix writes it, with the keys that comments there cite."""

    host: str
    plugin: str
    file: str
    option: str
    value: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OptionFacts:
    """An option by its written name, or a name with options `below` it.

    `kind` is its type as NixOS describes it; `status` is current, renamed or removed. A name that is free to choose
    lies `inside` an option; kind and the rest are then those of that option.
    """

    name: str
    kind: str
    status: str
    replacement: str
    note: str
    source: str
    below: tuple[str, ...]
    inside: str


def option_path(text: str) -> OptionPath | None:
    """Read the name of an option; None for text that is no name."""
    try:
        return split(text)
    except ValueError:
        return None


def option_facts(path: OptionPath, index: Index) -> OptionFacts | None:
    """What the index knows of a name; None where it knows neither an option nor options below."""
    option = index.find(path)
    if option is not None:
        return _facts(option.name, option, "")
    if index.has_prefix(path):
        below = tuple(join((*path, step)) for step in index.siblings((*path, "")))
        return OptionFacts(join(path), "", "", "", "", "", below, "")
    for length in range(len(path) - 1, 1, -1):
        around = index.find(path[:length])
        if around is not None and around.status == "current":
            return _facts(join(path), around, around.name) if _is_free(path[:length], around, index) else None
    return None


def _facts(name: str, option: Option, inside: str) -> OptionFacts:
    return OptionFacts(name, option.type, option.status, option.replacement, option.note, option.source, (), inside)


def _is_free(path: OptionPath, option: Option, index: Index) -> bool:
    """Whether members of an option may have any name: of sets, and of what NixOS calls settings by convention."""
    return path[-1] == "settings" or ("attrs" in option.type and not index.has_prefix((*path, ANY_NAME)))


def set_by(path: OptionPath, generated: Generated) -> list[SetBy]:
    """Who sets an option, something below it, or the whole that it lies in; by host and plugin."""
    return list(_set_by(path, generated))


def _set_by(path: OptionPath, generated: Generated) -> Iterator[SetBy]:
    for host, members in generated.configured.items():
        for plugin, configured in members.items():
            chosen = {
                option: value
                for option, value in leaves(generated, host, plugin).items()
                if option and (option[: len(path)] == path or path[: len(option)] == option)
            }
            noted = list(comments(configured.options)) if chosen else []
            for option, value in chosen.items():
                keys = _keys_for(option, noted)
                yield SetBy(host, plugin, f"hosts/{host}/{plugin}.nix", join(option), shown(value), keys)


def _keys_for(option: OptionPath, noted: Iterable[tuple[OptionPath, str]]) -> tuple[str, ...]:
    """The keys that comments cite at an option, or nearest above it."""
    found: dict[int, list[str]] = {}
    for at, comment in noted:
        if option[: len(at)] == at and (keys := cited_keys(comment)):
            found.setdefault(len(at), []).extend(map(dotted, keys))
    return tuple(dict.fromkeys(found[max(found)])) if found else ()


def near_options(path: OptionPath, index: Index) -> list[str]:
    """Names beside the first step of a name that is not known, to look for what was meant."""
    known = next(length for length in range(len(path) - 1, -1, -1) if not length or index.has_prefix(path[:length]))
    rest = path[known + 1 :]
    return [join((*path[:known], step, *rest)) for step in index.siblings((*path[:known], ""))]
