"""sshd as a host would run it: it means what the plugin says, lets stewards in, and nobody else with anything."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from judges import judge
from live.nspawn import Machine, boot
from maidan_nix_plugins.hardening.ssh.tests.compose import compose, written
from plugin_harness import configuration, context, plain, plan
from units.composition import effective, example

UNIT: Final = "sshd.service"


@pytest.fixture(scope="module")
def options() -> Mapping[str, Any]:
    (host,) = example("minimal").values()
    found: Mapping[str, Any] = plain(host["hardening/ssh"].options)
    return found


@pytest.fixture(scope="module")
def machine(options: Mapping[str, Any]) -> Iterator[Machine]:
    (host,) = example("minimal").values()
    unit = effective(host)["sshd"].text({"sshd": "/usr/sbin/sshd"}, RuntimeDirectory="sshd")
    with boot({f"/etc/systemd/system/{UNIT}": unit}) as booted:
        make_key(booted, "/etc/ssh/ssh_host_ed25519_key")
        for user in ("ada", "mallory"):
            booted.run("useradd", "--create-home", "--shell=/bin/bash", user)
        booted.run("sh", "-c", "echo ada:open-sesame | chpasswd")
        for who in ("ada", "mallory", "root"):
            make_key(booted, f"/root/{who}")
            booted.run("install", "-D", "-m", "644", f"/root/{who}.pub", f"/etc/ssh/authorized_keys.d/{who}")
        # A key that somebody added to their home.
        make_key(booted, "/root/added")
        booted.run("install", "-D", "-o", "ada", "-m", "600", "/root/added.pub", "/home/ada/.ssh/authorized_keys")
        booted.write({"/etc/ssh/sshd_config": compose(options)})
        booted.start(UNIT)
        yield booted


@pytest.fixture(autouse=True)
def forgiven(machine: Machine, options: Mapping[str, Any]) -> None:
    """The server remembers who failed, and each test fails on purpose."""
    restart(machine, options)


def restart(machine: Machine, options: Mapping[str, Any]) -> None:
    machine.write({"/etc/ssh/sshd_config": compose(options)})
    machine.run("systemctl", "reset-failed", UNIT)  # systemd counts starts
    machine.run("systemctl", "restart", UNIT)


def make_key(machine: Machine, path: str) -> None:
    machine.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)


def ssh(machine: Machine, who: str, *more: str, key: str = "", command: str = "id -un") -> tuple[int, str]:
    options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes", "LogLevel=INFO")
    given = [word for option in options for word in ("-o", option)]
    identity = f"/root/{key or who}"
    ask = ("ssh", *given, "-o", "BatchMode=yes", "-i", identity, *more, f"{who}@127.0.0.1")
    done = machine.run(*ask, *([command] if command else []), check=False)
    return done.returncode, done.stdout


def test_sshd_reads_what_was_meant(machine: Machine, options: Mapping[str, Any]) -> None:
    said = machine.run("sshd", "-T", "-f", "/etc/ssh/sshd_config").stdout
    effective_settings: dict[str, list[str]] = {}
    for line in said.splitlines():
        name, _, value = line.partition(" ")
        effective_settings.setdefault(name.lower(), []).append(value)
    for name, value in options["services"]["openssh"]["settings"].items():
        assert [each.lower() for each in effective_settings[name.lower()]] == [written(name, value).lower()], name
    assert effective_settings["authorizedkeysfile"] == ["/etc/ssh/authorized_keys.d/%u"]
    assert effective_settings["hostkey"] == ["/etc/ssh/ssh_host_ed25519_key"]
    for name in ("permitemptypasswords", "hostbasedauthentication", "gssapiauthentication", "permittunnel"):
        assert effective_settings.get(name, ["no"]) == ["no"]


def test_a_steward_logs_in_with_a_key(machine: Machine) -> None:
    code, said = ssh(machine, "ada")
    assert (code, said.splitlines()[-1]) == (0, "ada")
    machine.run("sh", "-c", "echo kept >/home/ada/note")
    copied = machine.run(
        "scp", "-q", "-o", "StrictHostKeyChecking=no", "-i", "/root/ada", "ada@127.0.0.1:note", "/root/copy"
    )
    assert copied.returncode == 0
    assert (machine.root / "root/copy").read_text() == "kept\n"
    # Which of a steward's keys it was is on record.
    assert "Accepted publickey for ada" in machine.journal(UNIT)
    assert "ED25519 SHA256:" in machine.journal(UNIT)


def test_a_password_opens_nothing(machine: Machine) -> None:
    for method in ("password", "keyboard-interactive"):
        code, said = ssh(machine, "ada", "-o", f"PreferredAuthentications={method}")
        assert code == 255
        assert "Permission denied (publickey)" in said


@pytest.mark.parametrize("who", ["root", "mallory"])
def test_nobody_but_stewards_logs_in_with_a_key_of_their_own(machine: Machine, who: str) -> None:
    code, said = ssh(machine, who)
    assert (code, "Permission denied (publickey)" in said) == (255, True)


def test_a_key_added_in_a_home_is_not_heard(machine: Machine) -> None:
    code, said = ssh(machine, "ada", key="added")
    assert (code, "Permission denied (publickey)" in said) == (255, True)


def test_no_tunnel_opens(machine: Machine) -> None:
    _, said = ssh(machine, "ada", "-W", "127.0.0.1:22", command="")
    assert "administratively prohibited" in said
    code, said = ssh(machine, "ada", "-o", "ExitOnForwardFailure=yes", "-R", "9999:127.0.0.1:22")
    assert (code, "remote port forwarding failed" in said) == (255, True)


def test_recorded_traffic_stays_secret_from_quantum_computers(machine: Machine) -> None:
    code, said = ssh(machine, "ada", "-o", "KexAlgorithms=curve25519-sha256")
    assert (code, "no matching key exchange method" in said) == (255, True)
    assert ssh(machine, "ada", "-o", "KexAlgorithms=sntrup761x25519-sha512@openssh.com")[0] == 0


def test_older_clients_come_in_where_a_steward_allows_them(machine: Machine) -> None:
    reason = {"older_clients": True, "reasons": {"older_clients": "one steward's phone"}}
    one = context("hardening/ssh", reason)
    restart(machine, configuration(one, plan(one)["hardening/ssh"].grants))
    assert ssh(machine, "ada", "-o", "KexAlgorithms=curve25519-sha256")[0] == 0


def test_an_auditor_finds_no_weak_algorithm(machine: Machine) -> None:
    audit = judge("ssh-audit", package="ssh-audit (PyPI)")
    entered = ("nsenter", f"--target={machine.leader}", "--net")
    scan = (audit, "--json", "--skip-rate-test", "127.0.0.1")
    done = subprocess.run([*entered, *scan], capture_output=True, text=True, timeout=30, check=False)
    report = json.loads(done.stdout)
    offered = {kind: {each["algorithm"] for each in report[kind]} for kind in ("kex", "key", "enc", "mac")}
    assert all(offered.values()), "the scan saw nothing"
    faults = {
        each["algorithm"]: each["notes"]
        for kind in offered
        for each in report[kind]
        if each["notes"].keys() & {"fail", "warn"}
    }
    assert faults == {}
