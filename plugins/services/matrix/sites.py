"""Where members and other servers find the homeserver: its host names, and what answers below each path.

Paths and who may call them: the Matrix specification, and docs/reverse_proxy.md and docs/workers.md of
element-hq/synapse a58ad44e. Federation comes in on port 443 by delegation; no port 8448 exists.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from maidan_nix import api

from . import element
from .ports import HTTP, MEDIA
from .settings import MatrixSettings

_REQUEST = 200 * 65536
"""The largest request that Synapse takes besides uploads, in bytes: 200 events of the largest size."""
_PATIENCE = 600
"""Seconds: the first sync of a new device in many rooms takes minutes."""
_MIB = 2**20


def sites(context: api.Context[MatrixSettings]) -> tuple[api.Site, ...]:
    """The host names: the homeserver, the server's name with its documents, and Element Web if wanted."""
    settings = context.settings
    found = [homeserver(context)]
    if settings.delegation == "here":
        documents = tuple(_documents(context))
        found.append(api.Site(hostname=settings.server_name, locations=documents, setting="server_name"))
    if settings.element_domain is not None:
        found.append(element.site(context, settings.element_domain))
    return tuple(found)


def homeserver(context: api.Context[MatrixSettings]) -> api.Site:
    """The homeserver's own host name. What is not named here is answered 404 by the web server."""
    return api.Site(hostname=context.settings.domain, locations=tuple(_homeserver(context)))


def _homeserver(context: api.Context[MatrixSettings]) -> Iterator[api.Location]:
    settings = context.settings
    yield _to_synapse("/_matrix/client/")
    for version in ("v3", "r0", "api/v1", "unstable"):
        yield _login(f"/_matrix/client/{version}/login")
    if settings.registration == "token":
        for version in ("v3", "r0", "unstable"):
            yield _login(f"/_matrix/client/{version}/register")
        yield _login("/_matrix/client/v1/register/m.login.registration_token/validity")
    upload = settings.upload.bytes + _MIB
    media = MEDIA if "media" in settings.workers else HTTP
    yield _to_synapse("/_matrix/media/", port=media, upload=upload)
    if media is MEDIA:
        yield _to_synapse("/_matrix/client/v1/media/", port=media)
    if context.privacy.federation != "none":
        yield _to_synapse("/_matrix/federation/")
        yield _to_synapse("/_matrix/key/", upload=_MIB)
        if media is MEDIA:
            yield _to_synapse("/_matrix/federation/v1/media/", port=media)
    yield _to_synapse("/_synapse/client/", upload=_MIB)
    yield api.Location(path="/_synapse/", blocked=True)


def _to_synapse(path: str, *, port: api.Port = HTTP, upload: int = _REQUEST) -> api.Location:
    # Apps in a browser live on other origins; Synapse says so itself, and errors of the web server must say so too.
    return api.Location(path=path, port=port, upload=upload, timeout=_PATIENCE, cross_origin=True)


def _login(path: str) -> api.Location:
    return api.Location(path=path, exact=True, port=HTTP, login=True, cross_origin=True)


def _documents(context: api.Context[MatrixSettings]) -> Iterator[api.Location]:
    """What apps and servers that know only the server's name ask for."""
    yield _document("client", client_document(context))
    if context.privacy.federation != "none":
        yield _document("server", {"m.server": f"{context.settings.domain}:443"})
        contact = {"role": "m.role.admin", "email_address": context.community.contact}
        yield _document("support", {"contacts": [contact]})


def client_document(context: api.Context[MatrixSettings]) -> Mapping[str, Any]:
    """Where the homeserver is, and what its rooms are like."""
    encrypted = context.settings.e2ee != "off"
    return {
        "m.homeserver": {"base_url": f"https://{context.settings.domain}"},
        "io.element.e2ee": {"default": encrypted, "secure_backup_required": encrypted},
    }


def _document(name: str, content: Mapping[str, Any]) -> api.Location:
    return api.Location(
        path=f"/.well-known/matrix/{name}", exact=True, document=json.dumps(content, indent=2) + "\n", cross_origin=True
    )
