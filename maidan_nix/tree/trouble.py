"""What the operating system refuses, as problems with a way out."""

from __future__ import annotations

import errno

from maidan_nix.manifest.wording import os_reason
from maidan_nix.messages import Message, listed, phrase, say
from maidan_nix.problems import MaidanError, Problem

_OWNER = "check its owner and mode, or choose another place with --out"
_WAYS_OUT = {
    errno.EACCES: _OWNER,
    errno.EPERM: _OWNER,
    errno.EROFS: "choose another place with --out, or make this one writable",
    errno.ENOSPC: "free some space and run again",
    errno.EDQUOT: "free some space within your quota and run again",
    errno.EXDEV: "keep the whole tree on one file system",
    errno.EISDIR: "move the directory out of the way",
    errno.ENOTEMPTY: "move the directory out of the way",
    errno.ENOTDIR: "move the file out of the way",
    errno.EIO: "check the disk, then run again",
    errno.EMFILE: "raise the limit of open files (ulimit -n) and run again",
}


def trouble(error: OSError, place: str, doing: str) -> MaidanError:
    """Tell that `doing` (such as ``"cannot read"``) failed at `place`, and what to do about it."""
    message = say("{doing} {place}: {reason}", doing=phrase(doing), place=place, reason=os_reason(error))
    return MaidanError(Problem((), message, hint=_WAYS_OUT.get(error.errno or 0, "")))


def also(error: MaidanError, remark: str) -> MaidanError:
    """Add a remark, such as what became of the tree, to the way out of each problem."""
    from dataclasses import replace

    return MaidanError(
        (replace(problem, hint=_both(problem.hint, remark) if problem.hint else remark) for problem in error.problems),
        error.exit_code,
    )


def _both(hint: str, remark: str) -> Message:
    return listed((phrase(hint), phrase(remark)), "; ")
