"""One run at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.tree.directory import Root
from maidan_nix.tree.file import MAIDAN
from maidan_nix.tree.trouble import trouble

_NAME = "lock"


@contextmanager
def exclusive(root: Root) -> Iterator[None]:
    """Hold the only right to write below `root`; `.maidan` must exist. Raises MaidanError if another run holds it.

    The lock ends with the process, however it ends; the file that carries it is removed where that is possible.
    """
    directory = os.dup(root.directory(MAIDAN))
    try:
        held = _acquire(root, directory)
        try:
            yield
        finally:
            # Removed while still held, so that nobody can hold a lock on a file that is about to go.
            with suppress(OSError):
                os.unlink(_NAME, dir_fd=directory)
            os.close(held)
    finally:
        os.close(directory)


def _acquire(root: Root, directory: int) -> int:
    place = root.place(f"{MAIDAN}/{_NAME}")
    while True:
        try:
            held = os.open(_NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=directory)
        except OSError as error:
            raise trouble(error, place, "cannot open the lock") from error
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_there(held, directory):
                return held
        except BlockingIOError:
            os.close(held)
            raise MaidanError(
                Problem(
                    (),
                    say("another run of maidan-nix is writing to {path}", path=root.path),
                    hint="wait until it is done, then run again",
                )
            ) from None
        except OSError as error:
            os.close(held)
            raise trouble(error, place, "cannot lock") from error
        os.close(held)  # the run before removed the file between our opening and locking it


def _is_still_there(held: int, directory: int) -> bool:
    try:
        now = os.stat(_NAME, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(now, os.fstat(held))
