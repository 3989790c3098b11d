"""Problems as a person reads them, and as a program does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from maidan_nix.language import ENGLISH, Language
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.wording import printable
from maidan_nix.messages import count, phrase, say
from maidan_nix.problems import Problem, dotted

_MAXIMUM_LINES = 100
_PATH_LENGTH = 160
_PART_LENGTH = 300

_BOLD, _RED, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"


def format_problems(
    problems: Iterable[Problem],
    document: Document | None,
    *,
    name: str = "",
    colour: bool = False,
    language: Language = ENGLISH,
) -> list[str]:
    """Write each problem on one line, in the order of the document.

    ``community.toml:12:9: [services/wiki] services.wiki.domian: unknown setting 'domian', did you mean 'domain'?``

    Without a document (it could not be parsed) `name` says which file is meant. Nothing in a line can act on a
    terminal: control characters, line breaks and direction marks are escaped, and long parts shortened, after they
    were translated into `language`. After 100 problems one line says how many more there are.
    """
    placed = _placed(problems, document)
    file = document.name if document is not None else name
    lines = [_line(problem, file, colour, language) for problem in placed[:_MAXIMUM_LINES]]
    if len(placed) > _MAXIMUM_LINES:
        more = len(placed) - _MAXIMUM_LINES
        lines.append(language.text(count("... and 1 more problem", "... and {number} more problems", number=more)))
    return lines


def _placed(problems: Iterable[Problem], document: Document | None) -> list[Problem]:
    """Give every problem its line and column (0 when there is none), and sort them."""
    listed = list(dict.fromkeys(problems))
    if document is not None and listed:
        from maidan_nix.manifest.positions import located

        listed = located(listed, document.text)
    return sorted(listed, key=lambda each: (each.line, each.column, dotted(each.path), each.plugin, each.message))


def _line(problem: Problem, file: str, colour: bool, language: Language) -> str:
    position = [f"{problem.line}:{problem.column}"] if problem.line else []
    place = ":".join([*([printable(file, _PATH_LENGTH)] if file else []), *position])
    plugin = f"[{printable(problem.plugin, _PATH_LENGTH)}]" if problem.plugin else ""
    path = f"{printable(dotted(problem.path), _PATH_LENGTH)}:" if problem.path else ""
    expected = say("expected {expected}", expected=phrase(problem.expected)) if problem.expected else ""
    parts = [
        printable(language.text(part, problem.plugin), _PART_LENGTH)
        for part in (problem.message, expected, problem.hint)
        if part
    ]
    if colour:
        place = f"{_BOLD}{place}{_PLAIN}" if place else ""
        parts[0] = f"{_RED}{parts[0]}{_PLAIN}"
    return " ".join(word for word in (f"{place}:" if place else "", plugin, path, ", ".join(parts)) if word)


class ProblemRecord(TypedDict):
    """One problem for a program. What is said is in English, in every language of the process.

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
            line=problem.line,
            column=problem.column,
            path=list(problem.path),
            key=dotted(problem.path),
            at=problem.at,
            plugin=problem.plugin,
            message=problem.message,
            expected=problem.expected,
            hint=problem.hint,
        )
        for problem in _placed(problems, document)
    ]
