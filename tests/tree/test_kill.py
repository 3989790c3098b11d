"""Killed at any instant, the tree is old, new, or finished by the next run; and never mixed and used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tree.drivers import drive


@pytest.mark.parametrize("scenario", ["first", "update", "downdate"])
def test_a_run_killed_at_any_step_leaves_the_old_tree_or_is_finished(scenario: str, tmp_path: Path) -> None:
    told = drive("kill_driver", scenario, tmp_path)
    assert told["failures"] == []
    seen = told["seen"]
    # Each step was tried, some before and some after the commit, and some left a tree that refuses to evaluate.
    assert seen["old"] + seen["new"] == told["steps"]
    assert min(seen["old"], seen["new"], seen["refused"]) > 10


def test_a_recovery_killed_at_any_step_is_finished_by_the_next(tmp_path: Path) -> None:
    told = drive("kill_driver", "update", tmp_path, 5)
    assert told["failures"] == []
    assert told["seen"]["new"] > 100
