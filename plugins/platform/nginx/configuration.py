"""The options of NixOS that make the web server, for the sites of one host."""

from __future__ import annotations

from collections.abc import Mapping

from maidan_nix import api

from . import certificates, relays, sandbox
from .headers import Headers
from .http_block import http_block
from .nginx_syntax import bare, directive, lines
from .settings import Settings
from .sites import Place
from .virtual_hosts import virtual_hosts

LOGS = "/var/log/nginx"

PROTOCOLS = {"modern": "TLSv1.3", "intermediate": "TLSv1.2 TLSv1.3"}
"""Mozilla's configurations of the same names: https://wiki.mozilla.org/Security/Server_Side_TLS."""

CIPHERS = ":".join(
    f"ECDHE-{kind}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for kind in ("ECDSA", "RSA")
)
"""For TLS 1.2, all with forward secrecy; TLS 1.3 has its own."""


def configuration(
    context: api.Context[Settings], grants: api.Grants, hosts: Mapping[str, tuple[Place, ...]]
) -> Mapping[str, api.Value]:
    """Return the options for places by host name."""
    waits = relays.units(grants, context.host.name)
    return {
        "services": {
            "nginx": _nginx(context, hosts),
            # The access log goes to the journal, and the journal keeps it as long as privacy.log_retention says.
            "logrotate": {
                "settings": {
                    "nginx": api.nix.Noted(
                        {"frequency": "hourly", "rotate": 1, "compress": False},
                        "Of errors, this hour and the one before.",
                    )
                }
            },
        },
        **({"systemd": {"services": {"nginx": _wait(waits)}}} if waits else {}),
        "security": {"acme": certificates.configuration(context, grants)},
        "fileSystems": {
            LOGS: api.nix.Noted(
                {
                    "device": "tmpfs",
                    "fsType": "tmpfs",
                    "options": ["mode=0750", "size=64m", "nodev", "noexec", "nosuid"],
                },
                "In memory: whole addresses never reach a disk, and a flood of errors cannot fill one.",
            )
        },
    }


def _wait(units: tuple[str, ...]) -> Mapping[str, api.Value]:
    """The sockets of the relays are there first. Were they required, one that fails would take all sites with it."""
    return {"wants": list(units), "after": list(units)}


def _nginx(context: api.Context[Settings], hosts: Mapping[str, tuple[Place, ...]]) -> Mapping[str, api.Value]:
    settings = context.settings
    headers = Headers.of(settings, hosts)
    tls: dict[str, api.Value] = {"sslProtocols": api.nix.Noted(PROTOCOLS[settings.tls], context.cite("tls"))}
    if settings.tls == "intermediate":
        tls["sslCiphers"] = CIPHERS
    return {
        "enable": True,
        "enableReload": api.nix.Noted(True, "A change of configuration must not cut calls, uploads and open chats."),
        **tls,
        "recommendedOptimisation": True,
        "clientMaxBodySize": "1m",
        "serverNamesHashBucketSize": api.nix.Noted(512, "Room for the longest host names."),
        "logError": api.nix.Noted(
            "stderr emerg", "Errors name whole addresses: the journal gets no others than those of a failed start."
        ),
        "prependConfig": lines(
            "# Everything else that goes wrong, in memory: see fileSystems below.",
            directive("error_log", bare(f"{LOGS}/error.log"), bare("error")),
            directive("worker_processes", bare("auto")),
            "# After a change, open connections may stay with the old configuration for so long.",
            directive("worker_shutdown_timeout", bare("10m")),
        ),
        "eventsConfig": directive("worker_connections", bare(str(sandbox.CONNECTIONS))),
        "commonHttpConfig": http_block(settings, headers),
        "virtualHosts": virtual_hosts(hosts, settings, headers),
    }
