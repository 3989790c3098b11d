"""Every sandboxed unit of the examples, tried from within under systemd: what it forbids is really forbidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from live.nspawn import Machine, boot
from live.probe import FILES, Able, own_folders, prepare, probe
from maidan_nix import api
from units.composition import EXAMPLES, Effective, compose, effective, example

LOW_PORTS: Final = 1 << 10
"""CAP_NET_BIND_SERVICE."""

NETWORK: Final[Mapping[str, Mapping[str, bool]]] = {
    "socket": {"loopback": False, "private": False, "public": False, "low port": False},
    "loopback": {"loopback": True, "private": False, "public": False, "low port": False},
    "internet": {"loopback": True, "private": False, "public": True, "low port": False},
    "privileged-port": {"loopback": True, "private": True, "public": True, "low port": True},
}
"""What each profile may reach."""


def sandboxed() -> dict[str, Effective]:
    units: dict[str, Effective] = {}
    for name in EXAMPLES:
        for host in example(name).values():
            units |= {unit: one for unit, one in effective(host).items() if not one.unit.exempt}
    return units


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with boot(FILES) as booted:
        # Those with DynamicUser= get theirs from systemd.
        users = {
            str(one.service[key]) for one in sandboxed().values() for key in ("User", "Group") if key in one.service
        }
        prepare(booted, *users)
        for one in sandboxed().values():
            for folder in own_folders(one):
                booted.run("install", "-d", "-o", str(one.service["User"]), folder)
        # What upstream's privileged first step makes for its units.
        booted.run("install", "-d", "-o", "acme", "/var/lib/acme/.minica")
        yield booted


@pytest.fixture(scope="module")
def able(machine: Machine) -> Mapping[str, Able]:
    return probe(machine, list(sandboxed().values()))


def test_the_network_is_that_of_the_profile(able: Mapping[str, Able]) -> None:
    for name, one in sandboxed().items():
        network = dict(NETWORK[one.unit.profile])
        if one.unit.profile == "internet" and one.service["IPAddressDeny"] == ["any"]:
            network["public"] = False  # it has leave for listed addresses alone, none of which is tried here
        assert {key: able[name][key] for key in network} == network, name


def test_no_unit_has_a_capability_but_the_one_for_low_ports(able: Mapping[str, Able]) -> None:
    for name, one in sandboxed().items():
        held = LOW_PORTS if one.unit.profile == "privileged-port" else 0
        assert able[name]["capabilities"] == {"Bnd": held, "Eff": held, "Amb": held}, name
        assert able[name]["no new privileges"], name


def test_a_unit_writes_to_its_own_folders_and_nowhere_else(able: Mapping[str, Able]) -> None:
    for name, one in sandboxed().items():
        assert able[name]["own folders"] == own_folders(one), name
        assert able[name]["other folders"] == [], name


def test_the_rest_of_the_machine_is_out_of_sight(able: Mapping[str, Able]) -> None:
    for name, can in able.items():
        for key in ("homes", "processes of others", "devices"):
            assert can[key] == [], f"{name}: {key}"
        assert not can["kernel settings"], name


def test_the_kernel_is_asked_for_nothing_rare(able: Mapping[str, Able]) -> None:
    for name, one in sandboxed().items():
        for key in ("packets", "namespaces"):
            assert not able[name][key], f"{name}: {key}"
        assert able[name]["code in memory"] == (not one.service["MemoryDenyWriteExecute"]), name


def test_the_probe_can_do_all_of_it_where_nothing_forbids_it(machine: Machine) -> None:
    """What the probe never could do would prove nothing of a sandbox."""
    unit = api.Unit(name="open", exempt="nothing confines it")
    can: Mapping[str, Any] = probe(machine, [compose("services/none", unit, {"script": "true"})])["open"]
    for key in ("loopback", "private", "public", "low port", "packets", "namespaces", "code in memory"):
        assert can[key], key
    assert can["capabilities"]["Eff"] != 0
    assert {"/etc", "/usr", "/var/lib"} <= set(can["other folders"])
    for key in ("homes", "processes of others", "devices", "kernel settings"):
        assert can[key], key
    assert not can["no new privileges"]
