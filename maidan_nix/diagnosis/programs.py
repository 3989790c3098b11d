"""Running a program to learn something from it: never by a shell, never for long, never with its standard input."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

SECONDS = 10.0
_MOST = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said.

    `trouble` says why there is no answer: it is ``missing``, took too ``long``, or ``failed`` to start; it is empty
    where the program ran to its end, whatever its exit `code`.
    """

    code: int = 0
    output: bytes = b""
    errors: str = ""
    trouble: Literal["", "missing", "long", "failed"] = ""


def ask(command: Sequence[str], environment: Mapping[str, str], *, seconds: float = SECONDS) -> Answer:
    """Run a program from the root directory, and return what it said."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=dict(environment),
            cwd="/",
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError:
        return Answer(trouble="missing")
    except subprocess.TimeoutExpired:
        return Answer(trouble="long")
    except (OSError, ValueError):
        return Answer(trouble="failed")
    return Answer(done.returncode, done.stdout[:_MOST], done.stderr.decode("utf-8", "replace"))


def environment(*without: str) -> dict[str, str]:
    """This process's environment with messages in English, without variables that begin with one of `without`."""
    kept = (
        {name: value for name, value in os.environ.items() if not name.startswith(without)}
        if without
        else {**os.environ}
    )
    return {**kept, "LC_ALL": "C"}
