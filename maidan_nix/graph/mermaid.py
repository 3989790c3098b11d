"""A graph as a Mermaid flowchart, for pages of forges that draw them: https://mermaid.js.org/syntax/flowchart.html.

Names come from a manifest and from plugins, and may hold anything. In a label, whatever could mean something to
Mermaid, to Markdown or to HTML is an entity code (``#35;``), which Mermaid turns back only after it has drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from maidan_nix.graph.boxes import Translate, facts, host_heading, outside_heading
from maidan_nix.graph.model import Connection, Graph, Kind, Node
from maidan_nix.graph.sentences import summary
from maidan_nix.manifest.wording import printable

_ARROWS: Mapping[Kind, str] = {"entry": "==>", "site": "-->", "need": "-.->", "private": "-.->", "outgoing": "-.->"}
_SAFE = frozenset(" ,.:/-'()")
"""Marks that mean nothing inside a quoted label, unless one begins it."""


def render(graph: Graph, translate: Translate = str) -> str:
    """Write a graph as a flowchart that ends in a newline. Ids are numbers: no name of anybody's becomes syntax."""
    ids = {id_: f"n{number}" for number, id_ in enumerate(graph.nodes)}
    return "\n".join([*_lines(graph, ids, translate), ""])


def _lines(graph: Graph, ids: Mapping[str, str], translate: Translate) -> Iterator[str]:
    title = quoted(translate(summary(graph)))
    yield "flowchart LR"
    yield f"  accTitle: {title[1:-1]}"
    if graph.outside:
        yield f"  subgraph internet[{quoted(translate(outside_heading(graph)))}]"
        for node in graph.outside:
            yield f"    {ids[node.id]}[{quoted(translate(node.title))}]"
        yield "  end"
    for number, host in enumerate(graph.hosts):
        yield f"  subgraph host{number}[{quoted(translate(host_heading(host.name, host.system)))}]"
        for node in host.nodes:
            yield f"    {ids[node.id]}[{_label(node, translate)}]"
        if not host.nodes:
            # A group without a node would be drawn as a node, beside all groups.
            yield f"    host{number}quiet[{quoted(', '.join(map(translate, host.quiet)))}]"
        yield "  end"
    for one in graph.connections:
        yield f"  {ids[one.source]} {_ARROWS[one.kind]}|{_on_arrow(one, translate)}| {ids[one.target]}"


def _label(node: Node, translate: Translate) -> str:
    rows = [node.title, node.name, *facts(node)]
    return '"' + "<br/>".join(_escaped(translate(row)) for row in rows) + '"'


def _on_arrow(one: Connection, translate: Translate) -> str:
    return quoted(translate(one.at_source if one.kind == "outgoing" else one.at_target))


def quoted(text: str) -> str:
    """A text as the quoted label that shows it, whatever is in it."""
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    text = printable(text).strip() or "?"
    words = [_character(character) for character in text]
    # "1. " and "- " at the beginning would make the label a list, which Mermaid refuses to draw.
    mark = next((place for place, character in enumerate(text) if not character.isdigit()), len(text))
    if text[mark:] and text[mark] in _SAFE:
        words[mark] = f"#{ord(text[mark])};"
    return "".join(words)


def _character(character: str) -> str:
    if character.isalnum() or character in _SAFE:
        return character
    return f"#{ord(character)};"
