"""Redis: a server for each service that asks, as small as it asked for."""

from __future__ import annotations

from typing import Any

import pytest

from maidan_nix import api
from maidan_nix_plugins.platform.redis import Redis
from plugin_harness import configuration, context

WIKI = api.Cache(name="wiki", memory=64 * 2**20)
CHAT = api.Cache(name="chat")


def grants(*caches: api.Cache) -> api.Grants:
    return api.Grants({}, tuple(api.Served(need, "services/example", "main", api.Grants({})) for need in caches))


def servers(*caches: api.Cache) -> dict[str, Any]:
    found: dict[str, Any] = configuration(context("platform/redis"), grants(*caches))["services"]["redis"]["servers"]
    return found


def test_a_server_is_granted_with_its_socket_and_the_group_that_may_use_it() -> None:
    granted = Redis().grant(context("platform/redis"), api.Request(WIKI, "services/wiki", "main"))
    assert granted == api.CacheGrant(socket="/run/redis-wiki/redis.sock", group="redis-wiki", unit="redis-wiki.service")


@pytest.mark.parametrize("name", ["", "Wiki", "-wiki", "wi/ki", "wi ki", "w" * 26, "wiki\n"])
def test_a_name_that_cannot_be_part_of_a_user_name_is_refused(name: str) -> None:
    with pytest.raises(api.Refused, match="cannot be the name"):
        Redis().grant(context("platform/redis"), api.Request(api.Cache(name=name), "services/wiki", "main"))


def test_the_longest_name_still_makes_a_user_name() -> None:
    name = "w" * 25
    granted = Redis().grant(context("platform/redis"), api.Request(api.Cache(name=name), "services/wiki", "main"))
    assert len(granted.group) <= 31


def test_each_service_has_a_server_of_its_own() -> None:
    both = servers(WIKI, CHAT)
    assert set(both) == {"wiki", "chat"}
    assert both["wiki"]["settings"]["maxmemory"] == 64 * 2**20
    assert both["chat"]["settings"]["maxmemory"] == 256 * 2**20


def test_nothing_listens_on_the_network_and_nothing_reaches_the_disk() -> None:
    server = servers(WIKI)["wiki"]
    assert (server["port"], server["unixSocketPerm"]) == (0, 660)
    assert (server["save"], server["appendOnly"]) == ([], False)


def test_a_full_server_says_so_instead_of_forgetting() -> None:
    assert servers(WIKI)["wiki"]["settings"]["maxmemory-policy"] == "noeviction"


def test_the_unit_has_room_for_what_the_server_may_hold() -> None:
    (unit,) = Redis().units(context("platform/redis"), grants(WIKI))
    assert unit.limits is not None
    assert (unit.name, unit.profile, unit.exemptions) == ("redis-wiki", "socket", ())
    assert (unit.limits.memory_high, unit.limits.memory_max) == ("128M", "192M")
