"""A drawing can be read: nothing overlaps, no line crosses a box, every line begins and ends where it should."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.fleet import Fleet, ten_hosts, three_hosts
from maidan_nix.graph.boxes import BOLD, SIZES
from maidan_nix.graph.layout import lay_out
from maidan_nix.graph.measure import width
from maidan_nix.graph.model import Graph
from maidan_nix.graph.scene import Box, Rectangle, Scene, Text


def lonely() -> Graph:
    """A host where nothing connects to anything."""
    fleet = Fleet()
    fleet.host("shed")
    graph = fleet.graph()
    return Graph(graph.name, graph.domain, (), tuple(type(h)(h.name, h.system, (), h.quiet) for h in graph.hosts), ())


def long_names() -> Graph:
    """Names as long as they may be."""
    return ten_hosts("An extraordinarily comprehensive Encyclopaedia of Everything {number} " + "W" * 60)


GRAPHS = {"three": three_hosts, "ten": ten_hosts, "long": long_names, "lonely": lonely}


@pytest.fixture(params=GRAPHS, scope="module")
def scene(request: pytest.FixtureRequest) -> Scene:
    return lay_out(GRAPHS[request.param]())


def boxes(scene: Scene) -> list[Box]:
    return [box for zone in scene.zones for box in zone.boxes]


def area(text: Text) -> Rectangle:
    size = SIZES[text.style]
    wide = width(text.text, size, bold=text.style in BOLD)
    left = text.x - wide if text.right_aligned else text.x
    return Rectangle(left, text.y - size, wide, size + size // 4)


def texts(scene: Scene) -> list[Text]:
    inside = [text for zone in scene.zones for text in (*zone.texts, *(t for box in zone.boxes for t in box.texts))]
    return [*scene.heading, *inside, *(sample.text for sample in scene.legend), *scene.notes]


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def within(inner: Rectangle, outer: Rectangle) -> bool:
    return outer.x <= inner.x and inner.right <= outer.right and outer.y <= inner.y and inner.bottom <= outer.bottom


def test_boxes_and_zones_do_not_overlap(scene: Scene) -> None:
    for one, other in itertools.combinations(boxes(scene), 2):
        assert not overlap(one.area, other.area)
    for first, second in itertools.combinations(scene.zones, 2):
        assert not overlap(first.area, second.area)


def test_everything_lies_where_it_belongs(scene: Scene) -> None:
    page = Rectangle(0, 0, scene.width, scene.height)
    for zone in scene.zones:
        assert within(zone.area, page)
        assert all(within(area(text), zone.area) for text in zone.texts)
        for box in zone.boxes:
            assert within(box.area, zone.area)
            assert all(within(area(text), box.area) for text in box.texts)
    assert all(within(area(text), page) for text in texts(scene))


def test_no_two_texts_overlap(scene: Scene) -> None:
    for one, other in itertools.combinations(map(area, texts(scene)), 2):
        assert not overlap(one, other)


def test_lines_join_the_borders_of_their_boxes(scene: Scene) -> None:
    places = {box.node: box.area for box in boxes(scene)}
    for line in scene.lines:
        for node, (x, y) in ((line.source, line.points[0]), (line.target, line.points[-1])):
            assert x in (places[node].x, places[node].right)
            assert places[node].y < y < places[node].bottom
        for (x, y), (to_x, to_y) in itertools.pairwise(line.points):
            assert x == to_x or y == to_y


def stretches(scene: Scene) -> list[Rectangle]:
    return [
        Rectangle(min(x, to_x), min(y, to_y), abs(to_x - x), abs(to_y - y))
        for line in scene.lines
        for (x, y), (to_x, to_y) in itertools.pairwise(line.points)
    ]


def test_no_line_runs_through_a_box_or_a_text(scene: Scene) -> None:
    obstacles = [box.area for box in boxes(scene)] + [area(text) for zone in scene.zones for text in zone.texts]
    # A stretch has no area, and still overlaps what it lies strictly inside of.
    for stretch in stretches(scene):
        assert not any(overlap(stretch, obstacle) for obstacle in obstacles)


def test_lines_of_different_ways_never_run_along_each_other(scene: Scene) -> None:
    """Only lines that begin or end outside share a trunk, with others of the same."""
    runs = [
        ((line.kind, line.source if line.kind == "entry" else line.target), number, one, other)
        for number, line in enumerate(scene.lines)
        for one, other in itertools.pairwise(line.points)
    ]
    for (key, number, a, b), (other_key, other_number, c, d) in itertools.combinations(runs, 2):
        shares = key == other_key and key[0] in ("entry", "outgoing")
        if number == other_number or shares:
            continue
        for axis, along in ((0, 1), (1, 0)):
            if a[axis] == b[axis] == c[axis] == d[axis]:
                low, high = (
                    max(min(a[along], b[along]), min(c[along], d[along])),
                    min(max(a[along], b[along]), max(c[along], d[along])),
                )
                assert high <= low, (key, other_key)


def test_every_connection_is_drawn() -> None:
    graph = ten_hosts()
    drawn = [(line.kind, line.source, line.target) for line in lay_out(graph).lines]
    assert drawn == [(one.kind, one.source, one.target) for one in graph.connections]


@st.composite
def fleets(draw: st.DrawFn) -> Graph:
    """Fleets of any shape: services anywhere, with their sites and databases anywhere."""
    hosts = [f"host{number}" for number in range(draw(st.integers(1, 4)))]
    fleet = Fleet(draw(st.sampled_from(["Wiki {number}", "A rather long title for a wiki {number}", "維基 {number}"])))
    for name in hosts:
        fleet.host(name)
    for number in range(draw(st.integers(0, 6))):
        host, database, web = (draw(st.sampled_from(hosts)) for _ in range(3))
        fleet.service(
            number,
            host,
            database_on=database if database != host else "",
            web_on=web,
            calls=draw(st.booleans()),
        )
        if draw(st.booleans()):
            fleet.reaches(number, host, "10.0.0.5/32")
        if draw(st.booleans()):
            fleet.opens(number, host)
    return fleet.graph()


@settings(max_examples=60)
@given(fleets())
def test_every_fleet_can_be_read(graph: Graph) -> None:
    drawn = lay_out(graph)
    test_boxes_and_zones_do_not_overlap(drawn)
    test_everything_lies_where_it_belongs(drawn)
    test_no_two_texts_overlap(drawn)
    test_lines_join_the_borders_of_their_boxes(drawn)
    test_no_line_runs_through_a_box_or_a_text(drawn)
    test_lines_of_different_ways_never_run_along_each_other(drawn)
