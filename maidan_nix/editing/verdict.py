"""Whether an edit may be written: what is wrong with the manifest after it, and what of that it brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from maidan_nix.manifest.document import Document
from maidan_nix.problems import ExitCode, KeyPath, MaidanError, Problem


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong after an edit, as `found`; `brought` is what of that was right before, or hidden, and is refused.

    `exit_code` is the one that `check` ends with.
    """

    found: tuple[Problem, ...] = ()
    brought: tuple[Problem, ...] = ()
    exit_code: ExitCode = ExitCode.DONE


def judge(before: Document, after: Document, root: Path, touched: Sequence[KeyPath]) -> Verdict:
    """Judge an edit of the manifest that lies in `root`; `touched` are the keys that it is about."""
    found = refusal(after, root)
    if found is None:
        return Verdict()
    old = refusal(before, root)
    return Verdict(found.problems, brought_by(old.problems if old else (), found.problems, touched), found.exit_code)


def refusal(document: Document, root: Path) -> MaidanError | None:
    """What `check` would refuse a manifest with, given what lies beside it in `root`; None where it is right."""
    from maidan_nix.flake_folder import generate_in

    try:
        generate_in(root, document)
    except MaidanError as error:
        return error
    return None


def brought_by(before: Sequence[Problem], after: Sequence[Problem], touched: Sequence[KeyPath]) -> tuple[Problem, ...]:
    """The problems that an edit brings, of those before and after it.

    Checks come in stages, and a stage with problems hides the next. What comes to light because an edit solved
    something is not brought by it, unless it is about the very keys that were edited.
    """
    is_better = any(each not in after for each in before)
    fresh = [each for each in after if each not in before]
    return tuple(each for each in fresh if not is_better or any(_concerns(each, key) for key in touched))


def _concerns(problem: Problem, key: KeyPath) -> bool:
    shorter = min(len(problem.path), len(key))
    return shorter > 0 and problem.path[:shorter] == key[:shorter]
