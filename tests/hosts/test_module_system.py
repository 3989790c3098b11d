"""The examples under the module system of nixpkgs' lib: every option exists, is of its type and has one value.

Needs nixpkgs' lib (see `modules.evaluation.nixpkgs_lib`). Where MAIDAN_AGENIX and MAIDAN_DISKO name checkouts, the
modules of agenix and disko take part.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from hosts.examples import EXAMPLES, generated
from hosts.module_system import Example
from maidan_nix.flake.vm_test import vm_tests
from maidan_nix.nix.values import Value, plain
from maidan_nix.options.index import Index
from maidan_nix.options.names import OptionPath, join
from maidan_nix.plan.secrets import wanted_secrets
from modules.evaluation import EvaluationError


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Example:
    return Example(request.param, tmp_path_factory.mktemp("example"), {})


@pytest.fixture(scope="module")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return Example("minimal", tmp_path_factory.mktemp("smallest"), {})


@pytest.fixture(scope="module", params=EXAMPLES)
def with_inputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Example:
    inputs = {name: os.environ.get(f"MAIDAN_{name.upper()}", "") for name in ("agenix", "disko")}
    if not all(inputs.values()):
        pytest.skip("agenix or disko is missing: set MAIDAN_AGENIX and MAIDAN_DISKO to checkouts")
    return Example(request.param, tmp_path_factory.mktemp("example"), inputs)


@cache
def index() -> Index:
    return Index.load()


def options_of(value: Value, path: OptionPath = ()) -> Iterator[str]:
    """Yield the names of the options that a configuration sets."""
    if path and index().option(join(path)) is not None:
        yield join(path)
    elif isinstance(value := plain(value), Mapping):
        for step, member in value.items():
            yield from options_of(member, (*path, step))


def set_by_plugins(example: str, host: str) -> set[str]:
    return {name for one in generated(example).configured[host].values() for name in options_of(one.options)}


def test_every_option_has_a_value_and_every_assertion_holds(example: Example) -> None:
    for host, evaluated in example.evaluate().items():
        assert evaluated["failed"] == []
        assert set_by_plugins(example.name, host) <= set(evaluated["forced"])


def test_sandboxes_win_over_what_upstream_sets(smallest: Example) -> None:
    # Upstream has ProtectProc = "noaccess", a deny-list for nginx and an address family that no socket needs.
    services = smallest.evaluate()["shed"]["services"]
    assert services["vaultwarden"]["ProtectProc"] == "invisible"
    assert services["nginx"]["SystemCallFilter"] == ["@system-service", "~@privileged", "~@resources"]
    assert services["postgresql"]["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert services["postgresql"]["Type"] == "notify"


def test_the_modules_of_agenix_and_disko_agree(with_inputs: Example) -> None:
    for host, evaluated in with_inputs.evaluate().items():
        assert evaluated["failed"] == []
        assert set_by_plugins(with_inputs.name, host) - {"disko.devices.disk"} <= set(evaluated["forced"])
        assert evaluated["encrypted"] == ["crypted"]
        assert evaluated["fileSystems"]["/"] == "/dev/mapper/crypted"
        assert evaluated["fileSystems"]["/boot"].startswith("/dev/disk/by-partlabel/disk-main-")
        on_host = generated(with_inputs.name).manifest.hosts[host]
        assert evaluated["grub"] == ([on_host.disk.device] if on_host.boot.firmware == "bios" else [])
        for steward in generated(with_inputs.name).manifest.stewards:
            assert evaluated["passwords"][steward] == f"/run/agenix/steward-{steward}-password"
        for name, file in evaluated["secrets"].items():
            assert file == f"{with_inputs.flake}/secrets/{name}.age"


def test_the_vm_test_runs_the_host_itself(example: Example) -> None:
    virtual(example)


def test_the_vm_test_agrees_with_agenix_and_disko(with_inputs: Example) -> None:
    for test in virtual(with_inputs).values():
        for machine in test["machines"].values():
            assert machine["fileSystems"] == {"/": "tmpfs"}
            assert machine["encrypted"] == []


def virtual(example: Example) -> dict[str, Any]:
    """Evaluate the VM tests of an example, and look at what holds for each."""
    plan = generated(example.name).plan
    tests = example.evaluate(what="tests")
    assert set(tests) == {f"vm-test-{name}" for name in vm_tests(plan)}
    for name, hosts in vm_tests(plan).items():
        test = tests[f"vm-test-{name}"]
        assert set(test["machines"]) == set(hosts)
        for host, machine in test["machines"].items():
            assert machine["failed"] == []
            secrets = {secret.name for secret in wanted_secrets(plan) if host in secret.hosts}
            assert machine["secrets"] == {secret: f"/nix/store/{secret}.age" for secret in secrets}
        compile(test["testScript"], test["name"], "exec")
    return tests


@pytest.mark.parametrize(
    ("local", "words"),
    [
        ("{ services.nginx.enabled = true; }", "`services.nginx.enabled' does not exist"),
        ("{ services.openssh.settings.KbdInteractiveAuthentification = false; users.users.ada.isAdmin = true; }",
         "`users.users.ada.isAdmin' does not exist"),
        ("{ networking.hostName = 5; }", "`networking.hostName' is not of type"),
        ("{ services.vaultwarden.config.ROCKET_PORT = [ ]; }", "vaultwarden.config.ROCKET_PORT' is not of type"),
        ('{ time.timeZone = "UTC"; }', "`time.timeZone' has conflicting definition values"),
        ('{ services.postgresql.settings.log_destination = "syslog"; }', "has conflicting definition values"),
        ('{ boot.kernel.sysctl."kernel.sysrq" = 0; }', "has one owner"),
        ("{ systemd.services.nginx.serviceConfig.ExecStart = [ ]; }", "a list and an atom"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(local: str, words: str, smallest: Example) -> None:
    with pytest.raises(EvaluationError) as refused:
        smallest.evaluate(local)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("local", "words"),
    [
        ("{ lib, ... }: { systemd.services.vaultwarden.serviceConfig.ProtectHome = lib.mkForce false; }",
         "vaultwarden.service would run with ProtectHome = false, declared is true"),
        ("{ networking.firewall.allowedTCPPorts = [ 8080 ]; }", "networking.firewall.allowedTCPPorts is "),
        ("{ lib, ... }: { services.openssh.openFirewall = lib.mkForce true; services.openssh.ports = [ 2222 ]; }",
         "declared tcp ports are 22, 80, 443"),
        ("{ networking.firewall.interfaces.enp1s0.allowedUDPPorts = [ 53 ]; }", "networking.firewall.interfaces opens"),
        ('{ networking.firewall.trustedInterfaces = [ "enp1s0" ]; }', "lets everything in on "),
        ('{ maidan.sandbox.units.vaultwardn.profile = "socket"; }', "nothing defines vaultwardn.service"),
        ("{ systemd.sysusers.enable = true; }", None),
        ("{ lib, ... }: { systemd.sysusers.enable = lib.mkForce true; }", "secrets are decrypted before accounts"),
    ],
)  # fmt: skip
def test_what_weakens_a_host_fails_an_assertion(local: str, words: str | None, smallest: Example) -> None:
    if words is None:
        with pytest.raises(EvaluationError, match="conflicting definition values"):
            smallest.evaluate(local)
        return
    [failed] = smallest.evaluate(local)["shed"]["failed"]
    assert words in failed


def test_a_steward_has_the_last_word(smallest: Example) -> None:
    reason = 'reason = "tests"'
    local = f"""{{ lib, ... }}: {{
      time.timeZone = lib.mkForce "UTC";
      maidan.inbound.ports = [ {{ number = 8080; protocol = "tcp"; purpose = "tests"; }} ];
      maidan.sandbox.units.vaultwarden.exceptions.ProtectHome = {{ value = false; {reason}; }};
    }}"""
    evaluated = smallest.evaluate(local)["shed"]
    assert evaluated["failed"] == []
    assert evaluated["timeZone"] == "UTC"
    assert evaluated["services"]["vaultwarden"]["ProtectHome"] is False


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return Example("federation", tmp_path_factory.mktemp("federation"), {})


def test_only_the_door_is_open_to_the_web(federation: Example) -> None:
    opened = {host: set(evaluated["openPorts"]) for host, evaluated in federation.evaluate().items()}
    assert opened == {"apps": {22}, "door": {22, 80, 443}, "store": {22}}


@pytest.mark.parametrize(
    ("host", "local", "words"),
    [
        ("store", "networking.firewall.allowedTCPPorts = [ 5432 ];", "networking.firewall.allowedTCPPorts is "),
        ("store", "networking.firewall.interfaces.maidan0.allowedTCPPorts = [ 5432 ];",
         "networking.firewall.interfaces opens"),
        ("store", 'networking.firewall.trustedInterfaces = [ "maidan0" ];', "lets everything in on "),
        ("store", 'networking.firewall.extraInputRules = "tcp dport 5432 accept";', "extraInputRules lets in"),
        ("store", "systemd.services.postgresql.serviceConfig.PrivateNetwork = lib.mkForce false;",
         "postgresql.service would run with PrivateNetwork = false"),
        ("store", "systemd.services.postgresql-password-vaultwarden.serviceConfig.ProtectSystem = lib.mkForce false;",
         "postgresql-password-vaultwarden.service would run with ProtectSystem = false"),
        ("apps", "systemd.services.relay-database-vaultwarden.serviceConfig.IPAddressDeny = lib.mkForce [ ];",
         "relay-database-vaultwarden.service would run with IPAddressDeny = "),
        ("apps", "networking.nftables.enable = lib.mkForce false;", "which only nftables can"),
    ],
)  # fmt: skip
def test_what_opens_a_host_to_the_others_fails_an_assertion(
    host: str, local: str, words: str, federation: Example
) -> None:
    there = f'{{ config, lib, ... }}: lib.mkIf (config.networking.hostName == "{host}") {{ {local} }}'
    failed = {name: evaluated["failed"] for name, evaluated in federation.evaluate(there).items()}
    assert any(words in message for message in failed.pop(host))
    assert not any(failed.values())


def test_a_setting_of_one_host_is_not_the_others(federation: Example) -> None:
    assert federation.evaluate()["store"]["services"]["postgresql"]["MemoryHigh"] == "16384M"
