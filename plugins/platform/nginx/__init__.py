"""The web server: the one way in from the internet, over HTTPS, for every service of a host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api

from . import certificates, relays, sandbox, sites
from .configuration import configuration
from .settings import Settings

HTTP = api.Port(
    name="http",
    number=80,
    open_to="internet",
    purpose="sends browsers on to HTTPS, and proves to the certificate authority that a host name is ours",
)
HTTPS = api.Port(name="https", number=443, open_to="internet", purpose="every site, over HTTPS")
QUIC = api.Port(
    name="quic",
    number=443,
    protocol="udp",
    open_to="internet",
    purpose="every site, over HTTP/3",
    setting="http3",
)


class Nginx(api.Platform[Settings]):
    """Terminates TLS, limits what one address may ask, keeps no whole address, and passes requests to services."""

    name = "nginx"
    title = "Web server"
    summary = "Answers for every site over HTTPS, with certificates, limits and logs that keep no whole address"
    upstream = "https://nginx.org"
    licence = "BSD-2-Clause"
    provides = (api.Site,)
    across_hosts = (api.Site,)
    settings = Settings
    finding_kinds = (
        api.FindingKind(
            id="certificates-staging",
            severity="advice",
            means="The certificates come from the test service of the certificate authority.",
            matters="The test service is for trying things out. Browsers and apps do not trust its certificates, "
            "so members see warnings, and must never get used to them.",
            way_out="Wait until every address answers, set platform.nginx.acme.staging to false, and generate again.",
        ),
    )

    def problems(self, context: api.Context[Settings]) -> Iterable[api.Problem]:
        """Settings of the certificates that do not go together."""
        return certificates.problems(context.settings.acme, context.section, self.full_name())

    def grant(self, context: api.Context[Settings], request: api.Request[Any]) -> api.SiteGrant:
        """Refuses a site that nginx could not serve as it was meant.

        A backend on another host is called by the relay's process there, so from a loopback address in any case.
        """
        site: api.Site = request.need
        try:
            sites.check(site, request.plugin, elsewhere=request.host != context.host.name)
        except ValueError as error:
            raise api.Refused(*error.args) from None
        return api.SiteGrant(origin=f"https://{site.hostname}", trusted_proxy="127.0.0.1", client_header="X-Real-IP")

    def needs_to_serve(
        self, context: api.Context[Settings], requests: tuple[api.Request[Any], ...]
    ) -> Iterable[api.Need[Any]]:
        """The open ports, per host name a way to the certificate authority, and relays to backends on other hosts."""
        yield from (HTTP, HTTPS, QUIC) if context.settings.http3 else (HTTP, HTTPS)
        acme = context.settings.acme
        yield from certificates.secrets(acme).values()
        for host in sorted({request.need.hostname for request in requests}):
            yield sandbox.outgoing(host, acme)
        yield from relays.needed(requests, context.host.name)

    def configure(self, context: api.Context[Settings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The web server, its certificates and its logs; nothing on a host without sites."""
        hosts = sites.by_host(grants, context.host.name)
        return configuration(context, grants, hosts) if hosts else {}

    def units(self, context: api.Context[Settings], grants: api.Grants) -> Iterable[api.Unit]:
        """The web server, the certificate client for each host name, and what NixOS starts beside them."""
        hosts = sites.by_host(grants, context.host.name)
        return sandbox.units(hosts, context.settings.acme) if hosts else ()

    def findings(self, context: api.Context[Settings]) -> Iterable[api.Finding]:
        """Certificates that no browser trusts."""
        if context.settings.acme.staging:
            yield api.Finding(
                id="certificates-staging",
                severity="advice",
                subject=context.cite("acme.staging"),
                message="certificates come from the authority's test service, and browsers will not trust them",
                way_out=api.say("once every address answers, set {key} = false", key=context.cite("acme.staging")),
            )


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """Return the plugin."""
    return Nginx()
