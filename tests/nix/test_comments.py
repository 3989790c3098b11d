"""Comments hold any text, and it stays a comment."""

from __future__ import annotations

import itertools
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from judges import nix_eval
from maidan_nix.nix.comments import WIDTH, comment_lines
from maidan_nix.nix.printer import module, render
from maidan_nix.nix.values import Noted, Value

ATTACKS = [
    "harmless\n}; evil = throw ''x''; x = {",
    "harmless\r}; evil = 1;",
    "harmless\r\n}; evil = 1;",
    "a\v}\f}\x1c}\x1d}\x1e}\x85}\u2028}\u2029} evil",
    "*/ } /* { ${evil} ''",
    "\0}",
    "\ud800}",
    "!/bin/sh",
    "end with a backslash \\",
]


@given(st.text() | st.text("# \n\r{}ab\x85\u2028\u202e\0\ud800"), st.integers(0, 80))
@example("\ud800", 0)
def test_every_line_is_a_comment(text: str, depth: int) -> None:
    indent = " " * depth
    for line in comment_lines(text, indent):
        assert line.startswith(f"{indent}#")
        assert re.fullmatch(r"# \S(.*\S)?|#", line[depth:])
        assert not re.search("[\n\r\0\ud800-\udfff\u202a-\u202e\u2066-\u2069\u200b-\u200f\x1b]", line)
        line.encode()


@given(st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30), max_size=40))
def test_lines_are_filled_and_no_word_is_lost(words: list[str]) -> None:
    lines = comment_lines(" ".join(words))
    assert " ".join(line.removeprefix("# ") for line in lines).split() == words
    assert all(len(line) <= WIDTH for line in lines)
    for line, following in itertools.pairwise(lines):
        assert len(line) + 1 + len(following.removeprefix("# ").split()[0]) > WIDTH


def test_lines_of_the_text_stay_lines() -> None:
    assert comment_lines("a\n\nb  c\n") == ["# a", "#", "# b c"]
    assert comment_lines(" \n ") == []


def test_what_cannot_be_seen_is_written_out() -> None:
    assert comment_lines("pay\u202eevil\x1b[2J") == ["# pay<U+202E>evil<U+001B>[2J"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_comment_becomes_nix(attack: str) -> None:
    value: Value = {"a": Noted(1, attack), "b": [Noted(2, attack)], "c": {"d": Noted({"e": 3, "f": 4}, attack)}}
    assert nix_eval(render(Noted(value, attack))) == {"a": 1, "b": [2], "c": {"d": {"e": 3, "f": 4}}}


@settings(max_examples=12)
@given(st.lists(st.text("#\n\r}{;=\"'$*/ evil\x85\u2028\0", max_size=40), min_size=30, max_size=30))
def test_no_header_becomes_nix(headers: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.nix") for number in range(len(headers))]
        for file, header in zip(files, headers, strict=True):
            file.write_bytes(module({"a": Noted(1, header)}, header).encode())
        assert nix_eval(f"map import [ {' '.join(map(str, files))} ]") == [{"a": 1}] * len(files)
