"""Boxes of a drawing before they have a place: their lines of text, and where connections meet them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from maidan_nix.graph.measure import wrap
from maidan_nix.graph.model import ELSEWHERE, Connection, Graph, Node
from maidan_nix.graph.scene import Box, Rectangle, Text, TextStyle
from maidan_nix.messages import Message, count, say

ROW = 18
"""Pixels from line to line; every box begins at a multiple of it."""
EDGE = 8
"""Pixels between a box's upper border and its first line."""
PADDING = 12
SIZES: dict[TextStyle, int] = {"heading": 22, "title": 14, "plain": 12, "small": 11}
BOLD = ("heading", "title")
BASELINE = 13
# Lines that leave to the right and lines that come from the left never have the same height, so that in the space
# between two boxes none can run along another.
RIGHT_ANCHOR = 5
LEFT_ANCHOR = 13

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Written:
    """A line of text in a box."""

    text: str
    style: TextStyle
    right_aligned: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A box without a place: its lines, and the line at which each connection begins or ends, by its index."""

    node: Node
    title: str
    lines: tuple[Written, ...]
    begins: dict[int, int]
    ends: dict[int, int]

    @property
    def height(self) -> int:
        """Its height in pixels."""
        return 2 * EDGE + ROW * len(self.lines)

    def placed(self, area: Rectangle) -> Box:
        """The box at its place."""
        texts = tuple(
            Text(
                area.right - PADDING if line.right_aligned else area.x + PADDING,
                area.y + EDGE + ROW * number + BASELINE,
                line.text,
                line.style,
                line.right_aligned,
            )
            for number, line in enumerate(self.lines)
        )
        return Box(self.node.id, self.title, area, texts)


def paragraph(text: str, style: TextStyle, room: int, *, right_aligned: bool = False) -> Iterator[Written]:
    """The lines that a text takes in `room` pixels."""
    for line in wrap(text, SIZES[style], room, bold=style in BOLD):
        yield Written(line, style, right_aligned)


def drafts(graph: Graph, width: int, translate: Translate) -> dict[str, Draft]:
    """The boxes of all nodes, by id."""
    return {id_: _draft(node, graph.connections, width - 2 * PADDING, translate) for id_, node in graph.nodes.items()}


def _draft(node: Node, connections: Iterable[Connection], room: int, translate: Translate) -> Draft:
    lines = list(paragraph(translate(node.title), "title", room))
    begins: dict[int, int] = {}
    ends: dict[int, int] = {}
    if node.host:
        lines += paragraph(node.name, "small", room)
    for fact in facts(node):
        lines += paragraph(translate(fact), "small", room)
    for number, one in enumerate(connections):
        # What is outside has one line for all that begin there, and one for all that end there: beside its name.
        if not node.host:
            begins[number] = ends[number] = 0
        elif one.target == node.id:
            ends[number] = len(lines)
            lines += paragraph(translate(one.at_target), "plain", room)
        elif one.source == node.id and one.kind == "outgoing":
            begins[number] = len(lines)
            lines += paragraph(translate(one.at_source), "plain", room)
    for number, one in enumerate(connections):
        if node.host and one.source == node.id and one.kind != "outgoing":
            begins[number] = len(lines)
            lines += paragraph(translate(one.at_source), "plain", room, right_aligned=True)
    return Draft(node, translate(node.title), tuple(lines), begins, ends)


def facts(node: Node) -> Iterator[Message]:
    """What a node is told to be, beyond its name: its sandboxes, its ports, its secrets."""
    yield from sandboxes(node)
    yield from _ports(node)
    yield from secrets(node)


def sandboxes(node: Node) -> Iterator[Message]:
    """How many units there are in each sandbox."""
    for profile, number in (node.sandboxes or {}).items():
        if profile == "exempt":
            yield count("1 unit without a sandbox", "{number} units without a sandbox", number)
        else:
            yield count(
                "1 unit in the sandbox '{profile}'", "{number} units in the sandbox '{profile}'",
                number, profile=profile,
            )  # fmt: skip


def _ports(node: Node) -> Iterator[Message]:
    """The ports, by who reaches them."""
    for_host = [port.name for port in node.ports if port.open_to == "host"]
    for_hosts = [port.name for port in node.ports if port.open_to == "private"]
    for_all = [port.name for port in node.ports if port.open_to == "internet"]
    if for_host:
        yield count(
            "port {ports}: for this host alone", "ports {ports}: for this host alone",
            len(for_host), ports=", ".join(for_host),
        )  # fmt: skip
    if for_hosts:
        yield count(
            "port {ports}: inside the private network", "ports {ports}: inside the private network",
            len(for_hosts), ports=", ".join(for_hosts),
        )  # fmt: skip
    if for_all:
        yield count(
            "port {ports}: open to the internet", "ports {ports}: open to the internet",
            len(for_all), ports=", ".join(for_all),
        )  # fmt: skip


def secrets(node: Node) -> Iterator[Message]:
    """How many secrets there are, if any."""
    if node.secrets:
        yield count("1 secret", "{number} secrets", len(node.secrets))


def outside_heading(graph: Graph) -> Message:
    """What stands over those outside."""
    if any(node.id == ELSEWHERE for node in graph.outside):
        return say("The internet, and other networks")
    return say("The internet")


def host_heading(name: str, system: str) -> Message:
    """What stands over a host."""
    return say("Host {name} ({system})", name=name, system=system)
