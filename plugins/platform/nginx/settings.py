"""What a steward may choose about the web server."""

from __future__ import annotations

from typing import Annotated, Literal

from maidan_nix import api

Variable = Annotated[
    str,
    api.setting(
        "A variable that the certificate client reads, such as DESEC_TOKEN",
        pattern=r"^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z",
        max_length=64,
    ),
]


class Acme(api.Settings):
    """``[platform.nginx.acme]``: where certificates come from."""

    staging: bool = api.setting(
        "Ask the authority's test service, whose certificates no browser trusts but which forgives mistakes; "
        "set it to false once every site answers",
        default=True,
    )
    challenge: Literal["http-01", "dns-01"] = api.setting(
        "How the authority sees that a host name is yours: by a file on port 80, or by a DNS record", default="http-01"
    )
    dns_provider: str = api.setting(
        "For dns-01: who runs your DNS, by the code in https://go-acme.github.io/lego/dns/",
        default="",
        pattern=r"^[a-z0-9-]{0,40}\Z",
        examples=("desec",),
    )
    dns_credentials: tuple[Variable, ...] = api.setting(
        "For dns-01: the variables that page asks for; each becomes a secret to fill in",
        default=(),
        examples=(("DESEC_TOKEN",),),
    )


class Limits(api.Settings):
    """``[platform.nginx.limits]``: what one address may ask of one site before it is told to wait (429).

    An address is one IPv4 address, or one IPv6 network of 64 bits. Members of one household or one event share it.
    """

    requests_per_second: int = api.setting(
        "Requests of one address to one site, in the long run",
        unit="requests per second",
        presets=api.Presets(strict=50, balanced=100, open=200),
        looser="higher",
        ge=1,
        le=10000,
    )
    requests_at_once: int = api.setting(
        "Requests of one address to one site at one moment; opening a web application takes hundreds",
        unit="requests",
        presets=api.Presets(strict=300, balanced=600, open=1200),
        looser="higher",
        ge=1,
        le=10000,
    )
    logins_per_minute: int = api.setting(
        "Requests of one address to the log-in pages of one site, in the long run",
        unit="requests per minute",
        presets=api.Presets(strict=10, balanced=20, open=30),
        looser="higher",
        ge=1,
        le=600,
    )
    logins_at_once: int = api.setting(
        "Requests of one address to the log-in pages of one site at one moment",
        unit="requests",
        presets=api.Presets(strict=10, balanced=20, open=30),
        looser="higher",
        ge=1,
        le=600,
    )
    connections: int = api.setting(
        "Requests of one address that are being answered at the same time, on all sites; "
        "a chat that is open holds one or two",
        unit="requests",
        presets=api.Presets(strict=200, balanced=400, open=800),
        looser="higher",
        ge=1,
        le=10000,
    )


class Settings(api.Settings):
    """``[platform.nginx]``: the web server that stands before every service."""

    tls: Literal["modern", "intermediate"] = api.setting(
        "'modern' speaks TLS 1.3 alone, which every browser since 2019 does; 'intermediate' TLS 1.2 too",
        presets=api.Presets(strict="modern", balanced="modern", open="intermediate"),
        looser=("modern", "intermediate"),
    )
    http3: bool = api.setting(
        "Offer HTTP/3 over UDP: faster on bad mobile networks, but nginx still calls it experimental",
        presets=api.Presets(strict=False, balanced=True, open=True),
        looser="true",
    )
    acme: Acme = api.setting("Where certificates come from", default=Acme())
    limits: Limits = api.setting("What one address may ask of one site", default=Limits())
