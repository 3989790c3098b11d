"""What a graph consists of: nodes in zones, and connections between them. Data alone, in reading order.

Zones of trust are the internet, each host, and the private network between the hosts; inside a host, each unit has its
sandbox, whose profile says what it may reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Column: TypeAlias = Literal["entry", "service", "ground"]
"""Where in its host a node stands: what answers the internet, what members use, what those rest on."""

Kind: TypeAlias = Literal["entry", "site", "need", "private", "outgoing"]
"""What a connection is.

``entry`` comes from the internet to an open port; ``site`` passes requests on from a web server; ``need`` uses what
another plugin provides on the same host; ``private`` crosses hosts, inside the private network; ``outgoing`` leaves
for the internet.
"""

MEMBERS = "members"
ANYONE = "anyone"
WORLD = "world"
ELSEWHERE = "elsewhere"
"""Ids of the nodes outside: who comes in, who comes in without being a member, and what is contacted: on the internet,
or in a private network that is not the community's own."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A port that a node listens on.

    `open_to` is ``host`` or ``internet``, as in `maidan_nix.contract.needs.Port`, or ``private`` for one that answers
    inside the private network between the hosts.
    """

    number: int
    protocol: str
    address: str
    open_to: str
    purpose: str

    @property
    def name(self) -> str:
        """The number and the protocol: ``443/tcp``."""
        return f"{self.number}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Node:
    """A plugin on a host, or one of those outside.

    `id` is ``host plugin`` or one of `MEMBERS`, `ANYONE`, `WORLD` and `ELSEWHERE`; `name` the plugin's full name, empty
    outside. `sandboxes` counts its units by profile, ``exempt`` for those without a sandbox; `secrets` are the names of
    its secrets.
    """

    id: str
    host: str
    name: str
    title: str
    column: Column = "entry"
    ports: tuple[Listening, ...] = ()
    sandboxes: Mapping[str, int] | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """One arrow. `source` and `target` are ids of nodes; who asks is the source.

    `at_source` is what stands beside it where it begins, `at_target` where it ends; `sentence` tells all of it.
    """

    source: str
    target: str
    kind: Kind
    at_source: str
    at_target: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostZone:
    """A host, its nodes by column and title, and the titles of its plugins that connect to nothing."""

    name: str
    system: str
    nodes: tuple[Node, ...]
    quiet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """A community. `outside` are the nodes on the internet that anything leads to or comes from."""

    name: str
    domain: str
    outside: tuple[Node, ...]
    hosts: tuple[HostZone, ...]
    connections: tuple[Connection, ...]

    @property
    def nodes(self) -> Mapping[str, Node]:
        """All nodes by id, in reading order."""
        return {node.id: node for node in (*self.outside, *(node for host in self.hosts for node in host.nodes))}
