"""Matrix: the community's rooms, on Synapse, with Element Web in the browser.

Source: nixos/modules/services/matrix/synapse.nix of nixpkgs 4aa6836a; keys from element-hq/synapse a58ad44e (1.157).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from . import homeserver, needs, units, workers
from .problems import problems
from .settings import MatrixSettings


class Matrix(api.Service[MatrixSettings]):
    """The homeserver and the app in front of it."""

    name = "matrix"
    title = "Matrix"
    summary = "Rooms and messages: Synapse, end-to-end encrypted by default, with Element Web in the browser"
    upstream = "https://github.com/element-hq/synapse"
    licence = "AGPL-3.0-or-later"
    settings = MatrixSettings

    def problems(self, context: api.Context[MatrixSettings]) -> Iterable[api.Problem]:
        """Host names that must differ, workers without work, a policy that cannot be kept."""
        return problems(context)

    def needs(self, context: api.Context[MatrixSettings]) -> Iterable[api.Need[Any]]:
        """Sites, a database in the C collation, ports on loopback, secrets, and a name that stays."""
        return needs.needs(context)

    def configure(self, context: api.Context[MatrixSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The upstream module; its own defaults that matter are stated, whichever they are."""
        chosen = workers.options(context, grants)
        synapse: dict[str, api.Value] = {
            "enable": True,
            "settings": homeserver.settings(context, grants),
            "log": {
                "root": {
                    "level": nix.Noted("WARNING", "At INFO every request is logged, with its member and its address.")
                }
            },
        }
        if chosen:
            synapse["workers"] = nix.Noted(chosen, context.cite("workers"))
        return {
            "services": {"matrix-synapse": synapse},
            "systemd": {"services": {name: _service(name, context, grants) for name in needs.processes(context)}},
        }

    def units(self, context: api.Context[MatrixSettings], grants: api.Grants) -> Iterable[api.Unit]:
        """One service per process."""
        return units.units(context)

    def smoke_test(self, context: api.Context[MatrixSettings], grants: api.Grants) -> Iterable[api.SmokeRequest]:
        """The homeserver answers and is found by its name; its administration and what is closed are not there."""
        settings, federates = context.settings, context.privacy.federation != "none"
        name, host = settings.server_name, settings.domain
        yield api.SmokeRequest(hostname=host, path="/_matrix/client/versions", status=200, contains="versions")
        yield api.SmokeRequest(hostname=host, path="/_matrix/client/v3/login", status=200, contains="m.login.password")
        yield api.SmokeRequest(hostname=host, path="/_synapse/admin/v1/server_version", status=404)
        yield api.SmokeRequest(hostname=host, path="/_matrix/federation/v1/version", status=200 if federates else 404)
        if settings.delegation == "here":
            known = "/.well-known/matrix"
            yield api.SmokeRequest(hostname=name, path=f"{known}/client", status=200, contains=f"https://{host}")
            if federates:
                yield api.SmokeRequest(hostname=name, path=f"{known}/server", status=200, contains=f"{host}:443")
        if settings.element_domain is not None:
            yield api.SmokeRequest(hostname=settings.element_domain, path="/", status=200, contains="Element")
            yield api.SmokeRequest(
                hostname=settings.element_domain, path="/config.json", status=200, contains=f"https://{host}"
            )


def _service(name: str, context: api.Context[MatrixSettings], grants: api.Grants) -> Mapping[str, api.Value]:
    """What a process waits for. The upstream module knows only of a database server on TCP."""
    database = grants[needs.DATABASE]
    units = [database.unit]
    directives: dict[str, api.Value] = {}
    more: dict[str, api.Value] = {}
    if context.settings.workers:
        cache = grants[needs.CACHE]
        units.append(cache.unit)
        directives["SupplementaryGroups"] = [cache.group]
    if database.password is not None:
        away = "The database is on another host, which may be gone for a while."
        more["startLimitIntervalSec"] = nix.Noted(0, away)
        directives["RestartSec"] = 10
        if name != needs.unit():
            more["requires"] = nix.Noted(
                nix.Override(units), "Upstream requires the main process, too: its first failure would be the end here."
            )
    if directives:
        more["serviceConfig"] = directives
    return {"requires": units, "after": units, **more}


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Matrix()
