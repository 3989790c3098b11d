"""Processes beside the main one. Each of them is right without rules about single requests in the web server.

'outgoing' and 'background' answer no requests; 'media' answers all below the paths of files. Sources: docs/workers.md
of element-hq/synapse a58ad44e, nixos/modules/services/matrix/synapse.nix of nixpkgs 4aa6836a.
"""

from __future__ import annotations

from collections.abc import Mapping

from maidan_nix import api
from maidan_nix.api import nix

from . import needs
from .ports import HTTP, MEDIA
from .settings import MatrixSettings

_SOCKETS = "/run/matrix-synapse"
"""The runtime directory that the NixOS module gives to all of them."""
MAIN_SOCKET = f"{_SOCKETS}/main_replication.sock"
OUTGOING_SOCKET = f"{_SOCKETS}/outgoing_replication.sock"


def main_listeners(context: api.Context[MatrixSettings], grants: api.Grants) -> list[api.Value]:
    """Where the main process listens: on loopback for the web server, on a socket for the workers."""
    federates = context.privacy.federation != "none"
    public = _on_loopback(grants[HTTP], ["client", "federation"] if federates else ["client"])
    return [public, _on_socket(MAIN_SOCKET)] if context.settings.workers else [public]


def shared(context: api.Context[MatrixSettings], grants: api.Grants) -> Mapping[str, api.Value]:
    """What every process is told of the others: who sends, who keeps files, who clears up, who pushes."""
    chosen = context.settings.workers
    settings: dict[str, api.Value] = {}
    if chosen:
        settings["redis"] = {"enabled": True, "path": grants[needs.CACHE].socket}
        places = {"main": {"path": MAIN_SOCKET}}
        if "outgoing" in chosen:
            places["outgoing"] = {"path": OUTGOING_SOCKET}
        settings["instance_map"] = places
    if "outgoing" in chosen:
        settings |= {
            "worker_replication_secret_path": grants[needs.REPLICATION].path,
            "federation_sender_instances": ["outgoing"],
            "outbound_federation_restricted_to": nix.Noted(
                ["outgoing"], "The others ask this one; they reach nothing beyond this machine."
            ),
        }
    if context.settings.push:
        settings |= {"pusher_instances": ["outgoing"]} if "outgoing" in chosen else {}
    else:
        settings["start_pushers"] = nix.Noted(False, context.cite("push"))
    if "media" in chosen:
        settings |= {"enable_media_repo": False, "media_instance_running_background_jobs": "media"}
    if "background" in chosen:
        settings["run_background_tasks_on"] = "background"
    return settings


def options(context: api.Context[MatrixSettings], grants: api.Grants) -> Mapping[str, api.Value]:
    """``services.matrix-synapse.workers``."""
    options: dict[str, api.Value] = {}
    for worker in needs.workers(context):
        match worker:
            case "media":
                options[worker] = {
                    "worker_app": "synapse.app.media_repository",
                    "worker_listeners": [_on_loopback(grants[MEDIA], ["media"])],
                }
            case "outgoing":
                options[worker] = {"worker_listeners": [_on_socket(OUTGOING_SOCKET)]}
            case _:
                options[worker] = {}
    return options


def _on_loopback(port: api.PortGrant, resources: list[str]) -> api.Value:
    return {
        "type": "http",
        "bind_addresses": [port.address],
        "port": port.number,
        "tls": False,
        "x_forwarded": True,
        "resources": [{"names": resources, "compress": False}],
    }


def _on_socket(path: str) -> api.Value:
    return {"type": "http", "path": path, "resources": [{"names": ["replication"], "compress": False}]}
