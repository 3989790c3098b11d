"""Reading a file that may be something else: a pipe that nobody writes to, a device, a file without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


class IrregularFileError(OSError):
    """What should be read is neither a regular file nor a directory: a pipe, a socket, a device."""


def read_regular_file(path: Path, limit: int) -> bytes:
    """Return the first `limit` bytes of a regular file, or all of it where it is shorter.

    Raises OSError where there is no such file or it cannot be read (IsADirectoryError, IrregularFileError and others),
    and ValueError for a path with a NUL in it.
    """
    # Non-blocking, so that opening a named pipe returns; it is refused below.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise IrregularFileError(errno.EINVAL, "is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(limit)
    finally:
        os.close(descriptor)
