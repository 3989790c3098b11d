"""Finishing what an interrupted run began, or forgetting what it never committed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.tree.directory import Root
from maidan_nix.tree.journal import IDLE, JOURNAL, RESTART, Step, read_journal
from maidan_nix.tree.lock import exclusive
from maidan_nix.tree.moves import Moves
from maidan_nix.tree.record import sha256
from maidan_nix.tree.staging import IDLE_NAME, STAGING, Staging, new_name, old_name
from maidan_nix.tree.trouble import trouble
from maidan_nix.tree.write import finish


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found and done.

    ``clean``: nothing was interrupted. ``discarded``: a run was, before it changed anything. ``finished``: a run was,
    and the tree is now as that run meant it, except for `kept`: files changed by hand since, which the next
    comparison shows as such.
    """

    state: Literal["clean", "discarded", "finished"]
    kept: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def recover(root: str | os.PathLike[str]) -> Recovery:
    """Bring the tree at `root`, if there is one, out of an interrupted run. Writes nothing where there was none.

    Raises MaidanError if another run is at work, if the journal or the staged files are damaged, or if the system
    refuses; the journal then stays, and the flake goes on refusing to evaluate.
    """
    try:
        opened = Root(root)
    except FileNotFoundError:
        return Recovery("clean")
    with opened:
        journal = opened.read(JOURNAL)
        if (journal is None or journal.content == IDLE) and not opened.exists(STAGING):
            return Recovery("clean")
        try:
            with exclusive(opened):
                return _recover(opened)
        except OSError as error:
            raise trouble(error, opened.place(STAGING), "cannot finish the interrupted run from") from error


def _recover(root: Root) -> Recovery:
    journal = root.read(JOURNAL)  # again, under the lock
    steps = read_journal(journal.content, root.place(JOURNAL)) if journal else ()
    if not root.exists(STAGING):
        if steps:
            raise _lost(root)
        return Recovery("clean")
    with Staging(root, create=False) as staging:
        if not steps:
            staging.discard()
            return Recovery("discarded")
        kept = _roll_forward(root, staging, steps)
        return Recovery("finished", kept, finish(root, staging, steps))


def _roll_forward(root: Root, staging: Staging, steps: Sequence[Step]) -> tuple[str, ...]:
    """Carry out what is left of `steps`; return the paths of hand edits that were left alone.

    A step's staged file is gone exactly if it was put in place; an old file is put aside exactly once. A file that is
    neither what the step found nor absent was edited after the crash.
    """
    staged = staging.names()
    if IDLE_NAME not in staged:
        raise _lost(root)
    aside: list[int] = []
    place: list[int] = []
    kept: list[str] = []
    for number, step in enumerate(steps):
        waiting = step.new is not None and new_name(number) in staged
        if waiting and _digest(root, f"{STAGING}/{new_name(number)}") != step.new:
            raise _lost(root)
        current = _digest(root, step.path)
        untouched = current is not None and current == step.old and old_name(number) not in staged
        if untouched and (waiting or step.new is None):
            aside.append(number)
        if waiting and (current is None or untouched):
            place.append(number)
        elif current not in (None, step.new) and not untouched:
            kept.append(step.path)
    moves = Moves(root, staging)
    for number in aside:
        moves.put_aside(number, steps[number].path)
    moves.prune(steps)
    for number in place:
        moves.place(number, steps[number].path)
    moves.sync(steps)
    return tuple(kept)


def _digest(root: Root, path: str) -> str | None:
    found = root.read(path)
    return None if found is None else sha256(found.content)


def _lost(root: Root) -> MaidanError:
    return MaidanError(
        Problem(
            (),
            say("a run at {path} was interrupted, and what it had staged is lost or damaged", path=root.path),
            hint=RESTART,
        )
    )
