"""Reading community.toml: the file, its bytes, and TOML. What the values mean is none of this module's business.

Everything that could be costly or confusing is refused before TOML is parsed: the wrong kind of file, too many bytes,
text that is not UTF-8, nesting without end. Values come from tomllib; positions are looked up by
`maidan_nix.manifest.positions`, only when there is a problem to show.
"""

from __future__ import annotations

import math
import pathlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from maidan_nix.manifest.syntax import syntax_problem
from maidan_nix.manifest.tokens import MAXIMUM_DIGITS, find_excess
from maidan_nix.manifest.wording import os_reason
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, KeyPath, MaidanError, Problem
from maidan_nix.regular_file import IrregularFileError, read_regular_file

MAXIMUM_BYTES = 8 * 1024 * 1024
MAXIMUM_LEVELS = 64
_INT64 = range(-(2**63), 2**63)
_MAXIMUM_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Document:
    """A manifest that is valid TOML. `name` is what messages call it: its path as the user wrote it.

    `values` holds what tomllib returns: dicts, lists, strings, booleans, integers within 64 bits, finite floats,
    dates and times. No string or key contains U+0000.
    """

    name: str
    text: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What messages say that a file should have been; `which` is how another is named."""

    file: str = say("a manifest")
    path: str = say("the path of a manifest")
    most: str = say("a manifest of at most 8 MiB")
    least: str = say("a manifest with at least the table [community]")
    named: str = say("a manifest, usually named community.toml")
    which: str = say("say which manifest: maidan-nix generate PATH")


MANIFEST = Expected()
BY_OPTION = Expected(which=say("say which manifest: --manifest PATH"))
ANSWERS = Expected(
    say("a file with answers"),
    say("the path of a file with answers"),
    say("answers of at most 8 MiB"),
    say("answers, in the shape of the manifest"),
    say("a file with answers"),
    say("say which file: --answers PATH"),
)


def read_document(path: pathlib.Path, expected: Expected = MANIFEST) -> Document:
    """Read and parse the manifest at `path`.

    Raises MaidanError (MANIFEST_INVALID) when there is no such file, it is not a regular file, cannot be read, has
    more than 8 MiB, or is refused by `parse_document`.
    """
    try:
        content = read_regular_file(path, MAXIMUM_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _unreadable(error, expected) from None
    return parse_document(content, str(path), expected)


def _unreadable(error: OSError | ValueError, expected: Expected) -> MaidanError:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return _refusal("there is no such file", expected.file, expected.which)
        case IsADirectoryError():
            return _refusal("is a directory", expected.named, expected.which)
        case IrregularFileError():
            return _refusal("is not a regular file", "a regular file", expected.which)
        case PermissionError():
            return _refusal("may not be read", "a file that you may read", "look at its owner and mode: ls -l")
        case OSError():
            return _refusal(say("cannot be read: {reason}", reason=os_reason(error)), "a readable file")
        case _:
            return _refusal("this is not a path", expected.path, expected.which)


def parse_document(content: bytes, name: str, expected: Expected = MANIFEST) -> Document:
    """Parse a manifest from its bytes; `name` is what messages call it.

    Raises MaidanError (MANIFEST_INVALID) when it is empty, has more than 8 MiB, is not UTF-8 without byte order mark,
    contains NUL, nests more than 64 levels deep, is not TOML, or holds a number or a string that nothing can use:
    integers beyond 64 bits, infinity, not-a-number, U+0000.
    """
    if len(content) > MAXIMUM_BYTES:
        raise _refusal("is larger than 8 MiB", expected.most, "is this the file you meant?")
    text = _decoded(content)
    if not text.strip():
        raise _refusal("is empty", expected.least)
    _refuse_excess(text)
    values = _parsed(text)
    problems = list(_unusable(values))
    if problems:
        from maidan_nix.manifest.positions import located

        raise MaidanError(located(problems, text), ExitCode.MANIFEST_INVALID)
    return Document(name, text, values)


def _refusal(message: str, expected: str = "", hint: str = "", line: int = 0, column: int = 0) -> MaidanError:
    problem = Problem((), message, expected, hint, line=line, column=column)
    return MaidanError(problem, ExitCode.MANIFEST_INVALID)


def _refusal_at(text: str, index: int, message: str, expected: str, hint: str = "") -> MaidanError:
    before = text[:index]
    line, column = before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1
    return _refusal(message, expected, hint, line, column)


def _decoded(content: bytes) -> str:
    expected = "a text file in UTF-8, without byte order mark"
    if content.startswith(b"\xef\xbb\xbf"):
        raise _refusal("starts with a byte order mark", expected, "save it again as 'UTF-8 without BOM'", 1, 1)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refusal("is UTF-16", expected, "save it again as UTF-8", 1, 1)
    try:
        text, fault = content.decode(), len(content)
    except UnicodeDecodeError as error:
        text, fault = content[: error.start].decode(), error.start
    nul = text.find("\0")
    if nul >= 0:
        raise _refusal_at(text, nul, "contains a NUL byte", expected, "is this the file you meant?")
    if fault < len(content):
        message = say("byte 0x{byte:02X} is not UTF-8", byte=content[fault])
        raise _refusal_at(text, len(text), message, expected, "save it again as UTF-8")
    return text


def _refuse_excess(text: str) -> None:
    excess = find_excess(text, MAXIMUM_LEVELS)
    if excess is None:
        return
    if excess.what == "digits":
        message: str = say("this number has more than {most} digits", most=MAXIMUM_DIGITS)
        expected = "an integer within 64 bits"
    else:
        message = "tables and arrays are nested too deeply here"
        expected = say("at most {most} levels", most=MAXIMUM_LEVELS)
    raise _refusal_at(text, excess.index, message, expected)


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MaidanError(syntax_problem(error, text), ExitCode.MANIFEST_INVALID) from None
    except RecursionError:
        # Not reachable from the command line: 64 levels are few. A caller may be deep in its own stack.
        raise _refusal(
            "tables and arrays are nested too deeply", say("at most {most} levels", most=MAXIMUM_LEVELS)
        ) from None


def _unusable(values: dict[str, Any]) -> Iterator[Problem]:
    """Find the values that are valid TOML and of no use to anyone. Stops after enough of them."""
    count = 0
    waiting: list[tuple[KeyPath, Any]] = [((), values)]
    while waiting and count < _MAXIMUM_PROBLEMS:
        path, value = waiting.pop()
        problem: Problem | None = None
        match value:
            case dict():
                waiting += [((*path, key), child) for key, child in value.items()]
                nul_key = next((key for key in value if "\0" in key), None)
                if nul_key is not None:
                    problem = Problem((*path, nul_key), "contains U+0000", "a key without control characters", at="key")
            case list():
                waiting += [((*path, index), child) for index, child in enumerate(value)]
            case str() if "\0" in value:
                problem = Problem(path, "contains U+0000", "text without control characters")
            case float() if not math.isfinite(value):
                problem = Problem(path, say("is {value}", value=value), "a finite number")
            case int() if value not in _INT64:
                problem = Problem(path, "is an integer beyond 64 bits", say("at most {most}", most=_INT64.stop - 1))
        if problem is not None:
            count += 1
            yield problem
