"""The private network and its relays, seen in what the plugin asks for and in the options that it sets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from judges import systemd_exposure, systemd_verify
from maidan_nix import api
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index
from maidan_nix.options.overlay import Overlay
from maidan_nix_plugins.platform.wireguard import Wireguard
from maidan_nix_plugins.platform.wireguard.addresses import address
from maidan_nix_plugins.platform.wireguard.relays import Listener
from maidan_nix_plugins.platform.wireguard.tests.fleet import (
    DATABASE,
    FIXED,
    HOSTS,
    KEYS,
    NUMBER,
    PORT,
    WEB,
    configured,
    fleet,
    grants,
    request,
)
from plugin_harness import configuration, context, plain
from units.composition import effective
from units.exposures import THRESHOLDS
from units.sockets import socket_text
from units.upstream import PLUGINS

MAIN, SIDE, STORE = (address("example.org", name) for name in ("main", "side", "store"))
ASKED = (("main", WEB), ("main", DATABASE), ("side", DATABASE))
INTERFACE = "20-maidan0"


def options(on: str, hosts: Any = HOSTS, **keys: str) -> Any:
    return plain(configured(fleet(hosts, keys=keys)[on], *ASKED)["platform/wireguard"].options)


def netdev(on: str, hosts: Any = HOSTS, **keys: str) -> Any:
    return options(on, hosts, **keys)["systemd"]["network"]["netdevs"][INTERFACE]


def needs(on: str, hosts: Any = HOSTS) -> tuple[api.Need[Any], ...]:
    requests = tuple(request(need, asking) for asking, need in ASKED if on in {asking, need.peer})
    return tuple(Wireguard().needs_to_serve(fleet(hosts)[on], requests))


# What is granted


def test_a_relay_is_granted_with_its_socket_its_unit_and_the_number_on_the_other_host() -> None:
    granted = Wireguard().grant(fleet()["main"], request(WEB, "main"))
    assert granted == api.RelayGrant(socket="/run/relay-web/socket", unit="relay-web.socket", number=NUMBER)
    granted = Wireguard().grant(fleet()["main"], request(DATABASE, "main"))
    assert granted == api.RelayGrant(
        socket="/run/relay-database-wiki/.s.PGSQL.5432", unit="relay-database-wiki.socket", number=5432
    )


@pytest.mark.parametrize("name", ["", "Web", "-web", "web-", "1web", "we b", "we/b", "web@1", "web\n", "%i", "w" * 90])
def test_a_name_that_cannot_be_part_of_a_unit_is_refused(name: str) -> None:
    with pytest.raises(api.Refused, match=r"cannot be the name of a relay|too long"):
        Wireguard().grant(fleet()["main"], request(replace(WEB, name=name), "main"))


@pytest.mark.parametrize("file", ["", ".", "..", "a/b", "a b", "a%n", "a\n", "ä"])
def test_a_file_that_cannot_be_one_is_refused(file: str) -> None:
    with pytest.raises(api.Refused, match="cannot be the file"):
        Wireguard().grant(fleet()["main"], request(replace(WEB, file=file), "main"))


@pytest.mark.parametrize("group", ["", "Wiki", "wiki users", "wiki:x", "w" * 32])
def test_a_group_that_cannot_be_one_is_refused(group: str) -> None:
    with pytest.raises(api.Refused, match="name of a group"):
        Wireguard().grant(fleet()["main"], request(replace(WEB, group=group), "main"))


@pytest.mark.parametrize(
    "path", ["", "run/x", "/run/../etc/x", "/run/a b", "/run/%n", "/run/x\nUser=root", "/run//x", "/"]
)
def test_a_path_that_means_more_than_a_path_is_refused(path: str) -> None:
    with pytest.raises(api.Refused, match="path of a socket"):
        Wireguard().grant(fleet()["main"], request(replace(WEB, to=api.RemoteSocket("store", path, 5432)), "main"))


def test_paths_have_the_length_that_the_kernel_takes() -> None:
    for length, fits in ((107, True), (108, False)):
        file = "s" * (length - len("/run/relay-web/"))
        there = "/" + "s" * (length - 1)
        for need in (replace(WEB, file=file), replace(WEB, to=api.RemoteSocket("store", there, 5432))):
            if fits:
                Wireguard().grant(fleet()["main"], request(need, "main"))
                continue
            with pytest.raises(api.Refused, match="too long"):
                Wireguard().grant(fleet()["main"], request(need, "main"))


def test_a_port_that_is_open_anyway_is_not_relayed() -> None:
    public = replace(WEB, to=api.RemotePort("store", "services/wiki", replace(PORT, open_to="internet")))
    with pytest.raises(api.Refused, match="open to others"):
        Wireguard().grant(fleet()["main"], request(public, "main"))


def test_a_port_that_is_not_tcp_is_refused_since_the_relay_would_never_answer() -> None:
    udp = replace(WEB, to=api.RemotePort("store", "services/wiki", replace(PORT, protocol="udp")))
    with pytest.raises(api.Refused, match="not a TCP port"):
        Wireguard().grant(fleet()["main"], request(udp, "main"))


@pytest.mark.parametrize("number", [None, 0, 65536])
def test_a_relay_to_no_port_is_refused(number: int | None) -> None:
    with pytest.raises(api.Refused, match="leads to no port"):
        Wireguard().grant(fleet()["main"], replace(request(WEB, "main"), assigned=number))


# Hosts that cannot find each other


def test_two_hosts_of_which_none_can_call_are_refused_with_the_way_out() -> None:
    with pytest.raises(api.Refused, match="neither can call") as refused:
        Wireguard().grant(fleet({**HOSTS, "store": {}})["main"], request(WEB, "main"))
    assert "hosts.store.network.reached_at" in refused.value.hint
    assert "51820" in refused.value.hint


def test_the_host_that_serves_and_cannot_be_reached_is_found_before_anything_is_planned() -> None:
    lost = fleet({**HOSTS, "store": {}})["main"]
    served = replace(lost, host=lost.host.model_copy(update={"served_by": {"database": "store"}}))
    (problem,) = Wireguard().problems(served)
    assert problem.path == ("hosts", "store", "network", "reached_at")
    assert list(Wireguard().problems(lost)) == []


def test_one_port_holds_for_all_hosts() -> None:
    alone = replace(fleet(settings={"port": 51821})["main"], of_host=frozenset({"port"}))
    (problem,) = Wireguard().problems(alone)
    assert problem.path == ("hosts", "main", "platform", "wireguard", "port")


# What it needs


def test_the_key_is_read_by_networkd_alone() -> None:
    (key,) = [need for need in needs("store") if isinstance(need, api.Secret)]
    assert (key.name, key.owner, key.group) == ("wireguard-store", "root", "systemd-network")
    assert "wg genkey" in key.content


def test_only_a_host_that_can_be_called_opens_a_port() -> None:
    (port,) = [need for need in needs("store") if isinstance(need, api.Port) and need.open_to == "internet"]
    assert (port.number, port.protocol) == (51820, "udp")
    assert port.purpose
    assert not [need for need in needs("main") if isinstance(need, api.Port)]
    assert "ListenPort" not in netdev("main")["wireguardConfig"]


def test_the_proxy_that_calls_may_call_the_other_host_and_nobody_else() -> None:
    outgoing = {need.unit: need for need in needs("main") if isinstance(need, api.Outgoing)}
    assert set(outgoing) == {"relay-web", "relay-database-wiki"}
    assert {(need.to, need.addresses) for need in outgoing.values()} == {("listed", (f"{STORE}/128",))}
    assert not [need for need in needs("store") if isinstance(need, api.Outgoing)]


def test_the_number_of_a_socket_is_claimed_where_it_ends_once_however_many_come() -> None:
    claimed = {need for need in needs("store") if isinstance(need, api.Port) and need.open_to == "host"}
    assert [need.claims for need in claimed] == [("port 5432/tcp",)]


def test_everything_it_needs_comes_after_relays() -> None:
    for host in HOSTS:
        assert all(need.rank > api.Relay.rank for need in needs(host))


# The interface


def test_peers_are_the_hosts_that_something_is_exchanged_with() -> None:
    assert [peer["PublicKey"] for peer in netdev("main")["wireguardPeers"]] == [KEYS["store"]]
    assert [peer["PublicKey"] for peer in netdev("store")["wireguardPeers"]] == [KEYS["main"], KEYS["side"]]


def test_a_peer_is_one_address_and_nothing_is_routed() -> None:
    assert [peer["AllowedIPs"] for peer in netdev("store")["wireguardPeers"]] == [[f"{MAIN}/128"], [f"{SIDE}/128"]]
    network = options("store")["systemd"]["network"]["networks"][INTERFACE]
    assert network["address"] == [f"{STORE}/128"]
    assert network["routes"] == [{"Destination": f"{MAIN}/128"}, {"Destination": f"{SIDE}/128"}]
    assert network["networkConfig"] == {"DHCP": "no", "IPv6AcceptRA": False, "LinkLocalAddressing": "no"}
    assert network["linkConfig"]["RequiredForOnline"] == "no"


def test_the_one_that_cannot_be_called_calls_and_keeps_the_way_open() -> None:
    (store,) = netdev("main")["wireguardPeers"]
    assert (store["Endpoint"], store["PersistentKeepalive"]) == ("203.0.113.7:51820", 25)
    for peer in netdev("store")["wireguardPeers"]:
        assert not peer.keys() & {"Endpoint", "PersistentKeepalive"}


def test_two_that_can_be_called_need_no_reminder() -> None:
    both = {**HOSTS, "main": {"ipv6": "2001:db8::1/64"}, "store": {**FIXED, "ipv6": "2001:db8:1::7/64"}}
    (store,) = netdev("main", both)["wireguardPeers"]
    assert store["Endpoint"] == "[2001:db8:1::7]:51820"
    assert "PersistentKeepalive" not in store
    named = {**HOSTS, "store": {"reached_at": "store.example.org"}}
    assert netdev("main", named)["wireguardPeers"][0]["Endpoint"] == "store.example.org:51820"


def test_a_peer_whose_key_is_unknown_is_left_out() -> None:
    assert netdev("main", store="")["wireguardPeers"] == []


def test_the_host_whose_key_is_unknown_is_named_with_the_commands() -> None:
    assert list(Wireguard().findings(fleet()["store"])) == []
    (finding,) = Wireguard().findings(fleet(keys={"store": ""})["store"])
    assert (finding.id, finding.severity, finding.subject) == ("wireguard-key-unknown", "missing", "store")
    assert "wg genkey | agenix -e wireguard-store.age" in finding.way_out
    assert "agenix -d wireguard-store.age | wg pubkey" in finding.way_out


def test_without_relays_nothing_is_set() -> None:
    one = fleet()["main"]
    assert Wireguard().configure(one, grants(one)) == {}
    assert list(Wireguard().units(one, grants(one))) == []


def test_the_hardened_kernel_still_has_it() -> None:
    """What WireGuard selects (drivers/net/Kconfig of Linux) is not among what is kept out."""
    wanted = {"wireguard", "udp_tunnel", "ip6_udp_tunnel", "libcurve25519", "libchacha20poly1305"}
    made = configuration(context("hardening/kernel"))
    assert not wanted & set(made["boot"]["blacklistedKernelModules"])
    assert "lockKernelModules" not in made["security"]
    # Loaded at the start, it is there also where a steward forbids loading any later.
    assert options("main")["boot"]["kernelModules"] == ["wireguard"]


# Both ends


def test_hosts_that_come_for_the_same_thing_share_a_listener() -> None:
    made = options("store")
    assert set(made["systemd"]["sockets"]) == {"relayed-5432-main_side", f"relayed-{NUMBER}-main"}
    assert made["systemd"]["sockets"]["relayed-5432-main_side"]["socketConfig"]["IPAddressAllow"] == [MAIN, SIDE]


def test_another_caller_makes_another_unit_since_a_switch_leaves_a_listening_socket_alone() -> None:
    def listener(*callers: str) -> str:
        return Listener(5432, "", callers, ()).unit

    assert listener("main") != listener("main", "side")
    assert listener("a", "b-c") != listener("a-b", "c")
    many = [f"{'h' * 60}{number}" for number in range(20)]
    assert listener(*many) != listener(*many[1:])
    assert len(listener(*many)) < 200


def test_what_is_open_in_the_private_network_is_listed_with_who_may_call() -> None:
    ports = {port["number"]: port for port in options("store")["maidan"]["inbound"]["ports"]}
    assert {number: port["addresses"] for number, port in ports.items()} == {5432: [MAIN, SIDE], NUMBER: [MAIN]}
    assert {port["interface"] for port in ports.values()} == {"maidan0"}
    assert ports[NUMBER]["purpose"] == "relayed for services/wiki of main"
    assert "maidan" not in options("main")


@pytest.mark.parametrize("host", HOSTS)
def test_every_option_exists_and_takes_its_value(host: str) -> None:
    text = (PLUGINS / "platform/wireguard/options.toml").read_text("utf-8")
    index = Index.load([Overlay.parse(text, "options.toml")])
    made = configured(fleet()[host], *ASKED)["platform/wireguard"].options
    assert check_options(made, index, "platform/wireguard") == []


@pytest.mark.parametrize("host", HOSTS)
def test_systemd_understands_every_unit_and_its_sandbox_is_whole(host: str) -> None:
    both = configured(fleet()[host], *ASKED)
    units = effective(both)
    sockets = plain(both["platform/wireguard"].options)["systemd"]["sockets"]
    assert set(units) == set(sockets)
    texts = {f"{name}.service": one.text() for name, one in units.items()}
    texts |= {f"{name}.socket": socket_text(one) for name, one in sockets.items()}
    assert systemd_verify(texts)
    for name, one in units.items():
        assert one.unit.exemptions == ()
        assert systemd_exposure(texts[f"{name}.service"]) <= THRESHOLDS[one.unit.profile], name


def test_a_proxy_has_no_network_where_it_needs_none() -> None:
    one = fleet()["store"]
    profiles = {unit.name: unit.profile for unit in Wireguard().units(one, grants(one, *ASKED))}
    assert profiles == {"relayed-5432-main_side": "socket", f"relayed-{NUMBER}-main": "loopback"}
