"""Writing a plan: staged, committed by one rename, applied, ended by another rename.

1. Under the lock, make sure that the disk still is what the plan was made from.
2. Stage: every new file under `.maidan/staging/`, made durable. Until here the tree is untouched.
3. Commit: rename a journal that lists every step over the idle one. From here the flake refuses to evaluate.
4. Apply: put old files aside, remove directories left empty, put new files in place; make the directories durable.
5. Tell git of the new files, since a flake sees only what git knows.
6. End: rename the idle journal back; then forget the old files.

Killed before 3, the tree is old, and the next run discards the staging. Killed after 3, the next run finishes
(`recover`). Refused by the system (full disk, no permission) at any point, all is moved back and the tree is old.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.tree import git
from maidan_nix.tree.compare import Change
from maidan_nix.tree.directory import Root
from maidan_nix.tree.file import MAIDAN
from maidan_nix.tree.journal import JOURNAL, Step, print_journal, read_journal
from maidan_nix.tree.lock import exclusive
from maidan_nix.tree.moves import Moves
from maidan_nix.tree.record import sha256
from maidan_nix.tree.staging import STAGING, Staging, new_name
from maidan_nix.tree.trouble import also, trouble
from maidan_nix.tree.write_plan import WritePlan, to_write

_UNTOUCHED = "the tree is as it was"
_UNFINISHED = "the tree is half written and will not evaluate; run again once that is solved, to finish it"


def apply(plan: WritePlan) -> tuple[str, ...]:
    """Carry out `plan`; return warnings, such as that git refused the new files. Nothing to do writes nothing.

    Raises MaidanError with the old tree intact: for hand edits in the way (exit code HAND_EDITS), another run at
    work, files changed since the plan was made, or whatever the system refuses.
    """
    plan.refuse_hand_edits()
    if not any(change.outcome in ("write", "remove") for change in plan.changes):
        return ()
    made: list[str] = []
    try:
        _make_directories(plan.root, made)
        with Root(plan.root) as root, exclusive(root):
            return _write(root, tuple(to_write(plan)))
    except MaidanError:
        for directory in reversed(made):
            with suppress(OSError):  # not empty: then it is needed
                os.rmdir(directory)
        raise


def _make_directories(root: str, made: list[str]) -> None:
    """Create `root`, the directories above it and `.maidan` where they are missing; append each to `made`."""
    missing = []
    current = os.path.join(os.path.abspath(root), MAIDAN)
    while not os.path.lexists(current):
        missing.append(current)
        current = os.path.dirname(current)
    for directory in reversed(missing):
        try:
            os.mkdir(directory)
        except FileExistsError:  # another run was quicker; the lock decides between the two
            continue
        except OSError as error:
            raise trouble(error, directory, "cannot create") from error
        made.append(directory)


def _write(root: Root, changes: Sequence[Change]) -> tuple[str, ...]:
    first = not _check_still_as_planned(root, changes)
    steps = tuple(
        Step(change.path, _digest(change.before), _digest(change.after if change.outcome == "write" else None))
        for change in changes
    )
    try:
        _discard_left_over(root)
        staging = Staging(root, create=True)
    except OSError as error:
        raise also(trouble(error, root.place(STAGING), "cannot write"), _UNTOUCHED) from error
    with staging:
        try:
            _stage(root, staging, changes)
            root.sync("")  # `.maidan` may be new
            staging.commit(print_journal(steps))
        except (OSError, MaidanError) as error:
            refused = error if isinstance(error, MaidanError) else trouble(error, root.place(STAGING), "cannot write")
            with suppress(MaidanError):
                staging.discard()
            raise also(refused, _UNTOUCHED) from error
        moves = Moves(root, staging)
        try:
            _carry_out(moves, steps, staging)
        except (OSError, MaidanError) as error:
            refused = error if isinstance(error, MaidanError) else trouble(error, root.place(JOURNAL), "cannot write")
            raise also(refused, _take_back(moves, staging, first=first)) from error
        return finish(root, staging, steps)


def _check_still_as_planned(root: Root, changes: Sequence[Change]) -> bool:
    """Refuse a plan that was overtaken: by a hand edit of a moment ago, or by another run between plan and lock.

    Return whether there is a journal.
    """
    journal = root.read(JOURNAL)
    if journal and read_journal(journal.content, root.place(JOURNAL)):
        raise MaidanError(
            Problem((), say("a run at {path} was interrupted meanwhile", path=root.path), hint="run again")
        )
    for change in changes:
        once = change.file is not None and change.file.ownership == "once"
        changed = root.exists(change.path) if once else root.read(change.path) != change.old
        if changed:
            raise MaidanError(
                Problem(
                    (),
                    say("{place} was changed while the tree was generated", place=root.place(change.path)),
                    hint="run again",
                )
            )
    return journal is not None


def _discard_left_over(root: Root) -> None:
    """Remove the staging of a run that was killed before it committed. Raises OSError, MaidanError."""
    if root.exists(STAGING):
        with Staging(root, create=False) as left_over:
            left_over.discard()


def _stage(root: Root, staging: Staging, changes: Sequence[Change]) -> None:
    for number, change in enumerate(changes):
        if change.outcome == "write" and change.file is not None:
            try:
                staging.write(new_name(number), change.file.content, change.file.mode)
            except OSError as error:
                raise trouble(error, root.place(change.path), "cannot write") from error


def _carry_out(moves: Moves, steps: Sequence[Step], staging: Staging) -> None:
    staging.synced()
    for number, step in enumerate(steps):
        if step.old is not None:
            moves.put_aside(number, step.path)
    moves.prune(steps)
    for number, step in enumerate(steps):
        if step.new is not None:
            moves.place(number, step.path)
    moves.sync()


def _take_back(moves: Moves, staging: Staging, *, first: bool) -> str:
    """Restore the old tree; say what became of it."""
    try:
        moves.take_back()
        if first:
            staging.withdraw()
        else:
            staging.finish()
    except (OSError, MaidanError):
        return _UNFINISHED
    with suppress(MaidanError):
        staging.discard()
    return _UNTOUCHED


def finish(root: Root, staging: Staging, steps: Sequence[Step]) -> tuple[str, ...]:
    """Tell git of new files, end the journal, forget the staging; return warnings.

    Raises MaidanError if the journal cannot be ended; the next run then finishes. git comes first: were the journal
    idle before, a crash in between would leave a flake that evaluates without its new files.
    """
    created = [step.path for step in steps if step.old is None and step.new is not None]
    warning = git.intend_to_add(root.path, [*created, JOURNAL]) if created or not steps else ""
    try:
        staging.finish()
    except OSError as error:
        raise also(trouble(error, root.place(JOURNAL), "cannot write"), _UNFINISHED) from error
    with suppress(MaidanError):
        staging.discard()  # what cannot be removed now is removed by the next run
    return (warning,) if warning else ()


def _digest(content: bytes | None) -> str | None:
    return None if content is None else sha256(content)
