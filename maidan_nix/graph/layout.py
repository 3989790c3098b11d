"""Where everything is drawn: the internet on the left, hosts under each other, the private network on the right.

In a host, nodes stand in columns by what they are. Connections run in the spaces between columns and, where they go
further than to the next column, on lanes below the boxes; so no line crosses a box. All numbers are whole pixels, and
nothing depends on anything but the graph and the words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import get_args

from maidan_nix.graph.boxes import (
    EDGE,
    LEFT_ANCHOR,
    PADDING,
    RIGHT_ANCHOR,
    ROW,
    Draft,
    Translate,
    Written,
    drafts,
    host_heading,
    outside_heading,
    paragraph,
)
from maidan_nix.graph.legend import legend, notes
from maidan_nix.graph.model import Column, Connection, Graph, HostZone
from maidan_nix.graph.scene import Box, Line, Point, Rectangle, Scene, Text, Zone
from maidan_nix.graph.tracks import SPACING, assign_tracks
from maidan_nix.messages import count, listed, phrase, say

MARGIN = 24
BOX_WIDTH = 252
OUTSIDE_WIDTH = 192
_GAP = 2 * ROW  # between hosts
_SPACE = 16  # between a box and the nearest track
_HEADING_ROWS = 4
_PRIVATE_WIDTH = 150

_Gutter = tuple[str, int]
"""A space for upright lines: of a host, left of the column of that number. ``("", 0)`` lies between the internet and
the hosts, ``("", 1)`` is the private network."""
_OUTER: _Gutter = ("", 0)
_PRIVATE: _Gutter = ("", 1)


def lay_out(graph: Graph, translate: Translate = str) -> Scene:
    """Give everything in a graph its place; `translate` says a message in the reader's language."""
    return _Layout(graph, translate).scene()


@dataclass(frozen=True, slots=True)
class _Leg:
    """A stretch of a connection on its way: upright in a gutter, under a key that a trunk shares, to a height."""

    gutter: _Gutter
    key: object
    to: int


@dataclass(slots=True)
class _Place:
    """A host's heights: of its top and its lanes, its note's lines, and its boxes' tops."""

    top: int
    bottom: int = 0
    heading: tuple[Written, ...] = ()
    lanes: dict[object, int] = field(default_factory=dict)
    quiet_top: int = 0
    quiet: tuple[Written, ...] = ()


class _Layout:
    def __init__(self, graph: Graph, translate: Translate) -> None:
        self.graph = graph
        self.translate = translate
        used = {node.column for host in graph.hosts for node in host.nodes}
        self.columns: list[Column] = [column for column in get_args(Column) if column in used] or ["service"]
        self.drafts = drafts(graph, BOX_WIDTH, translate)
        self.drafts |= {
            id_: draft for id_, draft in drafts(graph, OUTSIDE_WIDTH, translate).items() if not graph.nodes[id_].host
        }
        self.tops: dict[str, int] = {}
        self.places: dict[str, _Place] = {}

    def scene(self) -> Scene:
        """Heights first, then the ways, which say how wide the spaces between columns must be, then the rest."""
        bottom = self.set_heights()
        ways = [self.way(number, one) for number, one in enumerate(self.graph.connections)]
        self.set_widths(ways)
        boxes = {id_: self.box(id_, draft) for id_, draft in self.drafts.items()}
        lines = tuple(
            self.line(one, start, legs, end, boxes)
            for one, (start, legs, end) in zip(self.graph.connections, ways, strict=True)
        )
        width = max(self.right + MARGIN, 720)
        samples, legend_bottom = legend(self.graph, MARGIN, bottom + _GAP, self.translate)
        remarks, height = notes(self.graph, MARGIN, legend_bottom + ROW, width - 2 * MARGIN, self.translate)
        return Scene(
            width, height + MARGIN, self.heading(width), tuple(self.zones(boxes, bottom)), lines, samples, remarks
        )

    def heading(self, width: int) -> tuple[Text, ...]:
        hosts = len(self.graph.hosts)
        room = width - 2 * MARGIN
        title = next(iter(paragraph(self.graph.name, "heading", room)))
        under = count(
            "Who connects to what: {domain}, 1 host", "Who connects to what: {domain}, {number} hosts",
            hosts, domain=self.graph.domain,
        )  # fmt: skip
        subtitle = next(iter(paragraph(self.translate(under), "title", room)))
        return (Text(MARGIN, 42, title.text, "heading"), Text(MARGIN, 66, subtitle.text, "title"))

    # -- heights

    def set_heights(self) -> int:
        """Set the height of every box and lane; return where the last host ends."""
        top = _HEADING_ROWS * ROW + ROW
        below = top + ROW * (len(self.outside_heading()) + 1)
        for node in self.graph.outside:
            self.tops[node.id] = below
            below = _next_row(below + self.drafts[node.id].height + ROW)
        room = self.inner_room()
        for host in self.graph.hosts:
            place = self.places[host.name] = _Place(top)
            place.heading = tuple(paragraph(self.translate(host_heading(host.name, host.system)), "title", room))
            lowest = first = top + ROW * (len(place.heading) + 1)
            for column in self.columns:
                at = first
                for node in host.nodes:
                    if node.column == column:
                        self.tops[node.id] = at
                        at = _next_row(at + self.drafts[node.id].height + ROW)
                lowest = max(lowest, at)
            keys = dict.fromkeys(
                key for number, one in enumerate(self.graph.connections) for key in self.lanes(number, one, host)
            )
            place.lanes = {key: lowest + SPACING * number for number, key in enumerate(keys)}
            place.quiet_top = _next_row(lowest + SPACING * len(keys))
            if host.quiet:
                said = say("Also on this host: {plugins}", plugins=listed(map(phrase, host.quiet)))
                place.quiet = tuple(paragraph(self.translate(said), "small", room))
            place.bottom = place.quiet_top + ROW * len(place.quiet) + ROW // 2
            top = _next_row(place.bottom + _GAP)
        bottom = max((place.bottom for place in self.places.values()), default=top)
        return max(bottom, below) if self.graph.outside else bottom

    def outside_heading(self) -> tuple[Written, ...]:
        return tuple(paragraph(self.translate(outside_heading(self.graph)), "title", OUTSIDE_WIDTH))

    def inner_room(self) -> int:
        """How wide text may be in a host, before it is known how wide the spaces between its columns are."""
        return BOX_WIDTH * len(self.columns)

    def lanes(self, number: int, one: Connection, host: HostZone) -> Iterator[object]:
        """The lanes of a host that a connection needs, by key; what shares a trunk shares a lane."""
        ends = [self.host_of(one.source), self.host_of(one.target)]
        if host.name not in ends:
            return
        if one.kind == "entry" and self.column(one.target) > 0:
            yield one.source
        elif one.kind == "outgoing" and self.column(one.source) > 0:
            yield one.target
        elif one.kind == "private" or (
            "" not in ends and ends[0] == ends[1] and self.column(one.source) + 1 != self.column(one.target)
        ):
            yield number

    # -- ways

    def way(self, number: int, one: Connection) -> tuple[int, list[_Leg], int]:
        """The height at which a connection begins, its upright stretches, and the height at which it ends."""
        source, target = self.host_of(one.source), self.host_of(one.target)
        begin = self.anchor(one.source, self.drafts[one.source].begins[number], left=one.kind == "outgoing")
        end = self.anchor(one.target, self.drafts[one.target].ends[number], left=bool(target))
        if one.kind == "entry":
            column = self.column(one.target)
            if column == 0:
                return begin, [_Leg(_OUTER, one.source, end)], end
            lane = self.places[target].lanes[one.source]
            return begin, [_Leg(_OUTER, one.source, lane), _Leg((target, column), number, end)], end
        if one.kind == "outgoing":
            column = self.column(one.source)
            if column == 0:
                return begin, [_Leg(_OUTER, one.target, end)], end
            lane = self.places[source].lanes[one.target]
            return begin, [_Leg((source, column), number, lane), _Leg(_OUTER, one.target, end)], end
        out, into = (source, self.column(one.source) + 1), (target, self.column(one.target))
        if source != target:
            leaves, arrives = self.places[source].lanes[number], self.places[target].lanes[number]
            return begin, [_Leg(out, number, leaves), _Leg(_PRIVATE, number, arrives), _Leg(into, (number,), end)], end
        if out == into:
            return begin, [_Leg(out, number, end)], end
        lane = self.places[source].lanes[number]
        return begin, [_Leg(out, number, lane), _Leg(into, (number,), end)], end

    def host_of(self, node: str) -> str:
        return self.graph.nodes[node].host

    def column(self, node: str) -> int:
        return self.columns.index(self.graph.nodes[node].column)

    def anchor(self, node: str, line: int, *, left: bool) -> int:
        return self.tops[node] + EDGE + ROW * line + (LEFT_ANCHOR if left else RIGHT_ANCHOR)

    # -- widths

    def set_widths(self, ways: Iterable[tuple[int, list[_Leg], int]]) -> None:
        """Give each upright stretch its track, each space between columns its width, and each column its place."""
        stretches: dict[_Gutter, list[tuple[object, int, int]]] = defaultdict(list)
        for begin, legs, _ in ways:
            height = begin
            for leg in legs:
                stretches[leg.gutter].append((leg.key, height, leg.to))
                height = leg.to
        self.tracks = {gutter: assign_tracks(found) for gutter, found in stretches.items()}
        counts: dict[int, int] = defaultdict(int)
        for (host, column), tracks in self.tracks.items():
            if host:
                counts[column] = max(counts[column], 1 + max(tracks.values()))
        outer = len(set(self.tracks.get(_OUTER, {}).values()))
        self.outside_right = MARGIN + OUTSIDE_WIDTH + 2 * PADDING if self.graph.outside else MARGIN
        self.outer_left = self.outside_right + _SPACE
        self.host_left = self.outer_left + (SPACING * outer + _SPACE if self.graph.outside else 0)
        x = self.host_left
        self.gutters: list[int] = []
        self.lefts: list[int] = []
        for column in range(len(self.columns) + 1):
            self.gutters.append(x + _SPACE)
            x += 2 * _SPACE + SPACING * max(counts[column] - 1, 0)
            if column < len(self.columns):
                self.lefts.append(x)
                x += BOX_WIDTH
        self.host_right = x
        crossing = 1 + max(self.tracks.get(_PRIVATE, {None: -1}).values())
        self.private_left = self.host_right + MARGIN
        self.private_width = max(_PRIVATE_WIDTH, 2 * _SPACE + SPACING * crossing)
        self.right = self.private_left + self.private_width if crossing else self.host_right

    def x_of(self, leg: _Leg) -> int:
        track = self.tracks[leg.gutter][leg.key]
        if leg.gutter == _OUTER:
            left = self.outer_left
        elif leg.gutter == _PRIVATE:
            left = self.private_left + _SPACE
        else:
            left = self.gutters[leg.gutter[1]]
        return left + SPACING * track

    # -- drawing

    def box(self, node: str, draft: Draft) -> Box:
        if draft.node.host:
            left, width = self.lefts[self.column(node)], BOX_WIDTH
        else:
            left, width = MARGIN + PADDING, OUTSIDE_WIDTH
        return draft.placed(Rectangle(left, self.tops[node], width, draft.height))

    def line(self, one: Connection, begin: int, legs: list[_Leg], end: int, boxes: dict[str, Box]) -> Line:
        source, target = boxes[one.source].area, boxes[one.target].area
        points: list[Point] = [(source.x if one.kind == "outgoing" else source.right, begin)]
        height = begin
        for leg in legs:
            x = self.x_of(leg)
            points += [(x, height), (x, leg.to)]
            height = leg.to
        points.append((target.right if one.kind == "outgoing" else target.x, end))
        title = " ".join(map(self.translate, one.sentences))
        return Line(one.kind, title, one.source, one.target, tuple(points))

    def zones(self, boxes: dict[str, Box], bottom: int) -> Iterator[Zone]:
        top = _HEADING_ROWS * ROW + ROW
        if self.graph.outside:
            title = self.translate(outside_heading(self.graph))
            area = Rectangle(MARGIN, top, self.outside_right - MARGIN, bottom - top)
            name = _column_of_text(self.outside_heading(), area.x + PADDING, top + 7)
            yield Zone("internet", title, area, name, tuple(boxes[node.id] for node in self.graph.outside))
        for host in self.graph.hosts:
            place = self.places[host.name]
            area = Rectangle(self.host_left, place.top, self.host_right - self.host_left, place.bottom - place.top)
            texts = (
                *_column_of_text(place.heading, area.x + PADDING, place.top + 7),
                *_column_of_text(place.quiet, area.x + PADDING, place.quiet_top),
            )
            title = self.translate(host_heading(host.name, host.system))
            yield Zone("host", title, area, texts, tuple(boxes[node.id] for node in host.nodes))
        if _PRIVATE in self.tracks:
            title = self.translate(say("The private network between the hosts"))
            area = Rectangle(self.private_left, top, self.private_width, bottom - top)
            words = tuple(paragraph(title, "title", self.private_width - 2 * PADDING))
            yield Zone("private", title, area, _column_of_text(words, area.x + PADDING, top + 7))


def _column_of_text(lines: Iterable[Written], x: int, top: int) -> tuple[Text, ...]:
    return tuple(Text(x, top + ROW * number + 13, line.text, line.style) for number, line in enumerate(lines))


def _next_row(y: int) -> int:
    return -(-y // ROW) * ROW
