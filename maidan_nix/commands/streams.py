"""Standard input, output and error as a program may be given them: closed, full, or unable to show every character."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path


def prepare_streams() -> None:
    """Make printing safe.

    A closed descriptor becomes ``/dev/null``, so that no file of ours is opened in its place. A character that the
    locale cannot show is printed as its escape.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush_outputs() -> None:
    """Print what is still waiting, so that a failure is noticed while it can be told. Raises OSError."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def close_outputs() -> None:
    """Drop what an output does not take any more; the interpreter would complain about it at its end."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError:
            with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
