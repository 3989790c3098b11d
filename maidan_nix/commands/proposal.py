"""An edit of the manifest on its way to the disk: validated as a whole, shown as a diff, agreed to, written."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

import click

from maidan_nix.commands.console import Console
from maidan_nix.commands.prompt import Prompt, can_ask
from maidan_nix.editing.file import Opened, parse_edited, write
from maidan_nix.editing.verdict import judge
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.report import ProblemRecord, to_json
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, KeyPath, MaidanError

_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


class EditResult(TypedDict):
    """What came of an edit."""

    manifest: str
    """The path of the manifest, as it was given."""
    changed: bool
    """Whether the edit changes anything."""
    written: bool
    """Whether it was written; false with --diff."""
    diff: list[str]
    """The lines of a unified diff."""
    remarks: list[str]
    """What else there is to know, a sentence each."""
    problems: list[ProblemRecord]
    """What is still wrong with the manifest; the edit added none of it."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How an edit is agreed to: ``--yes``, or a question at a terminal; ``--diff`` only shows it."""

    yes: bool
    only_diff: bool


def propose(
    console: Console,
    opened: Opened,
    before: Document,
    edited: str,
    touched: Sequence[KeyPath],
    agreement: Agreement,
    remarks: Sequence[str] = (),
) -> EditResult:
    """Carry an edit through. `touched` are the keys that it is about, `remarks` what it should be known with.

    Raises MaidanError with the problems that the edit would bring, located in the edited text, and click's errors where
    nobody agreed.
    """
    document = parse_edited(opened, edited)
    verdict = judge(before, document, opened.path.parent, touched)
    if verdict.brought:
        console.document, console.manifest = document, document.name
        if not console.json:
            console.note(say("Nothing was written, since this would not be right. Places are those after the edit."))
        raise MaidanError(verdict.brought, verdict.exit_code)
    left = verdict.found
    lines = list(unified(str(opened.path), before.text, edited))
    result = EditResult(
        manifest=str(opened.path),
        changed=bool(lines),
        written=False,
        diff=lines,
        remarks=list(remarks),
        problems=to_json(left, document),
    )
    if not console.json:
        for line in lines:
            console.verbatim(line, style=_DIFF_STYLES.get(line[:1], ""))
        for remark in remarks:
            console.note(remark)
        if not lines:
            console.note(
                say("Nothing would change.") if agreement.only_diff else say("Nothing to change: it says so already.")
            )
    if lines and not agreement.only_diff:
        _agree(console, agreement)
        write(opened, edited.encode())
        result["written"] = True
        if not console.json:
            console.note(say("Written to {path}. 'maidan-nix generate' makes it the flake's.", path=opened.path))
    if left and not console.json:
        console.document, console.manifest = document, document.name
        console.note(say("Still wrong, as before:"))
        console.problems(left)
    return result


def unified(name: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff, without line ends."""
    from difflib import unified_diff

    # A carriage return at the end is part of the line's end, and no change that could be seen.
    old, new = ([line.removesuffix("\r") for line in text.split("\n")] for text in (before, after))
    if old and not old[-1]:
        old.pop()
    if new and not new[-1]:
        new.pop()
    return unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm="")


def _agree(console: Console, agreement: Agreement) -> None:
    if agreement.yes:
        return
    if not can_ask(console):
        raise click.UsageError(
            "Nothing was written: nobody can be asked here. Add --yes to write it, or --diff to look only."
        )
    if not Prompt(console).yes(say("Write this?"), default=True):
        console.note(say("Nothing was written."))
        sys.exit(ExitCode.FAILED)
