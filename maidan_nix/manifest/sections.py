"""From the parsed document to typed sections. Core's own sections are validated here; a plugin's part is set apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from maidan_nix.contract.plugin import FLOORS
from maidan_nix.manifest.schema import Community, Host, Privacy, Steward, secret_recipients
from maidan_nix.manifest.settings import MAXIMUM_REASON, MINIMUM_REASON, Loosened, Preset, Settings, resolve
from maidan_nix.manifest.validation import in_toml_words
from maidan_nix.problems import KeyPath, Problem, did_you_mean

Table: TypeAlias = Mapping[str, Any]

SECTIONS = ("community", "stewards", "privacy", "hosts", *FLOORS, "plugins")
_REASON = f"the reason for doing without it, of {MINIMUM_REASON} to {MAXIMUM_REASON} characters on one line"
_REQUIRED = {
    "community": "[community] with name, domain and contact",
    "stewards": "at least one [stewards.NAME] with ssh_keys",
    "hosts": "at least one [hosts.NAME] with disk and network",
}


@dataclass(frozen=True, slots=True)
class PluginSection:
    """One plugin's part of the manifest, not yet validated. `host` is set for services only."""

    full_name: str
    path: KeyPath
    table: Table
    host: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest as far as core understands it."""

    community: Community
    stewards: Mapping[str, Steward]
    privacy: Privacy
    hosts: Mapping[str, Host]
    plugins: Mapping[str, PluginSection]
    """By full name, such as ``services/wiki``."""
    providers: Mapping[str, str]
    """The plugin that the community chose for a kind of need, by kind."""
    disabled: Mapping[str, str]
    """Plugins of the baseline that the community does without, with the reason."""
    loosened: tuple[Loosened, ...]


def preset_of(values: Table) -> Preset:
    """The preset that plugin settings fall back to; 'strict' while the manifest does not say a valid one."""
    privacy = values.get("privacy")
    chosen = privacy.get("preset") if isinstance(privacy, dict) else None
    return chosen if chosen in ("strict", "balanced", "open") else "strict"


def plugin_sections(values: Table, known: Iterable[str]) -> tuple[dict[str, PluginSection], list[Problem]]:
    """Set apart what belongs to plugins. Unknown names are problems, with the nearest known one."""
    sections: dict[str, PluginSection] = {}
    problems: list[Problem] = []
    names = tuple(known)
    hosts = values.get("hosts")
    host_names = tuple(hosts) if isinstance(hosts, dict) else ()
    for floor in FLOORS:
        for name, table in _tables(values, floor, problems):
            path = (floor, name)
            full_name = f"{floor}/{name}"
            if full_name not in names:
                of_floor = [known_name.partition("/")[2] for known_name in names if known_name.startswith(f"{floor}/")]
                hint = did_you_mean(name, of_floor) or f"installed: {', '.join(of_floor)}"
                problems.append(Problem(path, f"no plugin is named {full_name}", hint=hint, at="key"))
                continue
            if floor != "services":
                sections[full_name] = PluginSection(full_name, path, table)
                continue
            host, problem = _placement(path, table, host_names)
            problems += [problem] if problem else []
            own = {key: value for key, value in table.items() if key != "host"}
            sections[full_name] = PluginSection(full_name, path, own, host)
    return sections, problems


def interpret(values: Table, sections: Mapping[str, PluginSection]) -> tuple[Manifest | None, list[Problem]]:
    """Validate core's sections. The manifest is None when one of them cannot be used at all."""
    problems = [
        Problem(
            (name,),
            f"unknown section '{name}'",
            hint=did_you_mean(name, SECTIONS),
            at="key",
            expected=f"one of {', '.join(SECTIONS)}",
        )
        for name in values
        if name not in SECTIONS
    ]
    problems += [
        Problem((name,), f"the section '{name}' is missing", expected=expected, at="key")
        for name, expected in _REQUIRED.items()
        if name not in values or values[name] == {}
    ]
    preset = preset_of(values)
    loosened: list[Loosened] = []

    def one(kind: type[Settings], table: Any, path: KeyPath) -> Any:
        if not isinstance(table, dict):
            problems.append(_not_a_table(path, table))
            return None
        resolved = resolve(kind, table, preset, path, "")
        problems.extend(resolved.problems)
        loosened.extend(resolved.loosened)
        return resolved.settings

    def named(kind: type[Settings], section: str) -> dict[str, Any]:
        read = {}
        for name, table in _tables(values, section, problems):
            if "name" in table:
                problems.append(
                    Problem(
                        (section, name, "name"),
                        "unknown setting 'name'",
                        at="key",
                        hint=f"the table's own name is the name: [{section}.{name}]",
                    )
                )
            read[name] = one(kind, {**table, "name": name}, (section, name))
        return read

    community = one(Community, values["community"], ("community",)) if values.get("community", {}) != {} else None
    privacy = one(Privacy, values.get("privacy", {}), ("privacy",))
    stewards = named(Steward, "stewards")
    hosts = named(Host, "hosts")
    problems += _without_recipient(stewards)
    providers, disabled = _plugin_choices(values, problems)
    problems += _disabled_and_set(disabled, sections)
    problems += _federation(privacy, chosen="federation" in _of(values, "privacy"))
    if problems or community is None:
        return None, problems
    manifest = Manifest(community, stewards, privacy, hosts, sections, providers, disabled, tuple(loosened))
    return manifest, problems


def _tables(values: Table, section: str, problems: list[Problem]) -> Iterable[tuple[str, dict[str, Any]]]:
    tables = values.get(section, {})
    if not isinstance(tables, dict):
        problems.append(_not_a_table((section,), tables))
        return
    for name, table in tables.items():
        if isinstance(table, dict):
            yield name, table
        else:
            problems.append(_not_a_table((section, name), table))


def _not_a_table(path: KeyPath, value: object) -> Problem:
    return Problem(path, f"this is {in_toml_words(value)}", expected="a table")


def _placement(path: KeyPath, table: Table, hosts: tuple[str, ...]) -> tuple[str, Problem | None]:
    """The host that a service runs on: the one it names, or the only one there is."""
    host = table.get("host")
    if host is None:
        if len(hosts) == 1:
            return hosts[0], None
        message = "which host should run this service?"
        return "", Problem((*path, "host"), message, expected=f"host = one of {', '.join(hosts)}") if hosts else None
    if not isinstance(host, str):
        return "", Problem((*path, "host"), f"this is {in_toml_words(host)}", expected="the name of a host")
    if host not in hosts:
        hint = did_you_mean(host, hosts)
        expected = f"one of {', '.join(hosts)}"
        return "", Problem((*path, "host"), f"no host is named '{host}'", expected=expected, hint=hint)
    return host, None


def _plugin_choices(values: Table, problems: list[Problem]) -> tuple[dict[str, str], dict[str, str]]:
    """Read ``[plugins.providers]`` (kind = plugin) and ``[plugins.disable]`` (plugin = reason)."""
    choices: dict[str, dict[str, str]] = {"providers": {}, "disable": {}}
    for key, table in _tables(values, "plugins", problems):
        if key not in choices:
            problems.append(
                Problem(
                    ("plugins", key),
                    f"unknown setting '{key}'",
                    at="key",
                    expected="providers or disable",
                    hint=did_you_mean(key, choices),
                )
            )
            continue
        for name, value in table.items():
            expected = _REASON if key == "disable" else "the name of a plugin"
            if key == "disable" and name.startswith(("services/", "platform/")):
                problems.append(_cannot_be_disabled(name))
                continue
            if not isinstance(value, str):
                problems.append(Problem(("plugins", key, name), f"this is {in_toml_words(value)}", expected=expected))
            elif key == "disable" and not (MINIMUM_REASON <= len(value.strip()) <= MAXIMUM_REASON):
                message = f"this has {len(value.strip())} characters"
                problems.append(Problem(("plugins", key, name), message, expected=expected))
            elif not value.isprintable():
                message = "this has line breaks or control characters"
                problems.append(Problem(("plugins", key, name), message, expected=expected))
            else:
                choices[key][name] = value.strip()
    return choices["providers"], choices["disable"]


def _cannot_be_disabled(name: str) -> Problem:
    if name.startswith("services/"):
        message, hint = f"{name} is on because it has a section", f"remove [{name.replace('/', '.')}] instead"
    else:
        message, hint = f"{name} is ground that a host stands on, and cannot be disabled", "remove this line"
    return Problem(("plugins", "disable", name), message, "a plugin below hardening/", hint, at="key")


def _without_recipient(stewards: Mapping[str, Steward | None]) -> Iterator[Problem]:
    """Stewards whom no secret can be encrypted to."""
    for name, steward in stewards.items():
        if steward is not None and not secret_recipients(steward):
            yield Problem(
                ("stewards", name, "ssh_keys"),
                "no secret can be encrypted to these keys, which sign in hardware",
                expected="a key of type ssh-ed25519 or ssh-rsa too",
                hint=f"or add age_recipients to [stewards.{name}]: 'age-keygen' makes one",
            )


def _disabled_and_set(disabled: Iterable[str], sections: Mapping[str, PluginSection]) -> Iterator[Problem]:
    for name in disabled:
        if name in sections:
            message = f"{name} has settings and is disabled"
            hint = "remove this section, or its line in [plugins.disable]"
            yield Problem(sections[name].path, message, hint=hint, at="key")


def _of(values: Table, section: str) -> Table:
    table = values.get(section)
    return table if isinstance(table, dict) else {}


def _federation(privacy: Privacy | None, *, chosen: bool) -> list[Problem]:
    """A list without the mode, or the mode chosen without a list. A preset alone lists nobody, and means it."""
    if privacy is None:
        return []
    path = ("privacy", "federation_allow")
    if chosen and privacy.federation == "listed" and not privacy.federation_allow:
        return [
            Problem(
                path,
                "federation is 'listed' and the list is empty",
                expected="the servers to talk to",
                hint="or set federation to 'none'",
            )
        ]
    if privacy.federation != "listed" and privacy.federation_allow:
        return [
            Problem(
                path,
                f"federation is '{privacy.federation}', so this list would do nothing",
                hint="set federation to 'listed', or remove the list",
            )
        ]
    return []
