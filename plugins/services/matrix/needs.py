"""What the homeserver needs from its host. The same objects are the keys of its grants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from maidan_nix import api

from .ports import HTTP, MEDIA
from .settings import MatrixSettings
from .sites import sites

USER = "matrix-synapse"
"""The system user, fixed by the NixOS module; by PostgreSQL's rule also the role and the database."""

DATABASE = api.Database(name=USER, role=USER, collation="C")
"""Synapse refuses to start in another collation: the order of its indexes must not depend on glibc."""

CACHE = api.Cache(name=USER)
"""How the processes tell each other what is new."""


def unit(worker: str = "") -> str:
    """The systemd service of the main process or of a worker, without ``.service``."""
    return f"{USER}-worker-{worker}" if worker else USER


def workers(context: api.Context[MatrixSettings]) -> tuple[str, ...]:
    """The workers in one order, however the manifest lists them."""
    return tuple(sorted(context.settings.workers))


def processes(context: api.Context[MatrixSettings]) -> tuple[str, ...]:
    """The services of all processes: the main one first."""
    return (unit(), *(unit(worker) for worker in workers(context)))


def _secret(name: str, content: str) -> api.Secret:
    return api.Secret(name=f"matrix-{name}", content=content, owner=USER, group=USER)


MACAROON = _secret("macaroon", "64 random letters and digits; links of single use break when it changes")
"""What Synapse signs short-lived tokens with."""
FORM = _secret("form", "64 random letters and digits; a form that is open breaks when it changes")
"""What Synapse signs the hidden fields of its web pages with."""
REGISTRATION = _secret(
    "registration", "64 random letters and digits; who has it, and a shell on this host, opens accounts"
)
"""What a steward proves with, on this machine, that an account may be opened."""
REPLICATION = _secret("replication", "64 random letters and digits, between the processes of the homeserver")
"""What a process proves with that it may send through the one that reaches the internet."""


def permanent_name(context: api.Context[MatrixSettings]) -> api.Permanent:
    """The server's name is signed into every event."""
    return api.Permanent(
        name="server_name",
        value=context.settings.server_name,
        consequence="every account, room and message bears the old name, and none can be carried over",
        setting="server_name",
    )


def outgoing(context: api.Context[MatrixSettings]) -> Iterator[api.Outgoing]:
    """Which processes reach the internet, and why: none, the one made for it, or those that have something to fetch."""
    federates, pushes = context.privacy.federation != "none", context.settings.push
    match federates, pushes:
        case True, True:
            reason = (
                "talks to the homeservers of other communities and wakes members' phones through the push services of"
                " their apps"
            )
        case True, False:
            reason = "talks to the homeservers of other communities"
        case False, True:
            reason = "wakes members' phones through the push services of their apps"
        case _:
            return
    if "outgoing" in context.settings.workers:
        yield api.Outgoing(unit=unit("outgoing"), reason=reason)
        return
    yield api.Outgoing(unit=unit(), reason=reason)
    if federates and "media" in context.settings.workers:
        yield api.Outgoing(unit=unit("media"), reason="fetches files that other homeservers' members sent")
    if federates and "background" in context.settings.workers:
        yield api.Outgoing(unit=unit("background"), reason="asks other homeservers for their members' devices")


def needs(context: api.Context[MatrixSettings]) -> Iterator[api.Need[Any]]:
    """Everything the plugin asks for."""
    chosen = context.settings.workers
    yield permanent_name(context)
    yield from sites(context)
    yield DATABASE
    yield HTTP
    yield from (MACAROON, FORM, REGISTRATION)
    if chosen:
        yield CACHE
    if "media" in chosen:
        yield MEDIA
    if "outgoing" in chosen:
        yield REPLICATION
    yield from outgoing(context)
