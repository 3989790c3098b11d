"""Other values that a setting could have: what to change when one wants to see what follows from it."""

from __future__ import annotations

import base64
import copy
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from maidan_nix.manifest.settings import REASONS
from maidan_nix.problems import KeyPath
from maidan_nix.schema.forms import quantity_units

MOST = 6
"""Values that are tried at most: each costs a generation."""

REMOVED: Any = object()
"""Stands for taking a setting out of the manifest."""

_REASON = "tried out, to see what follows from it"
_UNLIKELY = {
    "domain": ("changed.example.org", "changed.example.net"),
    "e-mail": ("changed@example.org", "changed@example.net"),
    "prefix": ("192.0.2.77/24", "2001:db8::77/64"),
    "IP address": ("192.0.2.77", "2001:db8::77"),
    "/dev/disk/by-id/": ("/dev/disk/by-id/changed", "/dev/disk/by-id/changed-too"),
    "network interface": ("eth7", "eth8"),
    "locale": ("fr_FR.UTF-8", "de_DE.UTF-8"),
    "time zone": ("Africa/Nairobi", "Europe/Paris"),
    "1 to 80 visible": ("Changed", "Changed Too"),
    "age recipient": ("age1" + "q" * 58, "age1" + "p" * 58),
}
"""Two values of each common form, by a word of the form's own description."""


def other_values(schema: Mapping[str, Any], current: Any, hosts: Iterable[str], *, is_required: bool) -> list[Any]:
    """Return values that a setting could have and has not, the likeliest to be valid first; at most `MOST`.

    `current` is None where the manifest does not say; `hosts` are the names of the community's hosts.
    """
    found = [each for each in _candidates(schema, current, tuple(hosts)) if each != current]
    if current is not None and not is_required:
        found.append(REMOVED)
    unique: list[Any] = []
    for each in found:
        if not any(each is known or (type(each) is type(known) and each == known) for known in unique):
            unique.append(each)
    return unique[:MOST]


def _candidates(schema: Mapping[str, Any], current: Any, hosts: tuple[str, ...]) -> Iterator[Any]:
    if "anyOf" in schema:
        # The alternative that has the value now is the one that varies with the least else to change.
        parts = sorted(schema["anyOf"], key=lambda part: not _is_of(part, current))
        for part in parts:
            yield from _candidates({**part, "examples": schema.get("examples", ())}, current, hosts)
        return
    kind = schema.get("type")
    if "enum" in schema:
        yield from schema["enum"]
    elif kind == "boolean":
        yield from (True, False)
    elif kind in ("integer", "number"):
        yield from _numbers(schema, current)
    elif kind == "array":
        yield from _arrays(schema, current, hosts)
    elif isinstance(kind, list):
        yield from _quantities(schema, current)
    elif kind == "string":
        yield from _texts(schema, hosts)


def _is_of(schema: Mapping[str, Any], value: Any) -> bool:
    return "enum" not in schema if value is None else value in schema.get("enum", ())


def _presets(schema: Mapping[str, Any]) -> Iterator[Any]:
    yield from schema.get("x-presets", {}).values()


def _numbers(schema: Mapping[str, Any], current: Any) -> Iterator[Any]:
    yield from _presets(schema)
    here = current if isinstance(current, int | float) else schema.get("default", schema.get("minimum", 0))
    least, most = schema.get("minimum", here), schema.get("maximum", here + 1)
    yield from (each for each in (here + 1, here - 1, most, least) if least <= each <= most)


def _quantities(schema: Mapping[str, Any], current: Any) -> Iterator[Any]:
    yield from _presets(schema)
    here = current if isinstance(current, str) else schema.get("default")
    number = "".join(character for character in str(here) if character.isdigit())
    unit = str(here).removeprefix(number)
    if number and unit:
        yield f"{int(number) * 2}{unit}"
        if int(number) > 1:
            yield f"{int(number) // 2}{unit}"
    yield from (f"{amount}{each}" for each in quantity_units(schema)[-2:] for amount in (1, 7))


def _texts(schema: Mapping[str, Any], hosts: tuple[str, ...]) -> Iterator[str]:
    form = str(schema.get("x-form", ""))
    if form.startswith("a host name"):
        yield from hosts
    # What is said of a form is looked at, for other plugins may have forms that say the same.
    yield from next((values for word, values in _UNLIKELY.items() if word in form), ())
    if "SSH key" in form:
        yield from (_public_key(1), _public_key(2))
    yield from schema.get("examples", ())
    if not form:
        yield from ("changed", "changed, to see what follows from it")


def _arrays(schema: Mapping[str, Any], current: Any, hosts: tuple[str, ...]) -> Iterator[Any]:
    here = list(current) if isinstance(current, list) else []
    added = [each for each in _candidates(schema.get("items", {}), None, hosts) if each not in here]
    yield from ([*here, each] for each in added[:2])
    if len(here) > schema.get("minItems", 0):
        yield here[:-1]
    yield from schema.get("examples", ())
    yield []


def _public_key(number: int) -> str:
    """A well-formed public key that belongs to nobody."""
    kind = b"ssh-ed25519"
    blob = struct.pack(">I", len(kind)) + kind + struct.pack(">I", 32) + bytes([number]) * 32
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} changed"


def changed(values: Mapping[str, Any], path: KeyPath, value: Any, *, with_reason: bool) -> dict[str, Any]:
    """Return a copy of a manifest's values with one setting changed or `REMOVED`, and its reason given or taken out."""
    copied = copy.deepcopy(dict(values))
    table: Any = copied
    for step in path[:-1]:
        table = table.setdefault(step, {}) if isinstance(table, dict) else table[step]
    if value is not REMOVED:
        table[path[-1]] = value
    elif isinstance(table, dict):
        table.pop(path[-1], None)
    if isinstance(table, dict):
        _give_reason(table, path[-1], with_reason=with_reason)
    return copied


def _give_reason(table: dict[str | int, Any], key: str | int, *, with_reason: bool) -> None:
    reasons = {each: reason for each, reason in table.get(REASONS, {}).items() if each != key}
    if with_reason:
        reasons[key] = _REASON
    if reasons:
        table[REASONS] = reasons
    else:
        table.pop(REASONS, None)
