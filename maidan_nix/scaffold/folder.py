"""A new folder with files in it, there as a whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from maidan_nix.atomic_file import process_umask
from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem

_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


def write_folder(folder: Path, contents: Mapping[str, str]) -> None:
    """Write `contents`, texts by path, into a `folder` that is not there yet, or is empty.

    Killed at any moment, it leaves the whole folder or none, and perhaps a hidden one beside it. Raises MaidanError
    when something is there already, and OSError.
    """
    if folder.is_symlink() or (folder.exists() and not _is_empty_folder(folder)):
        raise _taken(folder)
    parent = folder.parent
    if not parent.is_dir():
        hint = say("make the folder first, or choose another place with --out")
        raise MaidanError(Problem((), say("there is no folder {path}", path=parent), hint=hint))
    staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=parent))
    try:
        for path, text in contents.items():
            file = staged / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        staged.chmod(0o777 & ~process_umask())  # as any new folder; the one for staging was for us alone
        staged.rename(folder)
    except OSError as error:
        if error.errno in _TAKEN:
            raise _taken(folder) from error
        raise
    finally:
        shutil.rmtree(staged, ignore_errors=True)  # there only if something went wrong


def _is_empty_folder(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _taken(folder: Path) -> MaidanError:
    message = say("{path} is there already, and is left as it is", path=folder)
    return MaidanError(Problem((), message, hint="choose another place with --out"))
