"""Each host name as a virtual host, each of its places as a location, and the one that answers everybody else."""

from __future__ import annotations

from collections.abc import Mapping

from maidan_nix import api

from . import http_block
from .headers import Headers
from .nginx_syntax import bare, directive, lines, location
from .settings import Settings
from .sites import Place

USUAL_UPLOAD = 1024 * 1024
USUAL_TIMEOUT = 60
"""Bytes and seconds; nginx is told so for all sites, and per location where it differs."""

STREAMED_UPLOAD = 16 * 1024 * 1024
"""Bytes from which on uploads go to the backend as they come in, without a copy of their own on this host's disk."""

_COMPRESSIBLE = (
    "application/javascript", "application/json", "application/manifest+json", "application/wasm", "image/svg+xml",
    "text/css", "text/javascript", "text/plain",
)  # fmt: skip


def virtual_hosts(
    hosts: Mapping[str, tuple[Place, ...]], settings: Settings, headers: Headers
) -> Mapping[str, api.Value]:
    """Return ``services.nginx.virtualHosts`` for places by host name."""
    return {"_": _nobody(settings), **{name: _host(name, places, settings, headers) for name, places in hosts.items()}}


def _nobody(settings: Settings) -> Mapping[str, api.Value]:
    """Whoever asks for a name that is not ours, or for an address, gets no certificate and no answer."""
    reuse: Mapping[str, api.Value] = (
        {
            "quic": True,
            "reuseport": api.nix.Noted(True, "Once per address: each worker process has its own UDP socket."),
        }
        if settings.http3
        else {}
    )
    return {
        "default": True,
        "rejectSSL": True,
        **reuse,
        "locations": {"/": {"return": api.nix.Noted(444, "nginx's own number for hanging up without a word.")}},
        "extraConfig": directive("access_log", bare("off")),
    }


def _host(host: str, places: tuple[Place, ...], settings: Settings, headers: Headers) -> Mapping[str, api.Value]:
    inherited = headers.of_host(host)
    locations: dict[str, api.Value] = {}
    for place in places:
        own = headers.of_place(place)
        name = location(place.location.path, exact=place.location.exact)
        locations[name] = _location(place, settings, () if own == inherited else own)
    stated = () if inherited == headers.usual() else inherited
    # Without it nginx would look for files in a folder of its own, and find its welcome page.
    locations.setdefault("/", {"return": 404})
    return {
        "forceSSL": True,
        "enableACME": True,
        **({"acmeRoot": None} if settings.acme.challenge == "dns-01" else {}),
        **({"quic": True} if settings.http3 else {}),
        "locations": locations,
        "extraConfig": lines(*stated, directive("set", bare("$maidan_websocket"), bare("off-"))),
    }


def _location(place: Place, settings: Settings, headers: tuple[str, ...]) -> Mapping[str, api.Value]:
    asked = place.location
    details = (*_proxy(asked), *_files(asked), *_limits(asked, settings), *headers)
    options: dict[str, api.Value] = {}
    if asked.blocked:
        options["return"] = 404
    elif asked.port is not None:
        options["proxyPass"] = place.backend
    elif asked.files is not None:
        # An exact path names a file in the package; a prefix is where the package itself stands.
        options |= (
            {"root": asked.files} if asked.exact or asked.path == "/" else {"alias": api.nix.Text(asked.files, "/")}
        )
    else:
        options["root"] = api.nix.Call(api.nix.pkgs("writeTextDir"), "document", asked.document)
        options["tryFiles"] = "/document =404"
    if details:
        options["extraConfig"] = lines(*details)
    return options


def _proxy(asked: api.Location) -> tuple[str, ...]:
    found = []
    if asked.upload != USUAL_UPLOAD:
        # 0 would mean no limit at all.
        found.append(directive("client_max_body_size", bare(str(max(asked.upload, 1)))))
    if asked.port is None:
        return tuple(found)
    if asked.upload >= STREAMED_UPLOAD:
        found.append(directive("proxy_request_buffering", bare("off")))
    if asked.timeout != USUAL_TIMEOUT:
        found += [directive(f"proxy_{what}_timeout", bare(f"{asked.timeout}s")) for what in ("read", "send")]
    if asked.websocket:
        found.append(directive("set", bare("$maidan_websocket"), bare("on-")))
    return tuple(found)


def _files(asked: api.Location) -> tuple[str, ...]:
    if asked.document:
        return (directive("default_type", bare("application/json")),)
    if asked.files is None:
        return ()
    return (
        # Kept by browsers, but asked about again each time: an update must not leave half of the old pages behind.
        directive("expires", bare("epoch")),
        # Files hold no secret that could be guessed from their compressed size, unlike the answers of a backend.
        directive("gzip", bare("on")),
        directive("gzip_vary", bare("on")),
        directive("gzip_types", *map(bare, _COMPRESSIBLE)),
    )


def _limits(asked: api.Location, settings: Settings) -> tuple[str, ...]:
    if not asked.login:
        return ()
    return (http_block.request_limit(settings.limits), http_block.login_limit(settings.limits))
