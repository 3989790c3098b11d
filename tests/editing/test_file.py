"""The manifest on disk: replaced whole, with its mode, and never over an edit of somebody else."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from maidan_nix.editing.file import open_file, open_manifest, write
from maidan_nix.problems import ExitCode, MaidanError

ORDINARY = pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "community.toml"
    made.write_bytes(b"a = 1\r\n")
    return made


def test_it_is_replaced_with_its_mode(path: Path) -> None:
    path.chmod(0o640)
    opened, document = open_manifest(path)
    assert document.values == {"a": 1}
    before = path.stat().st_ino
    write(opened, b"a = 2\r\n")
    assert path.read_bytes() == b"a = 2\r\n"
    assert path.stat().st_mode & 0o7777 == 0o640
    assert path.stat().st_ino != before
    assert [each.name for each in path.parent.iterdir()] == ["community.toml"]


def test_a_new_file_gets_the_usual_mode(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write(open_file(tmp_path / "new"), b"x")
    finally:
        os.umask(mask)
    assert (tmp_path / "new").stat().st_mode & 0o7777 == 0o640


@pytest.mark.parametrize("meanwhile", [b"a = 3\r\n", b""])
def test_the_second_of_two_edits_notices_the_first(path: Path, meanwhile: bytes) -> None:
    opened, _ = open_manifest(path)
    path.write_bytes(meanwhile)
    with pytest.raises(MaidanError, match="was changed meanwhile"):
        write(opened, b"a = 2\r\n")
    assert path.read_bytes() == meanwhile


def test_a_file_that_went_or_came_was_changed_too(path: Path) -> None:
    opened, _ = open_manifest(path)
    path.unlink()
    with pytest.raises(MaidanError, match="was changed meanwhile"):
        write(opened, b"a = 2\r\n")
    assert not path.exists()
    fresh = open_file(path)
    path.write_bytes(b"mine")
    with pytest.raises(MaidanError, match="was changed meanwhile"):
        write(fresh, b"x")
    assert path.read_bytes() == b"mine"


def test_only_one_writes_at_a_time(path: Path) -> None:
    opened, _ = open_manifest(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        with pytest.raises(MaidanError, match="another run of maidan-nix is writing"):
            write(opened, b"a = 2\r\n")
    finally:
        os.close(folder)
    assert path.read_bytes() == b"a = 1\r\n"


def test_a_symbolic_link_is_not_written_through(path: Path) -> None:
    link = path.with_name("link.toml")
    link.symlink_to(path)
    with pytest.raises(MaidanError, match="is a symbolic link") as refused:
        open_manifest(link)
    assert refused.value.problems[0].hint == f"edit {path} itself"
    with pytest.raises(MaidanError, match="is a symbolic link"):
        open_file(link)


def test_a_full_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, _ = open_manifest(path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MaidanError, match="no space left on device") as refused:
        write(opened, b"a = 2\r\n")
    assert refused.value.problems[0].hint == "free some space and run again"
    assert path.read_bytes() == b"a = 1\r\n"
    assert [each.name for each in path.parent.iterdir()] == ["community.toml"]


@ORDINARY
def test_what_may_not_be_written_is_said_before_anything_is_asked(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(MaidanError, match="cannot be written: permission denied"):
        open_manifest(path)


@pytest.mark.parametrize(("content", "said"), [(None, "no such file"), (b"", "is empty"), (b"a = ", "not a value")])
def test_what_is_no_manifest(path: Path, content: bytes | None, said: str) -> None:
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MaidanError, match=said) as refused:
        open_manifest(path)
    assert refused.value.exit_code == ExitCode.MANIFEST_INVALID
