"""What the graph of a plan says, and what it leaves unsaid."""

from __future__ import annotations

import pytest

from graph.fleet import Fleet, plugin, three_hosts
from maidan_nix.contract.needs import Relay
from maidan_nix.contract.plugin import Platform
from maidan_nix.graph.model import ANYONE, ELSEWHERE, MEMBERS, WORLD, Connection, Graph
from maidan_nix.graph.sentences import render


def arrows(graph: Graph, kind: str) -> list[tuple[str, str]]:
    return [(one.source, one.target) for one in graph.connections if one.kind == kind]


def between(graph: Graph, source: str, target: str) -> Connection:
    (found,) = [one for one in graph.connections if (one.source, one.target) == (source, target)]
    return found


def test_members_come_to_web_servers_and_anyone_to_what_else_is_open() -> None:
    graph = three_hosts()
    entries = arrows(graph, "entry")
    assert (MEMBERS, "east platform/web") in entries
    assert (ANYONE, "east hardening/shell") in entries
    assert (ANYONE, "store platform/web") in entries  # nobody's site is there
    assert "from the internet at port 443/tcp" in between(graph, MEMBERS, "east platform/web").at_target


def test_one_arrow_for_all_that_two_nodes_have_in_common() -> None:
    graph = three_hosts()
    pairs = [(one.source, one.target) for one in graph.connections]
    assert len(pairs) == len(set(pairs))


def test_what_crosses_hosts_is_private_and_tells_its_port() -> None:
    graph = three_hosts()
    assert arrows(graph, "private") == [
        ("east platform/web", "north services/wiki4"),
        ("east services/wiki2", "store platform/tables"),
        ("north services/wiki3", "store platform/tables"),
    ]
    one = between(graph, "north services/wiki3", "store platform/tables")
    assert one.at_source == "to Tables on store: database wiki3"
    assert one.at_target == "from Wiki 3 on north: database wiki3"
    assert one.sentences == (
        "Wiki 3 on north uses Tables on store, inside the private network: database wiki3.",
        "It takes port 5432 of store.",
    )


def test_a_relay_answers_inside_the_private_network() -> None:
    ports = {(port.name, port.open_to) for port in three_hosts().nodes["store platform/tunnel"].ports}
    assert ports == {("5432/tcp", "private"), ("51820/udp", "internet")}


def test_an_end_of_the_private_network_is_shown_where_the_internet_cannot_reach_it() -> None:
    fleet = Fleet()
    fleet.host("east")
    fleet.host("store", hidden=True)
    fleet.service(1, "east", database_on="store")
    (node,) = [node for node in fleet.graph().hosts[1].nodes if node.name == "platform/tunnel"]
    assert [(port.name, port.open_to) for port in node.ports] == [("5432/tcp", "private")]
    assert node.column == "entry"


def test_a_way_to_another_host_leads_to_the_end_that_serves_it_there() -> None:
    fleet = Fleet()
    for name in ("east", "store"):
        fleet.host(name)
    # Another that could serve it, and does not.
    fleet.add("store", plugin(Platform, "bridge", "Bridge", (Relay,)))
    fleet.service(1, "east", calls=True)
    fleet.relay(1, "east", "store")
    assert arrows(fleet.graph(), "private") == [("east services/wiki1", "store platform/tunnel")]


def test_what_leaves() -> None:
    fleet = Fleet()
    fleet.host("shed")
    fleet.service(1, "shed")
    fleet.service(2, "shed", calls=True)
    fleet.reaches(1, "shed", "10.0.0.5/32", "fd00::5/128")
    graph = fleet.graph()
    assert between(graph, "shed services/wiki2", WORLD).at_source == "to the internet"
    assert between(graph, "shed services/wiki1", ELSEWHERE).at_source == "to 10.0.0.5/32, fd00::5/128 alone"
    assert "Machines in other private networks" in {node.title for node in graph.outside}
    fleet.reaches(1, "shed", "192.0.2.1/32")
    between(fleet.graph(), "shed services/wiki1", WORLD)


def test_nobody_outside_who_has_nothing_to_do() -> None:
    assert {node.id for node in three_hosts().outside} == {MEMBERS, ANYONE, WORLD}


@pytest.mark.parametrize("host", ["east", "north", "store"])
def test_one_host_with_whatever_it_is_connected_to(host: str) -> None:
    fleet = Fleet()
    for name in ("east", "north", "store"):
        fleet.host(name)
    fleet.service(1, "east", database_on="store")
    fleet.service(2, "north")
    graph = fleet.graph(host)
    assert {zone.name for zone in graph.hosts} == {"north"} if host == "north" else {"east", "store"}
    for one in graph.connections:
        assert host in (one.source.partition(" ")[0], one.target.partition(" ")[0])
        assert {one.source, one.target} <= graph.nodes.keys()


def test_sentences_tell_of_every_node_and_every_connection() -> None:
    graph = three_hosts()
    text = render(graph)
    for host in graph.hosts:
        for node in host.nodes:
            assert f"  {node.title} ({node.name})\n" in text
    for one in graph.connections:
        for sentence in one.sentences:
            assert (f"  {sentence}\n" in text) == (one.kind != "entry")
    assert "Also on this host: Memory\n" in text
