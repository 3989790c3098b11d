"""A directory held open, and the files below it, never reached through a symbolic link.

Every step from the root to a file opens the next directory relative to the one before with O_NOFOLLOW. A link such as
``hosts -> /etc`` is therefore refused at the moment of use, with no gap between a check and the use.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.tree.trouble import trouble

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a named pipe in the place of a file must not make us wait for a writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_LARGEST = 64 * 1024 * 1024  # bytes; nothing generated comes near, so a larger file is a mistake


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A regular file as it was read: its bytes and permission bits."""

    content: bytes
    mode: int

    @property
    def executable(self) -> bool:
        """Whether its owner may run it: the only permission that git keeps."""
        return bool(self.mode & stat.S_IXUSR)


class Root:
    """The root directory of a tree, held open. A context manager.

    Raises FileNotFoundError if `path` does not exist, MaidanError if it cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        try:
            # The root itself may be a link: the user named it.
            self._fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise trouble(error, self.path, "cannot open the directory") from error
        self._open: list[tuple[str, int]] = []  # the way down to the directory used last: names and descriptors
        self._last: str | None = ""  # its path; None while it is not known

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.forget()
        os.close(self._fd)

    def forget(self) -> None:
        """Close all directories but the root; needed after directories were removed."""
        self._close_below(0)
        self._last = ""

    def _close_below(self, depth: int) -> None:
        while len(self._open) > depth:
            os.close(self._open.pop()[1])

    def place(self, path: str) -> str:
        """Where `path` is, for people to read."""
        return os.path.join(self.path, path)

    def directory(self, path: str, made: list[str] | None = None) -> int:
        """Return the descriptor of a directory (``""`` is the root), valid until the next call on this object.

        Missing directories are created if `made` is given; their paths are appended to it as they come to be.
        Raises FileNotFoundError or NotADirectoryError where there is none, other OSErrors as they come, and
        MaidanError where a symbolic link is in the way.
        """
        if path == self._last:
            return self._open[-1][1] if path else self._fd
        self._last = None
        names = path.split("/") if path else []
        common = 0
        while common < len(names) and common < len(self._open) and self._open[common][0] == names[common]:
            common += 1
        self._close_below(common)
        current = self._open[-1][1] if self._open else self._fd
        for depth in range(common, len(names)):
            current = self._step(current, names, depth, made)
            self._open.append((names[depth], current))
        self._last = path
        return current

    def _step(self, current: int, names: list[str], depth: int, made: list[str] | None) -> int:
        name = names[depth]
        try:
            return os.open(name, _DIRECTORY, dir_fd=current)
        except FileNotFoundError:
            if made is None:
                raise
            os.mkdir(name, 0o777, dir_fd=current)
            made.append("/".join(names[: depth + 1]))
            return os.open(name, _DIRECTORY, dir_fd=current)
        except NotADirectoryError:
            if stat.S_ISLNK(os.stat(name, dir_fd=current, follow_symlinks=False).st_mode):
                raise self._link("/".join(names[: depth + 1])) from None
            raise

    def parent(self, path: str, made: list[str] | None = None) -> tuple[int, str]:
        """Return the descriptor of the directory that `path` lies in, and its last part; see `directory`."""
        directory, _, name = path.rpartition("/")
        return self.directory(directory, made), name

    def exists(self, path: str) -> bool:
        """Whether anything, even a dangling link, is at `path`. Raises MaidanError if that cannot be known."""
        try:
            parent, name = self.parent(path)
            os.stat(name, dir_fd=parent, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise trouble(error, self.place(path), "cannot look at") from error
        return True

    def read(self, path: str) -> OnDisk | None:
        """Read a regular file; None if there is none.

        A directory in its place counts as none: it may be about to go, and if not, writing will say so.
        Raises MaidanError for anything else that is not a readable regular file of at most 64 MiB.
        """
        try:
            parent, name = self.parent(path)
            opened = os.open(name, _FILE, dir_fd=parent)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise self._link(path) from None
            raise trouble(error, self.place(path), "cannot read") from error
        try:
            status = os.fstat(opened)
            if stat.S_ISDIR(status.st_mode):
                return None
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                raise MaidanError(
                    Problem(
                        (),
                        say("{place} cannot be a generated file", place=self.place(path)),
                        expected="a regular file of at most 64 MiB",
                        hint="move it out of the way",
                    )
                )
            return OnDisk(_read_all(opened, status.st_size), stat.S_IMODE(status.st_mode))
        except OSError as error:
            raise trouble(error, self.place(path), "cannot read") from error
        finally:
            os.close(opened)

    def sync(self, path: str) -> None:
        """Make the entries of a directory durable; one that is gone needs nothing."""
        with suppress(FileNotFoundError, NotADirectoryError):
            os.fsync(self.directory(path))

    def _link(self, path: str) -> MaidanError:
        return MaidanError(
            Problem(
                (),
                say("{place} is a symbolic link, and nothing is read or written through one", place=self.place(path)),
                expected="a regular file or directory",
                hint="replace the link by what it points to, or remove it",
            )
        )


def _read_all(opened: int, size: int) -> bytes:
    content = os.read(opened, size + 1)  # one more than expected, so that the usual file takes two calls, not three
    if len(content) == size:
        return content
    parts = [content]
    while part := os.read(opened, 1 << 20):
        parts.append(part)
    return b"".join(parts)
