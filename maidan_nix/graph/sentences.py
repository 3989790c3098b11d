"""A graph in sentences, for a screen reader and for whoever cannot see a picture: everything, in reading order."""

from __future__ import annotations

from collections.abc import Iterator

from maidan_nix.graph.boxes import Translate, host_heading, sandboxes, secrets
from maidan_nix.graph.model import Graph, Listening
from maidan_nix.messages import Message, count, listed, phrase, say


def summary(graph: Graph) -> Message:
    """One sentence on the whole."""
    return count(
        "{name} ({domain}): 1 host, and who connects to what.",
        "{name} ({domain}): {number} hosts, and who connects to what.",
        len(graph.hosts), name=graph.name, domain=graph.domain,
    )  # fmt: skip


def sentences(graph: Graph) -> Iterator[Message]:
    """Every connection, as sentences."""
    for one in graph.connections:
        for sentence in one.sentences:
            yield phrase(sentence)


def lines(graph: Graph) -> Iterator[tuple[int, str]]:
    """All of a graph, as lines and how far each is indented: hosts with what runs there, then the connections.

    What comes in from the internet is told where the port is.
    """
    yield 0, summary(graph)
    for host in graph.hosts:
        yield 0, say("{heading}:", heading=host_heading(host.name, host.system))
        for node in host.nodes:
            yield 1, say("{title} ({name})", title=phrase(node.title), name=node.name)
            for fact in (*sandboxes(node), *map(_port, node.ports), *secrets(node)):
                yield 2, fact
        if host.quiet:
            yield 1, say("Also on this host: {plugins}", plugins=listed(map(phrase, host.quiet)))
    told = [sentence for one in graph.connections if one.kind != "entry" for sentence in one.sentences]
    if told:
        yield 0, say("Connections:")
    for sentence in told:
        yield 1, phrase(sentence)


def _port(port: Listening) -> Message:
    """A port with who reaches it, and what for."""
    values = {"port": port.name, "purpose": phrase(port.purpose)}
    if port.open_to == "host":
        if port.purpose:
            return say("port {port}, for this host alone: {purpose}", **values)
        return say("port {port}, for this host alone", **values)
    if port.open_to == "private":
        if port.purpose:
            return say("port {port}, inside the private network: {purpose}", **values)
        return say("port {port}, inside the private network", **values)
    if port.purpose:
        return say("port {port}, open to the internet: {purpose}", **values)
    return say("port {port}, open to the internet", **values)


def render(graph: Graph, translate: Translate = str) -> str:
    """Write a graph as text, each line a sentence or a name, that ends in a newline."""
    return "".join(f"{'  ' * depth}{translate(line)}\n" for depth, line in lines(graph))
