"""Runs in namespaces of its own: real packets at the firewall of a host that serves others in the private network.

    unshare --user --map-root-user --net --mount python packets.py RULESET FACTS

The host is this network namespace. One cable, called as the private network's interface is, leads to a peer, another
one to a stranger on the internet who knows the host's address. FACTS is JSON: the addresses of the `host`,
of its `peer` and of an `other` host of the network, and the `number` of a relay. Prints as JSON who got in.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from maidan_nix_plugins.hardening.firewall.tests.packets import SILENCE, at, ip, new_machine

HOST = "10.0.0.1"
DEADLINE = 15.0
"""Seconds in which a new cable must carry packets."""


def listen(address: str, port: int) -> socket.socket:
    return socket.create_server((address, port), family=socket.AF_INET6, backlog=64)


def knock(source: str, address: str, port: int) -> str:
    """What a caller of a certain address sees of a port: it answers, refuses, or nothing comes back."""
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as asking:
        asking.settimeout(SILENCE)
        asking.bind((source, 0))
        try:
            asking.connect((address, port))
        except TimeoutError:
            return "silent"
        except OSError as error:
            return error.strerror or str(error)
        return "answers"


def main(ruleset: str, facts: str) -> None:
    """Wire the machines, load the ruleset, and try."""
    known = json.loads(facts)
    host, peer, other, number = known["host"], known["peer"], known["other"], known["number"]
    ip("link", "set", "lo", "up")
    inside = new_machine("maidan0", "10.9.0.1", "10.9.0.2")
    outside = new_machine("outside", HOST, "10.0.0.2")
    ip("address", "add", f"{host}/128", "dev", "maidan0", "nodad")
    for address in (peer, other):
        ip("route", "add", f"{address}/128", "dev", "maidan0")
    ip("address", "add", "2001:db8::1/64", "dev", "outside", "nodad")
    at(outside, ip, "address", "add", "2001:db8::2/64", "dev", "cable", "nodad")
    for address in (peer, other):
        at(inside, ip, "address", "add", f"{address}/128", "dev", "cable", "nodad")
    at(inside, ip, "route", "add", f"{host}/128", "dev", "cable")
    at(outside, ip, "route", "add", f"{host}/128", "via", "2001:db8::1", "dev", "cable")
    listening = [listen(host, number), listen(host, number + 1), listen("::", 22)]
    # Each finds its neighbour before the rules are there, so that nobody waits for that later.
    until = time.monotonic() + DEADLINE
    while (peer_hears := at(inside, knock, peer, host, number)) != "answers" and time.monotonic() < until:
        pass
    while (hears := at(outside, knock, "2001:db8::2", "2001:db8::1", 22)) != "answers" and time.monotonic() < until:
        pass
    assert (peer_hears, hears) == ("answers", "answers")
    subprocess.run(["nft", "-f", ruleset], check=True)
    with ThreadPoolExecutor(max_workers=10) as asking:
        tried = {
            "the peer": asking.submit(at, inside, knock, peer, host, number),
            "the peer, at another port": asking.submit(at, inside, knock, peer, host, number + 1),
            "another of the private network": asking.submit(at, inside, knock, other, host, number),
            "a stranger": asking.submit(at, outside, knock, "2001:db8::2", host, number),
            "a stranger, at an open port": asking.submit(at, outside, knock, "2001:db8::2", "2001:db8::1", 22),
        }
        json.dump({who: found.result() for who, found in tried.items()}, sys.stdout)
    for each in listening:
        each.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
