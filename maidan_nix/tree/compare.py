"""What differs between the tree that is wanted, the files on disk, and what was generated last.

The five states of a file:

- ``create``: wanted, and there is none. A generated file that someone deleted is created again.
- ``identical``: on disk as wanted. A hand edit that equals what is generated is identical too.
- ``change``: generated last time, untouched since, and now different; or kept, and different.
- ``gone``: generated last time, untouched since, and no longer wanted.
- ``yours``: not as we left it, so it belongs to the steward: changed by hand, there before us, or created once.

What becomes of a hand edit is decided by the mode:

- ``refuse``: nothing is written at all, and the steward is asked.
- ``overwrite``: the generated file takes its place; one that is no longer wanted is removed.
- ``adopt``: the hand edit stays. The record keeps both hashes: that of the bytes that would have been generated, and
  that of the bytes adopted. Later runs leave the file alone, in every mode but ``overwrite``, as long as both still
  hold. Once something else would be generated (an update that may matter), or the file is edited again, the steward
  is asked again: adopting is a statement about two texts that were both looked at. A hand-edited file that is no
  longer wanted stays and is forgotten: from then on it is the steward's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from maidan_nix.messages import say, together
from maidan_nix.problems import ExitCode, MaidanError, Problem
from maidan_nix.tree.directory import OnDisk
from maidan_nix.tree.file import File, Tree
from maidan_nix.tree.record import Entry, Record, sha256

State: TypeAlias = Literal["create", "identical", "change", "yours", "gone"]
Outcome: TypeAlias = Literal["write", "remove", "keep", "refuse", "hold"]
Mode: TypeAlias = Literal["refuse", "adopt", "overwrite"]


class Reader(Protocol):
    """The disk, as far as a comparison needs it."""

    def read(self, path: str) -> OnDisk | None:
        """Return a regular file, or None if there is none."""

    def exists(self, path: str) -> bool:
        """Whether anything is at `path`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file: its state, and its outcome, that is, what applying does to it.

    `old` is what is on disk (None: no file, or a file created once, which is never read); `file` is what is wanted
    (None: no longer wanted). ``keep`` leaves the file alone, ``refuse`` stops the run, ``hold`` leaves it for a run
    that is not limited to another host.
    """

    path: str
    state: State
    outcome: Outcome
    old: OnDisk | None = None
    file: File | None = None

    @property
    def before(self) -> bytes | None:
        """The bytes on disk."""
        return self.old.content if self.old else None

    @property
    def after(self) -> bytes | None:
        """The bytes wanted."""
        return self.file.content if self.file else None


def compare(tree: Tree, record: Record, disk: Reader, mode: Mode) -> tuple[Change, ...]:
    """Return one change for each path of the tree, and each that the record has and the tree has not; by path.

    A recorded file that is neither wanted nor there is left out. `tree` must have passed `check_tree`.
    """
    found = (
        _wanted(path, tree[path], record.files.get(path), disk, mode)
        if path in tree
        else _unwanted(path, record.files[path], disk, mode)
        for path in sorted(tree.keys() | record.files.keys())
    )
    return tuple(change for change in found if change)


def _wanted(path: str, file: File, entry: Entry | None, disk: Reader, mode: Mode) -> Change:
    if file.ownership == "once":
        if disk.exists(path):
            return Change(path, "yours", "keep", file=file)
        return Change(path, "create", "write", file=file)
    old = disk.read(path)
    if old is None:
        return Change(path, "create", "write", file=file)
    if old.content == file.content:
        if old.executable == bool(file.mode & 0o100):
            return Change(path, "identical", "keep", old, file)
        return Change(path, "change", "write", old, file)
    if file.ownership == "kept":
        return Change(path, "change", "write", old, file)
    if entry:
        digest = sha256(old.content)
        if digest == entry.sha256:
            return Change(path, "change", "write", old, file)
        if digest == entry.adopted and sha256(file.content) == entry.sha256 and mode != "overwrite":
            return Change(path, "yours", "keep", old, file)
    outcome: dict[Mode, Outcome] = {"refuse": "refuse", "adopt": "keep", "overwrite": "write"}
    return Change(path, "yours", outcome[mode], old, file)


def _unwanted(path: str, entry: Entry, disk: Reader, mode: Mode) -> Change | None:
    old = disk.read(path)
    if old is None:
        return None
    if sha256(old.content) == entry.sha256:
        return Change(path, "gone", "remove", old)
    outcome: dict[Mode, Outcome] = {"refuse": "refuse", "adopt": "keep", "overwrite": "remove"}
    return Change(path, "yours", outcome[mode], old)


def full_record(tree: Tree) -> Record:
    """Return the record of a tree that is on disk exactly as wanted."""
    return Record(
        {
            path: Entry(sha256(file.content), file.mode, file.plugin, file.keys)
            for path, file in tree.items()
            if file.ownership == "generated"
        }
    )


def next_record(full: Record, changes: tuple[Change, ...], record: Record) -> Record:
    """Return the record after `changes` were applied: `full`, but for what is not written.

    What is held or refused keeps the entry it had in `record`, or has none; what stays a hand edit is adopted.
    """
    files = dict(full.files)
    for change in changes:
        if change.outcome in ("hold", "refuse"):
            files.pop(change.path, None)
            if change.path in record.files:
                files[change.path] = record.files[change.path]
        elif change.state == "yours" and change.outcome == "keep" and change.path in files and change.old:
            files[change.path] = replace(files[change.path], adopted=sha256(change.old.content))
    return Record(files)


def limit_to_host(changes: tuple[Change, ...], host: str) -> tuple[Change, ...]:
    """Hold every change of a file that belongs to another host than `host`.

    A host's files are those below ``hosts/HOST/`` and ``tests/HOST.nix``. The manifest's copy, the lock and our own
    records are not limited: they state what was decided for all hosts, and no host is built from them. Files that every
    host is built from may not change at all; the others, which describe the whole community, may not while a change of
    another host is held, as they would describe what is not there. Raises MaidanError for those that may not.
    """
    held = {_owner(change.path) for change in changes if change.outcome != "keep"} - {"", host}
    problems = [
        Problem((), message, hint="generate for all hosts", plugin=change.file.plugin if change.file else "")
        for change in changes
        if change.outcome != "keep" and (message := _why_shared(change.path, sorted(held)))
    ]
    if problems:
        raise MaidanError(problems)
    return tuple(
        replace(change, outcome="hold") if change.outcome != "keep" and _owner(change.path) in held else change
        for change in changes
    )


_UNLIMITED = ("community.toml", "maidan.lock", ".maidan/")
_IN_EVERY_HOST = ("flake.nix", "flake.lock", "modules/")


def _owner(path: str) -> str:
    """The host that a file belongs to; empty for a file of all hosts."""
    top, _, rest = path.partition("/")
    if top == "hosts" and "/" in rest:
        return rest.partition("/")[0]
    return rest.removesuffix(".nix") if top == "tests" else ""


def _why_shared(path: str, held: list[str]) -> str:
    """Why a file may not change while the changes of the hosts `held` are; empty if it may."""
    if _owner(path) or path.startswith(_UNLIMITED):
        return ""
    if path.startswith(_IN_EVERY_HOST):
        return say("{path} is part of every host, and would change", path=path)
    if not held:
        return ""
    return say(
        "{path} describes all hosts, and would change without the files of {hosts}", path=path, hosts=together(held)
    )


def refuse_hand_edits(changes: tuple[Change, ...], record: Record) -> None:
    """Raise MaidanError, with exit code HAND_EDITS, for the changes whose outcome is ``refuse``."""
    problems = [
        Problem(
            (),
            _why_yours(change, record),
            expected="the file as it was generated",
            hint="see the difference with --diff; take what is generated with --overwrite, or keep yours with --adopt",
            plugin=change.file.plugin if change.file else "",
        )
        for change in changes
        if change.outcome == "refuse"
    ]
    if problems:
        raise MaidanError(problems, ExitCode.HAND_EDITS)


def _why_yours(change: Change, record: Record) -> str:
    entry = record.files.get(change.path)
    if entry is None:
        return say("{path} was there before and was not generated", path=change.path)
    if change.file is None:
        return say("{path} is no longer generated, but was changed by hand", path=change.path)
    if change.old and entry.adopted == sha256(change.old.content):
        return say("{path} was adopted, and something else would be generated now", path=change.path)
    return say("{path} was changed by hand", path=change.path)
