"""The renames that carry a journal out, and back again if one of them fails."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress

from maidan_nix.tree.directory import Root
from maidan_nix.tree.journal import Step
from maidan_nix.tree.staging import Staging, new_name, old_name
from maidan_nix.tree.trouble import trouble

# Why a directory stays: something else is in it, or it is not there any more.
_STAYS = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR)


class Moves:
    """Moves files between the tree and the staging directory and remembers each move.

    Each method raises MaidanError if the system refuses; what it did until then is remembered and can be taken back.
    Old files are put aside, not overwritten, so that taking back needs no space on the disk.
    """

    def __init__(self, root: Root, staging: Staging) -> None:
        self._root = root
        self._staging = staging
        self._put_aside: list[tuple[int, str]] = []
        self._placed: list[tuple[int, str]] = []
        self._pruned: list[str] = []
        self._made: list[str] = []

    def put_aside(self, number: int, path: str) -> None:
        """Move a file of the tree to the staging directory, as the old file of step `number`."""
        try:
            parent, name = self._root.parent(path)
            os.rename(name, old_name(number), src_dir_fd=parent, dst_dir_fd=self._staging.fd)
        except OSError as error:
            raise trouble(error, self._root.place(path), "cannot replace or remove") from error
        self._put_aside.append((number, path))

    def prune(self, steps: Iterable[Step]) -> None:
        """Remove the directories that the old files of `steps` leave empty and no new file needs."""
        needed: set[str] = set()
        emptied: set[str] = set()
        for step in steps:
            if step.new is not None:
                needed.update(_above(step.path))
            if step.old is not None:
                emptied.update(_above(step.path))
        emptied -= needed
        for directory in sorted(emptied, reverse=True):  # a directory comes after, so here before, the one it is in
            try:
                parent, name = self._root.parent(directory)
                os.rmdir(name, dir_fd=parent)
            except OSError as error:
                if error.errno in _STAYS:
                    continue
                raise trouble(error, self._root.place(directory), "cannot remove") from error
            self._pruned.append(directory)

    def place(self, number: int, path: str) -> None:
        """Move the staged new file of step `number` to its place, creating directories as needed."""
        try:
            parent, name = self._root.parent(path, self._made)
            os.rename(new_name(number), name, src_dir_fd=self._staging.fd, dst_dir_fd=parent)
        except OSError as error:
            raise trouble(error, self._root.place(path), "cannot write") from error
        self._placed.append((number, path))

    def sync(self, before: Iterable[Step] = ()) -> None:
        """Make the entries of every directory touched durable, each once.

        `before` are steps that another run may have carried out without coming to this point.
        """
        touched = {path.rpartition("/")[0] for _, path in (*self._put_aside, *self._placed)}
        touched.update(directory.rpartition("/")[0] for directory in (*self._made, *self._pruned))
        for step in before:
            touched.update(("", *_above(step.path)))
        for directory in sorted(touched):
            try:
                self._root.sync(directory)
            except OSError as error:
                raise trouble(error, self._root.place(directory), "cannot make durable") from error

    def take_back(self) -> None:
        """Undo all moves, last first. Raises MaidanError if that is refused too."""
        try:
            for number, path in reversed(self._placed):
                parent, name = self._root.parent(path)
                os.rename(name, new_name(number), src_dir_fd=parent, dst_dir_fd=self._staging.fd)
            for directory in reversed(self._made):
                with suppress(OSError):  # someone may have put a file there meanwhile
                    parent, name = self._root.parent(directory)
                    os.rmdir(name, dir_fd=parent)
            for number, path in reversed(self._put_aside):
                parent, name = self._root.parent(path, [])
                os.rename(old_name(number), name, src_dir_fd=self._staging.fd, dst_dir_fd=parent)
            self.sync()
        except OSError as error:
            raise trouble(error, self._root.path, "cannot restore the old tree at") from error


def _above(path: str) -> Iterable[str]:
    """The directories that `path` lies in, nearest first, without the root."""
    while path := path.rpartition("/")[0]:
        yield path
