"""Running a program that is not Nix but behaves as badly as one can."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from maidan_nix.evaluation.nix import NixFailure, evaluate, path_literal, run


def test_output_words_and_traces_are_kept_apart() -> None:
    seen: list[str] = []
    script = "echo answer; echo 'trace: maidan-nix: a.b' >&2; printf 'trace: maidan-nix: a.c\\nerror: no' >&2; exit 1"
    answer = run(["sh", "-c", script], timeout=20, progress=seen.append)
    assert (answer.accepted, answer.output, answer.words, answer.last) == (False, b"answer\n", "error: no", "a.c")
    assert seen == ["a.b", "a.c"]


def test_a_child_that_is_late_is_ended_with_its_own_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(NixFailure, match="no answer after"):
        run(["sh", "-c", f"sleep 300 & echo $! > {note}; wait"], timeout=1)
    assert _ends(int(note.read_text("utf-8")))


def test_a_child_that_says_nothing_more_is_late_all_the_same() -> None:
    started = time.monotonic()
    with pytest.raises(NixFailure, match="no answer after"):
        run(["sh", "-c", "exec 2>&-; exec sleep 60"], timeout=0.5)
    assert time.monotonic() - started < 30


def test_nothing_is_left_behind_by_a_child_that_ended(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    answer = run(["sh", "-c", f"sleep 300 2>&- & echo $! > {note}; echo done"], timeout=20)
    assert (answer.accepted, answer.output) == (True, b"done\n")
    assert _ends(int(note.read_text("utf-8")))


def test_what_a_child_leaves_behind_is_ended_while_it_could_still_say_something(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(NixFailure, match="no answer after"):
        run(["sh", "-c", f"sleep 300 & echo $! > {note}"], timeout=1)
    assert _ends(int(note.read_text("utf-8")))


def _ends(process: int) -> bool:
    until = time.monotonic() + 20
    while (alive := _is_alive(process)) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_ctrl_c_ends_the_child(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    script = f"echo $$ > {note}; echo 'trace: maidan-nix: a' >&2; exec sleep 300"
    with pytest.raises(KeyboardInterrupt):
        run(["sh", "-c", script], timeout=60, progress=interrupt)
    assert not _is_alive(int(note.read_text("utf-8")))


def test_without_nix_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(NixFailure) as refused:
        evaluate("1", [], timeout=5)
    [problem] = refused.value.problems
    assert problem.message == "Nix is not installed here"
    assert "install it" in problem.hint


def test_a_path_is_never_more_than_a_path() -> None:
    assert path_literal(Path("/nix/store/a-b_c.d+e")) == "/nix/store/a-b_c.d+e"
    assert path_literal(Path('/srv/a b"; throw "${x}')) == '(/. + "/srv/a b\\"; throw \\"\\${x}")'
