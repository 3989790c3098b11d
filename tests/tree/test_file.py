"""Which paths a tree may have."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.problems import MaidanError
from maidan_nix.tree.file import _PLAIN, File, check_tree, path_fault

GOOD = (
    "flake.nix",
    "hosts/a/default.nix",
    ".maidan-like/x",
    "documents/de/Übersicht.md",
    "a b",
    "-n",
    ":(top)x",
    "...",
)
BAD = {
    "": "empty",
    "/etc/passwd": "absolute",
    "../x": "'..'",
    "a/../b": "'..'",
    "./a": "'.'",
    "a//b": "''",
    "a/": "''",
    "a\\b": "backslash",
    "a\0b": "printed",
    "a\nb": "printed",
    "a\x7f": "printed",
    "a\x1b[2J": "printed",
    "a\u202ecod.exe": "printed",
    "\ud800": "printed",
    ".git/hooks/pre-commit": "git",
    "sub/.GIT/config": "git",
    "x" * 256: "255",
    "ü" * 128: "255",
    "/".join(["abcdefgh"] * 120): "1024",
}


@pytest.mark.parametrize("path", GOOD)
def test_a_path_inside_the_tree_passes(path: str) -> None:
    assert path_fault(path) == ""
    check_tree({path: File(b"")})


@pytest.mark.parametrize("path", BAD)
def test_any_other_path_is_refused_and_named_with_its_plugin(path: str) -> None:
    with pytest.raises(MaidanError, match=re.escape(BAD[path])) as caught:
        check_tree({path: File(b"", plugin="services/example"), "fine": File(b"")})
    assert [problem.plugin for problem in caught.value.problems] == ["services/example"]


def test_all_bad_paths_are_told_at_once() -> None:
    with pytest.raises(MaidanError) as caught:
        check_tree(dict.fromkeys(BAD, File(b"")))
    assert len(caught.value.problems) == len(BAD)


@pytest.mark.parametrize("path", [".maidan/journal.json", ".maidan/staging/x", ".Maidan/lock", ".maidan"])
def test_the_directory_of_the_tools_own_records_is_reserved(path: str) -> None:
    with pytest.raises(MaidanError, match="reserved"):
        check_tree({path: File(b"")})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a", "A"),
        ("hosts/a/x", "Hosts/b/y"),
        ("hosts/a/x", "hosts/A/y"),
        ("stra\u00dfe", "STRASSE"),
        ("caf\u00e9", "cafe\u0301"),
        ("a", "a/b"),
        ("a", "A/b/c"),
        ("a.b/c/d", "A.B"),
    ],
)
def test_two_paths_that_are_one_on_some_file_system_are_refused(first: str, second: str) -> None:
    for tree in ({first: File(b""), second: File(b"")}, {second: File(b""), first: File(b""), "zz": File(b"")}):
        with pytest.raises(MaidanError, match="one place") as caught:
            check_tree(tree)
        assert len(caught.value.problems) == 1
        assert first in str(caught.value) or repr(first) in str(caught.value)


def test_many_files_in_shared_directories_do_not_collide() -> None:
    check_tree({f"hosts/h{a}/p{b}/f{c}": File(b"") for a in range(3) for b in range(3) for c in range(3)})


@given(st.from_regex(_PLAIN, fullmatch=True))
def test_the_short_cut_lets_nothing_bad_through(path: str) -> None:
    assert path.isprintable()
    assert len(path.encode()) <= 1024
    for part in path.split("/"):
        assert part not in ("", ".", "..", ".git")
        assert len(part) <= 255
        assert "\\" not in part


@pytest.mark.parametrize("mode", [0o600, 0o777, 0o4755, 0])
def test_a_mode_that_git_cannot_keep_is_refused(mode: int) -> None:
    with pytest.raises(ValueError, match="0o644 or 0o755"):
        File(b"", mode=mode)
