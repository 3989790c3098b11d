"""A manifest as `init` writes it: every setting with what it is, and what is often wanted as a comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from maidan_nix.contract.plugin import FLOORS
from maidan_nix.editing.fragments import write_comment, write_key, write_value
from maidan_nix.initial.setting import default_of, sentences
from maidan_nix.manifest.schema import Boot, Community, Disk, Host, Network, Privacy, Steward
from maidan_nix.manifest.sections import preset_of
from maidan_nix.manifest.settings import Preset, Settings, infos
from maidan_nix.plugins import known, load
from maidan_nix.problems import KeyPath

SCHEMA_FILE = "community.schema.json"
SCHEMA_LINE = f"#:schema ./{SCHEMA_FILE}"
"""What editors with a language server for TOML (Taplo, Tombi) look for, to complete and explain settings."""
UNFINISHED = "# UNFINISHED: not everything was answered. Run 'maidan-nix init' again: it goes on where it stopped."

_HEADINGS = {
    "community": "Who runs this, and how they are reached.",
    "stewards": "People with an account on every host. They log in with these keys and can decrypt the community's "
    "secrets. Two at least, if you can: one may be away.",
    "privacy": "One policy that every service follows. What is looser than the preset needs its reason, below "
    "[privacy.reasons].",
    "hosts": "The machine: what it starts from, the disk that will be erased and encrypted, its way to the world.",
}
_CORE: Mapping[str, type[Settings]] = {"community": Community, "privacy": Privacy}
_NAMED: Mapping[str, type[Settings]] = {"stewards": Steward, "hosts": Host}
_NESTED: Mapping[str, type[Settings]] = {"boot": Boot, "disk": Disk, "network": Network}
_RARE = ("served_by", "reached_at", "federation_allow", "age_recipients", "ipv4_gateway", "ipv6_gateway")
"""Settings of core that are not shown unless they are set: they mean nothing by themselves, or for one host alone."""


def render(values: Mapping[str, Any], *, unfinished: bool = False) -> str:
    """Write a manifest with these values and no others. What is no part of any section is written too."""
    preset = preset_of(values)
    parts = [f"{SCHEMA_LINE}\n{f'{UNFINISHED}{chr(10)}' if unfinished else ''}"]
    plain = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    if plain:
        parts.append(_lines(plain))
    sections = dict.fromkeys((*_HEADINGS, *FLOORS, *values))
    for name in sections:
        table = values.get(name)
        if isinstance(table, Mapping):
            parts += _top(name, table, preset)
    return "\n".join(parts)


def plugin_body(full_name: str, table: Mapping[str, Any], preset: Preset) -> str:
    """The lines below the header of a plugin's section, without the tables in it."""
    host = {key: value for key, value in table.items() if key == "host" and full_name.startswith("services/")}
    placed = f"{write_comment('The host that it runs on.')}{_lines(host)}" if host else ""
    own = {key: value for key, value in table.items() if key not in host}
    kind = load(full_name).settings
    shown = [name for name, info in infos(kind).items() if info.examples]
    rest = [name for name in kind.model_fields if name not in own and name not in shown]
    section = full_name.replace("/", ".")
    more = write_comment(f"It has more settings, each with its default: maidan-nix explain {section}") if rest else ""
    return f"{placed}{_body(kind, own, preset, shown)}{more}"


def plugin_heading(full_name: str) -> str:
    """The comment above a plugin's section."""
    return f"{load(full_name).summary}."


def _top(name: str, table: Mapping[str, Any], preset: Preset) -> Iterator[str]:
    """Each section as one part, the first with the heading of all."""
    heading = _HEADINGS.get(name, "")
    if name in _CORE:
        yield from _section((name,), table, preset, heading, _CORE[name])
        return
    if name not in (*_NAMED, *FLOORS):
        yield from _section((name,), table, preset, heading)
        return
    inner = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    if inner or not table:
        yield f"[{name}]\n{_lines(inner)}"
    for key, value in table.items():
        if not isinstance(value, Mapping):
            continue
        full_name = f"{name}/{key}"
        if name in FLOORS and full_name in known():
            head = write_comment(plugin_heading(full_name))
            yield f"{head}[{write_key([name, key])}]\n{plugin_body(full_name, value, preset)}"
            yield from _tables((name, key), value, preset, None)
        else:
            yield from _section((name, key), value, preset, heading, _NAMED.get(name))
        heading = ""


def _section(
    path: KeyPath, table: Mapping[str, Any], preset: Preset, heading: str = "", kind: type[Settings] | None = None
) -> Iterator[str]:
    nested = {key for key in _NESTED if kind is Host}
    own = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    if kind is None:
        body = _lines(own)
    else:
        shown = [each for each in kind.model_fields if each not in (*_RARE, "name", *nested)]
        body = _body(kind, own, preset, shown)
    if body or not any(isinstance(value, Mapping) for value in table.values()):
        head = write_comment(heading) if heading else ""
        yield f"{head}[{write_key(map(str, path))}]\n{body}"
    yield from _tables(path, table, preset, kind)


def _tables(path: KeyPath, table: Mapping[str, Any], preset: Preset, kind: type[Settings] | None) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _section((*path, key), value, preset, kind=_NESTED.get(key) if kind is Host else None)


def _body(kind: type[Settings], table: Mapping[str, Any], preset: Preset, shown: list[str]) -> str:
    lines = ""
    for name in kind.model_fields:
        if name in table and not isinstance(table[name], Mapping):
            lines += f"{_told(kind, name)}{_lines({name: table[name]})}"
        elif name in shown and name not in table:
            proposed = _proposed(kind, name, preset)
            lines += f"{_told(kind, name)}# {_lines({name: proposed})}" if proposed is not None else ""
    return lines + _lines({key: value for key, value in table.items() if key not in kind.model_fields})


def _told(kind: type[Settings], name: str) -> str:
    return write_comment(" ".join(sentences(kind, name))) if name in infos(kind) else ""


def _proposed(kind: type[Settings], name: str, preset: Preset) -> Any:
    """The default, or an example where the default cannot be written in TOML; None where there is neither."""
    field, examples = kind.model_fields[name], infos(kind)[name].examples
    default = None if field.is_required() else default_of(kind, name, preset)
    for value in (default, *examples):
        if isinstance(value, (str, int, float)) or (isinstance(value, tuple) and value):
            return value
    return None


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(
        f"{write_key([str(key)])} = {write_value(value)}\n"
        for key, value in table.items()
        if not isinstance(value, Mapping)
    )
