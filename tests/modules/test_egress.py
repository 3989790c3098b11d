"""maidan.egress under nixpkgs' module system, alone and together with maidan.sandbox."""

from __future__ import annotations

import ipaddress
import itertools

import pytest

from modules.evaluation import SHIPPED, EvaluationError, evaluate, host

UPSTREAM = """
{
  systemd.services.web.serviceConfig = {
    ExecStart = "/bin/web";
    User = "web";
    IPAddressDeny = "any";
    IPAddressAllow = [ "localhost" "192.0.2.0/24" ];
  };
}
"""


def sandbox(profile: str) -> str:
    return f'{{ maidan.sandbox.units.web.profile = "{profile}"; }}'


def egress(kind: str, addresses: str = "", reason: str = "calls the mail relay") -> str:
    unit = f'class = "{kind}"; addresses = [ {addresses} ]; reason = "{reason}";'
    return f"{{ maidan.egress.units.web = {{ {unit} }}; }}"


def ranges() -> list[str]:
    value: list[str] = evaluate(f"import {SHIPPED}/egress-ranges.nix")
    return value


def test_the_ranges_are_networks_each_named_once() -> None:
    networks = [ipaddress.ip_network(network) for network in ranges()]
    for one, other in itertools.combinations(networks, 2):
        assert one.version != other.version or not one.overlaps(other)


LOCAL = """
    10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.31.255.255 192.168.1.1 224.0.0.251 255.255.255.255
    ::1 fd00::1 fd00:ec2::254 fe80::1 ff02::fb 2002:a00:1::1
"""


@pytest.mark.parametrize("address", LOCAL.split())
def test_the_ranges_hold_what_is_not_the_internet(address: str) -> None:
    assert any(ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in ranges())


@pytest.mark.parametrize("address", ["1.1.1.1", "9.9.9.9", "172.32.0.1", "223.255.255.255", "2606:4700::1", "2a00::1"])
def test_the_ranges_spare_the_internet(address: str) -> None:
    assert not any(ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in ranges())


@pytest.mark.parametrize("profile", ["", sandbox("internet")])
@pytest.mark.parametrize("kind", ["none", "listed", "internet"])
def test_a_class_replaces_the_addresses_of_upstream(profile: str, kind: str) -> None:
    result = host(UPSTREAM + profile + egress(kind, '"10.1.2.3" "2001:db8:1::/48"'))
    assert result.failed == []
    unit = result.services["web"]
    assert unit["IPAddressAllow"] == ["localhost", "10.1.2.3", "2001:db8:1::/48"]
    assert unit["IPAddressDeny"] == (ranges() if kind == "internet" else ["any"])


def test_without_a_sandbox_only_the_addresses_are_touched() -> None:
    unit = host(UPSTREAM + egress("none")).services["web"]
    assert unit.keys() == {"ExecStart", "User", "IPAddressAllow", "IPAddressDeny"}


def test_a_unit_on_the_internet_must_say_so() -> None:
    result = host(UPSTREAM + sandbox("internet"))
    (message,) = result.failed
    assert "nothing says what the unit may reach" in message
    assert "maidan.egress.units.web" in message
    assert result.services["web"]["IPAddressDeny"] == ["any"]


@pytest.mark.parametrize(
    ("profile", "declared", "message"),
    [
        ("socket", egress("listed"), 'A unit of profile "socket" can have the class none.'),
        ("socket", egress("none", '"192.0.2.7"'), 'the sandbox profile "socket" has no network'),
        ("loopback", egress("internet"), 'A unit of profile "loopback" can have the class none or listed.'),
        ("loopback", egress("none", reason=""), "maidan.egress.units.web.reason is empty"),
    ],
)
def test_a_declaration_against_the_sandbox_fails(profile: str, declared: str, message: str) -> None:
    (failed,) = host(UPSTREAM + sandbox(profile) + declared).failed
    assert message in failed


@pytest.mark.parametrize(
    ("profile", "kind"),
    [("socket", "none"), ("loopback", "listed"), ("public", "listed"), ("privileged-port", "internet")],
)
def test_a_declaration_within_the_sandbox_passes(profile: str, kind: str) -> None:
    assert host(UPSTREAM + sandbox(profile) + egress(kind)).failed == []


def test_a_unit_on_sockets_stays_without_network_whatever_is_declared() -> None:
    unit = host(UPSTREAM + sandbox("socket") + egress("none")).services["web"]
    assert (unit["IPAddressDeny"], unit["IPAddressAllow"], unit["PrivateNetwork"]) == (["any"], [], True)


def test_a_filter_that_was_opened_is_noticed() -> None:
    steward = "({ lib, ... }: { systemd.services.web.serviceConfig.IPAddressDeny = lib.mkForce [ ]; })"
    (message,) = host(UPSTREAM + egress("none") + steward).failed
    assert 'web.service would run with IPAddressDeny = [ ], declared is [ "any" ]' in message
    assert "maidan.egress.units.web = {" in message


def test_a_misspelt_unit_fails() -> None:
    (message,) = host(UPSTREAM + '{ maidan.egress.units.wbe = { class = "none"; reason = "x"; }; }').failed
    assert "nothing defines wbe.service" in message


@pytest.mark.parametrize("address", ["any", "0.0.0.0/0", "::/0", "example.org", "192.0.2.1/24 any", ""])
def test_what_is_not_an_address_or_is_all_of_them_is_refused(address: str) -> None:
    with pytest.raises(EvaluationError, match="IPv4 or IPv6 address"):
        host(UPSTREAM + egress("listed", f'"{address}"'))
