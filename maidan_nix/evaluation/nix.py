"""Running Nix: never longer than agreed, never left behind, and without a change to its store."""

from __future__ import annotations

import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem

TRACE: Final = "trace: maidan-nix: "
"""How a line begins in which one of our own Nix files says how far it is."""

_MOST_WORDS: Final = 8 * 1024 * 1024
_MOST_ANSWER: Final = 256 * 1024 * 1024
_NIX_PATH_CHARACTERS = re.compile(r"/[A-Za-z0-9+._/-]*\Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """What Nix gave: standard output, and what it said, without our own traces; `last` is the last of these."""

    accepted: bool
    output: bytes
    words: str
    last: str


class NixFailure(MaidanError):
    """Nix could not be asked, or not to an end. `words` are its own, for ``--debug``."""

    def __init__(self, problem: Problem, words: str = "") -> None:
        super().__init__(problem)
        self.words = words

    def __str__(self) -> str:
        return f"{super().__str__()}\n{self.words}".rstrip()


def evaluate(
    expression: str,
    readable: Sequence[Path],
    *,
    timeout: float,
    progress: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Evaluate an expression to JSON with ``nix-instantiate``, or else ``nix eval``.

    Nix may read what lies below `readable` and nothing else; it reads no network, builds nothing, and writes no store:
    none need exist. `timeout` is in seconds. `progress` gets what our own Nix files trace. Raises NixFailure when there
    is no Nix, or it took too long.
    """
    program = find("nix-instantiate")
    start = [program, "--eval", "--strict"] if program else [*nix("nix-command"), "eval", "--impure"]
    options = ["--json", "--show-trace", "--readonly-mode", "--store", "dummy://"]
    if not program:
        options.remove("--readonly-mode")
    for name, value in (("restrict-eval", "true"), ("allow-import-from-derivation", "false"), ("substitute", "false")):
        options += ["--option", name, value]
    for number, path in enumerate(readable):
        options += ["-I", f"maidan{number}={path}"]
    return run([*start, *options, "--expr", expression], timeout=timeout, progress=progress)


def nix(*features: str) -> list[str]:
    """Return the start of a command line of ``nix`` itself. Raises NixFailure when there is none."""
    program = find("nix")
    if not program:
        raise NixFailure(Problem((), say("Nix is not installed here"), hint=_INSTALL))
    return [program, "--extra-experimental-features", " ".join(features)]


_INSTALL: Final = "install it, for example with 'apt-get install nix-bin', or run this where your flake is built"


def find(program: str) -> str:
    """Return the path of a program, or an empty string."""
    return shutil.which(program) or ""


def path_literal(path: Path) -> str:
    """Write an absolute path as Nix. Never text that could be more than a path."""
    text = str(path)
    if _NIX_PATH_CHARACTERS.match(text) and not text.endswith("/"):
        return text
    return f"(/. + {string_literal(text)})"


def string_literal(text: str) -> str:
    """Write a string as Nix."""
    from maidan_nix.nix.literals import string

    return string(text)


def run(
    command: Sequence[str],
    *,
    timeout: float,
    progress: Callable[[str], None] = lambda _: None,
    folder: Path | None = None,
) -> Answer:
    """Run a command of Nix to its end, or until something ends this early, Ctrl-C included; all it started ends then.

    Raises NixFailure when it cannot be started, takes longer than `timeout` seconds, or says too much.
    """
    until = time.monotonic() + timeout
    with tempfile.TemporaryFile() as output:
        with _child(command, output, folder) as child:
            words, last, late = _listen(child, until, progress)
            if late or not _has_ended(child.pid, until):
                message = say("Nix had no answer after {seconds} seconds", seconds=round(timeout))
                hint = "is the machine busy, or the disk slow? Run it again"
                raise NixFailure(Problem((), message, hint=hint), words)
        if output.seek(0, os.SEEK_END) > _MOST_ANSWER:
            message = say("Nix answered with more than {size} MiB", size=_MOST_ANSWER // 1024 // 1024)
            raise NixFailure(Problem((), message), words)
        output.seek(0)
        return Answer(child.returncode == 0, output.read(), words, last)


@contextmanager
def _child(command: Sequence[str], output: IO[bytes], folder: Path | None) -> Iterator[subprocess.Popen[bytes]]:
    try:
        # A session of its own: its children can be ended with it, and Ctrl-C reaches us alone.
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            env=_environment(os.environ),
            cwd=folder,
            start_new_session=True,
        )
    except OSError as error:
        message = say("{program} cannot be started: {reason}", program=command[0], reason=error.strerror)
        raise NixFailure(Problem((), message)) from error
    try:
        yield child
    finally:
        # Even one that has ended may have left others behind. Its number is nobody else's until it is waited for.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if child.stderr is not None:
            child.stderr.close()


def _has_ended(process: int, until: float) -> bool:
    """Wait for a child to end, and leave it to be waited for; whether it ended in time."""
    pause = 0.001
    while os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        remaining = until - time.monotonic()
        if remaining <= 0:
            return False
        pause = min(2 * pause, remaining, 0.05)
        time.sleep(pause)
    return True


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in given.items() if not name.startswith(("NIXOS_", "NIXPKGS_"))}
    return {**kept, "NIX_PATH": "", "NO_COLOR": "1", "TERM": "dumb"}


def _listen(child: subprocess.Popen[bytes], until: float, progress: Callable[[str], None]) -> tuple[str, str, bool]:
    """Read what the child says until it closes its mouth: its words, the last trace of ours, and whether it is late."""
    stream = child.stderr
    if stream is None:
        return "", "", False
    kept: list[bytes] = []
    size, last, rest, marker = 0, "", b"", TRACE.encode()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if not selector.select(max(until - time.monotonic(), 0)):
                return b"\n".join(kept).decode(errors="replace"), last, True
            portion = os.read(stream.fileno(), 65536)
            *lines, rest = (rest + portion).split(b"\n")
            if not portion and rest:
                lines = [rest]
            for line in lines:
                if line.startswith(marker):
                    last = line[len(marker) :].decode(errors="replace")
                    progress(last)
                elif size < _MOST_WORDS:
                    kept.append(line)
                    size += len(line)
            if not portion:
                return b"\n".join(kept).decode(errors="replace"), last, False
