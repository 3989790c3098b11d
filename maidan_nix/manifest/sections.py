"""From the parsed document to typed sections. Core's own sections are validated here; a plugin's part is set apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from maidan_nix.contract.plugin import FLOORS
from maidan_nix.manifest.resolution import Loosened, resolve
from maidan_nix.manifest.schema import Community, Host, Privacy, Steward, secret_recipients
from maidan_nix.manifest.settings import MAXIMUM_REASON, MINIMUM_REASON, Preset, Settings
from maidan_nix.manifest.validation import in_toml_words
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.problems import KeyPath, Problem, did_you_mean

Table: TypeAlias = Mapping[str, Any]

SECTIONS = ("community", "stewards", "privacy", "hosts", *FLOORS, "plugins")
_REASON = say(
    "the reason for doing without it, of {least} to {most} characters on one line",
    least=MINIMUM_REASON, most=MAXIMUM_REASON,
)  # fmt: skip
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


HOST_FLOORS = ("platform", "hardening")
"""The floors whose settings a host may have otherwise than the community, under ``[hosts.NAME.platform.NAME]``."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest as far as core understands it."""

    community: Community
    stewards: Mapping[str, Steward]
    privacy: Privacy
    hosts: Mapping[str, Host]
    plugins: Mapping[str, PluginSection]
    """By full name, such as ``services/wiki``."""
    of_hosts: Mapping[tuple[str, str], PluginSection]
    """What one host has otherwise, by host and full name."""
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
                problems.append(_no_plugin(path, names))
                continue
            if floor != "services":
                sections[full_name] = PluginSection(full_name, path, table)
                continue
            host, problem = _placement(path, table, host_names)
            problems += [problem] if problem else []
            own = {key: value for key, value in table.items() if key != "host"}
            sections[full_name] = PluginSection(full_name, path, own, host)
    return sections, problems


def host_sections(values: Table, known: Iterable[str]) -> tuple[dict[tuple[str, str], PluginSection], list[Problem]]:
    """Set apart what a host has otherwise than the community: ``[hosts.NAME.platform.NAME]``, by host and full name."""
    sections: dict[tuple[str, str], PluginSection] = {}
    problems: list[Problem] = []
    names = tuple(known)
    for host, tables in _of(values, "hosts").items():
        for floor in HOST_FLOORS if isinstance(tables, dict) else ():
            for name, table in _tables(tables, floor, problems, ("hosts", host)):
                path = ("hosts", host, floor, name)
                full_name = f"{floor}/{name}"
                if full_name in names:
                    sections[host, full_name] = PluginSection(full_name, path, table, host)
                else:
                    problems.append(_no_plugin(path, names))
    return sections, problems


def _no_plugin(path: KeyPath, known: Iterable[str]) -> Problem:
    floor, name = map(str, path[-2:])
    of_floor = [each.partition("/")[2] for each in known if each.startswith(f"{floor}/")]
    hint = did_you_mean(name, of_floor) or say("installed: {plugins}", plugins=", ".join(of_floor))
    return Problem(path, say("no plugin is named {plugin}", plugin=f"{floor}/{name}"), hint=hint, at="key")


def interpret(
    values: Table,
    sections: Mapping[str, PluginSection],
    of_hosts: Mapping[tuple[str, str], PluginSection] = MappingProxyType({}),
) -> tuple[Manifest | None, list[Problem]]:
    """Validate core's sections. The manifest is None when one of them cannot be used at all."""
    problems = [
        Problem(
            (name,),
            say("unknown section '{name}'", name=name),
            hint=did_you_mean(name, SECTIONS),
            at="key",
            expected=say("one of {names}", names=", ".join(SECTIONS)),
        )
        for name in values
        if name not in SECTIONS
    ]
    problems += [
        Problem((name,), say("the section '{name}' is missing", name=name), expected=expected, at="key")
        for name, expected in _REQUIRED.items()
        if name not in values or values[name] == {}
    ]
    preset = preset_of(values)
    loosened: list[Loosened] = []

    def one(kind: type[Settings], table: Any, path: KeyPath, also_known: tuple[str, ...] = ()) -> Any:
        if not isinstance(table, dict):
            problems.append(_not_a_table(path, table))
            return None
        resolved = resolve(kind, table, preset, path, "", also_known)
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
                        hint=say("the table's own name is the name: [{table}]", table=f"{section}.{name}"),
                    )
                )
            own = {key: value for key, value in table.items() if not (kind is Host and key in HOST_FLOORS)}
            read[name] = one(kind, {**own, "name": name}, (section, name), HOST_FLOORS if kind is Host else ())
        return read

    community = one(Community, values["community"], ("community",)) if values.get("community", {}) != {} else None
    privacy = one(Privacy, values.get("privacy", {}), ("privacy",))
    stewards = named(Steward, "stewards")
    hosts = named(Host, "hosts")
    problems += _without_recipient(stewards)
    problems += _served_by(hosts)
    providers, disabled = _plugin_choices(values, problems)
    problems += _disabled_and_set(disabled, (*sections.values(), *of_hosts.values()))
    problems += _federation(privacy, chosen="federation" in _of(values, "privacy"))
    if problems or community is None:
        return None, problems
    manifest = Manifest(community, stewards, privacy, hosts, sections, of_hosts, providers, disabled, tuple(loosened))
    return manifest, problems


def _tables(
    values: Table, section: str, problems: list[Problem], above: KeyPath = ()
) -> Iterable[tuple[str, dict[str, Any]]]:
    tables = values.get(section, {})
    if not isinstance(tables, dict):
        problems.append(_not_a_table((*above, section), tables))
        return
    for name, table in tables.items():
        if isinstance(table, dict):
            yield name, table
        else:
            problems.append(_not_a_table((*above, section, name), table))


def _not_a_table(path: KeyPath, value: object) -> Problem:
    return Problem(path, say("this is {kind}", kind=in_toml_words(value)), expected="a table")


def _placement(path: KeyPath, table: Table, hosts: tuple[str, ...]) -> tuple[str, Problem | None]:
    """The host that a service runs on: the one it names, or the only one there is."""
    host = table.get("host")
    if host is None:
        if len(hosts) == 1:
            return hosts[0], None
        message = "which host should run this service?"
        return "", Problem(
            (*path, "host"), message, say("host = one of {names}", names=", ".join(hosts))
        ) if hosts else None
    if not isinstance(host, str):
        return "", Problem((*path, "host"), say("this is {kind}", kind=in_toml_words(host)), "the name of a host")
    if host not in hosts:
        hint = did_you_mean(host, hosts)
        expected = say("one of {names}", names=", ".join(hosts))
        return "", Problem((*path, "host"), say("no host is named '{host}'", host=host), expected, hint)
    return host, None


def _plugin_choices(values: Table, problems: list[Problem]) -> tuple[dict[str, str], dict[str, str]]:
    """Read ``[plugins.providers]`` (kind = plugin) and ``[plugins.disable]`` (plugin = reason)."""
    choices: dict[str, dict[str, str]] = {"providers": {}, "disable": {}}
    for key, table in _tables(values, "plugins", problems):
        if key not in choices:
            problems.append(
                Problem(
                    ("plugins", key),
                    say("unknown setting '{name}'", name=key),
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
                problems.append(
                    Problem(("plugins", key, name), say("this is {kind}", kind=in_toml_words(value)), expected)
                )
            elif key == "disable" and not (MINIMUM_REASON <= len(value.strip()) <= MAXIMUM_REASON):
                message = say("this has {number} characters", number=len(value.strip()))
                problems.append(Problem(("plugins", key, name), message, expected))
            elif not value.isprintable():
                fault = "this has line breaks or control characters"
                problems.append(Problem(("plugins", key, name), fault, expected))
            else:
                choices[key][name] = value.strip()
    return choices["providers"], choices["disable"]


def _cannot_be_disabled(name: str) -> Problem:
    if name.startswith("services/"):
        message = say("{plugin} is on because it has a section", plugin=name)
        hint: str = say("remove [{section}] instead", section=name.replace("/", "."))
    else:
        message = say("{plugin} is ground that a host stands on, and cannot be disabled", plugin=name)
        hint = "remove this line"
    return Problem(("plugins", "disable", name), message, "a plugin below hardening/", hint, at="key")


def _without_recipient(stewards: Mapping[str, Steward | None]) -> Iterator[Problem]:
    """Stewards whom no secret can be encrypted to."""
    for name, steward in stewards.items():
        if steward is not None and not secret_recipients(steward):
            yield Problem(
                ("stewards", name, "ssh_keys"),
                "no secret can be encrypted to these keys, which sign in hardware",
                expected="a key of type ssh-ed25519 or ssh-rsa too",
                hint=say("or add age_recipients to [{table}]: 'age-keygen' makes one", table=f"stewards.{name}"),
            )


def _served_by(hosts: Mapping[str, Host | None]) -> Iterator[Problem]:
    """Hosts that are to be served by one that is not there, by themselves, or by one that is served there itself."""
    for name, host in hosts.items():
        for kind, server in host.served_by.items() if host is not None else ():
            path = ("hosts", name, "served_by", kind)
            others = [each for each in hosts if each != name]
            there = hosts.get(server)
            if server == name:
                yield Problem(
                    path, say("{host} serves itself unless another host is named", host=name), hint="remove this line"
                )
            elif server not in hosts:
                expected = say("one of {names}", names=", ".join(others)) if others else "another host"
                message = say("no host is named {name}", name=quoted(server))
                yield Problem(path, message, expected, did_you_mean(server, others))
            elif there is not None and kind in there.served_by:
                message = say("{host} leaves this to {other} itself", host=server, other=there.served_by[kind])
                end = _end_of_chain(hosts, kind, server)
                hint = "remove this line" if end in ("", name) else say("write '{host}' here", host=end)
                yield Problem(path, message, hint=hint)


def _end_of_chain(hosts: Mapping[str, Host | None], kind: str, server: str) -> str:
    """The host that serves itself, where one leaves a kind to the next; empty where they go round in a circle."""
    seen: set[str] = set()
    while server not in seen:
        seen.add(server)
        host = hosts.get(server)
        if host is None or kind not in host.served_by:
            return server
        server = host.served_by[kind]
    return ""


def _disabled_and_set(disabled: Collection[str], sections: Iterable[PluginSection]) -> Iterator[Problem]:
    for section in sections:
        if section.full_name in disabled:
            message = say("{plugin} has settings and is disabled", plugin=section.full_name)
            hint = "remove this section, or its line in [plugins.disable]"
            yield Problem(section.path, message, hint=hint, at="key")


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
                say("federation is '{value}', so this list would do nothing", value=privacy.federation),
                hint="set federation to 'listed', or remove the list",
            )
        ]
    return []
