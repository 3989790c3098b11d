"""Certificates: from whom, by which challenge, and the secrets that a DNS challenge takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from maidan_nix import api

from .settings import Acme, Settings

PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"


def problems(acme: Acme, section: str, plugin: str) -> Iterable[api.Problem]:
    """Say where the settings of a challenge do not go together."""
    path = (*section.split("."), "acme")
    for_dns = {"dns_provider": acme.dns_provider, "dns_credentials": acme.dns_credentials}
    if acme.challenge == "dns-01":
        for name, value in for_dns.items():
            if not value:
                yield api.Problem(
                    (*path, name),
                    api.say("dns-01 needs {name}", name=name),
                    expected="what https://go-acme.github.io/lego/dns/ says of your DNS provider",
                    hint="set it, or challenge = 'http-01'",
                    plugin=plugin,
                )
    else:
        for name, value in for_dns.items():
            if value:
                message = api.say("{name} is for dns-01, and the challenge is http-01", name=name)
                yield api.Problem(
                    (*path, name), message, hint="remove it, or set challenge = 'dns-01'", at="key", plugin=plugin
                )
    if len(set(acme.dns_credentials)) != len(acme.dns_credentials):
        yield api.Problem(
            (*path, "dns_credentials"), "a variable is named twice", expected="each variable once", plugin=plugin
        )


def secrets(acme: Acme) -> dict[str, api.Secret]:
    """Return the secret behind each variable of a DNS challenge. systemd reads it as root and hands it over."""
    return {
        variable: api.Secret(
            name=f"acme-{variable.lower().replace('_', '-')}",
            content=api.say(
                "the value of {variable} for the DNS provider {provider}, in one line",
                variable=variable,
                provider=acme.dns_provider,
            ),
        )
        for variable in acme.dns_credentials
    }


def configuration(context: api.Context[Settings], grants: api.Grants) -> Mapping[str, api.Value]:
    """Return ``security.acme``. The certificates themselves come with the virtual hosts."""
    acme = context.settings.acme
    defaults: dict[str, api.Value] = {
        "email": api.nix.Noted(context.community.contact, "community.contact"),
        "server": api.nix.Noted(STAGING if acme.staging else PRODUCTION, context.cite("acme.staging")),
        # A larger curve would be slower for every member and no stronger than the authority's own chain.
        "keyType": "ec256",
    }
    if acme.challenge == "dns-01":
        defaults["dnsProvider"] = api.nix.Noted(acme.dns_provider, context.cite("acme.dns_provider"))
        defaults["credentialFiles"] = {
            f"{variable}_FILE": grants[secret].path for variable, secret in secrets(acme).items()
        }
    return {
        "acceptTerms": api.nix.Noted(True, "The terms of the authority: https://letsencrypt.org/repository/"),
        "defaults": defaults,
    }
