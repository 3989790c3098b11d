"""What the firewall lets into the private network: judged by nftables, and by packets."""

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
from maidan_nix_plugins.hardening.firewall.tests.compose import compose
from maidan_nix_plugins.platform.wireguard.addresses import address
from maidan_nix_plugins.platform.wireguard.tests.fleet import DATABASE, WEB, configured, fleet
from plugin_harness import configuration, context, plain

ASKED = (("main", DATABASE), ("main", WEB))
SSH = api.Port(name="ssh", number=22, open_to="internet", purpose="stewards administer the host")
FACTS = {
    "host": address("example.org", "store"),
    "peer": address("example.org", "main"),
    "other": address("example.org", "side"),
    "number": 5432,
}
MEANT = {
    "the peer": "answers",
    "the peer, at another port": "silent",
    "another of the private network": "silent",
    "a stranger": "silent",
    "a stranger, at an open port": "answers",
}


def ruleset() -> str:
    """The rules of the host that serves: those of the firewall's plugin, and what the relays add to the list."""
    served = api.Served(SSH, "hardening/ssh", "store", api.Grants({SSH: api.PortGrant(22, "::")}))
    options = configuration(context("hardening/firewall"), api.Grants({}, (served,)))
    relays = plain(configured(fleet()["store"], *ASKED)["platform/wireguard"].options)
    options["maidan"]["inbound"]["ports"] += relays["maidan"]["inbound"]["ports"]
    return compose(options)


def packets(rules: str, folder: Path) -> Mapping[str, Any]:
    judge("nft", package="nftables")
    judge("ip", package="iproute2")
    alone = [judge("unshare", package="util-linux"), "--user", "--map-root-user", "--net", "--mount"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        missing("a user namespace", "this machine does not allow one")
    file = folder / "rules.nft"
    file.write_text(rules)
    program = [sys.executable, str(Path(__file__).with_name("packets.py")), str(file), json.dumps(FACTS)]
    done = subprocess.run([*alone, *program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def test_nftables_accepts_the_ruleset() -> None:
    assert nft_check(ruleset())


def test_the_peer_that_asked_gets_in_and_nobody_else(tmp_path: Path) -> None:
    assert packets(ruleset(), tmp_path) == MEANT


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        (f"ip6 saddr {FACTS['peer']} tcp dport 5432", "tcp dport 5432", "another of the private network"),
        ("tcp dport 5432", "tcp dport 5432-5433", "the peer, at another port"),
        ("tcp dport 5432", "tcp dport 5431", "the peer"),
        (f'iifname "maidan0" ip6 saddr {FACTS["peer"]} tcp dport 5432', "tcp dport 5432", "a stranger"),
        ("tcp dport { 22 } accept", "", "a stranger, at an open port"),
    ],
)
def test_a_hole_in_the_rules_is_seen(old: str, new: str, seen: str, tmp_path: Path) -> None:
    rules = ruleset()
    assert old in rules
    assert packets(rules.replace(old, new), tmp_path)[seen] != MEANT[seen]
