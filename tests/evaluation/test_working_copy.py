"""The copy of a flake that Nix reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from maidan_nix.evaluation.working_copy import working_copy
from maidan_nix.regular_file import read_regular_file


@pytest.fixture
def flake(tmp_path: Path) -> Path:
    for name in ("gone", "kept"):
        (tmp_path / name).write_text(name, "utf-8")
    return tmp_path


def test_a_file_that_vanishes_before_it_is_looked_at_is_left_out(flake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = os.walk

    def vanishing(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for listed in walk(top):
            (flake / "gone").unlink(missing_ok=True)
            yield listed

    monkeypatch.setattr(os, "walk", vanishing)
    with working_copy(flake, {}, ()) as copy:
        assert ((copy / "kept").exists(), (copy / "gone").exists()) == (True, False)


def test_a_file_that_vanishes_before_it_is_read_is_left_out(flake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def vanishing(path: Path, limit: int) -> bytes:
        (flake / "gone").unlink(missing_ok=True)
        return read_regular_file(path, limit)

    monkeypatch.setattr("maidan_nix.evaluation.working_copy.read_regular_file", vanishing)
    with working_copy(flake, {}, ()) as copy:
        assert ((copy / "kept").exists(), (copy / "gone").exists()) == (True, False)
