"""WireGuard: a private network between the community's hosts, and relays through it to what one of them serves.

Nothing in the network can be called but what a plugin of one host asked for from another: each relay is a port that
answers to the hosts that asked, and leads to one listener.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api

from . import relays, tunnel
from .checks import check, check_way, problems, socket
from .settings import WireguardSettings

PUBLIC_FILE = "public.toml"


class Wireguard(api.Platform[WireguardSettings]):
    """Provides relays, on the host that asks and on the host where they end."""

    name = "wireguard"
    title = "WireGuard"
    summary = "A private network between the community's hosts, through which services reach what another host serves"
    upstream = "https://www.wireguard.com/"
    licence = "GPL-2.0-only"
    settings = WireguardSettings
    finding_kinds = (
        api.FindingKind(
            id="wireguard-key-unknown",
            severity="missing",
            means="The public half of a host's key in the private network is not in secrets/public.toml.",
            matters="The other hosts leave out a host whose key they do not know, so that nothing passes between them.",
            way_out="Make the key, write its public half into secrets/public.toml, in the table [wireguard], "
            "and generate again. The finding of the host says the commands.",
        ),
    )
    provides = (api.Relay,)

    def problems(self, context: api.Context[WireguardSettings]) -> Iterable[api.Problem]:
        """A port that differs from host to host, and hosts of which none can call the other."""
        return problems(context)

    def grant(self, context: api.Context[WireguardSettings], request: api.Request[api.Relay]) -> api.RelayGrant:
        """Grant a relay. Refuses what cannot be named, and a host that cannot be reached."""
        need = request.need
        number = check(need, request.assigned)
        check_way(context, need.peer)
        return api.RelayGrant(socket=socket(need), unit=f"{relays.unit(need)}.socket", number=number)

    def needs_to_serve(
        self, context: api.Context[WireguardSettings], requests: tuple[api.Request[Any], ...]
    ) -> Iterable[api.Need[Any]]:
        """The key, the port, the way out of each relay that begins here, and the number of each that ends here."""
        yield tunnel.private_key(context)
        port = tunnel.listening(context, sorted({_other_end(context, each.host, each.need) for each in requests}))
        if port:
            yield port
        for request in requests:
            if request.host == context.host.name:
                yield _way_out(context, request.need)
            elif isinstance(request.need.to, api.RemoteSocket):
                yield _number(request.need.to)

    def configure(self, context: api.Context[WireguardSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The interface, and both kinds of ends."""
        served = grants.serves(api.Relay)
        if not served:
            return {}
        begin = _beginning(context, served)
        end = relays.listeners(_ending(context, served))
        peers = sorted({_other_end(context, each.host, each.need) for each in served})
        callers = {listener: [tunnel.peer_address(context, caller) for caller in listener.callers] for listener in end}
        own = tunnel.own_address(context)
        sockets: dict[str, api.Value] = {}
        services: dict[str, api.Value] = {}
        for each in begin:
            name = relays.unit(each.need)
            there = tunnel.peer_address(context, each.need.peer)
            sockets[name] = relays.outgoing_socket(each.need)
            services[name] = relays.outgoing_service(each.need, there, each.grants[each.need].number)
        for listener in end:
            sockets[listener.unit] = relays.incoming_socket(listener, own, callers[listener])
            services[listener.unit] = relays.incoming_service(listener)
        inbound: list[api.Value] = [relays.inbound(listener, callers[listener]) for listener in end]
        return {
            "boot": {"kernelModules": ["wireguard"]},
            "systemd": {
                "network": tunnel.options(context, grants, peers),
                "sockets": sockets,
                "services": services,
            },
            **({"maidan": {"inbound": {"ports": inbound}}} if inbound else {}),
        }

    def units(self, context: api.Context[WireguardSettings], grants: api.Grants) -> Iterable[api.Unit]:
        """One proxy per relay that begins here, and per listener that they end at."""
        served = grants.serves(api.Relay)
        for each in _beginning(context, served):
            yield api.Unit(name=relays.unit(each.need), profile="internet", limits=relays.LIMITS)
        for listener in relays.listeners(_ending(context, served)):
            if listener.path:  # its connections are handed to it, so it needs no network at all
                yield api.Unit(name=listener.unit, profile="socket", limits=relays.LIMITS)
            else:
                yield api.Unit(name=listener.unit, profile="loopback", limits=relays.LIMITS)

    def findings(self, context: api.Context[WireguardSettings]) -> Iterable[api.Finding]:
        """This host's own key, as long as the others cannot know it."""
        if tunnel.public_key(context, context.host.name):
            return
        host, secret = context.host.name, tunnel.private_key(context).name
        yield api.Finding(
            id="wireguard-key-unknown",
            severity="missing",
            subject=host,
            message="the public half of the host's key in the private network is unknown, so the others leave it out",
            way_out=api.say(
                "in the folder secrets, unless {secret}.age is there, run 'wg genkey | agenix -e {secret}.age';"
                " then 'agenix -d {secret}.age |"
                ' wg pubkey\', write what that prints into {file} as [wireguard] {host} = "...", and generate again;'
                " 'nix develop' brings wg",
                secret=secret,
                file=PUBLIC_FILE,
                host=host,
            ),
        )


def _beginning(
    context: api.Context[WireguardSettings], served: Iterable[api.Served[api.Relay]]
) -> list[api.Served[api.Relay]]:
    return [each for each in served if each.host == context.host.name]


def _ending(
    context: api.Context[WireguardSettings], served: Iterable[api.Served[api.Relay]]
) -> list[api.Served[api.Relay]]:
    return [each for each in served if each.host != context.host.name]


def _other_end(context: api.Context[WireguardSettings], asking: str, need: api.Relay) -> str:
    return need.peer if asking == context.host.name else asking


def _way_out(context: api.Context[WireguardSettings], need: api.Relay) -> api.Outgoing:
    return api.Outgoing(
        unit=relays.unit(need),
        to="listed",
        addresses=(f"{tunnel.peer_address(context, need.peer)}/128",),
        reason=api.say("relays to {host}, inside the private network", host=need.peer),
    )


def _number(to: api.RemoteSocket) -> api.Port:
    """Claims the number by which a socket goes, so that nothing else of this host does."""
    return api.Port(name=f"relay to {to.path}", number=to.number, purpose=api.say("relays to {path}", path=to.path))


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Wireguard()
