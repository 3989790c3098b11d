"""A scene as SVG: real text, titles on every group, a description in sentences, light and dark, and nothing active.

Accessible as WAI-ARIA's graphics guidance asks (https://www.w3.org/TR/graphics-aria-1.0/): the picture has one name and
one description; what a line means is told by its pattern and in words, never by its colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape

from maidan_nix.graph.boxes import SIZES, Translate
from maidan_nix.graph.layout import lay_out
from maidan_nix.graph.model import Graph, Kind
from maidan_nix.graph.scene import Box, Line, Point, Sample, Scene, Text, Zone
from maidan_nix.graph.sentences import sentences, summary
from maidan_nix.manifest.wording import printable

PALETTES: Mapping[str, Mapping[str, str]] = {
    "light": {
        "page": "#ffffff", "text": "#161616", "quiet": "#3d3d3d", "border": "#4c4c4c", "box": "#ffffff",
        "internet": "#fdf1e3", "host": "#edf3fa", "private": "#edf6ed",
        "entry": "#8f2a00", "site": "#0b467f", "need": "#573688", "private-line": "#17592b", "outgoing": "#6d4400",
    },
    "dark": {
        "page": "#121417", "text": "#f2f2f2", "quiet": "#cfcfcf", "border": "#a8a8a8", "box": "#0b0d0f",
        "internet": "#2b2219", "host": "#19222d", "private": "#182618",
        "entry": "#ffb38c", "site": "#8fc6ff", "need": "#cdb6ff", "private-line": "#93dfa8", "outgoing": "#ffc974",
    },
}  # fmt: skip
"""Colours by what they are for, in either mode; a test computes that text and lines stand out from what is behind."""

PATTERNS: Mapping[Kind, tuple[str, str]] = {
    "entry": ("3", "none"),
    "site": ("1.5", "none"),
    "need": ("1.5", "7 4"),
    "private": ("2", "10 4 2 4"),
    "outgoing": ("2", "2 4"),
}
"""Width and dashes of each kind of line."""


def render(graph: Graph, translate: Translate = str, language: str = "en") -> str:
    """Draw a graph. The same graph and the same words give the same text; it ends in a newline."""
    scene = lay_out(graph, translate)
    return "\n".join([*_open(graph, scene, translate, language), *_body(scene), "</svg>", ""])


def style(palettes: Mapping[str, Mapping[str, str]] = PALETTES) -> str:
    """The style sheet: the light colours, the patterns, and the dark colours for whoever prefers them."""
    fixed = [
        "text { font-family: sans-serif; }",
        *(f".{name} {{ font-size: {size}px; }}" for name, size in SIZES.items()),
        ".heading, .title { font-weight: bold; }",
        ".end { text-anchor: end; }",
        ".zone { stroke-width: 1.5; }",
        ".zone-private { stroke-dasharray: 10 4 2 4; }",
        ".zone-internet { stroke-dasharray: 2 4; }",
        ".line { fill: none; stroke-linejoin: round; }",
        *(
            f".line-{kind} {{ stroke-width: {width}; stroke-dasharray: {dashes}; }}"
            for kind, (width, dashes) in PATTERNS.items()
        ),
    ]
    dark = "\n".join(f"  {rule}" for rule in _colours(palettes["dark"]))
    light = "\n".join(_colours(palettes["light"]))
    return "\n".join(fixed) + f"\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _colours(palette: Mapping[str, str]) -> Iterator[str]:
    yield f".page {{ fill: {palette['page']}; }}"
    yield f"text {{ fill: {palette['text']}; }}"
    yield f".small {{ fill: {palette['quiet']}; }}"
    yield f".box {{ fill: {palette['box']}; stroke: {palette['border']}; }}"
    for zone in ("internet", "host", "private"):
        yield f".zone-{zone} {{ fill: {palette[zone]}; stroke: {palette['border']}; }}"
    for kind in PATTERNS:
        colour = palette["private-line" if kind == "private" else kind]
        yield f".line-{kind} {{ stroke: {colour}; }}"
        yield f".arrow-{kind} {{ fill: {colour}; }}"


def _open(graph: Graph, scene: Scene, translate: Translate, language: str) -> Iterator[str]:
    size = f'width="{scene.width}" height="{scene.height}" viewBox="0 0 {scene.width} {scene.height}"'
    names = 'role="img" aria-labelledby="title description"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} {names} lang="{_text(language)}">'
    yield f'<title id="title">{_text(translate(summary(graph)))}</title>'
    told = "\n".join(_text(translate(sentence)) for sentence in sentences(graph))
    yield f'<desc id="description">{told}</desc>'
    yield f"<style>\n{style()}\n</style>"


def _body(scene: Scene) -> Iterator[str]:
    yield f'<rect class="page" width="{scene.width}" height="{scene.height}"/>'
    yield from map(_written, scene.heading)
    for zone in scene.zones:
        yield from _zone(zone)
    for line in scene.lines:
        yield from _line(line)
    for zone in scene.zones:
        for box in zone.boxes:
            yield from _box(box)
    for sample in scene.legend:
        yield from _sample(sample)
    yield from map(_written, scene.notes)


def _zone(zone: Zone) -> Iterator[str]:
    area = zone.area
    yield f"<g><title>{_text(zone.title)}</title>"
    yield f'<rect class="zone zone-{zone.kind}" x="{area.x}" y="{area.y}" width="{area.width}" height="{area.height}"/>'
    yield from map(_written, zone.texts)
    yield "</g>"


def _box(box: Box) -> Iterator[str]:
    area = box.area
    place = f'x="{area.x}" y="{area.y}" width="{area.width}" height="{area.height}"'
    yield f'<g><title>{_text(box.title)}</title>\n<rect class="box" {place} rx="4"/>'
    yield from map(_written, box.texts)
    yield "</g>"


def _line(line: Line) -> Iterator[str]:
    (before, _), (x, y) = line.points[-2:]
    back = 9 if before > x else -9
    # The line ends inside its arrow, whose tip alone touches the border.
    points = (*line.points[:-1], (x + back // 3 * 2, y))
    yield f"<g><title>{_text(line.title)}</title>"
    yield f'<path class="line line-{line.kind}" d="{_path(points)}"/>'
    yield f'<path class="arrow-{line.kind}" d="M{x} {y}L{x + back} {y - 4}L{x + back} {y + 4}Z"/>'
    yield "</g>"


def _sample(sample: Sample) -> Iterator[str]:
    (x, y), (end, _) = sample.start, sample.end
    yield f'<path class="line line-{sample.kind}" d="{_path(((x, y), (end - 6, y)))}"/>'
    yield f'<path class="arrow-{sample.kind}" d="M{end} {y}L{end - 9} {y - 4}L{end - 9} {y + 4}Z"/>'
    yield _written(sample.text)


def _path(points: Iterable[Point]) -> str:
    return "".join(f"{'L' if number else 'M'}{x} {y}" for number, (x, y) in enumerate(points))


def _written(text: Text) -> str:
    classes = f"{text.style} end" if text.right_aligned else text.style
    return f'<text class="{classes}" x="{text.x}" y="{text.y}">{_text(text.text)}</text>'


def _text(text: str) -> str:
    """Text as XML: escaped, and without characters that XML or a reader's eye cannot take."""
    return escape(printable(text), {'"': "&quot;"})
