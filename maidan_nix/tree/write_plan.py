"""What a run would write: the comparison, and the tool's own records with it. Nothing is written here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, MaidanError, Problem
from maidan_nix.tree.compare import (
    Change,
    Mode,
    compare,
    full_record,
    limit_to_host,
    next_record,
    refuse_hand_edits,
)
from maidan_nix.tree.directory import OnDisk, Root
from maidan_nix.tree.file import IGNORED, File, Tree, check_tree
from maidan_nix.tree.journal import IDLE, JOURNAL, read_journal
from maidan_nix.tree.record import RECORD, Record, print_record, read_record

_IGNORE = File(b"# Only there while maidan-nix writes, or after it was interrupted.\n/lock\n/staging/\n")


@dataclass(frozen=True, slots=True)
class WritePlan:
    """What is to be done at `root`: one `Change` per file, by path, the tool's own records included.

    `record` is what was generated last.
    """

    root: str
    changes: tuple[Change, ...]
    record: Record

    @property
    def up_to_date(self) -> bool:
        """Whether applying would do nothing and refuse nothing: the answer of ``generate --check``.

        With a plan limited to one host, what is held for the others does not count.
        """
        return all(change.outcome in ("keep", "hold") for change in self.changes)

    def refuse_hand_edits(self) -> None:
        """Raise MaidanError (exit code HAND_EDITS) for the hand edits in the way. `apply` does so too."""
        refuse_hand_edits(self.changes, self.record)


def plan_write(root: str | os.PathLike[str], tree: Tree, *, mode: Mode = "refuse", host: str = "") -> WritePlan:
    """Compare `tree` with what is at `root`, which need not exist yet. Writes nothing and takes no lock.

    With `host`, only files of that host are to be written (see `compare.limit_to_host`). Hand edits do not raise here,
    so that they can be shown; `apply` refuses them.
    Raises MaidanError for a path that is not allowed, a record that cannot be read, a symbolic link or an unreadable
    file in the way, and, with exit code OUT_OF_DATE, while a run is at work or was interrupted (see `recover`).
    """
    check_tree(tree)
    wanted = {**tree, IGNORED: _IGNORE}
    place = os.fspath(root)
    try:
        disk = Root(place)
    except FileNotFoundError:
        return _plan(place, wanted, _Nowhere(), None, None, mode, host)
    with disk:
        journal = disk.read(JOURNAL)
        if journal and read_journal(journal.content, disk.place(JOURNAL)):
            raise MaidanError(
                Problem(
                    (),
                    say("the tree at {place} is half written: a run was interrupted, or is at work now", place=place),
                    hint="run `maidan-nix generate` again: it finishes what was begun",
                ),
                ExitCode.OUT_OF_DATE,
            )
        return _plan(place, wanted, disk, journal, disk.read(RECORD), mode, host)


class _Nowhere:
    """The disk where there is nothing yet."""

    def read(self, path: str) -> OnDisk | None:
        return None

    def exists(self, path: str) -> bool:
        return False


def _plan(
    place: str, tree: Tree, disk: Root | _Nowhere, journal: OnDisk | None, old: OnDisk | None, mode: Mode, host: str
) -> WritePlan:
    full = full_record(tree)
    content = print_record(full)
    record = Record()
    if old:  # most often it is as it will be, and need not be parsed
        record = full if old.content == content else read_record(old.content, os.path.join(place, RECORD))
    changes = compare(tree, record, disk, mode)
    if host:
        changes = limit_to_host(changes, host)
    after = next_record(full, changes, record)
    new = content if after == full else print_record(after)
    own = (_own(RECORD, old, File(new)), _own(JOURNAL, journal, File(IDLE)))
    return WritePlan(place, tuple(sorted((*changes, *own), key=lambda change: change.path)), record)


def _own(path: str, old: OnDisk | None, file: File) -> Change:
    """The change of a record of ours: always as wanted, never a hand edit."""
    if old is None:
        return Change(path, "create", "write", file=file)
    if old.content == file.content:
        return Change(path, "identical", "keep", old, file)
    return Change(path, "change", "write", old, file)


def to_write(plan: WritePlan) -> Iterator[Change]:
    """The changes that applying carries out by its journal: all that are written or removed, but the journal."""
    for change in plan.changes:
        if change.outcome in ("write", "remove") and change.path != JOURNAL:
            yield change
