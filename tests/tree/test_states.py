"""The five states of a file, and what each mode makes of them, on a real disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from maidan_nix.problems import ExitCode, MaidanError
from maidan_nix.tree import Change, File, WritePlan, plan_write
from maidan_nix.tree.record import read_record, sha256
from tree.disk import files_of, generate, own, tree_of

ONCE = File(b"first\n", ownership="once")


def change(plan: WritePlan, path: str) -> Change:
    return next(change for change in plan.changes if change.path == path)


def state(root: Path, path: str, files: dict[str, bytes | File], **options: str) -> tuple[str, str]:
    found = change(plan_write(root, tree_of(files), **options), path)  # type: ignore[arg-type]  # options are modes
    return found.state, found.outcome


def refused(root: Path, files: dict[str, bytes | File]) -> MaidanError:
    before = files_of(root)
    with pytest.raises(MaidanError) as caught:
        generate(root, files)
    assert caught.value.exit_code is ExitCode.HAND_EDITS
    assert files_of(root) == before
    return caught.value


def test_a_place_that_does_not_exist_yet_is_created(tmp_path: Path) -> None:
    root = tmp_path / "deep/down"
    plan = plan_write(root, tree_of({"a/b": b"x"}))
    assert not root.parent.exists()
    assert {(one.path, one.state) for one in plan.changes} == {
        (path, "create") for path in ("a/b", ".maidan/.gitignore", ".maidan/files.json", ".maidan/journal.json")
    }
    generate(root, {"a/b": b"x"})
    assert own(root) == {"a/b": b"x"}


def test_identical_change_and_gone(tmp_path: Path) -> None:
    generate(tmp_path, {"same": b"1", "other": b"1", "sub/gone": b"1"})
    files: dict[str, bytes | File] = {"same": b"1", "other": b"2"}
    assert state(tmp_path, "same", files) == ("identical", "keep")
    assert state(tmp_path, "other", files) == ("change", "write")
    assert state(tmp_path, "sub/gone", files) == ("gone", "remove")
    generate(tmp_path, files)
    assert own(tmp_path) == files
    assert not (tmp_path / "sub").exists()
    assert plan_write(tmp_path, tree_of(files)).up_to_date


def test_planning_writes_nothing(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1"})
    before = {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))}
    assert not plan_write(tmp_path, tree_of({"a": b"2", "b": b"3"})).up_to_date
    assert {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))} == before


def test_nothing_identical_is_written_again(tmp_path: Path) -> None:
    generate(tmp_path, {"a/same": b"1", "a/other": b"1"})
    kept = (tmp_path / "a/same").stat()
    everything = {path: path.stat() for path in (tmp_path, *tmp_path.rglob("*"))}
    generate(tmp_path, {"a/same": b"1", "a/other": b"1"})
    assert {path: path.stat().st_ctime_ns for path in (tmp_path, *tmp_path.rglob("*"))} == {
        path: status.st_ctime_ns for path, status in everything.items()
    }
    generate(tmp_path, {"a/same": b"1", "a/other": b"2"})
    now = (tmp_path / "a/same").stat()
    assert (now.st_ino, now.st_mtime_ns, now.st_ctime_ns) == (kept.st_ino, kept.st_mtime_ns, kept.st_ctime_ns)


def test_a_hand_edit_is_refused_with_the_ways_out(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1", "b": b"1"})
    (tmp_path / "a").write_bytes(b"mine")
    error = refused(tmp_path, {"a": File(b"2", plugin="services/example"), "b": b"2"})
    [problem] = error.problems
    assert "a was changed by hand" in problem.message
    assert problem.plugin == "services/example"
    assert all(way in problem.hint for way in ("--diff", "--overwrite", "--adopt"))


def test_a_hand_edit_is_refused_even_if_nothing_else_would_be_generated(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1"})
    (tmp_path / "a").write_bytes(b"mine")
    refused(tmp_path, {"a": b"1"})


def test_a_file_that_was_there_before_is_yours(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"mine")
    error = refused(tmp_path, {"README.md": b"ours"})
    assert "was there before" in error.problems[0].message


def test_a_file_that_was_there_before_and_equals_what_is_generated_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"same")
    assert state(tmp_path, "README.md", {"README.md": b"same"}) == ("identical", "keep")
    generate(tmp_path, {"README.md": b"same"})
    assert state(tmp_path, "README.md", {"README.md": b"next"}) == ("change", "write")


def test_a_hand_edit_that_equals_what_is_generated_is_identical(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1"})
    (tmp_path / "a").write_bytes(b"2")
    assert state(tmp_path, "a", {"a": b"2"}) == ("identical", "keep")
    generate(tmp_path, {"a": b"2"})
    assert state(tmp_path, "a", {"a": b"3"}) == ("change", "write")


def test_overwrite_takes_what_is_generated(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1", "gone": b"1"})
    (tmp_path / "a").write_bytes(b"mine")
    (tmp_path / "gone").write_bytes(b"mine")
    generate(tmp_path, {"a": b"2"}, mode="overwrite")
    assert own(tmp_path) == {"a": b"2"}
    assert plan_write(tmp_path, tree_of({"a": b"2"})).up_to_date


def test_adopt_keeps_the_hand_edit_until_something_else_would_be_generated(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1", "b": b"1"})
    (tmp_path / "a").write_bytes(b"mine")
    generate(tmp_path, {"a": b"2", "b": b"2"}, mode="adopt")
    assert own(tmp_path) == {"a": b"mine", "b": b"2"}
    assert plan_write(tmp_path, tree_of({"a": b"2", "b": b"2"})).up_to_date
    generate(tmp_path, {"a": b"2", "b": b"3"})  # other files go on as ever
    assert own(tmp_path) == {"a": b"mine", "b": b"3"}
    error = refused(tmp_path, {"a": b"3", "b": b"3"})
    assert "was adopted" in error.problems[0].message
    generate(tmp_path, {"a": b"3", "b": b"3"}, mode="adopt")
    assert plan_write(tmp_path, tree_of({"a": b"3", "b": b"3"})).up_to_date


def test_an_adopted_file_edited_again_is_asked_about_again(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1"})
    (tmp_path / "a").write_bytes(b"mine")
    generate(tmp_path, {"a": b"1"}, mode="adopt")
    (tmp_path / "a").write_bytes(b"mine, once more")
    refused(tmp_path, {"a": b"1"})


def test_an_adopted_file_is_overwritten_on_request_and_back_under_control_when_restored(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1", "b": b"1"})
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"mine")
    generate(tmp_path, {"a": b"1", "b": b"1"}, mode="adopt")
    (tmp_path / "b").write_bytes(b"1")
    generate(tmp_path, {"a": b"1", "b": b"1"}, mode="overwrite")
    assert own(tmp_path) == {"a": b"1", "b": b"1"}
    record = read_record((tmp_path / ".maidan/files.json").read_bytes())
    assert [record.files[name].adopted for name in ("a", "b")] == ["", ""]


def test_an_edited_file_that_is_no_longer_wanted_is_asked_about_and_then_the_stewards_own(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1", "b": b"1"})
    (tmp_path / "a").write_bytes(b"mine")
    error = refused(tmp_path, {"b": b"1"})
    assert "no longer generated" in error.problems[0].message
    generate(tmp_path, {"b": b"1"}, mode="adopt")
    assert own(tmp_path) == {"a": b"mine", "b": b"1"}
    plan = plan_write(tmp_path, tree_of({"b": b"1"}))
    assert plan.up_to_date
    assert "a" not in {one.path for one in plan.changes}


def test_a_deleted_file_is_created_again(tmp_path: Path) -> None:
    generate(tmp_path, {"sub/a": b"1"})
    (tmp_path / "sub/a").unlink()
    (tmp_path / "sub").rmdir()
    assert state(tmp_path, "sub/a", {"sub/a": b"1"}) == ("create", "write")
    generate(tmp_path, {"sub/a": b"1"})
    assert own(tmp_path) == {"sub/a": b"1"}


def test_a_file_deleted_by_hand_and_no_longer_wanted_is_no_change(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1", "b": b"1"})
    (tmp_path / "a").unlink()
    assert "a" not in {one.path for one in plan_write(tmp_path, tree_of({"b": b"1"})).changes}


def test_a_file_created_once_is_never_touched_nor_read_again(tmp_path: Path) -> None:
    generate(tmp_path, {"local.nix": ONCE})
    assert own(tmp_path) == {"local.nix": b"first\n"}
    (tmp_path / "local.nix").unlink()
    (tmp_path / "local.nix").symlink_to("/nowhere")  # not even its kind matters
    for mode in ("refuse", "adopt", "overwrite"):
        assert state(tmp_path, "local.nix", {"local.nix": ONCE}, mode=mode) == ("yours", "keep")
        generate(tmp_path, {"local.nix": ONCE}, mode=mode)
    generate(tmp_path, {})  # nor is it removed
    assert (tmp_path / "local.nix").readlink() == Path("/nowhere")


def test_a_generated_file_that_is_now_created_once_becomes_the_stewards(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1"})
    generate(tmp_path, {"a": ONCE})
    generate(tmp_path, {})
    assert own(tmp_path) == {"a": b"1"}


@pytest.mark.parametrize("mode", ["refuse", "adopt", "overwrite"])
def test_a_file_that_is_kept_is_written_whoever_changed_it(tmp_path: Path, mode: str) -> None:
    def wanted(content: bytes) -> dict[str, bytes | File]:
        return {"lock": File(content, ownership="kept")}

    (tmp_path / "lock").write_bytes(b"there before")
    assert state(tmp_path, "lock", wanted(b"1"), mode=mode) == ("change", "write")
    generate(tmp_path, wanted(b"1"), mode=mode)
    assert plan_write(tmp_path, tree_of(wanted(b"1"))).up_to_date
    (tmp_path / "lock").write_bytes(b"mine")
    generate(tmp_path, wanted(b"2"), mode=mode)
    assert own(tmp_path) == {"lock": b"2"}
    assert "lock" not in read_record((tmp_path / ".maidan/files.json").read_bytes()).files
    generate(tmp_path, {})
    assert own(tmp_path) == {"lock": b"2"}


def test_a_file_that_was_adopted_and_is_kept_now_is_written_again(tmp_path: Path) -> None:
    generate(tmp_path, {"lock": b"1"})
    (tmp_path / "lock").write_bytes(b"mine")
    generate(tmp_path, {"lock": b"1"}, mode="adopt")
    generate(tmp_path, {"lock": File(b"1", ownership="kept")})
    assert own(tmp_path) == {"lock": b"1"}


def test_the_executable_bit_is_kept_and_restored(tmp_path: Path) -> None:
    files: dict[str, bytes | File] = {"run": File(b"#!", mode=0o755), "text": b"x"}
    generate(tmp_path, files)
    assert (tmp_path / "run").stat().st_mode & 0o100
    assert not (tmp_path / "text").stat().st_mode & 0o111
    (tmp_path / "run").chmod(0o640)
    (tmp_path / "text").chmod(0o600)  # what git does not keep does not count
    assert state(tmp_path, "run", files) == ("change", "write")
    assert state(tmp_path, "text", files) == ("identical", "keep")
    generate(tmp_path, files)
    assert (tmp_path / "run").stat().st_mode & 0o100


def test_the_record_names_hash_mode_plugin_and_keys_of_generated_files_only(tmp_path: Path) -> None:
    generate(tmp_path, {"a": File(b"x", 0o755, "generated", "services/example", ("services.example",)), "l": ONCE})
    files = read_record((tmp_path / ".maidan/files.json").read_bytes()).files
    assert set(files) == {"a", ".maidan/.gitignore"}
    entry = files["a"]
    assert (entry.sha256, entry.mode, entry.plugin, entry.keys) == (
        sha256(b"x"),
        0o755,
        "services/example",
        ("services.example",),
    )


def test_the_same_tree_gives_the_same_bytes_however_it_came_to_be(tmp_path: Path) -> None:
    generate(tmp_path / "straight", {"a": b"2", "b": b"3"})
    generate(tmp_path / "detour", {"c": b"1", "a": b"1"})
    generate(tmp_path / "detour", {"b": b"3", "a": b"2"})
    assert files_of(tmp_path / "straight") == files_of(tmp_path / "detour")


def test_a_record_that_was_deleted_comes_back_without_a_question(tmp_path: Path) -> None:
    generate(tmp_path, {"a": b"1"})
    before = files_of(tmp_path)
    for name in ("files.json", "journal.json", ".gitignore"):
        (tmp_path / ".maidan" / name).unlink()
        assert not plan_write(tmp_path, tree_of({"a": b"1"})).up_to_date
        generate(tmp_path, {"a": b"1"})
        assert files_of(tmp_path) == before


class TestOneHost:
    files: dict[str, bytes | File]

    @pytest.fixture(autouse=True)
    def _two_hosts(self, tmp_path: Path) -> None:
        self.files = {"flake.nix": b"1", "hosts/a/x": b"1", "hosts/ab/x": b"1", "hosts/ab/gone": b"1"}
        generate(tmp_path, self.files)

    def test_only_its_files_are_written_and_the_others_wait(self, tmp_path: Path) -> None:
        wanted: dict[str, bytes | File] = {
            "flake.nix": b"1",
            "hosts/a/x": b"2",
            "hosts/ab/x": b"2",
            "hosts/ab/new": b"2",
        }
        (tmp_path / "hosts/ab/x").write_bytes(b"mine")  # not in the way, as it is not written
        assert state(tmp_path, "hosts/ab/gone", wanted, host="a") == ("gone", "hold")
        generate(tmp_path, wanted, host="a")
        assert own(tmp_path) == {**self.files, "hosts/a/x": b"2", "hosts/ab/x": b"mine"}
        assert plan_write(tmp_path, tree_of(wanted), host="a").up_to_date
        assert not plan_write(tmp_path, tree_of(wanted)).up_to_date
        (tmp_path / "hosts/ab/x").write_bytes(b"1")
        generate(tmp_path, wanted)
        assert own(tmp_path) == wanted

    @pytest.mark.parametrize("path", ["flake.nix", "flake.lock", "modules/x.nix"])
    def test_a_file_that_every_host_is_built_from_is_refused(self, tmp_path: Path, path: str) -> None:
        before = files_of(tmp_path)
        with pytest.raises(MaidanError, match=rf"{path} is part of every host") as caught:
            generate(tmp_path, {**self.files, path: b"2", "hosts/a/x": b"2"}, host="a")
        assert len(caught.value.problems) == 1
        assert files_of(tmp_path) == before

    @pytest.mark.parametrize("path", ["README.md", "secrets/secrets.nix"])
    def test_a_file_about_all_hosts_changes_only_if_nothing_is_left_behind(self, tmp_path: Path, path: str) -> None:
        before = files_of(tmp_path)
        wanted: dict[str, bytes | File] = {**self.files, path: b"2", "hosts/a/x": b"2"}
        with pytest.raises(MaidanError, match=rf"{path} describes all hosts.* without the files of ab") as caught:
            generate(tmp_path, {**wanted, "tests/ab.nix": b"2"}, host="a")
        assert len(caught.value.problems) == 1
        assert files_of(tmp_path) == before
        generate(tmp_path, wanted, host="a")
        assert own(tmp_path) == wanted

    def test_tests_belong_to_their_host(self, tmp_path: Path) -> None:
        generate(tmp_path, {**self.files, "tests/a.nix": b"2", "tests/ab.nix": b"2"}, host="a")
        assert own(tmp_path) == {**self.files, "tests/a.nix": b"2"}

    def test_what_was_decided_is_written_for_all(self, tmp_path: Path) -> None:
        decided: dict[str, bytes | File] = {**self.files, "community.toml": b"2", "maidan.lock": b"2"}
        generate(tmp_path, {**decided, "hosts/ab/x": b"2"}, host="a")
        assert own(tmp_path) == decided

    def test_a_hand_edit_of_what_is_written_for_all_is_refused(self, tmp_path: Path) -> None:
        generate(tmp_path, {**self.files, "maidan.lock": b"1"})
        (tmp_path / "maidan.lock").write_bytes(b"mine")
        with pytest.raises(MaidanError, match=r"maidan\.lock was changed by hand"):
            generate(tmp_path, {**self.files, "maidan.lock": b"2"}, host="a")
