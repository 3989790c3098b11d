"""maidan-nix at a terminal: a pseudo-terminal with somebody who waits for a question and types an answer."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

DEADLINE = 60.0
"""Seconds after which a question that has not come is not coming."""
CTRL_C, CTRL_D = "\x03", "\x04"

# In the child, before the program: this terminal is the one that sends signals, and Ctrl-C is not ignored.
_ENTER = """\
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, "-m", "maidan_nix", *sys.argv[1:]])
"""


class Terminal:
    """One run of maidan-nix. A context manager, which ends the run if it has not ended."""

    def __init__(
        self, *arguments: str, cwd: Path, columns: int = 80, environment: Mapping[str, str] | None = None
    ) -> None:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH", "VIRTUAL_ENV"}}
        home = cwd.parent / "home"
        home.mkdir(exist_ok=True)
        plain = {"HOME": str(home), "USER": "ada", "LANG": "C.UTF-8", "TERM": "xterm", "TZ": "Europe/Berlin"}
        self._screen, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ENTER, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            env={**kept, **plain, **(environment or {})},
            start_new_session=True,
        )
        os.close(slave)
        self.shown = ""
        self._raw = b""
        self._seen = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._screen)

    def type(self, text: str) -> None:
        """Type without Enter."""
        os.write(self._screen, text.encode())

    def answer(self, question: str, text: str = "") -> str:
        """Wait until a question is the last line, type an answer and Enter; return what was shown before."""
        before = self.asked(question)
        self.type(f"{text}\n")
        return before

    def asked(self, question: str) -> str:
        """Wait until a question is the last line; return what was shown before it."""
        deadline = time.monotonic() + DEADLINE
        while True:
            before, _, line = self.shown[self._seen :].rpartition("\n")
            if line.startswith(question) and line.endswith(": "):
                self._seen = len(self.shown)
                return before
            if not self._read(deadline):
                raise AssertionError(f"{question!r} was not asked, but:\n{self.shown[self._seen :]}")

    def end(self) -> int:
        """Wait for the end of the run; return its exit code."""
        deadline = time.monotonic() + DEADLINE
        while self._read(deadline):
            pass
        return self._process.wait(max(deadline - time.monotonic(), 1))

    def _read(self, deadline: float) -> bool:
        """Read what is there, waiting for it; false when nothing will come any more."""
        ready, _, _ = select.select([self._screen], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            raise AssertionError(f"nothing more was shown after:\n{self.shown[-2000:]}")
        try:
            part = os.read(self._screen, 65536)
        except OSError:  # EIO: the other side is closed
            return False
        self._raw += part
        self.shown = self._raw.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(part)
