"""Problems as a person reads them, and as a program does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from maidan_nix.manifest.document import Document
from maidan_nix.manifest.wording import printable
from maidan_nix.problems import Problem, dotted

_MAXIMUM_LINES = 100
_PATH_LENGTH = 160
_PART_LENGTH = 300

_BOLD, _RED, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"


def format_problems(
    problems: Iterable[Problem], document: Document | None, *, name: str = "", colour: bool = False
) -> list[str]:
    """Write each problem on one line, in the order of the document.

    ``community.toml:12:9: [services/wiki] services.wiki.domian: unknown setting 'domian', did you mean 'domain'?``

    Without a document (it could not be parsed) `name` says which file is meant. Nothing in a line can act on a
    terminal: control characters, line breaks and direction marks are escaped, and long parts shortened. After 100
    problems one line says how many more there are.
    """
    placed = _placed(problems, document)
    file = document.name if document is not None else name
    lines = [_line(problem, line, column, file, colour) for line, column, problem in placed[:_MAXIMUM_LINES]]
    if len(placed) > _MAXIMUM_LINES:
        lines.append(f"... and {len(placed) - _MAXIMUM_LINES} more problems")
    return lines


def _placed(problems: Iterable[Problem], document: Document | None) -> list[tuple[int, int, Problem]]:
    """Give every problem its line and column (0 when there is none), and sort them."""
    listed = list(dict.fromkeys(problems))
    if document is not None:
        from maidan_nix.manifest.positions import locate

        places = locate(document.text, {(each.path, each.at) for each in listed if each.path and not each.line})
    else:
        places = {}

    def placed(problem: Problem) -> tuple[int, int, Problem]:
        place = places.get((problem.path, problem.at))
        if problem.line or place is None:
            return problem.line, problem.column, problem
        return place.line, place.column, problem

    return sorted(
        map(placed, listed),
        key=lambda each: (each[0], each[1], dotted(each[2].path), each[2].plugin, each[2].message),
    )


def _line(problem: Problem, line: int, column: int, file: str, colour: bool) -> str:
    place = ":".join([*([printable(file, _PATH_LENGTH)] if file else []), *([f"{line}:{column}"] if line else [])])
    plugin = f"[{printable(problem.plugin, _PATH_LENGTH)}]" if problem.plugin else ""
    path = f"{printable(dotted(problem.path), _PATH_LENGTH)}:" if problem.path else ""
    expected = f"expected {problem.expected}" if problem.expected else ""
    parts = [printable(part, _PART_LENGTH) for part in (problem.message, expected, problem.hint) if part]
    if colour:
        place = f"{_BOLD}{place}{_PLAIN}" if place else ""
        parts[0] = f"{_RED}{parts[0]}{_PLAIN}"
    return " ".join(word for word in (f"{place}:" if place else "", plugin, path, ", ".join(parts)) if word)


class ProblemRecord(TypedDict):
    """One problem for a program.

    `path` holds the keys and indices, `key` the same as one string. `at` is "key" or "value". `file`, `plugin`,
    `expected` and `hint` may be empty. `line` and `column` count from 1 and are 0 where there is no place.
    """

    file: str
    line: int
    column: int
    path: list[str | int]
    key: str
    at: str
    plugin: str
    message: str
    expected: str
    hint: str


def to_json(problems: Iterable[Problem], document: Document | None, *, name: str = "") -> list[ProblemRecord]:
    """Return all problems as data for `json.dumps`, in the order of the document."""
    file = document.name if document is not None else name
    return [
        ProblemRecord(
            file=file,
            line=line,
            column=column,
            path=list(problem.path),
            key=dotted(problem.path),
            at=problem.at,
            plugin=problem.plugin,
            message=problem.message,
            expected=problem.expected,
            hint=problem.hint,
        )
        for line, column, problem in _placed(problems, document)
    ]
