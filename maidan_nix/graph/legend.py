"""The legend of a drawing: what each style of line means, and what the words about sandboxes mean."""

from __future__ import annotations

from collections.abc import Mapping

from maidan_nix.graph.boxes import ROW, SIZES, Translate
from maidan_nix.graph.measure import wrap
from maidan_nix.graph.model import Graph, Kind
from maidan_nix.graph.scene import Sample, Text
from maidan_nix.messages import say

LINES: Mapping[Kind, str] = {
    "entry": say("Thick line: comes in from the internet, at a port that is open to it"),
    "site": say("Thin line: the web server passes requests on, on the same host"),
    "need": say("Dashed line: uses what another part provides, on the same host"),
    "private": say("Line of dashes and dots: crosses hosts, encrypted, inside the private network"),
    "outgoing": say("Dotted line: may contact servers on the internet"),
}
SANDBOXES: Mapping[str, str] = {
    "socket": say("Sandbox 'socket': reaches nothing but sockets of its own host; no network"),
    "loopback": say("Sandbox 'loopback': reaches its own host alone"),
    "internet": say("Sandbox 'internet': may contact what its plugin names, for the reason that it gives"),
    "public": say("Sandbox 'public': answers the internet"),
    "privileged-port": say("Sandbox 'privileged-port': answers the internet at a port below 1024"),
    "exempt": say("Without a sandbox: for the reason that its plugin gives"),
}
"""What the profiles of `maidan_nix.contract.unit.Profile` mean to a reader."""

_SAMPLE = 48


def legend(graph: Graph, left: int, top: int, translate: Translate) -> tuple[tuple[Sample, ...], int]:
    """The lines that occur, each with its meaning, and where they end."""
    samples = []
    y = top
    used = {one.kind for one in graph.connections}
    for kind, words in LINES.items():
        if kind in used:
            text = Text(left + _SAMPLE + 12, y + 13, translate(words))
            samples.append(Sample(kind, (left, y + 9), (left + _SAMPLE, y + 9), text))
            y += ROW
    return tuple(samples), y


def notes(graph: Graph, left: int, top: int, room: int, translate: Translate) -> tuple[tuple[Text, ...], int]:
    """What the words about sandboxes mean, as far as they occur, and where that ends."""
    used = {profile for node in graph.nodes.values() for profile in node.sandboxes or {}}
    texts = []
    y = top
    for profile, words in SANDBOXES.items():
        if profile in used:
            for line in wrap(translate(words), SIZES["small"], room):
                texts.append(Text(left, y + 13, line, "small"))
                y += ROW
    return tuple(texts), y
