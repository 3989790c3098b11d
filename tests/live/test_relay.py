"""Relays between two hosts as they would run: sockets, proxies and their sandboxes, over a network cable.

The cable stands in for the private network: it has its name and its addresses, but nothing is encrypted. What
systemd-networkd makes of the interface is judged by its own words; that WireGuard carries it is not shown here.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import pytest

from judges import judge
from live.nspawn import Machine, boot
from live.probe import FILES, Able, make_users, prepare, probe
from maidan_nix_plugins.platform.wireguard.addresses import address
from maidan_nix_plugins.platform.wireguard.tests.compose import files
from maidan_nix_plugins.platform.wireguard.tests.fleet import DATABASE, NUMBER, WEB, configured, fleet
from plugin_harness import plain
from units.composition import Effective, effective
from units.sockets import socket_text

ASKED: Final = (("main", WEB), ("main", DATABASE))
PROGRAMS: Final = {"systemd-socket-proxyd": "/usr/lib/systemd/systemd-socket-proxyd"}
SYSTEM: Final = "/etc/systemd/system"
MAIN: Final = address("example.org", "main")
STORE: Final = address("example.org", "store")
STRANGER: Final = address("example.org", "stranger")
NETWORK: Final = "/etc/systemd/network"
FAULT: Final = re.compile(r"\.(netdev|network):\d+: |\bkey\b", re.IGNORECASE)
"""What networkd says of a line, or of a key, that it cannot use."""
WEB_LISTENER: Final = f"relayed-{NUMBER}-main"
WEB_SOCKET: Final = "/run/relay-web/socket"
DATABASE_SOCKET: Final = "/run/relay-database-wiki/.s.PGSQL.5432"

# Answers each request with where it was asked, over a port or over a socket that anybody may use.
_SERVER = f"""\
import http.server, os, socket, socketserver, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write((sys.argv[1] + " " + "x" * int(self.path[1:] or 0)).encode())
    def address_string(self):
        return "somebody"
    def log_message(self, *arguments):
        pass

class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 512

if sys.argv[1] == "port":
    Server(("127.0.0.1", {NUMBER}), Handler).serve_forever()
class Local(Server):
    address_family = socket.AF_UNIX
    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "local", 0
        os.chmod(self.server_address, 0o777)
    def get_request(self):
        request, _ = self.socket.accept()
        return request, ("local", 0)
Local(sys.argv[2], Handler).serve_forever()
"""
_SERVERS: Final = {
    "/srv/server.py": _SERVER,
    f"{SYSTEM}/backend.service": "[Service]\nExecStart=/usr/bin/python3 /srv/server.py port\n",
    f"{SYSTEM}/database.service": "[Service]\nRuntimeDirectory=postgresql\nRuntimeDirectoryMode=0755\n"
    "ExecStart=/usr/bin/python3 /srv/server.py socket /run/postgresql/.s.PGSQL.5432\n",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """The host that asks, the host that serves, and the units of both."""

    main: Machine
    store: Machine
    units: Mapping[str, Mapping[str, Effective]]


def unit_files(host: str) -> tuple[dict[str, str], Mapping[str, Effective], Any]:
    """Everything that the plugin gives a host to run, by path; the units; and the options."""
    both = configured(fleet()[host], *ASKED)
    options = plain(both["platform/wireguard"].options)
    units = effective(both)
    made = {f"{SYSTEM}/{name}.service": one.text(PROGRAMS) for name, one in units.items()}
    sockets = options["systemd"]["sockets"]
    made |= {f"{SYSTEM}/{name}.socket": socket_text(socket) for name, socket in sockets.items()}
    return made, units, options


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    judge("ip", package="iproute2")
    units: dict[str, Mapping[str, Effective]] = {}
    machines: dict[str, Machine] = {}
    with ExitStack() as running:
        for host in ("main", "store"):
            made, units[host], options = unit_files(host)
            network = {path: text for path, text in files(options, "/key").items() if path.endswith(".network")}
            machines[host] = running.enter_context(boot({**made, **network, **FILES, **_SERVERS}))
        main, store = machines["main"], machines["store"]
        make_users(main, "nginx", "wiki", "mallory")
        store.start("backend.service", "database.service")
        store.wait_for("curl", "-sf", f"http://127.0.0.1:{NUMBER}/")
        store.wait_for("curl", "-sf", "--unix-socket", "/run/postgresql/.s.PGSQL.5432", "http://store/")
        # Before there is any interface to listen on.
        for host, machine in machines.items():
            machine.start(*(f"{name}.socket" for name in units[host]))
        lay_cable(main, store)
        for machine in machines.values():  # a cable carries nothing before both of its ends are up
            machine.start("systemd-networkd.service")
        for machine, peer in ((main, STORE), (store, MAIN)):
            machine.wait_for("sh", "-c", f"ip -6 route get {peer} | grep --quiet 'dev maidan0'")
            # A cable's address is tried out first; WireGuard has no neighbours who could have it.
            machine.wait_for("sh", "-c", "ip -6 address show dev maidan0 -tentative | grep --quiet inet6")
        yield Pair(main, store, units)


def lay_cable(one: Machine, other: Machine) -> None:
    """Put one end of a cable into each machine, called as the private network's interface is."""
    make = f"ip link add maidan0 type veth peer name maidan0 netns {other.leader}"
    subprocess.run(["nsenter", f"--target={one.leader}", "--net", *make.split()], check=True)


def ask(machine: Machine, socket: str, *, user: str, size: int = 0) -> subprocess.CompletedProcess[str]:
    """Ask what is behind a relay's socket."""
    where = ("--unix-socket", socket, f"http://store/{size}")
    return machine.run("curl", "--silent", "--show-error", "--max-time", "10", *where, user=user, check=False)


def knock(machine: Machine, number: int, source: str) -> int:
    """Ask the other host's listener itself, from an address of this one; return curl's exit code."""
    where = ("--interface", source, f"http://[{STORE}]:{number}/")
    return machine.run(
        "curl", "--silent", "--output", "/dev/null", "--connect-timeout", "2", *where, check=False
    ).returncode


def test_a_member_of_the_group_reaches_the_port_on_the_other_host(pair: Pair) -> None:
    assert ask(pair.main, WEB_SOCKET, user="nginx").stdout == "port "


def test_a_member_of_the_group_reaches_the_socket_on_the_other_host(pair: Pair) -> None:
    assert ask(pair.main, DATABASE_SOCKET, user="wiki").stdout == "socket "


def test_much_arrives_whole(pair: Pair) -> None:
    size = 5_000_000
    for socket, user in ((WEB_SOCKET, "nginx"), (DATABASE_SOCKET, "wiki")):
        assert len(ask(pair.main, socket, user=user, size=size).stdout.partition(" ")[2]) == size


def test_many_at_once_are_served(pair: Pair) -> None:
    many = 400  # more than a proxy takes unasked
    program = f"""\
import socket
callers = [socket.socket(socket.AF_UNIX) for _ in range({many})]
for caller in callers:
    caller.connect("{DATABASE_SOCKET}")
for caller in callers:
    caller.sendall(b"GET /1 HTTP/1.0\\r\\n\\r\\n")
print(sum(caller.makefile("rb").read().endswith(b"socket x") for caller in callers))
"""
    pair.main.write({"/srv/many.py": program})
    assert pair.main.run("python3", "/srv/many.py", user="wiki").stdout == f"{many}\n"


@pytest.mark.parametrize("user", ["mallory", "wiki"])
def test_nobody_else_does(pair: Pair, user: str) -> None:
    refused = ask(pair.main, WEB_SOCKET, user=user)
    assert refused.returncode == 7
    assert (
        "Permission denied"
        in pair.main.run(
            "python3",
            "-c",
            f"import socket; socket.socket(socket.AF_UNIX).connect('{WEB_SOCKET}')",
            user=user,
            check=False,
        ).stdout
    )
    listed = pair.main.run("ls", "/run/relay-web", user=user, check=False)
    assert (listed.returncode, "Permission denied" in listed.stdout) == (2, True)
    assert pair.main.run("stat", "--format=%U:%G %a", WEB_SOCKET).stdout.strip() == "root:nginx 660"


def test_the_other_host_answers_to_the_host_that_asked_and_to_no_other_address(pair: Pair) -> None:
    pair.main.run("ip", "address", "replace", f"{STRANGER}/128", "dev", "maidan0", "nodad")
    pair.store.run("ip", "route", "replace", STRANGER, "dev", "maidan0")
    timed_out = 28
    for number in (NUMBER, 5432):
        assert knock(pair.main, number, MAIN) == 0
        assert knock(pair.main, number, STRANGER) == timed_out
        assert knock(pair.store, number, STORE) == timed_out
    # What stands behind is not reached but through the relay.
    listening = pair.store.run("ss", "--tcp", "--listening", "--numeric", "--no-header").stdout
    assert f"127.0.0.1:{NUMBER}" in listening


def test_the_proxies_can_do_nothing_else(pair: Pair) -> None:
    able: dict[str, Able] = {}
    for host, machine in (("main", pair.main), ("store", pair.store)):
        prepare(machine)
        able |= probe(machine, list(pair.units[host].values()))
    assert set(able) == {"relay-web", "relay-database-wiki", "relayed-5432-main", WEB_LISTENER}
    for name, can in able.items():
        assert can["capabilities"] == {"Bnd": 0, "Eff": 0, "Amb": 0}
        assert can["loopback"] == (name != "relayed-5432-main"), name
        assert not any(can[what] for what in ("private", "public", "low port", "packets", "namespaces")), name
        assert not any(can[what] for what in ("other folders", "homes", "processes of others", "devices")), name
        assert can["no new privileges"]
        assert not can["code in memory"]


def test_each_proxy_has_a_user_of_its_own(pair: Pair) -> None:
    ask(pair.main, WEB_SOCKET, user="nginx")
    ask(pair.main, DATABASE_SOCKET, user="wiki")
    owners = set()
    for machine, names in ((pair.main, pair.units["main"]), (pair.store, pair.units["store"])):
        for name in names:
            process = machine.show(f"{name}.service", "MainPID")
            owners.add(machine.run("stat", "--format=%u", f"/proc/{process}").stdout.strip())
    assert len(owners) >= 2
    assert "0" not in owners


def test_a_proxy_that_dies_is_back_with_the_next_caller(pair: Pair) -> None:
    for machine, unit in ((pair.main, "relay-web"), (pair.store, WEB_LISTENER)):
        for _ in range(8):  # more often than systemd lets a unit start by default
            assert ask(pair.main, WEB_SOCKET, user="nginx").stdout == "port "
            machine.run("systemctl", "kill", "--signal=KILL", f"{unit}.service")
            machine.wait_for("systemctl", "is-failed", "--quiet", f"{unit}.service")
        assert ask(pair.main, WEB_SOCKET, user="nginx").stdout == "port "


def test_it_can_be_restarted_as_a_whole(pair: Pair) -> None:
    pair.main.run("systemctl", "stop", "relay-web.socket", "relay-web.service")
    assert pair.main.run("test", "-e", WEB_SOCKET, check=False).returncode == 1
    pair.main.run("systemctl", "start", "relay-web.socket")
    assert ask(pair.main, WEB_SOCKET, user="nginx").stdout == "port "


def test_where_nothing_listens_the_caller_is_told_at_once(pair: Pair) -> None:
    pair.store.stop("backend.service")
    answered, timed_out = 0, 28
    assert ask(pair.main, WEB_SOCKET, user="nginx").returncode not in {answered, timed_out}
    pair.store.start("backend.service")
    pair.store.wait_for("curl", "-sf", f"http://127.0.0.1:{NUMBER}/")
    assert ask(pair.main, WEB_SOCKET, user="nginx").stdout == "port "


def test_an_idle_proxy_ends_and_comes_back(pair: Pair) -> None:
    text = pair.units["main"]["relay-web"].text(PROGRAMS)
    assert "--exit-idle-time=10min" in text
    pair.main.run("systemctl", "stop", "relay-web.service")
    pair.main.write({f"{SYSTEM}/relay-web.service": text.replace("--exit-idle-time=10min", "--exit-idle-time=1s")})
    pair.main.run("systemctl", "daemon-reload")
    assert ask(pair.main, WEB_SOCKET, user="nginx").stdout == "port "
    pair.main.wait_for("sh", "-c", "test $(systemctl show --value -p ActiveState relay-web.service) = inactive")
    assert pair.main.show("relay-web.service", "Result") == "success"
    assert ask(pair.main, WEB_SOCKET, user="nginx").stdout == "port "


KEY: Final = "GHuMwljFfqd2a7cs6BaUOmHflK23zME8VNvC5B37S3k=\n"


def test_networkd_understands_both_files_of_the_interface(pair: Pair) -> None:
    for host, machine in (("main", pair.main), ("store", pair.store)):
        made = files(unit_files(host)[2], "/key")
        # By a name of its own: where the kernel has WireGuard, there would be two of them.
        (netdev,) = (text.replace("maidan0", "judged0") for path, text in made.items() if path.endswith(".netdev"))
        machine.write({"/key": KEY, f"{NETWORK}/judged0.netdev": netdev})
        machine.run("chown", "root:systemd-network", "/key")
        machine.run("chmod", "440", "/key")
        said = reading(machine)
        assert "maidan0.network" in said
        assert "judged0" in said  # it went as far as making it, or as the kernel can
        assert [line for line in said.splitlines() if FAULT.search(line)] == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Endpoint=", "Endpont=", "Endpont"),
        ("PublicKey=T", "PublicKey=", "Failed to decode wireguard key"),
        ("/128", "/129", "Network address is invalid"),
        ("Kind=wireguard", "Kind=wiregard", "netdev kind"),
        ("", "", "/key"),
    ],
)
def test_networkd_would_say_what_it_does_not_understand(pair: Pair, old: str, new: str, fault: str) -> None:
    made = files(unit_files("main")[2], "/key" if old else "/not/there/key")
    (netdev,) = (text.replace("maidan0", "judged0") for path, text in made.items() if path.endswith(".netdev"))
    assert old in netdev
    pair.main.write({f"{NETWORK}/judged0.netdev": netdev.replace(old, new) if old else netdev})
    faults = [line for line in reading(pair.main).splitlines() if FAULT.search(line)]
    assert [line for line in faults if fault in line], faults


def reading(machine: Machine) -> str:
    """What networkd says when it reads its files anew."""
    machine.run("systemctl", "reset-failed", "systemd-networkd.service")
    machine.run("systemctl", "restart", "systemd-networkd.service")
    invocation = machine.show("systemd-networkd.service", "InvocationID")
    machine.run("journalctl", "--sync")
    return machine.run("journalctl", "--no-pager", "--output=cat", f"_SYSTEMD_INVOCATION_ID={invocation}").stdout
