"""Reading what may not be a file: nothing blocks, nothing is read without end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maidan_nix.regular_file import IrregularFileError, read_regular_file


def test_a_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_regular_file(tmp_path / "file", 100) == b"12345"
    assert read_regular_file(tmp_path / "file", 3) == b"123"


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(IrregularFileError):
            read_regular_file(path, 100)
    with pytest.raises(IsADirectoryError):
        read_regular_file(tmp_path, 100)
    with pytest.raises(FileNotFoundError):
        read_regular_file(tmp_path / "nothing", 100)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(IsADirectoryError):
            read_regular_file(tmp_path, 100)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
