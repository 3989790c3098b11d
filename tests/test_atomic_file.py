"""A file in the place of another: whole, durable, with the rights of the one before."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from maidan_nix.atomic_file import process_umask, replace_file, write_whole
from maidan_nix.problems import MaidanError

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


def test_the_mode_stays(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    path.chmod(0o604)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604
    assert list(tmp_path.iterdir()) == [path]


@ROOT_ONLY
@pytest.mark.parametrize("replace", [replace_file, write_whole])
def test_the_owner_stays(tmp_path: Path, replace: object) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    assert callable(replace)
    replace(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def test_a_new_file_has_the_mode_of_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "new", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_the_file_is_on_the_disk_before_it_is_in_its_place_and_then_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new"
    synced: list[tuple[bool, bool]] = []

    def fsync(descriptor: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(path, b"x")
    assert synced == [(False, False), (True, True)]


def test_a_full_disk_leaves_the_old_file_and_nothing_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_the_same_already_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert write_whole(path, b"x")
    before = path.stat().st_ino
    assert not write_whole(path, b"x")
    assert path.stat().st_ino == before
    assert write_whole(path, b"")
    assert write_whole(path, b"xx")
    assert path.read_bytes() == b"xx"


def test_what_is_no_regular_file_stays(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    link.symlink_to("elsewhere")
    for path in (folder, link):
        with pytest.raises(MaidanError, match="is not a regular file"):
            write_whole(path, b"x")
    assert link.is_symlink()


def test_an_error_names_the_file_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        replace_file(tmp_path / "absent" / "file", b"x")
    assert raised.value.filename == str(tmp_path / "absent" / "file")


def test_looking_at_the_umask_never_opens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # While it is looked at, another thread may make a file, which then must not be for everybody.
    before = os.umask(0o027)
    asked: list[int] = []
    real = os.umask

    def umask(mask: int) -> int:
        asked.append(mask)
        return real(mask)

    monkeypatch.setattr(os, "umask", umask)
    try:
        assert process_umask() == 0o027
    finally:
        real(before)
    assert asked == [0o077, 0o027]
