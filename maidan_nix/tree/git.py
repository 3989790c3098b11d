"""New files made known to git: a flake in a git checkout consists of what git knows, and of nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence

_SECONDS = 30
# The repository's own configuration may name programs to run; none is needed to put names into the index.
_TRUST_NOTHING = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
_ADD = ("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")


def intend_to_add(root: str, paths: Sequence[str]) -> str:
    """Run ``git add --intent-to-add`` on `paths`, relative to `root`. Return a warning, or an empty string.

    Nothing happens outside a checkout, without git, or to files that git knows already. Paths are taken literally.
    What the steward told git to ignore stays ignored, and is warned of.
    """
    if not paths or not _in_checkout(root):
        return ""
    import subprocess

    try:
        done = subprocess.run(
            ("git", "-C", root, "--literal-pathspecs", *_TRUST_NOTHING, *_ADD),
            input=b"\0".join(path.encode() for path in paths),
            capture_output=True,
            env=_environment(),
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        return ""
    except (OSError, subprocess.TimeoutExpired) as error:
        return _warning(type(error).__name__)
    if done.returncode == 0:
        return ""
    said = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if not line.startswith("hint:")]
    return _warning(" ".join(said))


def _in_checkout(root: str) -> bool:
    current = os.path.realpath(root)
    while True:
        if os.path.lexists(os.path.join(current, ".git")):
            return True
        above = os.path.dirname(current)
        if above == current:
            return False
        current = above


def _environment() -> dict[str, str]:
    """The environment without what redirects git (GIT_DIR, GIT_INDEX_FILE ...), and with messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}


def _warning(reason: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in reason)[:500]
    return f"git did not take up all new files, and the flake will not see those: {shown}"
