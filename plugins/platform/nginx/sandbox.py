"""The units of the web server and of its certificates, with their sandboxes, limits and ways out."""

from __future__ import annotations

from collections.abc import Iterable

from maidan_nix import api

from .settings import Acme

CONNECTIONS = 4096
"""Connections per worker process; one to a backend counts too."""

_SMALL = api.Limits(memory_high="128M", memory_max="256M", tasks=64)

_CHANGES_OWNER = api.Exemption(
    "SystemCallFilter",
    ["@system-service", "~@privileged", "~@resources", "@chown"],
    "hands the certificate to the web server's group with chown, which upstream's script insists on",
)
_ASKS_FOR_INTERFACES = api.Exemption(
    "RestrictAddressFamilies",
    ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"],
    "the C library asks the kernel over netlink which kinds of addresses are in use before it connects",
)
_SHOWS_CHALLENGES = api.Exemption(
    "UMask", "0022", "the web server has to read the challenge that the client writes for the authority"
)


def units(hosts: Iterable[str], acme: Acme) -> Iterable[api.Unit]:
    """Return every unit that NixOS starts because of this plugin, for sites under these host names."""
    yield api.Unit(
        name="nginx",
        profile="privileged-port",
        limits=api.Limits(memory_high="768M", memory_max="1G", tasks=128, open_files=4 * CONNECTIONS),
    )
    yield api.Unit(
        name="nginx-config-reload",
        exempt="one call of systemctl, as root because only root may ask systemd to reload another unit",
        oneshot=True,
    )
    yield api.Unit(name="acme-setup", profile="socket", limits=_SMALL, oneshot=True)
    for host in hosts:
        yield api.Unit(name=f"acme-{host}", profile="socket", exemptions=(_CHANGES_OWNER,), limits=_SMALL, oneshot=True)
        exemptions = (_CHANGES_OWNER, _ASKS_FOR_INTERFACES)
        yield api.Unit(
            name=client(host),
            profile="internet",
            exemptions=exemptions if acme.challenge == "dns-01" else (*exemptions, _SHOWS_CHALLENGES),
            limits=_SMALL,
            oneshot=True,
        )
    for name in ("logrotate", "logrotate-checkconf"):
        yield api.Unit(
            name=name,
            exempt="upstream's own sandbox stays: it takes the identity of each log's owner in turn, as root",
            oneshot=True,
        )


def client(host: str) -> str:
    """The unit that speaks to the certificate authority for a host name."""
    return f"acme-order-renew-{host}"


def outgoing(host: str, acme: Acme) -> api.Outgoing:
    """Whom that unit contacts, and why."""
    if acme.challenge == "dns-01":
        reason = api.say(
            "orders the certificate of {host}: contacts the certificate authority and the DNS provider, to publish the"
            " challenge, at changing addresses",
            host=host,
        )
    else:
        reason = api.say(
            "orders the certificate of {host}: contacts the certificate authority at changing addresses", host=host
        )
    return api.Outgoing(unit=client(host), reason=reason)
