"""maidan.inbound: what is declared is what is open, to those it names, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from maidan_nix_plugins.hardening.firewall.tests.compose import limited
from modules.evaluation import MODULE_SYSTEM_NEEDS, SHIPPED, STAND_INS, EvaluationError, evaluate, nixpkgs_lib

SSH = '{ number = 22; protocol = "tcp"; purpose = "stewards"; }'
WEB = '{ number = 443; protocol = "udp"; purpose = "web sites"; }'
PRIVATE = (
    '{ number = 5432; protocol = "tcp"; purpose = "a database"; interface = "maidan0";'
    ' addresses = [ "fd00::2" "fd00::3/128" ]; }'
)
NEIGHBOUR = '{ number = 9100; protocol = "tcp"; purpose = "figures"; addresses = [ "192.0.2.0/24" ]; }'
INSIDE = '{ number = 53; protocol = "udp"; purpose = "names"; interface = "lan0"; }'


def evaluated(ports: str, more: str = "") -> Any:
    """Evaluate inbound.nix over a stand-in for the firewall; `more` is a further module."""
    modules = (
        f"{STAND_INS}/firewall.nix {SHIPPED}/inbound.nix {{ maidan.inbound.ports = [ {ports} ]; }} ({more or '{ }'})"
    )
    return evaluate(
        f"let inherit ((import {nixpkgs_lib()}).evalModules {{ modules = [ {modules} ]; }}) config; in {{"
        " failed = map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);"
        " inherit (config.networking.firewall) allowedTCPPorts allowedUDPPorts extraInputRules;"
        " inherit (config.maidan.inbound) ports; }",
        MODULE_SYSTEM_NEEDS,
    )


def test_what_names_nobody_is_open_to_the_world() -> None:
    made = evaluated(f"{WEB} {SSH}")
    assert made["failed"] == []
    assert (made["allowedTCPPorts"], made["allowedUDPPorts"], made["extraInputRules"]) == ([22], [443], "")


def test_an_empty_list_means_that_nothing_is_open() -> None:
    made = evaluated("")
    assert made["failed"] == []
    assert (made["allowedTCPPorts"], made["allowedUDPPorts"], made["extraInputRules"]) == ([], [], "")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("{ networking.firewall.allowedTCPPorts = [ 22 ]; }", "allowedTCPPorts is 22, but"),
        ('{ networking.firewall.extraInputRules = "tcp dport 8080 accept"; }', "extraInputRules lets in"),
        ("{ networking.firewall.interfaces.lan0.allowedUDPPorts = [ 53 ]; }", "firewall.interfaces opens ports"),
        ("{ networking.firewall.enable = false; }", "firewall.enable is off"),
    ],
)
def test_an_empty_list_is_the_whole_truth_as_well(more: str, words: str) -> None:
    failed = evaluated("", more)["failed"]
    assert [message for message in failed if words in message], failed


def test_what_names_callers_or_an_interface_is_open_to_them_alone() -> None:
    made = evaluated(f"{SSH} {PRIVATE} {NEIGHBOUR} {INSIDE}")
    assert made["failed"] == []
    assert (made["allowedTCPPorts"], made["allowedUDPPorts"]) == ([22], [])
    assert made["extraInputRules"].splitlines() == [
        'iifname "maidan0" ip6 saddr fd00::2 tcp dport 5432 accept',
        'iifname "maidan0" ip6 saddr fd00::3/128 tcp dport 5432 accept',
        "ip saddr 192.0.2.0/24 tcp dport 9100 accept",
        'iifname "lan0" udp dport 53 accept',
    ]


def test_the_rules_are_those_that_are_judged_with_packets() -> None:
    made = evaluated(f"{SSH} {PRIVATE} {NEIGHBOUR} {INSIDE}")
    assert made["extraInputRules"].splitlines() == list(limited(made["ports"]))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("{ networking.firewall.allowedTCPPorts = [ 5432 ]; }", ", but the declared tcp ports are 22"),
        ('{ networking.firewall.extraInputRules = "tcp dport 8080 accept"; }', "extraInputRules lets in"),
        ('{ lib, ... }: { networking.firewall.extraInputRules = lib.mkForce ""; }', "extraInputRules lets in"),
        ('{ networking.firewall.trustedInterfaces = [ "maidan0" ]; }', "lets everything in on maidan0"),
        ("{ networking.firewall.interfaces.maidan0.allowedTCPPorts = [ 5432 ]; }", "firewall.interfaces opens ports"),
        ("{ networking.nftables.enable = false; }", "which only nftables can"),
        ("{ networking.firewall.enable = false; }", "firewall.enable is off"),
        (
            '{ maidan.inbound.ports = [ { number = 5432; protocol = "tcp"; purpose = "all"; } ]; }',
            "limits who may call 5432, and opens",
        ),
    ],
)
def test_what_weakens_the_list_fails_the_build(more: str, words: str) -> None:
    failed = evaluated(f"{SSH} {PRIVATE}", more)["failed"]
    assert [message for message in failed if words in message], failed


def test_the_same_number_of_another_protocol_is_another_port() -> None:
    assert evaluated(f'{PRIVATE} {{ number = 5432; protocol = "udp"; purpose = "a game"; }}')["failed"] == []


def test_without_limits_any_backend_will_do() -> None:
    assert evaluated(SSH, "{ networking.nftables.enable = false; }")["failed"] == []


@pytest.mark.parametrize(
    "value",
    [
        'addresses = [ "::/0" ];',
        'addresses = [ "0.0.0.0/0" ];',
        'addresses = [ "any" ];',
        'addresses = [ "fd00::2 accept; tcp dport 1" ];',
        'interface = "lan0\\" accept #";',
        'interface = "";',
        'interface = "an-interface-of-17";',
        'purpose = "";',
    ],
)
def test_what_would_be_everybody_or_more_than_a_name_is_refused(value: str) -> None:
    purpose = "" if "purpose" in value else 'purpose = "a database";'
    with pytest.raises(EvaluationError, match="is not of type"):
        evaluated(f'{{ number = 5432; protocol = "tcp"; {purpose} {value} }}')
