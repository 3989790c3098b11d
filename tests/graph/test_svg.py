"""The picture: readable by eyes and by screen readers, in light and in dark, and nothing in it is active."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.fleet import ten_hosts, three_hosts
from judges import judge, run
from maidan_nix.graph.model import Graph
from maidan_nix.graph.svg import PALETTES, PATTERNS, render, style

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</title><script>alert("{number}")</script>&amp;<!--\x00\x1b[31m\n\u202e]]>'


def read(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # our own output


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_known() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("mode", PALETTES)
def test_text_and_lines_stand_out(mode: str) -> None:
    palette = PALETTES[mode]
    lines = ("entry", "site", "need", "private-line", "outgoing")
    behind = ("page", "box", "internet", "host", "private")
    for before, back in itertools.product(("text", "quiet", "border", *lines), behind):
        assert contrast(palette[before], palette[back]) >= 4.5, (mode, before, back)


def test_light_and_dark_colour_the_same_things() -> None:
    light, dark = style().split("@media (prefers-color-scheme: dark)")
    coloured = set(re.findall(r"\n(?:  )?([.a-z-]+) \{ (?:fill|stroke): #", "\n" + dark))
    assert {"text", ".box", ".page", ".zone-host", ".line-entry", ".arrow-entry"} <= coloured
    assert coloured <= set(re.findall(r"\n([.a-z-]+) \{ (?:fill|stroke): #", light))


def test_no_two_kinds_of_line_differ_by_colour_alone() -> None:
    assert len(set(PATTERNS.values())) == len(PATTERNS)


def test_it_has_a_name_and_a_description_that_tells_everything() -> None:
    graph = three_hosts()
    root = read(render(graph))
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "Allotment Gardens (example.org): 3 hosts, and who connects to what."
    for one in graph.connections:
        for sentence in one.sentences:
            assert sentence in (description.text or "")


def test_every_group_has_a_title() -> None:
    root = read(render(ten_hosts()))
    groups = list(root.iter(f"{SVG}g"))
    assert groups
    for group in groups:
        assert group[0].tag == f"{SVG}title"
        assert (group[0].text or "").strip()


def test_text_is_text_and_nothing_is_active() -> None:
    text = render(ten_hosts(HOSTILE))
    root = read(text)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg", "title", "desc", "style", "rect", "g", "path", "text",
    }  # fmt: skip
    assert not any(name.startswith("on") or "href" in name for element in root.iter() for name in element.attrib)
    assert "url(" not in text
    assert "@import" not in text
    assert all(character.isprintable() or character == "\n" for character in text)
    shown = "".join(root.itertext())
    assert '</title><script>alert("3")</script>' in shown.replace("\n", "")


def test_numbers_are_whole() -> None:
    body = render(ten_hosts()).partition("</style>")[2]
    assert not re.search(r'(?:x|y|d|width|height|points)="[^"]*\.', body)


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert render(ten_hosts()) == render(ten_hosts())


def test_what_a_steward_reads_can_be_said_in_another_language() -> None:
    shown = render(three_hosts(), lambda message: message.upper(), "de")
    assert 'lang="de"' in shown
    assert "THE INTERNET" in shown
    assert "FROM WEB SERVER: SITE" in shown
    assert "HOST EAST" in shown


@pytest.mark.parametrize("graph", [three_hosts, ten_hosts])
def test_a_program_that_draws_svg_takes_it(graph: Callable[[], Graph], tmp_path: Path) -> None:
    program = judge("rsvg-convert", package="librsvg2-bin")
    drawn = tmp_path / "drawn.png"
    assert run([program, "--format=png", f"--output={drawn}"], stdin=render(graph()))
    assert drawn.read_bytes().startswith(b"\x89PNG")
