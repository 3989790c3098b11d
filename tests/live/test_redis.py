"""Redis as a host would run it: a cache on a socket, for the members of one group."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from live.nspawn import Machine, boot
from live.probe import make_users
from maidan_nix_plugins.platform.redis.tests.compose import files
from plugin_harness import plain
from units.composition import effective, example

UNIT = "redis-matrix-synapse"
SOCKET = f"/run/{UNIT}/redis.sock"


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    (host,) = example("commons").values()
    unit = effective(host)[UNIT]
    assert unit.unit.profile == "socket"
    with boot(files(plain(host["platform/redis"].options))) as booted:
        make_users(booted, UNIT, "matrix-synapse", "mallory")
        booted.run("usermod", "--append", "--groups", UNIT, "matrix-synapse")
        booted.write({f"/etc/systemd/system/{UNIT}.service": unit.text({})})
        booted.start(f"{UNIT}.service")
        yield booted


def redis(machine: Machine, *command: str, user: str = "matrix-synapse") -> str:
    return machine.run("redis-cli", "-s", SOCKET, *command, user=user, check=False).stdout.strip()


def test_the_group_uses_it_and_others_do_not(machine: Machine) -> None:
    assert redis(machine, "SET", "note", "kept") == "OK"
    assert redis(machine, "GET", "note") == "kept"
    assert "Permission denied" in redis(machine, "PING", user="mallory")
    assert machine.run("stat", "--format=%U:%G %a", SOCKET).stdout.strip() == f"{UNIT}:{UNIT} 660"


def test_no_port_is_open(machine: Machine) -> None:
    assert redis(machine, "CONFIG", "GET", "port").splitlines() == ["port", "0"]
    inside = ("nsenter", f"--target={machine.show(UNIT, 'MainPID')}", "--net")
    for here in (inside, ()):
        assert machine.run(*here, "ss", "--tcp", "--listening", "--numeric", "--no-header").stdout == ""


def test_nothing_is_kept(machine: Machine) -> None:
    redis(machine, "SET", "gone", "soon")
    machine.run("systemctl", "restart", UNIT)
    assert redis(machine, "GET", "gone") == ""
    assert machine.run("find", f"/var/lib/{UNIT}", "-type", "f").stdout.split() == [f"/var/lib/{UNIT}/redis.conf"]


def test_its_memory_is_bounded_and_nothing_is_dropped_in_silence(machine: Machine) -> None:
    assert redis(machine, "CONFIG", "GET", "maxmemory").split()[1] == str(256 * 2**20)
    assert redis(machine, "CONFIG", "GET", "maxmemory-policy").split()[1] == "noeviction"


def test_the_server_itself_is_confined(machine: Machine) -> None:
    process = machine.root / f"proc/{machine.show(UNIT, 'MainPID')}"
    status = (process / "status").read_text()
    for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        assert line in status
    for namespace in ("net", "user", "mnt"):
        assert (process / "ns" / namespace).readlink() != (machine.root / "proc/1/ns" / namespace).readlink()
