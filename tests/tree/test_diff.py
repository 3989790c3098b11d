"""The diff: a patch that patch itself applies, and that cannot play with a terminal."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maidan_nix.tree import Change, File, diff, plan_write
from maidan_nix.tree.directory import OnDisk
from tree.disk import files_of, generate, own, tree_of
from tree.scenarios import NEW, OLD

LINES = st.lists(st.sampled_from(["a", "b", "-- c", "++ d", "@@ e", "", "\tf", "ü", "\u2028"]), max_size=8)
TEXTS = st.builds(lambda lines, end: ("\n".join(lines) + end).encode(), LINES, st.sampled_from(["", "\n"]))


def change(old: bytes | None, new: bytes | None, *, mode: int = 0o644) -> Change:
    on_disk = None if old is None else OnDisk(old, 0o644)
    return Change("x/y", "change", "write", on_disk, None if new is None else File(new, mode))


def test_it_is_a_unified_diff_from_the_disk_to_the_wanted_tree() -> None:
    assert list(diff([change(b"1\n2\n3\n", b"1\n2\nthree")])) == [
        "--- a/x/y",
        "+++ b/x/y",
        "@@ -1,3 +1,3 @@",
        " 1",
        " 2",
        "-3",
        "+three",
        "\\ No newline at end of file",
    ]


def test_created_and_removed_files_are_told_even_if_empty() -> None:
    assert list(diff([change(None, b"")])) == ["--- /dev/null", "+++ b/x/y"]
    assert list(diff([change(b"x\n", None)]))[:2] == ["--- a/x/y", "+++ /dev/null"]


@pytest.mark.parametrize(
    "content",
    [b"\0", b"\xff", b"\x1b[2J\n", b"good\rbad\n", "\x9b2J".encode(), "\u202egnp.exe\n".encode(), b"\x7f"],
)
def test_what_is_not_plain_text_is_named_and_not_shown(content: bytes) -> None:
    assert list(diff([change(content, b"x\n")])) == ["Binary files a/x/y and b/x/y differ"]
    assert list(diff([change(None, content)])) == ["Binary files /dev/null and b/x/y differ"]


def test_a_change_of_mode_is_told() -> None:
    assert list(diff([change(b"x", b"x", mode=0o755)])) == ["mode of x/y: 0644 -> 0755"]


def test_windows_line_ends_are_text() -> None:
    assert "-a\r" in list(diff([change(b"a\r\n", b"a\n")]))


def test_only_what_differs_is_shown_and_none_of_our_own_records(tmp_path: Path) -> None:
    generate(tmp_path, {**OLD, "hosts/a/own.nix": File(b"created once\n", ownership="once")})
    (tmp_path / "hosts/a/own.nix").write_bytes(b"mine\n")
    (tmp_path / "flake.nix").write_bytes(b"edited\n")
    text = "\n".join(
        diff(plan_write(tmp_path, tree_of({**NEW, "hosts/a/own.nix": File(b"", ownership="once")})).changes)
    )
    assert "-edited\n+new flake" in text
    assert ".maidan" not in text
    assert "README" not in text
    assert "own.nix" not in text


@settings(max_examples=40)
@given(TEXTS, TEXTS)
def test_patch_turns_the_old_text_into_the_new(
    tmp_path_factory: pytest.TempPathFactory, old: bytes, new: bytes
) -> None:
    if not shutil.which("git"):
        pytest.skip("git is not here: apt-get install git")
    lines = list(diff([change(old, new)]))
    assert bool(lines) == (old != new)
    if old and new and lines:  # git apply wants its own extended header for a file that becomes empty
        root = tmp_path_factory.mktemp("patch")
        (root / "x").mkdir()
        (root / "x/y").write_bytes(old)
        patch = "".join(f"{line}\n" for line in lines).encode()
        subprocess.run(["git", "apply", "-"], cwd=root, input=patch, check=True, timeout=20)
        assert own(root) == files_of(root) == {"x/y": new}
