"""Which problems an edit brings, and which were there or only came to light."""

from __future__ import annotations

from pathlib import Path

from commands.runner import MINIMAL
from maidan_nix.editing.verdict import Verdict, brought_by, judge
from maidan_nix.manifest.document import parse_document
from maidan_nix.problems import ExitCode, Problem

OLD = Problem(("community", "contact"), "was wrong before")
NEW = Problem(("services", "wiki", "domain"), "is wrong now")
ABOVE = Problem(("services", "wiki"), "is wrong now")
NOWHERE = Problem((), "has no place")


def test_what_was_there_is_not_brought() -> None:
    assert brought_by([OLD], [OLD], [OLD.path]) == ()


def test_what_is_new_is_brought_wherever_it_is() -> None:
    assert brought_by([], [NEW], [("community",)]) == (NEW,)
    assert brought_by([OLD], [OLD, NEW, NOWHERE], [("community",)]) == (NEW, NOWHERE)


def test_what_comes_to_light_is_brought_only_if_it_is_about_the_edit() -> None:
    assert brought_by([OLD], [NEW, NOWHERE], [OLD.path]) == ()
    assert brought_by([OLD], [NEW, NOWHERE], [OLD.path, ("services",)]) == (NEW,)
    assert brought_by([OLD], [ABOVE], [NEW.path]) == (ABOVE,)


def test_a_verdict_is_what_the_checks_say(tmp_path: Path) -> None:
    good = parse_document(MINIMAL.encode(), "community.toml")
    bad = parse_document(MINIMAL.replace("domain =", "domian =").encode(), "community.toml")
    assert judge(good, good, tmp_path, []) == Verdict()
    verdict = judge(good, bad, tmp_path, [("community", "domian")])
    assert verdict.exit_code == ExitCode.MANIFEST_INVALID
    assert verdict.found
    assert verdict.brought == verdict.found
    assert judge(bad, bad, tmp_path, []) == Verdict(verdict.found, (), ExitCode.MANIFEST_INVALID)
