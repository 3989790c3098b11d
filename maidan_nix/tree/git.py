"""New files made known to git: a flake in a git checkout consists of what git knows, and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from maidan_nix.git import command, environment, in_checkout
from maidan_nix.messages import say

_SECONDS = 30
_ADD = ("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")


def intend_to_add(root: str, paths: Sequence[str]) -> str:
    """Run ``git add --intent-to-add`` on `paths`, relative to `root`. Return a warning, or an empty string.

    Nothing happens outside a checkout, without git, or to files that git knows already. Paths are taken literally.
    What the steward told git to ignore stays ignored, and is warned of.
    """
    if not paths or not in_checkout(root):
        return ""
    import subprocess

    try:
        done = subprocess.run(
            command(root, *_ADD),
            input=b"\0".join(path.encode() for path in paths),
            capture_output=True,
            env=environment(),
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


def _warning(reason: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in reason)[:500]
    return say("git did not take up all new files, and the flake will not see those: {reason}", reason=shown)
