"""Outgoing connections: a unit reaches this machine alone, unless somebody said whom else and why.

The mechanism is ``modules/egress.nix``; this plugin hands it what the plugins of the host asked for.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from maidan_nix import api


class EgressSettings(api.Settings):
    """``[hardening.egress]`` has no settings: each service says what it must reach."""


class Egress(api.Hardening[EgressSettings]):
    """Provides outgoing connections."""

    name = "egress"
    title = "Outgoing connections"
    summary = "Each service reaches this machine alone, but for what it declares, with the reason"
    upstream = "https://systemd.io/"
    licence = "LGPL-2.1-or-later"
    settings = EgressSettings
    provides = (api.Outgoing,)

    def grant(self, context: api.Context[EgressSettings], request: api.Request[api.Outgoing]) -> None:
        """Check the addresses; there is nothing to hand back. Refuses what is no network."""
        need = request.need
        if bool(need.addresses) != (need.to == "listed"):
            raise api.Refused(api.say("{unit}: addresses go with to='listed', and only with it", unit=need.unit))
        for address in need.addresses:
            try:
                network = ipaddress.ip_network(address)
            except ValueError as error:
                raise api.Refused(api.say("{unit}: {error}", unit=need.unit, error=error)) from None
            if network.prefixlen == 0:
                raise api.Refused(
                    api.say("{unit}: {address} is everybody", unit=need.unit, address=address),
                    hint="to='internet' leaves out private ranges",
                )

    def configure(self, context: api.Context[EgressSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """One entry per unit that was granted the way out."""
        units = {served.need.unit: _entry(served.need) for served in grants.serves(api.Outgoing)}
        return {"maidan": {"egress": {"units": dict(sorted(units.items()))}}} if units else {}


def _entry(need: api.Outgoing) -> api.Value:
    return {
        "class": need.to,
        **({"addresses": list(need.addresses)} if need.addresses else {}),
        "reason": need.reason,
    }


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Egress()
