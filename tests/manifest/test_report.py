"""Problems on one line each, in order, harmless to a terminal."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.manifest.document import parse_document
from maidan_nix.manifest.report import format_problems, to_json
from maidan_nix.problems import Problem

DOCUMENT = parse_document(
    b"""[community]
name = "Commons"

[services.wiki]
domian = "wiki.example.org"
tags = ["a", 5]
""",
    "community.toml",
)


def test_each_problem_is_one_line_in_the_order_of_the_document() -> None:
    problems = [
        Problem(("services", "wiki", "tags", 1), "this is an integer", "a string", plugin="services/wiki"),
        Problem(("community", "contact"), "this setting is missing", "an e-mail address", at="key"),
        Problem(("services", "wiki", "domian"), "unknown setting 'domian'", "", "did you mean 'domain'?",
                "services/wiki", at="key"),
        Problem(("hosts",), "the section 'hosts' is missing", at="key"),
    ]  # fmt: skip
    assert format_problems(problems, DOCUMENT) == [
        "community.toml:1:1: community.contact: this setting is missing, expected an e-mail address",
        "community.toml:1:1: hosts: the section 'hosts' is missing",
        "community.toml:5:1: [services/wiki] services.wiki.domian: unknown setting 'domian', did you mean 'domain'?",
        "community.toml:6:14: [services/wiki] services.wiki.tags[1]: this is an integer, expected a string",
    ]
    assert format_problems(problems, DOCUMENT) == format_problems(reversed(problems), DOCUMENT)


def test_the_same_problem_is_told_once() -> None:
    problem = Problem(("community",), "this is odd")
    assert len(format_problems([problem, problem], DOCUMENT)) == 1


def test_without_a_document() -> None:
    problems = [Problem((), "there is no such file", "a manifest", "say which"), Problem((), "bad", line=3, column=7)]
    assert format_problems(problems, None, name="community.toml") == [
        "community.toml: there is no such file, expected a manifest, say which",
        "community.toml:3:7: bad",
    ]
    assert format_problems([Problem(("a",), "bad")], None) == ["a: bad"]


def test_a_position_of_its_own_wins() -> None:
    assert format_problems([Problem(("community",), "bad", line=9, column=8)], DOCUMENT) == [
        "community.toml:9:8: community: bad"
    ]


def test_colour_only_when_asked() -> None:
    problem = Problem(("community",), "bad")
    assert format_problems([problem], DOCUMENT, colour=True) == [
        "\x1b[1mcommunity.toml:1:1\x1b[0m: community: \x1b[31mbad\x1b[0m"
    ]


def test_a_thousand_problems_are_counted() -> None:
    lines = format_problems([Problem((f"key{number}",), "bad") for number in range(1000)], DOCUMENT)
    assert len(lines) == 101
    assert lines[-1] == "... and 900 more problems"
    assert len(to_json([Problem((f"key{number}",), "bad") for number in range(1000)], DOCUMENT)) == 1000


@given(st.text(), st.text(), st.text(), st.text())
def test_hostile_text_stays_on_its_line(path: str, message: str, expected: str, hint: str) -> None:
    problem = Problem(("services", path), message, expected, hint, plugin=path)
    (line,) = format_problems([problem], DOCUMENT, name="x\x1b[2J")
    assert line.isprintable()
    (unlocated,) = format_problems([problem], None, name="x\x1b[2J\n")
    assert unlocated.isprintable()


def test_very_long_text_is_shortened() -> None:
    long = "x" * 10**6
    (line,) = format_problems([Problem((long,), long, long, long, long)], DOCUMENT)
    assert len(line) < 1500
    assert "…" in line


def test_as_data() -> None:
    problems = [Problem(("services", "wiki", "tags", 1), "bad \x1b", "a string", "way out", "services/wiki")]
    records = to_json(problems, DOCUMENT)
    assert json.loads(json.dumps(records)) == [
        {
            "file": "community.toml",
            "line": 6,
            "column": 14,
            "path": ["services", "wiki", "tags", 1],
            "key": "services.wiki.tags[1]",
            "at": "value",
            "plugin": "services/wiki",
            "message": "bad \x1b",
            "expected": "a string",
            "hint": "way out",
        }
    ]
    assert to_json([Problem((), "bad")], None, name="x")[0]["file"] == "x"
