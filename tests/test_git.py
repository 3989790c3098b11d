"""How git is called, and where there is a checkout."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from maidan_nix.git import command, environment, in_checkout


def test_a_folder_is_in_a_checkout_below_whatever_is_called_git(tmp_path: Path) -> None:
    inner = tmp_path / "checkout/hosts/shed"
    inner.mkdir(parents=True)
    assert not in_checkout(inner)
    (tmp_path / "checkout/.git").symlink_to(tmp_path / "gone")  # one whose disk is not there now
    assert in_checkout(inner)
    assert in_checkout(str(tmp_path / "checkout"))
    assert not in_checkout(tmp_path)
    (tmp_path / "link").symlink_to(inner)
    assert in_checkout(tmp_path / "link")


def test_the_environment_leads_git_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "7")
    given = environment({"a=b.c": "d"})
    assert not given.keys() & {"GIT_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS"}
    assert (given["GIT_CONFIG_COUNT"], given["GIT_CONFIG_KEY_0"], given["GIT_CONFIG_VALUE_0"]) == ("1", "a=b.c", "d")
    assert environment()["GIT_CONFIG_COUNT"] == "0"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here: apt-get install git")
def test_what_a_repository_says_is_outranked(tmp_path: Path) -> None:
    def ask(*words: str) -> str:
        asked = command(tmp_path, *words)
        return subprocess.run(asked, env=environment(), capture_output=True, text=True, check=True, timeout=20).stdout

    ask("init", "--quiet", ".")
    for name in ("core.hooksPath", "core.fsmonitor", "protocol.allow"):
        ask("config", name, "/evil")
        assert ask("config", name) != "/evil\n"
    # What was turned off for a call is not written down.
    assert "/dev/null" not in (tmp_path / ".git/config").read_text("utf-8")
