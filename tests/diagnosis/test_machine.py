"""What is said of a machine, from facts that are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from maidan_nix.diagnosis.line import Line
from maidan_nix.diagnosis.machine import GIB, check_clock, check_machine, check_nix, check_space
from maidan_nix.diagnosis.machine_facts import MachineFacts, features_in, free_space, gather, nix_features, nix_version
from maidan_nix.diagnosis.programs import Answer, ask, environment
from maidan_nix.diagnosis.releases import SUPPORTED_UNTIL, check_release

NOW = 1_795_478_400  # 2026-11-24
DAY = 86_400
HERE = {"nix": "/bin/nix", "git": "/bin/git", "ssh": "/bin/ssh", "agenix": "/bin/agenix"}
ON = frozenset({"flakes", "nix-command"})


def states(lines: object) -> dict[str, str]:
    assert isinstance(lines, list | tuple)
    return {line.id: line.state for line in lines}


def test_a_machine_that_has_everything() -> None:
    facts = MachineFacts(HERE, (2, 31), ON, {"/nix": 50 * GIB, "/srv": 50 * GIB})
    lines = list(check_machine(facts, NOW, NOW - DAY))
    assert {line.state for line in lines} == {"ok"}
    assert all(line.group == "machine" and not line.way_out for line in lines)


def test_a_machine_that_has_nothing() -> None:
    facts = MachineFacts(free={"/nix": None, "/srv": 1})
    assert states(list(check_machine(facts, NOW, None))) == {
        "nix-present": "look",
        "nix-version": "skipped",
        "nix-flakes": "skipped",
        "git-present": "look",
        "ssh-present": "look",
        "agenix-present": "look",
        "space-store": "skipped",
        "space-flake": "wrong",
        "clock": "ok",
    }


@pytest.mark.parametrize(
    ("version", "features", "expected"),
    [
        ((2, 18), ON, ("ok", "ok")),
        ((2, 8), ON, ("wrong", "ok")),
        ((2, 100), ON, ("ok", "ok")),
        ((3, 0), frozenset({"flakes"}), ("ok", "wrong")),
        ((2, 31), frozenset(), ("ok", "wrong")),
        (None, None, ("skipped", "skipped")),
    ],
)
def test_nix(version: tuple[int, int] | None, features: frozenset[str] | None, expected: tuple[str, str]) -> None:
    found = states(list(check_nix(MachineFacts(HERE, version, features))))
    assert (found["nix-version"], found["nix-flakes"]) == expected


def test_what_is_wrong_says_the_way_out() -> None:
    lines = [*check_nix(MachineFacts(HERE, (2, 8), frozenset())), check_space("/nix", 1), check_clock(0, NOW)]
    for line in lines:
        assert bool(line.way_out) == (line.state in ("wrong", "look")), line
    assert "this is Nix 2.8, and the flake needs 2.18 or newer" in [line.message for line in lines]


@pytest.mark.parametrize(
    ("place", "free", "state"),
    [
        ("/nix", 50 * GIB, "ok"),
        ("/nix", 5 * GIB, "look"),
        ("/nix", GIB, "wrong"),
        ("/nix", None, "skipped"),
        ("/srv", GIB, "ok"),
        ("/srv", 100 * 1024**2, "look"),
        ("/srv", 0, "wrong"),
    ],
)
def test_space(place: str, free: int | None, state: str) -> None:
    assert check_space(place, free).state == state


def test_a_clock_that_lags() -> None:
    line = check_clock(0, NOW)
    assert (line.state, line.message) == (
        "wrong",
        "the clock says 1970-01-01, but an input of flake.lock is from 2026-11-24",
    )
    assert check_clock(NOW, NOW - 1).state == "ok"
    assert check_clock(NOW, 10**30).state == "wrong"  # no day has that number; it is told as it stands


@pytest.mark.parametrize(
    ("answer", "features"),
    [
        (Answer(0, b"cores = 0\nexperimental-features = flakes nix-command\n"), ON),
        (Answer(0, b"experimental-features =\n"), frozenset()),
        (Answer(0, b"nothing of the kind\n"), None),
        (Answer(1, b"", "error: experimental Nix feature 'nix-command' is disabled; use ..."), frozenset()),
        (Answer(1, b"", "error: 'show-config' is not a recognised command"), None),
        (Answer(trouble="missing"), None),
        (Answer(trouble="long"), None),
    ],
)
def test_the_features_of_nix(answer: Answer, features: frozenset[str] | None) -> None:
    assert features_in(answer) == features


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_an_older_nix_is_asked_in_its_own_words(tmp_path: Path) -> None:
    old = program(tmp_path / "nix", 'test "$1" = show-config && echo "experimental-features = flakes nix-command"')
    assert nix_features(old) == ON
    assert nix_version(program(tmp_path / "new", "echo 'nix (Determinate Nix 3.1) 2.26.3'")) == (3, 1)
    assert nix_version(program(tmp_path / "mute", "true")) is None


def test_a_program_that_never_ends_is_left(tmp_path: Path) -> None:
    endless = program(tmp_path / "endless", "exec sleep 60")
    assert ask((endless,), environment(), seconds=0.2).trouble == "long"
    assert ask((str(tmp_path / "missing"),), environment()).trouble == "missing"
    assert ask((str(tmp_path),), environment()).trouble == "failed"


def test_variables_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    assert "GIT_DIR" not in environment("GIT_")
    assert environment("GIT_")["LC_ALL"] == "C"


def test_this_machine_can_be_looked_at(tmp_path: Path) -> None:
    facts = gather(tmp_path)
    assert facts.free[str(tmp_path)]
    assert free_space(str(tmp_path / "yet-to-come")) == pytest.approx(free_space(str(tmp_path)), rel=0.5)
    assert free_space("/nowhere/at/all") is None


@pytest.mark.parametrize(
    ("branch", "days", "state"),
    [
        ("nixos-26.05", 90, "ok"),
        ("nixos-26.05-small", 60, "look"),
        ("nixos-26.05", 0, "look"),
        ("nixos-26.05", -1, "wrong"),
        ("nixos-25.05", 500, "ok"),
        ("nixos-unstable", 0, "look"),
        ("nixos-99.99", 0, "look"),
        ("", 0, "look"),
        ("\x1b[31m", 0, "look"),
    ],
)
def test_the_end_of_a_release(branch: str, days: int, state: str) -> None:
    last = SUPPORTED_UNTIL["26.05" if "26.05" in branch else "25.05"]
    import datetime as dt

    end = dt.datetime(last.year, last.month, last.day, 12, tzinfo=dt.UTC)
    line: Line = check_release(branch, int(end.timestamp()) - days * DAY)
    assert line.state == state
    assert bool(line.way_out) == (state != "ok")
