"""Outgoing connections: what was asked for is what the module is told, and nonsense is refused."""

from __future__ import annotations

from typing import Any

import pytest

from maidan_nix import api
from maidan_nix_plugins.hardening.egress import Egress
from plugin_harness import configuration, context

CHAT = api.Outgoing(unit="chat", reason="talks to other communities")
MAIL = api.Outgoing(unit="mail", reason="hands mail to the relay", to="listed", addresses=("192.0.2.25/32",))


def entries(*needs: api.Outgoing) -> dict[str, Any]:
    served = tuple(api.Served(need, "services/example", "main", api.Grants({})) for need in needs)
    return configuration(context("hardening/egress"), api.Grants({}, served))


def grant(need: api.Outgoing) -> None:
    Egress().grant(context("hardening/egress"), api.Request(need, "services/example", "main"))


def test_nobody_asks_and_nothing_is_set() -> None:
    assert entries() == {}


def test_each_unit_is_told_with_its_reason_in_order_of_names() -> None:
    grant(CHAT)
    grant(MAIL)
    units = entries(MAIL, CHAT)["maidan"]["egress"]["units"]
    assert list(units) == ["chat", "mail"]
    assert units["chat"] == {"class": "internet", "reason": "talks to other communities"}
    assert units["mail"] == {"class": "listed", "addresses": ["192.0.2.25/32"], "reason": "hands mail to the relay"}


@pytest.mark.parametrize("address", ["mail.example.org", "192.0.2.25/33", "192.0.2.25/24", "any", "", "10.0.0.0/8 "])
def test_what_is_no_network_is_refused(address: str) -> None:
    with pytest.raises(api.Refused, match="mail"):
        grant(api.Outgoing(unit="mail", reason="hands mail over", to="listed", addresses=(address,)))


def test_addresses_go_with_the_list_and_only_with_it() -> None:
    for need in (
        api.Outgoing(unit="mail", reason="hands mail over", to="listed"),
        api.Outgoing(unit="mail", reason="hands mail over", to="internet", addresses=("192.0.2.25/32",)),
    ):
        with pytest.raises(api.Refused, match="addresses go with"):
            grant(need)


def test_the_whole_world_cannot_be_listed() -> None:
    """The module refuses a prefix of length 0, so asking for one must not come as far as the build."""
    for address in ("0.0.0.0/0", "::/0"):
        with pytest.raises(api.Refused, match="everybody"):
            grant(api.Outgoing(unit="mail", reason="hands mail over", to="listed", addresses=(address,)))
