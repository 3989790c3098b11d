"""What tests of the planner plan with: services that ask for whatever a test wants, and their providers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

from maidan_nix import api
from maidan_nix.plan.lock import Lock
from maidan_nix.plan.planned import Plan
from maidan_nix.plan.planner import Join, UnknownPlugin, make_plan

Wants: TypeAlias = Callable[[], Iterable[api.Need[Any]]]


class Store(api.Platform[api.Settings]):
    """Provides databases; serving one takes a port."""

    name, title, summary, upstream, licence = "store", "Store", "Keeps things", "https://example.org", "MIT"
    settings = api.Settings
    provides = (api.Database,)

    def grant(self, context: api.Context[api.Settings], request: api.Request[api.Database]) -> api.DatabaseGrant:
        return api.DatabaseGrant(name=request.need.name, role=request.need.role, socket="/run/s", unit="s.service")

    def needs_to_serve(self, context: Any, requests: tuple[api.Request[Any], ...]) -> Iterable[api.Need[Any]]:
        return [api.Port(name=f"for-{request.need.name}") for request in requests]

    def configure(self, context: Any, grants: api.Grants) -> Mapping[str, api.Value]:
        return {}


class Gate(api.Hardening[api.Settings]):
    """Provides ports."""

    name, title, summary, upstream, licence = "gate", "Gate", "Opens ports", "https://example.org", "MIT"
    settings = api.Settings
    provides = (api.Port,)

    def grant(self, context: Any, request: api.Request[api.Port]) -> api.PortGrant:
        return api.PortGrant(number=cast(int, request.assigned), address="127.0.0.1")

    def configure(self, context: Any, grants: api.Grants) -> Mapping[str, api.Value]:
        return {}


class Front(api.Platform[api.Settings]):
    """Provides sites and secrets."""

    name, title, summary, upstream, licence = "front", "Front", "Shows things", "https://example.org", "MIT"
    settings = api.Settings
    provides = (api.Site, api.Secret)

    def grant(self, context: Any, request: api.Request[Any]) -> api.SiteGrant | api.SecretGrant:
        if isinstance(request.need, api.Secret):
            return api.SecretGrant(path=api.nix.Ref("config", "x"), name=request.need.name)
        return api.SiteGrant(origin=f"https://{request.need.hostname}", trusted_proxy="127.0.0.1", client_header="X")

    def configure(self, context: Any, grants: api.Grants) -> Mapping[str, api.Value]:
        return {}


def service(
    called: str, wants: Wants = tuple, clashes: tuple[str, ...] = (), *, on: str = "services"
) -> api.Plugin[Any]:
    """A plugin that wants what `wants` returns."""

    class Asking(api.Service[api.Settings]):
        name, title, summary, upstream, licence = called, called, called, "https://example.org", "MIT"
        floor = on
        settings = api.Settings
        conflicts = clashes

        def needs(self, context: Any) -> Iterable[api.Need[Any]]:
            return wants()

        def configure(self, context: Any, grants: api.Grants) -> Mapping[str, api.Value]:
            return {}

        def units(self, context: Any, grants: api.Grants) -> Iterable[api.Unit]:
            return ()

    return Asking()


PROVIDERS = {
    "database": "platform/store",
    "port": "hardening/gate",
    "site": "platform/front",
    "secret": "platform/front",
    "relay": "platform/wire",
}


class Shared(Store):
    """Provides databases to other hosts, too."""

    name = "shared"
    across_hosts = (api.Database,)

    def needs_to_reach(self, context: Any, request: api.Request[api.Database]) -> Iterable[api.Need[Any]]:
        to = api.RemoteSocket(host=context.host, path="/run/s", number=5432)
        yield api.Relay(name=f"database-{request.need.name}", to=to, group=request.need.role)
        yield self.secret(request)

    def needs_to_serve(self, context: Any, requests: tuple[api.Request[Any], ...]) -> Iterable[api.Need[Any]]:
        return [self.secret(each) for each in requests if each.host != context.host]

    def secret(self, request: api.Request[api.Database]) -> api.Secret:
        both = (request.plugin, self.full_name())
        return api.Secret(name=f"database-{request.need.name}", content="a password", shared_by=both)


class Wire(api.Platform[api.Settings]):
    """Provides relays."""

    name, title, summary, upstream, licence = "wire", "Wire", "Joins hosts", "https://example.org", "MIT"
    settings = api.Settings
    provides = (api.Relay,)

    def grant(self, context: Any, request: api.Request[api.Relay]) -> api.RelayGrant:
        name = request.need.name
        return api.RelayGrant(socket=f"/run/{name}", unit=f"{name}.socket", number=cast(int, request.assigned))

    def needs_to_serve(self, context: Any, requests: tuple[api.Request[Any], ...]) -> Iterable[api.Need[Any]]:
        yield api.Port(name="wire", number=51820, protocol="udp", open_to="internet", purpose="joins the hosts")

    def configure(self, context: Any, grants: api.Grants) -> Mapping[str, api.Value]:
        return {}


def plan_hosts(
    hosts: Mapping[str, Iterable[api.Plugin[Any]]],
    lock: Lock | None = None,
    served_by: Mapping[str, Mapping[str, str]] | None = None,
    **providers: str,
) -> tuple[Plan, Lock]:
    """Plan hosts, each with its plugins to start with; `providers` are chosen otherwise than in `PROVIDERS`."""
    plugins = {plugin.full_name(): plugin for plugin in (Store(), Shared(), Gate(), Front(), Wire())}
    started = {host: {plugin.full_name(): plugin for plugin in starting} for host, starting in hosts.items()}

    def join(host: str, name: str) -> tuple[api.Plugin[Any], api.Context[Any]]:
        context: Any = SimpleNamespace(section=name.replace("/", "."), host=host)
        plugin = started[host].get(name) or plugins.get(name)
        if plugin is None:
            raise UnknownPlugin(name)
        return plugin, context

    return make_plan(started, {**PROVIDERS, **providers}, lock or Lock(), cast(Join, join), served_by)


def plan(*services: api.Plugin[Any], lock: Lock | None = None, hosts: tuple[str, ...] = ("main",)) -> tuple[Plan, Lock]:
    """Plan hosts that all start with the same plugins."""
    return plan_hosts(dict.fromkeys(hosts, services), lock)


DATABASE = api.Database(name="wiki", role="wiki")
