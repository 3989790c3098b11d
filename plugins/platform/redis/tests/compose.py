"""The files that NixOS writes for a Redis server, from the options that the plugin sets.

Follows nixos/modules/services/databases/redis.nix (see ../upstream.toml for the revision).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_DIRECT = {
    "appendOnly": "appendOnly", "bind": "bind", "databases": "databases", "logfile": "logfile",
    "maxclients": "maxclients", "port": "port", "syslog": "syslog-enabled", "unixSocket": "unixsocket",
    "unixSocketPerm": "unixsocketperm",
}  # fmt: skip
_KNOWN = {*_DIRECT, "enable", "save", "settings"}


def files(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the configuration and the start script of every server, from the plugin's options as plain data."""
    made: dict[str, str] = {}
    for name, server in options["services"]["redis"]["servers"].items():
        made[f"/etc/redis/{name}.conf"] = "\n".join(_configuration(name, server)) + "\n"
        made[f"/usr/bin/redis-{name}-prep-conf*"] = _prepare(f"redis-{name}", f"/etc/redis/{name}.conf")
    return made


def _configuration(name: str, server: Mapping[str, Any]) -> Iterator[str]:
    assert set(server) <= _KNOWN, f"the composition does not know {sorted(set(server) - _KNOWN)}"
    complete = {
        "appendOnly": False, "bind": "127.0.0.1", "databases": 16, "logfile": "/dev/null", "maxclients": 10000,
        "port": 0, "syslog": True, "unixSocket": f"/run/redis-{name}/redis.sock", "unixSocketPerm": 660,
        **server,
    }  # fmt: skip
    settings = {key: complete[option] for option, key in _DIRECT.items()}
    settings |= {"daemonize": False, "dbfilename": "dump.rdb", "dir": f"/var/lib/redis-{name}", "supervised": "systemd"}
    settings["save"] = '""' if server["save"] == [] else [" ".join(map(str, each)) for each in server["save"]]
    settings |= server.get("settings", {})
    for key, value in settings.items():
        for each in value if isinstance(value, list) else [value]:
            yield f"{key} {_written(each)}"


def _written(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _prepare(unit: str, configuration: str) -> str:
    """What runs as root before the server: its own file, which it may rewrite, includes the declared one."""
    return f"""\
#!/bin/sh
set -e
touch /var/lib/{unit}/redis.conf /run/{unit}/nixos.conf
chown {unit}:{unit} /var/lib/{unit}/redis.conf /run/{unit}/nixos.conf
chmod 0600 /var/lib/{unit}/redis.conf /run/{unit}/nixos.conf
test -s /var/lib/{unit}/redis.conf || echo 'include "/run/{unit}/nixos.conf"' >/var/lib/{unit}/redis.conf
echo 'include "{configuration}"' >/run/{unit}/nixos.conf
"""
