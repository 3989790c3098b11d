"""`.maidan/staging/`: new files before they are in place, old files until they are no longer needed.

Flat: ``0.new`` and ``0.old`` belong to the journal's first step. ``idle.json`` is the journal that will end the run,
written beforehand so that ending needs no space on the disk.
"""

from __future__ import annotations

import os
from contextlib import suppress
from types import TracebackType
from typing import Self

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.tree.directory import Root
from maidan_nix.tree.file import MAIDAN
from maidan_nix.tree.journal import IDLE, JOURNAL
from maidan_nix.tree.trouble import trouble

STAGING = f"{MAIDAN}/staging"
IDLE_NAME = "idle.json"
_PENDING_NAME = "pending.json"
_JOURNAL_NAME = JOURNAL.rpartition("/")[2]
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def new_name(number: int) -> str:
    """The staged new file of the journal's step `number`."""
    return f"{number}.new"


def old_name(number: int) -> str:
    """The old file of the journal's step `number`, put aside."""
    return f"{number}.old"


class Staging:
    """The staging directory, held open together with `.maidan`. A context manager; the lock must be held."""

    def __init__(self, root: Root, *, create: bool) -> None:
        """Open it, or create it. Raises OSError, MaidanError for a symbolic link."""
        self._root = root
        with suppress(FileExistsError):
            if create:
                os.mkdir("staging", 0o700, dir_fd=root.directory(MAIDAN))
        self.fd = os.dup(root.directory(STAGING))
        self._maidan = os.dup(root.directory(MAIDAN))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.fd)
        os.close(self._maidan)

    def write(self, name: str, content: bytes, mode: int = 0o644) -> None:
        """Write one durable file. Raises OSError."""
        written = os.open(name, _CREATE, mode, dir_fd=self.fd)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(written, rest) :]
            os.fsync(written)
        finally:
            os.close(written)

    def names(self) -> frozenset[str]:
        """What is staged. Raises OSError."""
        return frozenset(os.listdir(self.fd))

    def commit(self, journal: bytes) -> None:
        """Make everything staged durable and put the journal in place, by one rename. Raises OSError before that."""
        self.write(IDLE_NAME, IDLE)
        self.write(_PENDING_NAME, journal)
        os.fsync(self.fd)
        os.fsync(self._maidan)  # the staging directory itself must outlast a crash before the journal names it
        self._put(_PENDING_NAME)

    def synced(self) -> None:
        """Make the journal's last rename durable. Raises OSError."""
        os.fsync(self._maidan)

    def finish(self) -> None:
        """End the run: the idle journal in place, durably. Raises OSError."""
        self._put(IDLE_NAME)
        self.synced()

    def withdraw(self) -> None:
        """End a run that was taken back, where there was no journal before it. Raises OSError."""
        os.unlink(_JOURNAL_NAME, dir_fd=self._maidan)
        self.synced()

    def _put(self, name: str) -> None:
        os.rename(name, _JOURNAL_NAME, src_dir_fd=self.fd, dst_dir_fd=self._maidan)

    def discard(self) -> None:
        """Remove the directory and all in it. Raises MaidanError if something in it cannot be ours."""
        try:
            for name in os.listdir(self.fd):
                os.unlink(name, dir_fd=self.fd)
            os.rmdir("staging", dir_fd=self._maidan)
        except IsADirectoryError as error:
            place = self._root.place(STAGING)
            raise MaidanError(
                Problem(
                    (),
                    say("there is a directory in {place}, which holds files only", place=place),
                    hint="remove it by hand",
                )
            ) from error
        except OSError as error:
            raise trouble(error, self._root.place(STAGING), "cannot remove") from error
        self._root.forget()
