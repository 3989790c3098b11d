"""What git says of a flake's folder.

Its configuration may name programs to run: besides those that `maidan_nix.git` turns off, filters that files pass
through. They are turned off too; nothing is fetched, and no lock is taken.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from maidan_nix.diagnosis.programs import Answer, ask
from maidan_nix.git import command, environment

_FIXED = {
    "core.untrackedCache": "false",
    "core.quotePath": "false",
    "status.showUntrackedFiles": "all",
}
_FILTERS = ("config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.(clean|smudge|process)$")
_STATUS = ("status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--ignore-submodules=all", "--", ".")
_TRACKED = ("ls-files", "-z", "--", ".")
_REMOTES = ("config", "--null", "--name-only", "--get-regexp", r"^remote\..*\.url$")

Trouble = Literal["", "missing", "none", "owner", "failed"]


@dataclass(frozen=True, slots=True)
class GitFacts:
    """The repository that a flake lies in. Paths are relative to the flake.

    `trouble` says why nothing is known: git is ``missing``; there is ``none`` around the folder; git refuses one that
    belongs to another ``owner``; or git ``failed``, as `said`. `changed` are files that differ from the last commit,
    `ahead` counts the commits that are not pushed, None where the branch follows none.
    """

    trouble: Trouble = ""
    said: str = ""
    tracked: frozenset[str] = frozenset()
    changed: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    remotes: tuple[str, ...] = ()
    ahead: int | None = None
    has_commit: bool = True


def gather(root: Path, git: str | None) -> GitFacts:
    """Ask git of the repository that `root` lies in."""
    if git is None:
        return GitFacts("missing")
    repository = _Repository(git, root)
    inside = repository.ask("rev-parse", "--is-inside-work-tree", "--show-prefix")
    if inside.trouble or inside.code:
        return GitFacts(*_trouble(inside))
    lines = inside.output.split(b"\n")
    if lines[0] != b"true":
        return GitFacts("none")
    prefix = _text(lines[1]) if len(lines) > 1 else ""
    filters = repository.ask(*_FILTERS)
    repository.silence(_names(filters.output))
    status, tracked, remotes = (repository.ask(*words) for words in (_STATUS, _TRACKED, _REMOTES))
    for answer in (status, tracked):
        if answer.trouble or answer.code:
            return GitFacts(*_trouble(answer))
    names = sorted({name.split(".", 1)[1].rsplit(".", 1)[0] for name in _names(remotes.output)})
    return read_status(status.output, prefix, frozenset(_names(tracked.output)), tuple(names))


class _Repository:
    """Asks git about one folder, with everything turned off that could run a program."""

    def __init__(self, git: str, root: Path) -> None:
        self.git = git
        self.root = root
        self.settings = dict(_FIXED)

    def silence(self, names: tuple[str, ...]) -> None:
        """Let files pass through no filter: `names` are the settings that name one."""
        for name in names:
            self.settings[name] = ""
            self.settings[f"{name.rpartition('.')[0]}.required"] = "false"

    def ask(self, *words: str) -> Answer:
        return ask(command(self.root.absolute(), *words, git=self.git), environment(self.settings))


def _trouble(answer: Answer) -> tuple[Trouble, str]:
    if answer.trouble:
        return ("missing", "") if answer.trouble == "missing" else ("failed", "it took too long, or did not start")
    if "dubious ownership" in answer.errors:
        return "owner", ""
    if "not a git repository" in answer.errors:
        return "none", ""
    said = next((line for line in answer.errors.splitlines() if line.strip()), "")
    return "failed", re.sub(r"^(fatal|error): ", "", said)


def read_status(output: bytes, prefix: str, tracked: frozenset[str], remotes: tuple[str, ...]) -> GitFacts:
    """Read ``git status --porcelain=v2 --branch -z`` (git-status(1)); its paths begin with `prefix`."""
    changed: list[str] = []
    untracked: list[str] = []
    ahead: int | None = None
    has_commit = True
    entries = iter(output.split(b"\0"))
    for entry in entries:
        match entry[:2]:
            case b"# ":
                words = entry.split(b" ")
                if words[1] == b"branch.ab":
                    ahead = int(words[2])
                elif words[1:] == [b"branch.oid", b"(initial)"]:
                    has_commit = False
            case b"1 ":
                changed.append(_text(entry.split(b" ", 8)[8]))
            case b"2 ":
                changed.append(_text(entry.split(b" ", 9)[9]))
                next(entries, None)  # where it was before
            case b"u ":
                changed.append(_text(entry.split(b" ", 10)[10]))
            case b"? ":
                untracked.append(_text(entry[2:]))
            case _:
                pass
    return GitFacts(
        tracked=tracked,
        changed=tuple(path.removeprefix(prefix) for path in changed),
        untracked=tuple(path.removeprefix(prefix) for path in untracked),
        remotes=remotes,
        ahead=ahead,
        has_commit=has_commit,
    )


def _names(output: bytes) -> tuple[str, ...]:
    return tuple(_text(name) for name in output.split(b"\0") if name)


def _text(name: bytes) -> str:
    return os.fsdecode(name)
