"""Putting a file in the place of another: all of it or nothing, and durably, with the rights of the one before."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.regular_file import read_regular_file


def replace_file(path: Path, content: bytes) -> None:
    """Put a file with `content` at `path`, at once; one that is there gives it its mode and its owner.

    Killed at any moment, it leaves the old file or the new one, and perhaps a hidden one beside it. When it returns,
    the new one is on the disk. The folder must exist. A symbolic link at `path` would be replaced, not followed: who
    calls decides whether one may be. Raises OSError as it comes, with nothing changed unless only the folder could not
    be brought to the disk.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=".maidan-", dir=path.parent)
    except OSError as error:
        error.filename = str(path)  # a name that nobody chose tells nothing
        raise
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _keep_rights(path, descriptor)
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_whole(path: Path, content: bytes) -> bool:
    """Make a file say `content`, and return whether that changed anything; see `replace_file`.

    Raises MaidanError where something else than a regular file is in the way, OSError as it comes.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        replace_file(path, content)
        return True
    if not stat.S_ISREG(mode):
        message = say("{path} is not a regular file", path=str(path))
        raise MaidanError(Problem((), message, hint="move it out of the way, or name another file"))
    if read_regular_file(path, len(content) + 1) == content:
        return False
    replace_file(path, content)
    return True


def process_umask() -> int:
    """Return the process's umask, which can be read only by setting it."""
    # For the moment in between, a file that another thread makes is for nobody else, rather than for everybody.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _keep_rights(path: Path, descriptor: int) -> None:
    """Give a file the mode and the owner of the one it replaces, or else the mode that new files have."""
    try:
        before = path.lstat()
    except FileNotFoundError:
        os.fchmod(descriptor, 0o666 & ~process_umask())
        return
    made = os.fstat(descriptor)
    if (before.st_uid, before.st_gid) != (made.st_uid, made.st_gid):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
