"""Calling git so that it does what it is asked for and nothing else.

A repository may come from anywhere, and its configuration may name programs to run: for hooks, for a file system
monitor, for transports. Those are turned off by options, which outrank every configuration; nothing is fetched, nobody
is asked for a password, and no variable leads git to another repository.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_FIXED = {"core.fsmonitor": "false", "core.hooksPath": os.devnull, "protocol.allow": "never"}


def in_checkout(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder is in a git checkout, as far as can be told without git."""
    path = Path(os.path.realpath(folder))
    return any(os.path.lexists(each / ".git") for each in (path, *path.parents))


def command(folder: str | os.PathLike[str], *words: str, git: str = "git") -> tuple[str, ...]:
    """Return the command line of git in a folder; paths in `words` are taken literally."""
    settings = [part for name, value in _FIXED.items() for part in ("-c", f"{name}={value}")]
    return (git, "-C", os.fspath(folder), "--no-optional-locks", "--literal-pathspecs", *settings, *words)


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment for git, with messages in English.

    It has none of the variables that redirect git (GIT_DIR, GIT_INDEX_FILE and so on). `settings` are further ones of
    git's that hold; those whose names have a "=" cannot be told otherwise.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    numbered = list(enumerate((settings or {}).items()))
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_CONFIG_COUNT": str(len(numbered)),
        **{f"GIT_CONFIG_KEY_{number}": name for number, (name, _) in numbered},
        **{f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in numbered},
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }
