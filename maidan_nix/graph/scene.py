"""What a drawing consists of, before it is written as SVG: rectangles, lines and texts at whole pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from maidan_nix.graph.model import Kind

Point: TypeAlias = tuple[int, int]
TextStyle: TypeAlias = Literal["heading", "title", "plain", "small"]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """An area: left, top, and its size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The x of its right border."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The y of its lower border."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text: where its baseline begins, or ends where it is `right_aligned`."""

    x: int
    y: int
    text: str
    style: TextStyle = "plain"
    right_aligned: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn; `title` is what it is called aloud."""

    node: str
    title: str
    area: Rectangle
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone of trust as drawn, with the boxes in it."""

    kind: Literal["internet", "host", "private"]
    title: str
    area: Rectangle
    texts: tuple[Text, ...]
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A connection as drawn: corners from border to border, every stretch upright or level."""

    kind: Kind
    title: str
    source: str
    target: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A line of the legend: what a style of line means."""

    kind: Kind
    start: Point
    end: Point
    text: Text


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole drawing."""

    width: int
    height: int
    heading: tuple[Text, ...]
    zones: tuple[Zone, ...]
    lines: tuple[Line, ...]
    legend: tuple[Sample, ...]
    notes: tuple[Text, ...]
