"""The private network itself: the interface ``maidan0``, its one address and its peers.

Sources: systemd.netdev(5) and systemd.network(5) of systemd 257; nixos/modules/system/boot/networkd.nix of nixpkgs
4aa6836a.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

from maidan_nix import api
from maidan_nix.api import nix

from .addresses import address
from .reach import endpoint
from .settings import WireguardSettings

INTERFACE = "maidan0"
MTU = 1380
KEEPALIVE = 25
"""Seconds; translators and firewalls on the way forget a silent connection after thirty at the earliest."""

_UNIT = f"20-{INTERFACE}"


def own_address(context: api.Context[WireguardSettings]) -> str:
    """This host's address in the private network."""
    return address(context.community.domain, context.host.name)


def peer_address(context: api.Context[WireguardSettings], peer: str) -> str:
    """Another host's address in the private network."""
    return address(context.community.domain, peer)


def public_key(context: api.Context[WireguardSettings], host: str) -> str:
    """The public half of a host's key, empty while nobody has written it down."""
    return context.public.wireguard.get(host, "")


def private_key(context: api.Context[WireguardSettings]) -> api.Secret:
    """The private half of this host's key. systemd.netdev(5) wants it root's and readable by networkd's group."""
    name = f"wireguard-{context.host.name}"
    return api.Secret(
        name=name,
        content=api.say(
            "the host's private key in the network between the community's hosts, made unseen by '{command}'",
            command=f"wg genkey | agenix -e {name}.age",
        ),
        group="systemd-network",
    )


def listening(context: api.Context[WireguardSettings], peers: Iterable[str]) -> api.Port | None:
    """The port on which peers call this host; none where no peer could, so that nothing stands open."""
    if not any(endpoint(context.hosts[peer], context.host) for peer in peers):
        return None
    return api.Port(
        name="wireguard",
        number=context.settings.port,
        protocol="udp",
        open_to="internet",
        purpose="the private network between the community's hosts; it answers to their keys alone",
        setting="port",
    )


def options(context: api.Context[WireguardSettings], grants: api.Grants, peers: Iterable[str]) -> dict[str, api.Value]:
    """The options below ``systemd.network``. `peers` are the hosts that this one exchanges anything with, sorted."""
    peers = tuple(peers)
    port = listening(context, peers)
    return {
        "netdevs": {
            _UNIT: {
                "netdevConfig": {
                    "Name": INTERFACE,
                    "Kind": "wireguard",
                    "MTUBytes": nix.Noted(
                        str(MTU), "With its wrapping, a packet fits lines of 1460 bytes (DSL, IPv4 inside IPv6)."
                    ),
                },
                "wireguardConfig": {
                    "PrivateKeyFile": grants[private_key(context)].path,
                    **({"ListenPort": nix.Noted(grants[port].number, context.cite("port"))} if port else {}),
                },
                "wireguardPeers": [
                    nix.Noted(_peer(context, peer), peer) for peer in peers if public_key(context, peer)
                ],
            }
        },
        "networks": {
            _UNIT: {
                "matchConfig": {"Name": INTERFACE},
                "address": nix.Noted(
                    [f"{own_address(context)}/128"], "From community.domain and the host's name; it never changes."
                ),
                "routes": nix.Noted(
                    [{"Destination": f"{peer_address(context, peer)}/128"} for peer in peers],
                    "The peers' own addresses, and nothing behind them.",
                ),
                "networkConfig": {"DHCP": "no", "IPv6AcceptRA": False, "LinkLocalAddressing": "no"},
                "linkConfig": {"RequiredForOnline": nix.Noted("no", "The host is online without its peers.")},
            }
        },
    }


def _peer(context: api.Context[WireguardSettings], peer: str) -> Mapping[str, api.Value]:
    there = context.hosts[peer]
    where = endpoint(context.host, there)
    is_called = bool(endpoint(there, context.host))
    return {
        "PublicKey": public_key(context, peer),
        "AllowedIPs": [f"{peer_address(context, peer)}/128"],
        **({"Endpoint": _with_port(where, context.settings.port)} if where else {}),
        **(
            {}
            if is_called
            else {
                "PersistentKeepalive": nix.Noted(
                    KEEPALIVE, "The peer cannot call this host: a word now and then keeps the way open."
                )
            }
        ),
    }


def _with_port(where: str, port: int) -> str:
    try:
        is_six = ipaddress.ip_address(where).version == 6
    except ValueError:
        is_six = False
    return f"[{where}]:{port}" if is_six else f"{where}:{port}"
