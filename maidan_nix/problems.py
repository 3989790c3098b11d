"""What can be wrong with an input, and the one error type that carries it.

A `Problem` names a place by its key path in the manifest; the line and the column are looked up only when a problem
is shown (see `maidan_nix.manifest.positions`). Problems are collected and reported together, never one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

from maidan_nix.messages import say

KeyPath: TypeAlias = tuple[str | int, ...]
"""A place in the manifest: table keys as strings, array indices as integers, e.g. ``("hosts", "main", "disk")``."""


class ExitCode(IntEnum):
    """The exit codes of every command; documented in README.md."""

    DONE = 0
    FAILED = 1
    USAGE = 2  # click's own
    MANIFEST_INVALID = 3
    FINDINGS_REFUSE = 4
    HAND_EDITS = 5
    OUT_OF_DATE = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `message` says what, without a final stop; `expected` what would be right; `hint` the way out.
    `plugin` names the plugin that asked or failed, such as ``services/example``. `at` says whether the key itself or
    its value is wrong. A problem that has a position of its own (a TOML syntax error) carries `line` and `column`,
    both counted from 1, the column in characters.
    """

    path: KeyPath
    message: str
    expected: str = ""
    hint: str = ""
    plugin: str = ""
    at: Literal["key", "value"] = "value"
    line: int = 0
    column: int = 0


class MaidanError(Exception):
    """The only error a command reports to its user: problems, and the exit code that goes with them."""

    def __init__(self, problems: Problem | Iterable[Problem], exit_code: ExitCode = ExitCode.FAILED) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.exit_code = exit_code
        super().__init__("; ".join(problem.message for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the known word nearest to `word`, or an empty string."""
    import difflib

    candidates: Sequence[str] = sorted(known)
    nearest = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    return say("did you mean '{word}'?", word=nearest[0]) if nearest else ""


def dotted(path: KeyPath) -> str:
    """Write a key path as TOML does: ``hosts.main.disk``, ``services."odd name"``, ``stewards[2].name``."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        elif step and step.isascii() and all(c.isalnum() or c in "-_" for c in step):
            written += f".{step}"
        else:
            escaped = step.replace("\\", "\\\\").replace('"', '\\"')
            written += '."' + "".join(map(_in_toml, escaped)) + '"'
    return written.removeprefix(".")


def _in_toml(character: str) -> str:
    if character.isprintable():
        return character
    return f"\\u{ord(character):04X}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08X}"
