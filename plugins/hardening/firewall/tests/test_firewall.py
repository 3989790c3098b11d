"""The firewall: what the plugin asks for, what nftables says to it, and what real packets find."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from judges import judge, nft_check
from live.tree import missing
from maidan_nix import api
from maidan_nix_plugins.hardening.firewall import Firewall
from maidan_nix_plugins.hardening.firewall.tests.compose import compose
from plugin_harness import configuration, context, plain
from units.composition import EXAMPLES, example

SSH = api.Port(name="ssh", number=22, open_to="internet", purpose="stewards administer the host")
WEB = (
    api.Port(name="http", number=80, open_to="internet", purpose="leads to HTTPS"),
    api.Port(name="https", number=443, open_to="internet", purpose="web sites"),
    api.Port(name="quic", number=443, protocol="udp", open_to="internet", purpose="web sites over HTTP/3"),
)
BACKEND = api.Port(name="backend", number=8008, purpose="an application, for the web server")


def options(**settings: Any) -> dict[str, Any]:
    served = []
    for plugin, ports in {"hardening/ssh": (SSH,), "platform/nginx": WEB, "services/wiki": (BACKEND,)}.items():
        granted: dict[api.Need[Any], Any] = {
            port: api.PortGrant(number=port.number or 0, address="::") for port in ports
        }
        served += [api.Served(port, plugin, "main", api.Grants(granted)) for port in ports]
    return configuration(context("hardening/firewall", settings), api.Grants({}, served))


def request(port: api.Port, assigned: int | None) -> api.Request[api.Port]:
    return api.Request(port, "services/wiki", "main", assigned)


# What it asks for


def test_a_port_for_this_machine_is_on_loopback_and_one_for_others_is_not() -> None:
    firewall, one = Firewall(), context("hardening/firewall")
    assert firewall.grant(one, request(BACKEND, 8008)) == api.PortGrant(number=8008, address="127.0.0.1")
    assert firewall.grant(one, request(SSH, 22)) == api.PortGrant(number=22, address="::")


def test_a_port_that_opens_without_a_purpose_is_refused() -> None:
    nameless = api.Port(name="game", number=7777, open_to="internet")
    with pytest.raises(api.Refused, match="does not say what for"):
        Firewall().grant(context("hardening/firewall"), request(nameless, 7777))


def test_what_is_open_is_listed_with_its_purpose_in_order() -> None:
    ports = options()["maidan"]["inbound"]["ports"]
    assert [(port["number"], port["protocol"]) for port in ports] == [
        (22, "tcp"),
        (80, "tcp"),
        (443, "tcp"),
        (443, "udp"),
    ]
    assert all(port["purpose"] for port in ports)


def test_refused_packets_meet_silence_and_leave_no_trace() -> None:
    firewall = options()["networking"]["firewall"]
    assert firewall["rejectPackets"] is False
    assert firewall["logRefusedConnections"] is False


# What nftables says


@pytest.mark.parametrize("ping", [True, False])
def test_nftables_accepts_the_ruleset(ping: bool) -> None:
    assert nft_check(compose(options(ping=ping)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_nftables_accepts_what_the_examples_load(name: str) -> None:
    for host in example(name).values():
        assert nft_check(compose(plain(host["hardening/firewall"].options)))


def test_nftables_would_refuse_a_wrong_one() -> None:
    assert not nft_check(compose(options()).replace("tcp dport", "tcp port"))


# What packets find


def packets(ruleset: str, folder: Path) -> Mapping[str, Any]:
    judge("nft", package="nftables")
    judge("ip", package="iproute2")
    alone = [judge("unshare", package="util-linux"), "--user", "--map-root-user", "--net", "--mount"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        missing("a user namespace", "this machine does not allow one")
    file = folder / "rules.nft"
    file.write_text(ruleset)
    program = Path(__file__).with_name("packets.py")
    done = subprocess.run(
        [*alone, sys.executable, str(program), str(file)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


MEANT: Mapping[str, Any] = {
    "ports": {"22": "answers", "80": "answers", "443": "answers", "5432": "silent", "8008": "silent"},
    "ports over IPv6": {"22": "answers", "80": "answers", "443": "answers", "5432": "silent", "8008": "silent"},
    "here": "answers",
    "outward": "answers",
    "through": "silent",
    "datagrams": ["10.0.0.2"],
    "pings limited": True,
    "pings over IPv6 limited": True,
}


def judged(ruleset: str, folder: Path) -> Mapping[str, Any]:
    found = dict(packets(ruleset, folder))
    for name in ("pings", "pings over IPv6"):
        # Twenty at once, and ten more a second while the others arrive.
        found[f"{name} limited"] = 20 <= found.pop(name) <= 40
    return found


def test_open_ports_answer_closed_ones_are_silent_and_the_rest_is_dropped(tmp_path: Path) -> None:
    assert judged(compose(options()), tmp_path) == MEANT


def test_a_host_can_be_told_not_to_answer_pings(tmp_path: Path) -> None:
    found = packets(compose(options(ping=False)), tmp_path)
    assert (found["pings"], found["pings over IPv6"]) == (0, 0)
    assert found["ports over IPv6"] == MEANT["ports over IPv6"]


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("hook input priority filter; policy drop", "hook input priority filter; policy accept", "ports"),
        ("80, 443 } accept", "80 } accept", "ports"),
        ("established : accept", "established : drop", "outward"),
        ("hook prerouting priority mangle + 10; policy drop", "hook prerouting priority mangle + 10", "datagrams"),
        ("hook forward priority filter; policy drop", "hook forward priority filter; policy accept", "through"),
        ("icmp type echo-request limit", "udp dport 9 limit", "pings limited"),
        ("icmpv6 type echo-request limit", "udp dport 9 limit", "pings over IPv6 limited"),
        ('iifname { "lo" } accept', "", "here"),
    ],
)
def test_a_hole_in_the_rules_is_seen(old: str, new: str, seen: str, tmp_path: Path) -> None:
    rules = compose(options())
    assert old in rules
    assert judged(rules.replace(old, new), tmp_path)[seen] != MEANT[seen]
