"""Changes as a unified diff, for people to read before they decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from maidan_nix.tree.compare import Change
from maidan_nix.tree.file import MAIDAN

# What could move the cursor, change colours, or turn the direction of writing on a terminal.
_UNSHOWABLE = re.compile("[\0-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")
_NO_NEWLINE = "\\ No newline at end of file"


def diff(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the lines (without line ends) of a unified diff from the disk to the wanted tree.

    Hand edits are included, whatever their outcome, so that a refusal can be understood; files created once are shown
    when they are to be created; the tool's own records are left out. What is not plain UTF-8 text is named and not
    shown. No colour.
    """
    for change in changes:
        if change.state == "identical" or change.path.startswith(f"{MAIDAN}/"):
            continue
        if change.file and change.file.ownership == "once" and change.state == "yours":
            continue
        yield from _one(change)


def _one(change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    old_name = "/dev/null" if before is None else f"a/{change.path}"
    new_name = "/dev/null" if after is None else f"b/{change.path}"
    if change.old and change.file and change.old.executable != bool(change.file.mode & 0o100):
        yield f"mode of {change.path}: {change.old.mode:04o} -> {change.file.mode:04o}"
    if before == after:
        return
    old_lines, new_lines = _lines(before), _lines(after)
    if old_lines is None or new_lines is None:
        yield f"Binary files {old_name} and {new_name} differ"
        return
    from difflib import unified_diff

    hunks = unified_diff(old_lines, new_lines, old_name, new_name, lineterm="")
    number = -1
    for number, line in enumerate(hunks):
        text, newline, _ = line.partition("\n")
        yield text
        if not newline and number >= 2 and not line.startswith("@@"):  # after the two names, and not a hunk's head
            yield _NO_NEWLINE
    if number < 0:  # an empty file that comes or goes has no hunk
        yield f"--- {old_name}"
        yield f"+++ {new_name}"


def _lines(content: bytes | None) -> list[str] | None:
    """Split into lines at line feeds alone, each with its end; None if it is not plain text."""
    try:
        text = (content or b"").decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _UNSHOWABLE.search(text):
        return None
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines
