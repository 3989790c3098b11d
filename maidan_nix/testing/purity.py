"""A plugin answers from what it is told: it asks no clock, no disk, no network and no chance.

Two of Python's own observers watch while the example is generated. Audit hooks see files, processes and sockets
(https://docs.python.org/3/library/audit_events.html); the profiler sees calls of clocks and of sources of randomness,
which raise no audit event. What core does on behalf of a plugin, and what an import reads, is not the plugin's doing.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from maidan_nix.messages import Message, say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.testing.example import example_document
from maidan_nix.testing.subject import Subject

_EVENTS = ("open", "socket.", "subprocess.", "os.", "shutil.", "tempfile.", "urllib.", "http.", "ftplib.", "smtplib.",
           "ssl.", "sqlite3.", "glob.", "pathlib.", "ctypes.", "fcntl.", "mmap.", "time.sleep", "pty.")  # fmt: skip
_HARMLESS = frozenset(("os.fwalk", "os.walk"))
"""Events that another one follows."""
_CLOCKS = frozenset(
    ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time",
     "process_time_ns", "thread_time", "clock_gettime", "clock_gettime_ns", "localtime", "gmtime", "ctime",
     "strftime")
)  # fmt: skip
_DATES = frozenset(("now", "utcnow", "today"))
_CHANCE = frozenset(("random", "secrets", "uuid", "tempfile"))
_MACHINE = frozenset(
    ("urandom", "getrandom", "getpid", "uname", "getlogin", "gethostname", "getuid", "getcwd", "getenv")
)

_watcher: _Watcher | None = None
_hooked = False


class _Watcher:
    """Collects what code in one folder, or one file, does while it is watched."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.thread = threading.get_ident()
        self.seen: dict[Message, None] = {}

    def is_own(self, frame: FrameType | None) -> bool:
        if frame is None:
            return False
        file = frame.f_code.co_filename
        return file == self.root or file.startswith(f"{self.root}/")

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if threading.get_ident() != self.thread or event in _HARMLESS or not event.startswith(_EVENTS):
            return
        frame = self.culprit(sys._getframe(2))  # noqa: SLF001  # the one way to know who calls
        if frame is None:
            return
        if event == "open":
            path, mode = str(arguments[0]), arguments[1] or ""
            writes = any(letter in str(mode) for letter in "wax+")
            if not writes and path.startswith(f"{self.root}/"):
                return  # a file that comes along with the plugin, such as a template
            doing = say("writes {path}", path=path) if writes else say("reads {path}", path=path)
        else:
            doing = say("does {event}", event=event)
        self.note(doing, frame)

    def culprit(self, frame: FrameType | None) -> FrameType | None:
        """The plugin's frame that an event comes from; None when core or an import stands between."""
        while frame is not None and not self.is_own(frame):
            name = frame.f_globals.get("__name__", "")
            if name.startswith(("importlib.", "maidan_nix.", "pydantic")) or "importlib" in frame.f_code.co_filename:
                return None
            frame = frame.f_back
        return frame

    def profile(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call" and self.is_own(frame):
            name, owner = getattr(argument, "__name__", ""), getattr(argument, "__self__", None)
            module = getattr(argument, "__module__", None) or getattr(owner, "__name__", "")
            kind = owner.__name__ if isinstance(owner, type) else type(owner).__name__
            if (module == "time" and name in _CLOCKS) or (kind in ("datetime", "date") and name in _DATES):
                self.note(say("asks the clock"), frame)
            elif module == "builtins" and name == "print":
                self.note(say("prints"), frame)
            elif kind in ("Random", "SystemRandom"):
                self.note(say("leaves something to chance"), frame)
            elif module in ("posix", "nt", "_socket") and name in _MACHINE:
                self.note(say("asks the machine: {name}", name=name), frame)
        elif event == "call" and self.is_own(frame.f_back):
            module = frame.f_globals.get("__name__", "")
            if module in _CHANCE:
                self.note(say("leaves something to chance"), frame.f_back)
            elif module == "os" and frame.f_code.co_name in ("getenv", "__getitem__", "get"):
                self.note(say("asks the machine: {name}", name="environ"), frame.f_back)

    def note(self, doing: Message, frame: FrameType | None) -> None:
        place = frame.f_code.co_name if frame else ""
        self.seen[say("it {doing}, in {place}()", doing=doing, place=place)] = None


def purity(subject: Subject) -> Iterator[Problem]:
    """The same manifest gives the same flake, on every machine and on every day."""
    global _watcher  # noqa: PLW0603  # an audit hook stays for good, so there is one, which asks whom it works for
    _hook()
    root = subject.module.parent if subject.module.name == "__init__.py" else subject.module
    watcher = _Watcher(root)
    before = sys.getprofile()
    document = example_document(subject.plugin)
    _watcher = watcher
    sys.setprofile(watcher.profile)
    try:
        subject.generate(document)
    except MaidanError:
        pass  # it worked before; determinism says what is wrong with that
    finally:
        sys.setprofile(before)
        _watcher = None
    for message in watcher.seen:
        yield subject.problem(message, say("answers made of context and grants alone"))


def _hook() -> None:
    global _hooked  # noqa: PLW0603  # hooks cannot be removed, so one is added once
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watcher is not None:
        _watcher.audit(event, arguments)
