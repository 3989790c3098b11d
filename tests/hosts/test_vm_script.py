"""The program of a VM test, run against machines that only answer as real ones would: no virtual machine is started."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hosts.examples import generated
from hosts.module_system import Example

ADDRESSES = {"apps": "fd00::a", "door": "fd00::d", "store": "fd00::5"}
PEERS = {"apps": ("door", "store"), "door": ("apps",), "store": ("apps",)}


@dataclass(slots=True)
class Machine:
    """What the program sees of a machine: its name, and answers to commands. All of them are noted."""

    name: str
    number: int
    done: list[str] = field(default_factory=list)
    waited: list[str] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)

    def succeed(self, *commands: str) -> str:
        self.done += commands
        return self.answer(commands[-1])

    def wait_until_succeeds(self, command: str, timeout: int = 900) -> str:
        assert timeout > 0
        return self.succeed(command)

    def execute(self, command: str) -> tuple[int, str]:
        unit = command.removeprefix("systemctl cat ")
        return (0 if unit.startswith("relay") else 1), ""

    def wait_for_unit(self, unit: str) -> None:
        self.waited.append(unit)

    def fail(self, command: str) -> None:
        self.failing.append(command)

    def answer(self, command: str) -> str:
        answers = {
            r"sed --quiet .*PrivateKeyFile.*[.]netdev$": f"/run/agenix/wireguard-{self.name}\n",
            r"wg show interfaces": "private0\n",
            r"wg show private0 public-key$": f"key+of/{self.name}=\n",
            r"wg show private0 listen-port$": f"{50000 + self.number}\n",
            r"ip -4 .* eth1 ": f"inet 192.168.1.{self.number}\n",
            r"ip -6 .* private0 ": f"inet6 {ADDRESSES.get(self.name)}\n",
            r"grep --no-filename \^Destination=": "".join(
                f"Destination={ADDRESSES[peer]}/128\n" for peer in PEERS.get(self.name, ())
            ),
        }
        found = [answer for pattern, answer in answers.items() if re.match(pattern, command)]
        return found[0] if found else ""


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Machine]:
    """The machines of the one test of hosts/federation, after it was run."""
    folder: Path = tmp_path_factory.mktemp("federation")
    (test,) = Example("federation", folder, {}).evaluate(what="tests").values()
    return run(test["testScript"], ("apps", "door", "store"))


def run(script: str, names: tuple[str, ...]) -> dict[str, Machine]:
    made = [Machine(name, number) for number, name in enumerate(names, 1)]

    @contextlib.contextmanager
    def subtest(_: str) -> Iterator[None]:
        yield

    given: dict[str, Any] = {"machines": made, "subtest": subtest, "start_all": lambda: None}
    exec(compile(script, "testScript", "exec"), given)  # noqa: S102  # what the test framework does with it
    return {machine.name: machine for machine in made}


def test_every_machine_makes_a_key_where_its_secret_would_be(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        made = machine.done.index(f"wg genkey > /run/agenix/wireguard-{name}")
        assert machine.done[made + 1] == "systemctl restart systemd-networkd.service"


def test_each_is_told_of_those_it_exchanges_anything_with_and_of_nobody_else(machines: dict[str, Machine]) -> None:
    number = {name: machine.number for name, machine in machines.items()}
    for name, machine in machines.items():
        told = [command for command in machine.done if command.startswith("wg set")]
        assert told == [
            f"wg set private0 peer key+of/{peer}= allowed-ips {ADDRESSES[peer]}/128"
            f" endpoint 192.168.1.{number[peer]}:{50000 + number[peer]} persistent-keepalive 1"
            for peer in PEERS[name]
        ]


def test_they_are_asked_only_once_they_have_found_one_another(machines: dict[str, Machine]) -> None:
    for name, machine in machines.items():
        met = [command for command in machine.done if "latest-handshakes" in command]
        assert [re.findall(r"key[+]of/(\w+)=", command) for command in met] == [[peer] for peer in PEERS[name]]
        asked = [number for number, command in enumerate(machine.done) if command.startswith("curl")]
        assert all(number > machine.done.index(met[-1]) for number in asked)


def test_requests_are_made_where_the_sites_are_served(machines: dict[str, Machine]) -> None:
    asked = {name: [each for each in machine.done if each.startswith("curl")] for name, machine in machines.items()}
    assert (asked["apps"], asked["store"]) == ([], [])
    smoke = [request for one in generated("federation").configured["apps"].values() for request in one.smoke_test]
    assert len(asked["door"]) == len(smoke) > 5
    for request in smoke:
        assert any(f"https://{request.hostname}{request.path}" in command for command in asked["door"])


def test_what_stands_behind_a_socket_is_not_waited_for_itself(machines: dict[str, Machine]) -> None:
    for name, service in (("apps", "vaultwarden"), ("store", "postgresql"), ("door", "nginx")):
        waited = machines[name].waited
        assert f"{service}.service" in waited
        relays = [unit for unit in waited if unit.startswith("relay")]
        assert relays
        assert all(unit.endswith(".socket") for unit in relays)


def test_at_the_end_nothing_has_failed_on_any_of_them(machines: dict[str, Machine]) -> None:
    assert all("systemctl --failed" in machine.failing[-1] for machine in machines.values())


def test_a_host_alone_is_joined_with_nobody(tmp_path: Path) -> None:
    (test,) = Example("minimal", tmp_path, {}).evaluate(what="tests").values()
    (machine,) = run(test["testScript"], ("shed",)).values()
    assert not [command for command in machine.done if "wg " in command]
    assert [command for command in machine.done if command.startswith("curl")]
