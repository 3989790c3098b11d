"""What lies beside a first manifest: the schema for editors, what git ignores, and the repository itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from maidan_nix.editing.file import open_file, write
from maidan_nix.git import command, environment, in_checkout
from maidan_nix.initial.render import SCHEMA_FILE, SCHEMA_LINE
from maidan_nix.messages import say

IGNORED = ".gitignore"
_IGNORED_LINES = b"# What 'nix build' leaves behind.\n/result\n/result-*\n"
_SECONDS = 30


def write_schema(folder: Path, text: str) -> bool:
    """Write the schema that a manifest's first line names, or bring ours up to date; return whether that was needed.

    A file of that name which is no JSON Schema of ours stays as it is.
    """
    from maidan_nix.schema import render_schema

    if text.partition("\n")[0].rstrip("\r") != SCHEMA_LINE:
        return False
    there = open_file(folder / SCHEMA_FILE)
    wanted = render_schema()
    if there.content == wanted or (there.content is not None and not _is_ours(there.content, wanted)):
        return False
    write(there, wanted)
    return True


def _is_ours(content: bytes, wanted: bytes) -> bool:
    """Whether a schema calls itself what ours is called."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return False
    ours = json.loads(wanted)
    return isinstance(found, dict) and found.get("title") == ours.get("title")


def write_ignored(folder: Path) -> bool:
    """Write a ``.gitignore`` in a repository where there is none; return whether that was needed."""
    there = open_file(folder / IGNORED)
    if there.content is not None or not in_checkout(folder):
        return False
    write(there, _IGNORED_LINES)
    return True


def has_git() -> bool:
    """Whether there is git."""
    return shutil.which("git") is not None


def make_repository(folder: Path) -> str:
    """Run ``git init``. Return a warning, or an empty string."""
    try:
        done = subprocess.run(
            command(folder, "init", "--quiet", "."),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(),
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return say("git made no repository: {reason}", reason=type(error).__name__)
    if done.returncode:
        reason = " ".join(done.stderr.decode("utf-8", "replace").split())
        return say("git made no repository: {reason}", reason=reason[:300])
    return ""
