"""The text of a manifest after `init`: written anew, or an existing one with what was missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from maidan_nix.contract.plugin import FLOORS
from maidan_nix.editing.judgement import section_of
from maidan_nix.editing.place import add_section, set_value
from maidan_nix.editing.splice import newline_of
from maidan_nix.editing.values import MISSING
from maidan_nix.initial.render import UNFINISHED, plugin_body, plugin_heading, render
from maidan_nix.initial.setting import sentences
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.schema import Boot, Disk, Network
from maidan_nix.manifest.sections import preset_of
from maidan_nix.manifest.settings import Settings
from maidan_nix.plugins import known
from maidan_nix.problems import KeyPath

_OF_HOSTS: Mapping[str, type[Settings]] = {"boot": Boot, "disk": Disk, "network": Network}


def is_unfinished(text: str) -> bool:
    """Whether a manifest says of itself that `init` was interrupted."""
    return UNFINISHED in text.splitlines()


def outcome(before: Document | None, values: Mapping[str, Any], *, unfinished: bool) -> str:
    """Return the text that has these values, which are those of `before` and more.

    A text that is as `init` left it is written anew; in one that a person touched, lines are added and none is changed,
    but for the line that says that it is unfinished.
    """
    if before is None or before.text == render(before.values, unfinished=True):
        return render(values, unfinished=unfinished)
    text = before.text
    preset = preset_of(values)
    for path, value in _added(before.values, values):
        full_name = "/".join(map(str, path))
        if isinstance(value, Mapping) and full_name in known():
            body = plugin_body(full_name, value, preset).replace("\n", newline_of(text))
            text = add_section(text, path, body, plugin_heading(full_name))
        elif isinstance(value, Mapping):
            text = add_section(text, path, "")
        else:
            text = set_value(text, path, value, _comment(path))
    if not unfinished:
        lines = text.splitlines(keepends=True)
        text = "".join(line for line in lines if line.rstrip("\r\n") != UNFINISHED)
    return text


def _added(before: Mapping[str, Any], after: Mapping[str, Any], above: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """What is new: a plugin's section as a whole, an empty table, or a single value."""
    for key, value in after.items():
        path = (*above, key)
        there = before.get(key, MISSING) if isinstance(before, Mapping) else MISSING
        is_section = len(path) == 2 and path[0] in FLOORS
        if there is MISSING and isinstance(value, Mapping) and (is_section or not value):
            plain = {inner: each for inner, each in value.items() if not isinstance(each, Mapping)}
            yield path, plain
            yield from _added(plain, value, path)
        elif isinstance(value, Mapping):
            yield from _added({} if there is MISSING else there, value, path)
        elif there is MISSING:
            yield path, value


def _comment(path: KeyPath) -> str:
    """What a new setting is, for the line above it."""
    match path:
        case ("hosts", _, str(table), str(name)) if table in _OF_HOSTS:
            kind = _OF_HOSTS[table]
        case (*_, str(name)):
            found = section_of(path)
            if found is None or len(path) != len(found[0]) + 1:
                return ""
            kind = found[1]
        case _:
            return ""
    return " ".join(sentences(kind, name)) if name in kind.model_fields else ""
