"""nginx.conf as NixOS would write it from the plugin's options: the same blocks in the same order.

Follows nixos/modules/services/web-servers/nginx/default.nix (see ../upstream.toml for the revision), for the options
that the plugin sets; an option that it does not know is an error, so that nothing is judged in part. nginx's own
check and a started nginx can then judge what the plugin emits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from maidan_nix.nix.values import Expression, Value, plain

VIRTUAL_HOST = {
    "acmeRoot", "default", "enableACME", "extraConfig", "forceSSL", "locations", "quic", "rejectSSL", "reuseport",
}  # fmt: skip
LOCATION = {"alias", "extraConfig", "proxyPass", "return", "root", "tryFiles"}
SERVER = {
    "clientMaxBodySize", "commonHttpConfig", "enable", "enableReload", "eventsConfig", "logError", "prependConfig",
    "recommendedOptimisation", "serverNamesHashBucketSize", "sslCiphers", "sslProtocols", "virtualHosts",
}  # fmt: skip
DEFAULT_CIPHERS = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"

Resolve = Callable[[Expression], str]
"""Gives the path in the store that an expression stands for."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What NixOS would know about the machine; the defaults are its own."""

    listen: tuple[str, ...] = ("0.0.0.0", "[::0]")  # noqa: S104 - what NixOS listens on
    http: int = 80
    https: int = 443
    mime_types: str = "/etc/nginx/mime.types"
    run: str = "/run/nginx"
    certificates: str = "/var/lib/acme"
    before_sites: str = ""
    """Further lines of the http block, for a test's own instruments."""


def stripped(value: Value) -> Any:
    """Return an option tree without comments and priorities."""
    value = plain(value)
    if isinstance(value, Mapping):
        return {name: stripped(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [stripped(member) for member in value]
    return value


def compose(configuration: Mapping[str, Value], resolve: Resolve, machine: Machine | None = None) -> str:
    """Return the text of nginx.conf for what the plugin's ``configure`` returned."""
    machine = machine or Machine()
    options = stripped(configuration)
    server = options["services"]["nginx"]
    _only(server, SERVER)
    by_dns = "dnsProvider" in options["security"]["acme"]["defaults"]
    hosts = server["virtualHosts"]
    parts = [
        server["prependConfig"],
        f"pid {machine.run}/nginx.pid;",
        f"error_log {server['logError']};",
        "daemon off;",
        f"events {{\n{server['eventsConfig']}\n}}",
        "http {",
        f"include {machine.mime_types};",
        "types_hash_max_size 2688;",
        "default_type application/octet-stream;",
        "sendfile on;\ntcp_nopush on;\ntcp_nodelay on;\nkeepalive_timeout 65;",
        f"ssl_protocols {server['sslProtocols']};",
        f"ssl_ciphers {server.get('sslCiphers', DEFAULT_CIPHERS)};",
        f"server_names_hash_bucket_size {server['serverNamesHashBucketSize']};",
        "map $http_upgrade $connection_upgrade {\ndefault upgrade;\n'' close;\n}",
        f"client_max_body_size {server['clientMaxBodySize']};",
        "server_tokens off;",
        server["commonHttpConfig"],
        machine.before_sites,
        *(block for name in sorted(hosts) for block in _servers(name, hosts[name], resolve, machine, by_dns=by_dns)),
        "}",
    ]
    return "\n".join(parts) + "\n"


def _only(options: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(options) - known)
    assert not unknown, f"the composition does not know {unknown}"


def _servers(name: str, host: Mapping[str, Any], resolve: Resolve, machine: Machine, *, by_dns: bool) -> Iterator[str]:
    _only(host, VIRTUAL_HOST)
    has_tls = host.get("forceSSL", False)
    challenge = (
        f"location ^~ /.well-known/acme-challenge/ {{\nroot {machine.certificates}/acme-challenge;\n"
        "auth_basic off;\nauth_request off;\n}"
        if host.get("enableACME") and not by_dns
        else ""
    )
    if has_tls:
        yield "\n".join(
            (
                "server {",
                *_listen(host, machine, tls=False),
                f"server_name {name} ;",
                "location / {\nreturn 301 https://$host$request_uri;\n}",
                challenge,
                "}",
            )
        )
    yield "\n".join(
        (
            "server {",
            *(_listen(host, machine, tls=True) if has_tls or host.get("rejectSSL") else ()),
            *(() if has_tls else _listen(host, machine, tls=False)),
            f"server_name {name} ;",
            "http2 on;" if has_tls else "",
            "http3 on;\nhttp3_hq off;" if has_tls and host.get("quic") else "",
            *(
                f"{directive} {machine.certificates}/{name}/{file}.pem;"
                for directive, file in (
                    ("ssl_certificate", "fullchain"),
                    ("ssl_certificate_key", "key"),
                    ("ssl_trusted_certificate", "chain"),
                )
                if has_tls
            ),
            "ssl_reject_handshake on;" if host.get("rejectSSL") else "",
            challenge,
            *(_location(path, options, resolve) for path, options in sorted(host["locations"].items())),
            host.get("extraConfig", ""),
            "}",
        )
    )


def _listen(host: Mapping[str, Any], machine: Machine, *, tls: bool) -> Iterator[str]:
    flags = ("default_server " if host.get("default") else "") + ("reuseport " if host.get("reuseport") else "")
    for address in machine.listen:
        if tls and host.get("quic"):
            yield f"listen {address}:{machine.https} quic {flags};"
        yield f"listen {address}:{machine.https} ssl {flags};" if tls else f"listen {address}:{machine.http} {flags};"


def _location(path: str, options: Mapping[str, Any], resolve: Resolve) -> str:
    _only(options, LOCATION)

    def written(value: Any) -> str:
        return resolve(value) if isinstance(value, Expression) else str(value)

    directives = (
        ("proxyPass", "proxy_pass"),
        ("tryFiles", "try_files"),
        ("root", "root"),
        ("alias", "alias"),
        ("return", "return"),
    )
    lines = [f"{directive} {written(options[name])};" for name, directive in directives if name in options]
    return "\n".join((f"location {path} {{", *lines, options.get("extraConfig", ""), "}"))
