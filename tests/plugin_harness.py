"""What tests of a plugin stand on: contexts read from a manifest's tables, grants from the planner, plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from maidan_nix import api
from maidan_nix.contract.plugin import Plugin
from maidan_nix.manifest.resolution import resolve
from maidan_nix.manifest.schema import Community, Host, Privacy, Steward
from maidan_nix.manifest.settings import Settings
from maidan_nix.nix.values import Call, Noted, Override, Value
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index
from maidan_nix.plan.lock import Lock
from maidan_nix.plan.planned import Planned
from maidan_nix.plan.planner import make_plan
from maidan_nix.plugins import load

Preset = Literal["strict", "balanced", "open"]
Table = Mapping[str, Any]
S = TypeVar("S", bound=Settings)

ADA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada"
COMMUNITY: Table = {"name": "Example", "domain": "example.org", "contact": "stewards@example.org"}
STEWARDS: Table = {"ada": {"ssh_keys": [ADA]}}


def read(kind: type[S], table: Table, *path: str, preset: Preset = "strict") -> S:
    """Read a table of the manifest as it would be read; the test fails if it has problems."""
    resolved = resolve(kind, table, preset, path, "")
    assert resolved.settings is not None, resolved.problems
    return resolved.settings


def host(*, disk: Table | None = None, network: Table | None = None, **more: Any) -> Host:
    """``[hosts.main]``: what is given over an example of each table."""
    table = {
        "name": "main",
        "disk": {"device": "/dev/disk/by-id/nvme-EXAMPLE", **(disk or {})},
        "network": {"interface": "enp1s0", **(network or {})},
        **more,
    }
    return read(Host, table, "hosts", "main")


def context(
    plugin: str,
    settings: Table | None = None,
    *,
    on: Host | None = None,
    preset: Preset = "strict",
    community: Table | None = None,
    stewards: Table = STEWARDS,
    privacy: Table | None = None,
) -> api.Context[Any]:
    """Make the context of a plugin, by its full name, on a host."""
    floor, name = plugin.split("/")
    return api.Context(
        settings=read(load(plugin).settings, settings or {}, floor, name, preset=preset),
        community=read(Community, {**COMMUNITY, **(community or {})}, "community"),
        stewards={
            steward: read(Steward, {**table, "name": steward}, "stewards", steward)
            for steward, table in stewards.items()
        },
        privacy=read(Privacy, {"preset": preset, **(privacy or {})}, "privacy", preset=preset),
        host=(chosen := on or host()),
        section=f"{floor}.{name}",
        hosts={chosen.name: chosen},
    )


def plan(*contexts: api.Context[Any], lock: Lock | None = None) -> Mapping[str, Planned]:
    """Plan one host with these plugins and whatever they need; what they bring in gets its own defaults."""
    given = {each.section.replace(".", "/"): each for each in contexts}
    first = contexts[0]

    def join(_host: str, name: str) -> tuple[Plugin[Any], api.Context[Any]]:
        if name not in given:
            given[name] = api.Context(
                settings=read(load(name).settings, {}, *name.split("/")),
                community=first.community,
                stewards=first.stewards,
                privacy=first.privacy,
                host=first.host,
                section=name.replace("/", "."),
                hosts=first.hosts,
            )
        return load(name), given[name]

    planned, _ = make_plan({first.host.name: tuple(given)}, {}, lock or Lock(), join)
    return planned.hosts[first.host.name]


def configuration(one: api.Context[Any], grants: api.Grants | None = None) -> dict[str, Any]:
    """What the plugin of a context sets: plain data, after every option was found to exist and to take its value."""
    name = one.section.replace(".", "/")
    options = load(name).configure(one, grants or api.Grants({}))
    assert check_options(options, Index.load(), name) == []
    made = plain(options)
    assert isinstance(made, dict)
    return made


def plain(value: Value) -> Any:
    """Strip comments and priorities all the way down."""
    match value:
        case Noted(inner, _) | Override(inner, _):
            return plain(inner)
        case Mapping():
            return {key: plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case Call(function, arguments):
            return Call(function, *(plain(argument) for argument in arguments))
        case _:
            return value
