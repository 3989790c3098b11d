"""Text is never wider than it is taken to be, and breaks where it must."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.graph.measure import width, wrap

# Advances of DejaVu Sans in 2048ths of the font size, from its hmtx table: the widest of its kind in common use.
DEJAVU = {
    " ": 651, "-": 739, ".": 651, "/": 690, "0": 1303, ":": 690, "@": 2048, "A": 1401, "I": 604, "M": 1767, "O": 1612,
    "W": 2025, "_": 1024, "a": 1255, "b": 1300, "f": 721, "i": 569, "l": 569, "m": 1995, "o": 1253, "r": 842, "s": 1067,
    "t": 803, "w": 1675, "x": 1212, "(": 799, "'": 563, '"': 942, "+": 1716, "é": 1260,
}  # fmt: skip


def test_no_character_is_wider_than_it_is_taken_to_be() -> None:
    for character, advance in DEJAVU.items():
        assert width(character * 100, 12) >= 12 * 100 * advance / 2048, character


@given(st.text(max_size=200), st.integers(40, 300))
def test_lines_fit_and_lose_nothing(text: str, room: int) -> None:
    lines = wrap(text, 12, room)
    assert lines
    assert all(width(line, 12) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_host_name_breaks_after_a_dot() -> None:
    assert wrap("a-rather-long-name-of-a-wiki.community.example.org", 12, 200)[0].endswith(".")
