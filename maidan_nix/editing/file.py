"""The manifest on disk while it is edited: read once, written whole, never over somebody else's edit."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from maidan_nix.atomic_file import replace_file
from maidan_nix.manifest.document import BY_OPTION, MAXIMUM_BYTES, Document, parse_document, read_document
from maidan_nix.manifest.wording import os_reason
from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.regular_file import read_regular_file

_WRITABLE = "check its owner and mode: ls -l"


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it was read. `content` is None where there was none."""

    path: Path
    content: bytes | None


def open_manifest(path: Path) -> tuple[Opened, Document]:
    """Read a manifest that is to be edited, which is the one that --manifest names.

    Raises MaidanError where it cannot be read, is not TOML, is a symbolic link, or may not be written.
    """
    _refuse_link(path)
    document = read_document(path, BY_OPTION)
    if not os.access(path, os.W_OK):
        raise _trouble(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    return Opened(path, document.text.encode()), document


def open_file(path: Path) -> Opened:
    """Read a file that may not be there yet. Raises MaidanError where it is no regular file or cannot be read."""
    _refuse_link(path)
    try:
        return Opened(path, read_regular_file(path, MAXIMUM_BYTES + 1))
    except FileNotFoundError:
        return Opened(path, None)
    except OSError as error:
        message = say("{path} cannot be read: {reason}", path=path, reason=os_reason(error))
        raise MaidanError(Problem((), message, hint="move it out of the way")) from error


def parse_edited(opened: Opened, text: str) -> Document:
    """Read an edited text as the manifest that it will be. Raises MaidanError."""
    return parse_document(text.encode(), str(opened.path))


def write(opened: Opened, content: bytes) -> Opened:
    """Put new content in the place of what was read, at once and durably; the mode stays.

    Raises MaidanError, with nothing changed, if the file is not what it was when it was read, or the system refuses.
    """
    path = opened.path
    try:
        with _alone(path):
            if open_file(path).content != opened.content:
                message = say("{path} was changed meanwhile, and is left as it is", path=path)
                raise MaidanError(Problem((), message, hint="run again"))
            replace_file(path, content)
    except OSError as error:
        raise _trouble(path, error) from error
    return Opened(path, content)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the folder against other edits by this program, for the moment between looking and writing."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = say("another run of maidan-nix is writing to {path}", path=path.parent)
            raise MaidanError(Problem((), message, hint="wait until it is done, then run again")) from None
        yield
    finally:
        os.close(folder)


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        target = path.parent / path.readlink()
        message = say("{path} is a symbolic link, and nothing is written through one", path=path)
        raise MaidanError(Problem((), message, hint=say("edit {target} itself", target=target)))


def _trouble(path: Path, error: OSError) -> MaidanError:
    message = say("{path} cannot be written: {reason}", path=path, reason=os_reason(error))
    way_out = "free some space and run again" if error.errno in (errno.ENOSPC, errno.EDQUOT) else _WRITABLE
    return MaidanError(Problem((), message, hint=way_out))
