"""The files that the NixOS module writes for Synapse, from the options that it is given.

Source: nixos/modules/services/matrix/synapse.nix of nixpkgs 4aa6836a: its defaults, its submodule of listeners, its
conversion of socket modes, and the nulls that it drops from the main file (not from those of the workers).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from maidan_nix.nix.values import Ref

DATA = "/var/lib/matrix-synapse"
LOG = "/judged/log.yaml"
SECRETS = "/judged/secrets"

_PRIVATE = (
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.168.0.0/16", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "2001:db8::/32", "203.0.113.0/24",
    "224.0.0.0/4", "::1/128", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
_MATRIX_ORG = {"ed25519:auto": "Noi6WqcDj0QmPxCNQqgezwTlBKrfqehY1u2FyWP9uYw"}

_DEFAULTS: Mapping[str, Any] = {
    "app_service_config_files": [],
    "database": {"args": {"database": "matrix-synapse", "user": "matrix-synapse"}, "name": "psycopg2"},
    "dynamic_thumbnails": False,
    "enable_metrics": False,
    "enable_registration": False,
    "log_config": LOG,
    "macaroon_secret_key": None,
    "max_image_pixels": "32M",
    "max_upload_size": "50M",
    "media_store_path": f"{DATA}/media_store",
    "pid_file": "/run/matrix-synapse.pid",
    "presence": {"enabled": True},
    "public_baseurl": None,
    "redis": {"enabled": False},
    "registration_shared_secret": None,
    "report_stats": False,
    "signing_key_path": f"{DATA}/homeserver.signing.key",
    "tls_certificate_path": None,
    "tls_private_key_path": None,
    "trusted_key_servers": [{"server_name": "matrix.org", "verify_keys": _MATRIX_ORG}],
    "turn_shared_secret": "",
    "turn_uris": [],
    "url_preview_enabled": True,
    "url_preview_ip_range_blacklist": list(_PRIVATE),
    "url_preview_ip_range_whitelist": [],
    "url_preview_url_blacklist": [],
}


@dataclass(frozen=True, slots=True)
class Composed:
    """homeserver.yaml and the files of the workers by name. They are JSON, which YAML includes."""

    main: Mapping[str, Any]
    workers: Mapping[str, Mapping[str, Any]]

    def files(self, folder: str = "/judged") -> dict[str, str]:
        """Return the files as Synapse is given them, below `folder`."""
        workers = {f"{folder}/worker-{name}.yaml": json.dumps(content) for name, content in self.workers.items()}
        return {f"{folder}/homeserver.yaml": json.dumps(self.main), **workers}


def compose(options: Mapping[str, Any], change: Callable[[dict[str, Any]], None] = lambda _: None) -> Composed:
    """Compose the files from ``services.matrix-synapse``, as plain data.

    Paths of secrets become files below `SECRETS`. `change` may alter the main settings before they are completed, as
    a steward's own module could.
    """
    settings: dict[str, Any] = _located(options["settings"])
    change(settings)
    main = {**_DEFAULTS, **settings}
    for section in ("database", "presence", "redis"):
        main[section] = _merged(_DEFAULTS[section], settings.get(section, {}))
    if main["database"]["name"] == "sqlite3":
        main["database"]["args"]["user"] = None
    main["listeners"] = [_listener(one, on_worker=False) for one in settings["listeners"]]
    workers = {
        name: {
            "worker_app": "synapse.app.generic_worker",
            "worker_log_config": LOG,
            **worker,
            "worker_listeners": [_listener(one, on_worker=True) for one in worker.get("worker_listeners", [])],
            "worker_name": name,
        }
        for name, worker in options.get("workers", {}).items()
    }
    return Composed(_without_nulls(main), workers)


def secrets(composed: Composed) -> dict[str, str]:
    """A file for each secret that the settings name, each with a text of its own."""
    paths = [value for value in composed.main.values() if isinstance(value, str) and value.startswith(SECRETS)]
    return {path: f"{hashlib.sha256(path.encode()).hexdigest()}\n" for path in paths}


def _located(value: Any) -> Any:
    match value:
        case Ref(steps=("config", "age", "secrets", name, "path")):
            return f"{SECRETS}/{name}"
        case Mapping():
            return {key: _located(inner) for key, inner in value.items()}
        case list():
            return [_located(inner) for inner in value]
        case _:
            return value


def _merged(default: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**default, **given}
    for key, inner in default.items():
        if isinstance(inner, Mapping) and isinstance(given.get(key), Mapping):
            merged[key] = {**inner, **given[key]}
    return merged


def _listener(given: Mapping[str, Any], *, on_worker: bool) -> dict[str, Any]:
    on_socket = given.get("path") is not None
    completed: dict[str, Any] = {
        "bind_addresses": None if on_socket else ["::1", "127.0.0.1"],
        "mode": "660" if on_socket else None,
        "path": None,
        "port": None,
        "tls": None if on_socket else not on_worker,
        "type": "http",
        "x_forwarded": on_socket,
        **given,
    }
    completed["mode"] = None if completed["mode"] is None else int(completed["mode"], 8)
    completed["resources"] = [{"compress": False, **resource} for resource in given["resources"]]
    return completed


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value if inner is not None]
    return value
