"""Runs in namespaces of its own: real packets between three machines, one of which loads a ruleset.

    unshare --user --map-root-user --net --mount python packets.py RULESET

The host is this network namespace; a client and a machine behind the host are namespaces of their own. Prints what
came through as JSON.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

CLONE_NEWNET = 0x40000000
LISTENING = (22, 80, 443, 5432, 8008)
PINGS = 60
HOST, HOST6, CLIENT, BEHIND = "10.0.0.1", "fd00::1", "10.0.0.2", "10.1.0.2"
SILENCE = 0.5  # seconds after which nobody answers any more


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def new_machine(name: str, host: str, address: str) -> int:
    """Make a network namespace with a cable to the host; return its descriptor. The address is a /24 (fd00::/64)."""
    holder = subprocess.Popen(["unshare", "--net", "sleep", "60"])
    deadline = time.monotonic() + 5
    network = Path(f"/proc/{holder.pid}/ns/net")
    while network.readlink() == Path("/proc/self/ns/net").readlink():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    ip("link", "add", name, "type", "veth", "peer", "name", "cable", "netns", str(holder.pid))
    ip("address", "add", f"{host}/24", "dev", name)
    ip("link", "set", name, "up")
    there = os.open(network, os.O_RDONLY)
    holder.kill()
    holder.wait()
    with inside(there):
        ip("address", "add", f"{address}/24", "dev", "cable")
        ip("link", "set", "cable", "up")
        ip("link", "set", "lo", "up")
        ip("route", "add", "default", "via", host)
    return there


@contextlib.contextmanager
def inside(namespace: int) -> Iterator[None]:
    """Sockets and programs of this thread are of another machine within the block."""
    enter(namespace)
    try:
        yield
    finally:
        enter(HERE)


def enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.setns(namespace, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())


def listen(address: str, port: int, family: socket.AddressFamily = socket.AF_INET) -> None:
    listening = socket.create_server((address, port), family=family, backlog=64)

    def answer() -> None:
        while True:
            caller, _ = listening.accept()
            caller.close()

    threading.Thread(target=answer, daemon=True).start()


def knock(address: str, port: int) -> str:
    """What a caller sees of a port: it answers, refuses, or nothing comes back."""
    try:
        socket.create_connection((address, port), timeout=SILENCE).close()
    except TimeoutError:
        return "silent"
    except OSError as error:
        return error.strerror or str(error)
    return "answers"


def checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def pings(address: str) -> int:
    """Send a series of pings at once, as the usual program does when it floods; return how many came back."""
    six = ":" in address
    family, protocol = (socket.AF_INET6, socket.IPPROTO_ICMPV6) if six else (socket.AF_INET, socket.IPPROTO_ICMP)
    request, answer, start = (128, 129, 0) if six else (8, 0, 20)  # IPv4 hands over its own header too
    with socket.socket(family, socket.SOCK_RAW, protocol) as asking:
        asking.settimeout(SILENCE)
        for number in range(PINGS):
            head = struct.pack("!BBHHH", request, 0, 0, 1, number)  # the kernel fills in the checksum of ICMPv6
            asking.sendto(struct.pack("!BBHHH", request, 0, checksum(head), 1, number), (address, 0))
        answers = 0
        with contextlib.suppress(TimeoutError):
            while True:
                answers += asking.recv(1500)[start] == answer
        return answers


def datagram(source: str) -> None:
    """Send a UDP datagram to port 443 of the host that claims to come from `source`."""
    payload = source.encode()
    segment = struct.pack("!HHHH", 5000, 443, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, 64, socket.IPPROTO_UDP, 0)
    packet = head + socket.inet_aton(source) + socket.inet_aton(HOST) + segment
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sending:
        sending.sendto(packet, (HOST, 0))


def received(listening: socket.socket) -> list[str]:
    listening.settimeout(SILENCE)
    sources = []
    with contextlib.suppress(TimeoutError):
        while True:
            sources.append(listening.recv(100).decode())
    return sorted(sources)


def at(namespace: int, action: Callable[..., Any], *arguments: Any) -> Any:
    with inside(namespace):
        return action(*arguments)


def main(ruleset: str) -> None:
    """Wire the machines, load the ruleset, and try."""
    ip("link", "set", "lo", "up")
    client = new_machine("outside", HOST, CLIENT)
    behind = new_machine("inner", "10.1.0.1", BEHIND)
    ip("address", "add", f"{HOST6}/64", "dev", "outside", "nodad")
    at(client, ip, "address", "add", "fd00::2/64", "dev", "cable", "nodad")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    for port in LISTENING:
        listen("0.0.0.0", port)  # noqa: S104  # of namespaces that reach nobody
        listen("::", port, socket.AF_INET6)
    at(behind, listen, BEHIND, 80)
    at(client, listen, CLIENT, 80)
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((HOST, 443))
    subprocess.run(["nft", "-f", ruleset], check=True)

    at(client, datagram, CLIENT)
    at(client, datagram, "10.1.0.77")
    # All at once: most of the time goes into waiting for nothing.
    with ThreadPoolExecutor(max_workers=20) as asking:
        ports = {
            name: {port: asking.submit(at, client, knock, address, port) for port in LISTENING}
            for name, address in (("ports", HOST), ("ports over IPv6", HOST6))
        }
        others = {
            "here": asking.submit(knock, "127.0.0.1", 5432),
            "outward": asking.submit(knock, CLIENT, 80),
            "through": asking.submit(at, client, knock, BEHIND, 80),
            "pings": asking.submit(at, client, pings, HOST),
            "pings over IPv6": asking.submit(at, client, pings, HOST6),
            "datagrams": asking.submit(received, datagrams),
        }
        answers = {name: {port: found.result() for port, found in each.items()} for name, each in ports.items()}
        json.dump({**answers, **{name: found.result() for name, found in others.items()}}, sys.stdout)


HERE = os.open("/proc/self/ns/net", os.O_RDONLY)

if __name__ == "__main__":
    main(sys.argv[1])
