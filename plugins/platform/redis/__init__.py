"""Redis: a small server for each service that asks, on a socket of its own.

Source: nixos/modules/services/databases/redis.nix of nixpkgs 4aa6836a.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

_NAME = re.compile(r"[a-z][a-z0-9-]{0,24}\Z")  # becomes a user name, redis-NAME, of at most 31 characters
_OVERHEAD = 2
"""Redis may need twice its data while it forks or fragments; the unit's limit leaves room for that."""


class RedisSettings(api.Settings):
    """``[platform.redis]`` has no settings: what a server may use is said by the service that asks for it."""


class Redis(api.Platform[RedisSettings]):
    """Provides caches."""

    name = "redis"
    title = "Redis"
    summary = "A cache for each service that needs one, on a socket of its own, never written to disk"
    upstream = "https://redis.io/"
    licence = "AGPL-3.0-only"
    settings = RedisSettings
    provides = (api.Cache,)

    def grant(self, context: api.Context[RedisSettings], request: api.Request[api.Cache]) -> api.CacheGrant:
        """Grant a server. Refuses a name that cannot be part of a user name."""
        name = request.need.name
        if not _NAME.match(name):
            raise api.Refused(api.say("{name!r} cannot be the name of a Redis server", name=name))
        return api.CacheGrant(
            socket=f"/run/redis-{name}/redis.sock", group=f"redis-{name}", unit=f"redis-{name}.service"
        )

    def configure(self, context: api.Context[RedisSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """One server per need."""
        return {
            "services": {
                "redis": {
                    "servers": {served.need.name: self._server(served.need) for served in grants.serves(api.Cache)}
                }
            }
        }

    def _server(self, need: api.Cache) -> api.Value:
        return {
            "enable": True,
            "port": nix.Noted(0, "No TCP: the socket alone."),
            "unixSocketPerm": 660,
            "save": nix.Noted([], "A cache: nothing of it is written to disk."),
            "appendOnly": False,
            "settings": {"maxmemory": need.memory, "maxmemory-policy": "noeviction"},
        }

    def units(self, context: api.Context[RedisSettings], grants: api.Grants) -> Iterable[api.Unit]:
        """One unit per server."""
        for served in grants.serves(api.Cache):
            memory = served.need.memory // 2**20
            yield api.Unit(
                name=f"redis-{served.need.name}",
                profile="socket",
                limits=api.Limits(
                    memory_high=f"{memory * _OVERHEAD}M", memory_max=f"{memory * _OVERHEAD + 64}M", tasks=64
                ),
            )


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Redis()
