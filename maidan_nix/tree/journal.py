"""`.maidan/journal.json`: what a run is about to do, so that the next can finish it.

The journal is always there, as part of the tree, so that git and therefore Nix see it. Renaming a journal with entries
over the idle one commits a run; renaming the idle one back ends it. In between, the generated ``flake.nix`` refuses to
evaluate, because ``pending`` is not the empty list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.tree.file import IGNORED, MAIDAN, path_fault
from maidan_nix.tree.record import RECORD, parse_json

JOURNAL = f"{MAIDAN}/journal.json"
VERSION = 1
OWN_FILES = (RECORD, IGNORED)
IDLE = b'{\n  "pending": [],\n  "version": 1\n}\n'


@dataclass(frozen=True, slots=True)
class Step:
    """One file to replace: SHA-256 of the bytes before and after, each None where there is no file."""

    path: str
    old: str | None
    new: str | None


def print_journal(steps: Sequence[Step]) -> bytes:
    """Print as JSON, sorted and indented by two; `IDLE` for no steps."""
    import json

    pending = [{"path": step.path, "old": step.old, "new": step.new} for step in steps]
    return (json.dumps({"version": VERSION, "pending": pending}, indent=2, sort_keys=True) + "\n").encode()


def read_journal(content: bytes, place: str = JOURNAL) -> tuple[Step, ...]:
    """Read what `print_journal` wrote; no steps means idle. Raises MaidanError, naming `place`, for anything else."""
    if content == IDLE:
        return ()
    data = parse_json(content, place)
    pending = data.get("pending") if isinstance(data, dict) and data.get("version") == VERSION else None
    if not isinstance(pending, list):
        raise _unusable(place, say("it is not a journal of version {version}", version=VERSION))
    steps = tuple(_step(value, place) for value in pending)
    if len({step.path for step in steps}) != len(steps):
        raise _unusable(place, say("a path occurs twice"))
    return steps


def _step(value: object, place: str) -> Step:
    if not isinstance(value, dict) or value.keys() != {"path", "old", "new"}:
        raise _unusable(place, say("an entry is not complete"))
    path, old, new = value["path"], value["old"], value["new"]
    if not isinstance(path, str):
        raise _unusable(place, say("a path is not a string"))
    reserved = path.split("/", 1)[0].casefold() == MAIDAN and path not in OWN_FILES
    if fault := path_fault(path) or (say("it is reserved") if reserved else ""):
        raise _unusable(place, say("{path!r} cannot be a generated file: {fault}", path=path, fault=fault))
    if not all(digest is None or (isinstance(digest, str) and len(digest) == 64) for digest in (old, new)):
        raise _unusable(place, say("the entry of {path!r} has no usable hash", path=path))
    return Step(path, old, new)


def _unusable(place: str, reason: str) -> MaidanError:
    return MaidanError(Problem((), say("{place} cannot be used: {reason}", place=place, reason=reason), hint=RESTART))


RESTART = say(
    "restore the tree, for instance with `git restore .`, or delete {journal} and generate again", journal=JOURNAL
)
"""The way out where an interrupted run cannot be finished."""
