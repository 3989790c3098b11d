"""The schema of the whole manifest: core's sections, and those of every plugin that is installed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from maidan_nix.contract.plugin import FLOORS, Plugin
from maidan_nix.manifest import types
from maidan_nix.manifest.schema import Community, Host, Privacy, Steward
from maidan_nix.manifest.sections import HOST_FLOORS
from maidan_nix.messages import say
from maidan_nix.plugins import baseline, guarded, known, load
from maidan_nix.schema.forms import reason_schema
from maidan_nix.schema.tables import table_schema, titled
from maidan_nix.schema.types import Schema, type_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def render_schema() -> bytes:
    """Write the schema as JSON in ASCII, the same bytes for the same plugins. Raises as `manifest_schema`."""
    return (json.dumps(manifest_schema(), indent=2) + "\n").encode()


def manifest_schema() -> Schema:
    """Build the schema of community.toml. Raises MaidanError for a plugin that cannot be loaded."""
    plugins = [load(name) for name in known()]
    return {
        "$schema": DIALECT,
        "title": "community.toml",
        "description": "What a community wants of its servers, as maidan-nix reads it.",
        "type": "object",
        "properties": {
            "community": table_schema(Community, title=say("Who runs this, and how they are reached")),
            "stewards": _by_name(
                _steward(), types.UserName, say("The people who run the servers, each with an account")
            ),
            "privacy": table_schema(Privacy, title=say("One policy that every service follows")),
            "hosts": _by_name(_host(plugins), types.HostName, say("The machines, by name")),
            **{floor: _floor(floor, plugins) for floor in FLOORS},
            "plugins": _choices(plugins),
        },
        "required": ["community", "stewards", "hosts"],
        "additionalProperties": False,
        # With more than one host, nobody but the steward can know where a service runs.
        "if": {"properties": {"hosts": {"minProperties": 2}}},
        "then": {"properties": {"services": {"additionalProperties": {"required": ["host"]}}}},
    }


def _by_name(table: Schema, names: Any, title: str) -> Schema:
    return {
        "type": "object",
        **titled(title),
        "propertyNames": type_schema(names, (), table_schema),
        "additionalProperties": table,
        "minProperties": 1,
    }


def _steward() -> Schema:
    return table_schema(Steward, title=say("A person with an account on every host"), without=("name",))


def _host(plugins: Iterable[Plugin[Any]]) -> Schema:
    table = table_schema(Host, title=say("One machine"), without=("name", "served_by"))
    table["properties"] |= {
        "served_by": _served_by(plugins),
        **{floor: _floor(floor, plugins, of_one_host=True) for floor in HOST_FLOORS},
    }
    return table


def _served_by(plugins: Iterable[Plugin[Any]]) -> Schema:
    kinds = sorted({kind.kind for plugin in plugins for kind in plugin.across_hosts})
    name = type_schema(types.HostName, (), table_schema)
    properties = {
        kind: {**name, **titled(say("The host that serves '{kind}' for this one", kind=kind))} for kind in kinds
    }
    return {
        "type": "object",
        **titled(say("For a kind of need, the other host that serves it for this one")),
        "properties": properties,
        "additionalProperties": False,
    }


def _floor(floor: str, plugins: Iterable[Plugin[Any]], *, of_one_host: bool = False) -> Schema:
    if of_one_host:
        title = say("What this host alone has otherwise of the plugins below {floor}/", floor=floor)
    else:
        title = say("Settings of the plugins below {floor}/", floor=floor)
    return {
        "type": "object",
        **titled(title),
        "properties": {plugin.name: _plugin(plugin) for plugin in plugins if plugin.floor == floor},
        "additionalProperties": False,
    }


def _plugin(plugin: Plugin[Any]) -> Schema:
    # What one host has otherwise completes what all have, so that in neither table alone a key is required.
    partly = plugin.floor in HOST_FLOORS
    with guarded(plugin.full_name(), "have its settings described"):
        table = table_schema(plugin.settings, title=plugin.summary, partly=partly)
    if plugin.floor == "services":
        title = say("The host that runs this service; needed where there is more than one")
        host = {**type_schema(types.HostName, (), table_schema), **titled(title)}
        table["properties"] = {"host": host, **table["properties"]}
    return table


def _choices(plugins: Iterable[Plugin[Any]]) -> Schema:
    kinds = sorted({kind.kind for plugin in plugins for kind in plugin.provides})
    providers = {
        kind: {
            **titled(say("The plugin that serves '{kind}', where there is more than one", kind=kind)),
            "type": "string",
            "enum": [plugin.full_name() for plugin in plugins if kind in (each.kind for each in plugin.provides)],
        }
        for kind in kinds
    }
    optional = [name for name in baseline() if name.startswith("hardening/")]
    disabled = {
        name: {**titled(say("The reason why no host has {plugin}", plugin=name)), **reason_schema()}
        for name in optional
    }
    return {
        "type": "object",
        **titled(say("Which plugins are used, where that is not plain")),
        "properties": {
            "providers": {
                "type": "object",
                **titled(say("For a kind of need, the plugin that serves it")),
                "properties": providers,
                "additionalProperties": False,
            },
            "disable": {
                "type": "object",
                **titled(say("Plugins of every host that this community does without, each with the reason")),
                "properties": disabled,
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    }
