"""A plugin that asks another for one of each kind of need that it provides, so that a provider is seen at work."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields, replace
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from maidan_nix import plugins
from maidan_nix.contract.context import Context, Grants
from maidan_nix.contract.needs import Location, Need, Outgoing, Relay, RemoteSocket, Site
from maidan_nix.contract.plugin import Hardening, Plugin, hookimpl
from maidan_nix.contract.unit import Limits, Unit
from maidan_nix.manifest.setting_info import is_union
from maidan_nix.manifest.settings import Settings
from maidan_nix.nix.values import Value

ASKER = "hardening/conformance-example"
NEIGHBOUR = "neighbour"
"""A second host of the example, where a need leads to one, or one host serves another."""
_MODULE = "_maidan_nix_conformance_example"
_WORD = "example"
_LIMITS = Limits(memory_high="64M", memory_max="128M", tasks=8)


class _Settings(Settings):
    """Nothing to choose."""


class _Asker(Hardening[_Settings]):
    name = "conformance-example"
    title = "Example"
    summary = "Asks a provider for one of each kind of need"
    upstream = "https://example.org"
    licence = "AGPL-3.0-or-later"
    settings = _Settings

    asked: tuple[Need[Any], ...] = ()

    def needs(self, context: Context[_Settings]) -> tuple[Need[Any], ...]:
        if context.host.name == NEIGHBOUR:
            return tuple(_renamed(need) for need in self.asked if not need.peer)
        return self.asked

    def configure(self, context: Context[_Settings], grants: Grants) -> Mapping[str, Value]:
        for need in self.needs(context):
            _ = grants[need]
        return {}

    def units(self, context: Context[_Settings], grants: Grants) -> Iterator[Unit]:
        for need in self.asked:
            if isinstance(need, Outgoing):
                yield Unit(name=need.unit, profile="internet", limits=_LIMITS)


_ONLY = _Asker()


def examples_of_needs(plugin: Plugin[Any]) -> tuple[Need[Any], ...]:
    """Return one need of each kind that a plugin provides, but for kinds that no example can be made of."""
    return tuple(need for kind in plugin.provides if (need := _example(kind)) is not None)


@contextmanager
def asking(needs: tuple[Need[Any], ...]) -> Iterator[None]:
    """Have a plugin installed that is named `ASKER` and states these needs."""
    module = ModuleType(_MODULE)
    vars(module)["maidan_plugin"] = hookimpl(lambda: _ONLY)
    sys.modules[_MODULE] = module
    plugins.add(plugins.Source(ASKER, _MODULE))
    _ONLY.asked = needs
    try:
        yield
    finally:
        plugins.forget(ASKER)


def _example(kind: type[Need[Any]]) -> Need[Any] | None:
    if kind is Site:
        document = Location(path="/.well-known/example", exact=True, document="{}")
        return Site(hostname="example.example.org", locations=(document,))
    if kind is Relay:
        listener = RemoteSocket(host=NEIGHBOUR, path="/run/example/socket", number=20000)
        return Relay(name=_WORD, to=listener, group="root")
    kinds: Any = kind
    try:
        hints = get_type_hints(kind)
        values = {
            each.name: _value(hints[each.name])
            for each in fields(kinds)
            if each.default is MISSING and each.default_factory is MISSING
        }
        need: Need[Any] = kinds(**values)
    except (AttributeError, LookupError, NameError, TypeError, ValueError):
        return None
    return None if need.peer else need  # of a kind that is not known here, whose peer would be made up


def _renamed(need: Need[Any]) -> Need[Any]:
    """The same need with a name of its own, for the neighbour: what two hosts have may meet on one of them."""
    known: Any = need
    names = {each.name: str(getattr(need, each.name)) for each in fields(known) if each.type in ("str", str)}
    renamed: Need[Any] = replace(known, **{each: text.replace(_WORD, NEIGHBOUR, 1) for each, text in names.items()})
    return renamed


def _value(annotation: Any) -> Any:
    """Return the simplest value of a type; raises LookupError for a type that has none."""
    if is_union(annotation):
        return None if type(None) in get_args(annotation) else _value(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    if get_origin(annotation) is tuple:
        return ()
    simple: dict[Any, Any] = {str: _WORD, int: 1, float: 1.0, bool: False}
    return simple[annotation]
