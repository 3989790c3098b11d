"""What Nix says when it refuses, taken apart: 2.8 and 2.31 lay it out differently, and say the same.

Nix prints the error with the frames that led to it: before 2.4 (and in 2.8) the error comes first and the frames after
it, innermost first; since 2.16 the frames come first, outermost first, and the error comes last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "unknown option",
    "wrong type",
    "conflict",
    "missing value",
    "assertion",
    "removed option",
    "recursion",
    "missing attribute",
    "syntax",
    "forbidden",
    "download",
    "other",
]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: its path as Nix writes it, line and column from 1, or 0 where they are not known."""

    file: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that Nix refuses.

    `message` is its own sentence, on one line. `option` is the name that it is about, if any; `found` what the
    definition is or which attribute is missing, `expected` the type that is wanted. `places` are where it is, the most
    telling first: where the definitions are, then the frames from the innermost outward.
    """

    kind: Kind
    message: str
    option: str = ""
    found: str = ""
    expected: str = ""
    places: tuple[Place, ...] = ()


_ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")
_ERROR: Final = re.compile(r"^ *error: ?", re.MULTILINE)
_AT: Final = re.compile(
    r"\bat:? (?:\S+://)?(?:«[^»]*»)?(?P<file>/[^\n]+?):(?P<line>[0-9]+):(?P<column>[0-9]+)(?=[:\s]|$)"
)
_IN: Final = re.compile(r"[Ii]n [`'](?P<file>[^`'\n]+)'")
_QUOTED: Final = r"[`'](?P<option>[^`'\n]+(?:\"[^\"\n]*\"[^`'\n]*)*)[`']"
_PROSE: Final = re.compile(
    r"^\s*(?:[0-9]+\||\||\^|at /|at «|…|\.\.\. |\(stack trace|\(use '--show-trace'|\(trace truncated|note: )"
)
_DEFINED_IN: Final = re.compile(r"(?:,? defined)? in (?P<files>[`']/[^\n]*)")
_FILE: Final = re.compile(r"[`'](?P<file>[^`'\n]+)'")
_SHAPES: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("unknown option", re.compile(rf"The option {_QUOTED}(?: defined in .*?)? does not exist")),
    (
        "wrong type",
        re.compile(rf"A definition for option {_QUOTED} is not of type [`'](?P<expected>.*?)'(?:\.|\s|$)", re.DOTALL),
    ),
    (
        "wrong type",
        re.compile(
            rf"The option value {_QUOTED} in .*? is not (?:of type [`'](?P<expected>.*?)'|a (?P<a>[^.]*))", re.DOTALL
        ),
    ),
    ("conflict", re.compile(rf"The option {_QUOTED} has conflicting definition")),
    ("conflict", re.compile(rf"The (?:unique )?option {_QUOTED} is defined (?:multiple times|both)")),
    (
        "missing value",
        re.compile(rf"The option {_QUOTED}(?: is used but not defined| was accessed but has no value defined)"),
    ),
    (
        "removed option",
        re.compile(
            rf"The option(?: definition)? {_QUOTED}.*?(?:no longer has any effect|can no longer be used)", re.DOTALL
        ),
    ),
    ("assertion", re.compile(r"Failed assertions:")),
    ("recursion", re.compile(r"infinite recursion|stack overflow|max-call-depth exceeded")),
    (
        "missing attribute",
        re.compile(r"attribute '(?P<found>[^']+)'.* missing|undefined variable '(?P<variable>[^']+)'"),
    ),
    ("syntax", re.compile(r"syntax error, (?P<found>[^\n]+)")),
    ("forbidden", re.compile(r"access to (?:absolute )?(?:path|URI) '?(?P<found>[^'\n]+?)'? is forbidden")),
    (
        "download",
        re.compile(
            r"unable to download|[Cc]ould(?:n't| not) resolve host|cannot connect|Couldn't connect|in offline mode"
            r"|is not (?:valid|in the store)|Failed to connect|Temporary failure in name resolution"
        ),
    ),
)


def first_error(words: str) -> str:
    """Return Nix's error as one line, or what it said last."""
    found = refusals(words)
    if found:
        return found[0].message
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"


def refusals(words: str) -> list[Refusal]:
    """Take apart what Nix said: one refusal, or one for each failed assertion. Empty when there is no error in it."""
    text = _ANSI.sub("", words)
    errors = list(_ERROR.finditer(text))
    if not errors:
        return []
    # The error that everything else leads to is the last one; before 2.4 there is only one.
    start = errors[-1].end()
    message = _message(text[start:])
    places = _frames(text, errors[-1].start(), start)
    kind, match = _kind(message)
    if kind == "assertion":
        return [_assertion(each, places) for each in _assertions(message)]
    groups = match.groupdict() if match is not None else {}
    option = groups.get("option") or ""
    defined = [*(Place(found["file"]) for found in _IN.finditer(message)), *_defined_in(message)]
    return [
        Refusal(
            kind,
            _one_line(message),
            _plain(option),
            groups.get("found") or groups.get("variable") or _definition(message, kind),
            _one_line(groups.get("expected") or groups.get("a") or ""),
            (*dict.fromkeys(defined), *places),
        )
    ]


def _kind(message: str) -> tuple[Kind, re.Match[str] | None]:
    for kind, pattern in _SHAPES:
        if (match := pattern.search(message)) is not None:
            return kind, match
    return "other", None


def _message(text: str) -> str:
    """The lines of an error, up to its frames and the excerpts of files."""
    lines: list[str] = []
    for line in text.splitlines():
        if _PROSE.match(line):
            break
        lines.append(line)
    return "\n".join(lines).strip()


def _frames(text: str, error: int, message: int) -> list[Place]:
    """The places that Nix names, the innermost first."""
    before = [_place(match) for match in _AT.finditer(text, 0, error)]
    after = [_place(match) for match in _AT.finditer(text, message)]
    # What follows the error is its own place and then, in old releases, the way out; what comes before is the way in.
    return list(dict.fromkeys([*after, *reversed(before)]))


def _place(match: re.Match[str]) -> Place:
    return Place(match["file"], int(match["line"]), int(match["column"]))


def _defined_in(text: str) -> list[Place]:
    """The files that a sentence says something is defined in."""
    lists = (one["files"] for one in _DEFINED_IN.finditer(text))
    return [Place(found["file"]) for files in lists for found in _FILE.finditer(files)]


def _definition(message: str, kind: Kind) -> str:
    """What the definition is that Nix shows, where it shows one on a line."""
    if kind != "wrong type":
        return ""
    shown = re.search(r"[Ii]n [`'][^`'\n]+': ?(?P<value>[^\n]+)", message)
    return shown["value"].strip() if shown else ""


def _assertions(message: str) -> Iterator[str]:
    _, _, rest = message.partition("Failed assertions:")
    current: list[str] = []
    for line in rest.splitlines():
        stripped = line.strip()
        if stripped.startswith("- "):
            if current:
                yield " ".join(current)
            current = [stripped.removeprefix("- ")]
        elif stripped and current:
            current.append(stripped)
    if current:
        yield " ".join(current)


def _assertion(text: str, places: list[Place]) -> Refusal:
    kind, match = _kind(text)
    defined = _defined_in(text)
    option = _plain(match.groupdict().get("option") or "") if match is not None else ""
    if kind == "removed option":
        return Refusal(kind, text, option, places=tuple(defined))
    return Refusal("assertion", text, option, places=(*defined, *places))


def _plain(option: str) -> str:
    # "a.b.[definition 1-entry 2].c": the place in a list is no name.
    return re.sub(r"\.\"?\[definition [^\]]*\]\"?", ".*", option)


def _one_line(text: str) -> str:
    return " ".join(text.split())
