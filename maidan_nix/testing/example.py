"""A community made from nothing but what a plugin says of itself: the examples of its required settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

from maidan_nix.contract.needs import Need
from maidan_nix.contract.plugin import Plugin
from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.settings import Preset, Settings, infos
from maidan_nix.plugins import baseline
from maidan_nix.problems import MaidanError
from maidan_nix.testing.asker import ASKER, NEIGHBOUR, asking, examples_of_needs

EXAMPLE_HOST = "example"
_ADA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada"


Try: TypeAlias = Callable[[Document], Generated]
"""Generates from a manifest."""


@contextmanager
def trying(plugin: Plugin[Any]) -> Iterator[Try]:
    """Yield how to generate from a manifest that uses `plugin`, such as `example_document` makes.

    Something of the host asks a provider for each kind that it provides. What is yielded raises MaidanError.
    """
    needs = examples_of_needs(plugin)
    if not needs:
        yield partial(generate, lock=None, public=None)
        return

    def generated(document: Document) -> Generated:
        try:
            return generate(_with_asker(document, plugin, needs), lock=None, public=None)
        except MaidanError as error:
            if any(problem.plugin != ASKER for problem in error.problems):
                raise
            # The provider refuses what this example makes up, as it may.
            return generate(document, lock=None, public=None)

    with asking(needs):
        yield generated


def example_document(
    plugin: Plugin[Any], preset: Preset = "strict", settings: Mapping[str, Any] | None = None, name: str = "Example"
) -> Document:
    """Return a small community that uses `plugin`, with the first example of each setting that has no default.

    `preset` is that of its privacy policy, `settings` the whole of the plugin's section, `name` the community's. Raises
    ValueError when a required setting has no example.
    """
    floor, short = plugin.full_name().split("/")
    values: dict[str, Any] = {
        "community": {"name": name, "domain": "example.org", "contact": "stewards@example.org"},
        # The preset in the middle talks to listed servers, and wants to know which.
        "privacy": {"preset": preset, **({"federation_allow": ["example.net"]} if preset == "balanced" else {})},
        "stewards": {"ada": {"ssh_keys": [_ADA]}},
        "hosts": {
            EXAMPLE_HOST: _host(EXAMPLE_HOST),
        },
        floor: {short: required(plugin.settings) if settings is None else settings},
    }
    if plugin.full_name() in baseline() and not values[floor][short]:
        del values[floor]
    return Document(name="example", text="", values=values)


def away(plugin: Plugin[Any], kind: type[Need[Any]]) -> Document:
    """The example of a service, with a second host that serves it all needs of a kind."""
    document = example_document(plugin)
    values = dict(document.values)
    hosts = {name: _host(name) for name in (EXAMPLE_HOST, NEIGHBOUR)}
    for name, host in hosts.items():
        host["network"]["reached_at"] = f"{name}.example.org"
    hosts[EXAMPLE_HOST]["served_by"] = {kind.kind: NEIGHBOUR}
    values["hosts"] = hosts
    floor, short = plugin.full_name().split("/")
    values[floor] = {short: {**values[floor][short], "host": EXAMPLE_HOST}}
    return Document(document.name, document.text, values)


def reordered(document: Document) -> Document:
    """The same manifest with the members of every table in the opposite order."""
    return Document(document.name, document.text, _reversed(document.values))


def required(settings: type[Settings]) -> dict[str, Any]:
    """Return the first example of each setting that must be given. Raises ValueError where there is none."""
    chosen: dict[str, Any] = {}
    for name, field in settings.model_fields.items():
        if not field.is_required():
            continue
        info = infos(settings).get(name)
        if info is None or info.presets is not None:
            continue
        if not info.examples:
            raise ValueError(f"the setting '{name}' is required and has no example")
        chosen[name] = info.examples[0]
    return chosen


def _host(name: str) -> dict[str, Any]:
    disk, network = {"device": f"/dev/disk/by-id/{name}"}, {"interface": "enp1s0"}
    return {"disk": disk, "network": network}


def _with_asker(document: Document, plugin: Plugin[Any], needs: tuple[Need[Any], ...]) -> Document:
    """Add what asks for the needs; and a second host where one leads there, or the plugin serves other hosts."""
    values = dict(document.values)
    if plugin.across_hosts or any(need.peer for need in needs):
        hosts = {name: _host(name) for name in (EXAMPLE_HOST, NEIGHBOUR)}
        for name, host in hosts.items():
            host["network"]["reached_at"] = f"{name}.example.org"
        hosts[NEIGHBOUR]["served_by"] = {kind.kind: EXAMPLE_HOST for kind in plugin.across_hosts}
        values["hosts"] = hosts
    floor, name = ASKER.split("/")
    values[floor] = {**values.get(floor, {}), name: {}}
    elsewhere = {kind.kind: plugin.full_name() for kind in plugin.provides if kind.provider != plugin.full_name()}
    if elsewhere:
        chosen = values.get("plugins", {})
        values["plugins"] = {**chosen, "providers": {**chosen.get("providers", {}), **elsewhere}}
    return Document(document.name, document.text, values)


def _reversed(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: _reversed(value[key]) for key in reversed(tuple(value))}
