"""`generate`: what it writes, what it leaves alone, what it says, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from commands.runner import MINIMAL, Maidan, tree
from maidan_nix.commands import generate
from maidan_nix.problems import ExitCode
from maidan_nix.tree import WritePlan, apply

NGINX = "hosts/shed/platform/nginx.nix"


@pytest.fixture
def flake(folder: Path, maidan: Maidan) -> Path:
    """A folder whose flake was just generated."""
    assert maidan("generate").code == ExitCode.DONE
    return folder


def states(maidan: Maidan, *arguments: str | Path) -> dict[str, str]:
    """What a run says of each file that is not identical, as "state outcome"."""
    result = maidan("generate", "--json", *arguments).json()
    return {
        each["path"]: f"{each['state']} {each['outcome']}" for each in result["files"] if each["state"] != "identical"
    }


OWN = {
    "community.toml": "yours keep",
    "flake.lock": "yours keep",
    "hosts/shed/hardware.nix": "yours keep",
    "hosts/shed/local.nix": "yours keep",
}


def test_the_first_run_creates_and_the_second_changes_nothing(maidan: Maidan, folder: Path) -> None:
    first = maidan("generate")
    assert first.code == ExitCode.DONE
    assert "create    flake.nix\n" in first.out
    assert not first.err
    before = {path: (folder / path).stat().st_mtime_ns for path in tree(folder)}
    second = maidan("generate")
    assert second.code == ExitCode.DONE
    assert re.fullmatch(r"\.: [0-9]+ identical", second.out.splitlines()[0])
    assert {path: (folder / path).stat().st_mtime_ns for path in tree(folder)} == before


def test_only_what_changed_is_rewritten(maidan: Maidan, flake: Path) -> None:
    before = {path: (flake / path).stat().st_mtime_ns for path in tree(flake)}
    changed = MINIMAL.replace('interface = "enp1s0"', 'interface = "enp2s0"')
    (flake / "community.toml").write_text(changed)
    assert states(maidan) == OWN | {"hosts/shed/platform/network.nix": "change write"}
    after = {path: (flake / path).stat().st_mtime_ns for path in tree(flake)}
    written = {path for path in after if after[path] != before[path] and not path.startswith(".maidan/")}
    assert written == {"community.toml", "hosts/shed/platform/network.nix"}


def test_check_exits_6_when_something_would_change_and_writes_nothing(maidan: Maidan, folder: Path) -> None:
    before = tree(folder)
    done = maidan("generate", "--check")
    assert done.code == ExitCode.OUT_OF_DATE
    assert "(nothing was written)" in done.out
    assert tree(folder) == before
    assert maidan("generate").code == ExitCode.DONE
    assert maidan("generate", "--check").code == ExitCode.DONE


def test_check_of_a_hand_edit_exits_6_and_shows_it(maidan: Maidan, flake: Path) -> None:
    (flake / "README.md").write_text("mine")
    done = maidan("generate", "--check")
    assert done.code == ExitCode.OUT_OF_DATE
    assert "yours     README.md (in the way)" in done.out


def test_diff_shows_what_would_change_and_writes_nothing(maidan: Maidan, flake: Path) -> None:
    assert maidan("generate", "--diff").err == "Nothing would change.\n"
    (flake / "community.toml").write_text(MINIMAL.replace('interface = "enp1s0"', 'interface = "enp2s0"'))
    before = tree(flake)
    done = maidan("generate", "--diff")
    assert done.code == ExitCode.DONE
    assert "--- a/hosts/shed/platform/network.nix" in done.out.splitlines()
    assert any(line.startswith("-") and "enp1s0" in line for line in done.out.splitlines())
    assert any(line.startswith("+") and "enp2s0" in line for line in done.out.splitlines())
    assert tree(flake) == before
    assert maidan("generate", "--diff", "--check").code == ExitCode.OUT_OF_DATE


def test_diff_as_json_has_the_lines(maidan: Maidan, flake: Path) -> None:
    (flake / "README.md").write_text("mine\n")
    result = maidan("generate", "--diff", "--json").json()
    assert result["diff"][:2] == ["--- a/README.md", "+++ b/README.md"]
    assert "-mine" in result["diff"]
    assert not result["written"]


def test_the_json_of_a_run(maidan: Maidan, folder: Path) -> None:
    result = maidan("generate", "--json").json()
    assert result.keys() == {"version", "root", "written", "up_to_date", "files", "findings", "remarks"}
    assert result["version"] == 1
    assert result["root"] == "."
    assert result["written"] is True
    assert result["up_to_date"] is False
    assert result["remarks"] == []
    assert {"path": "flake.nix", "state": "create", "outcome": "write"} in result["files"]
    assert not any(each["path"].startswith(".maidan/") for each in result["files"])
    for finding in result["findings"]:
        assert finding.keys() == {"id", "severity", "subject", "message", "way_out"}
    again = maidan("generate", "--json", "--check").json()
    assert again["up_to_date"] is True
    assert again["written"] is False


def test_a_hand_edit_stops_the_run_with_nothing_written(maidan: Maidan, flake: Path) -> None:
    (flake / "README.md").write_text("mine")
    (flake / "community.toml").write_text(MINIMAL.replace("enp1s0", "enp2s0"))
    before = tree(flake)
    done = maidan("generate")
    assert done.code == ExitCode.HAND_EDITS
    assert done.err.startswith("README.md was changed by hand, expected the file as it was generated")
    assert "--adopt" in done.err
    assert "--overwrite" in done.err
    assert tree(flake) == before


def test_adopt_keeps_a_hand_edit_until_something_else_would_be_generated(maidan: Maidan, flake: Path) -> None:
    (flake / NGINX).write_text("{ }\n")
    done = maidan("generate", "--adopt")
    assert done.code == ExitCode.DONE
    assert f"yours     {NGINX} (kept)" in done.out
    assert (flake / NGINX).read_text() == "{ }\n"
    assert maidan("generate").code == ExitCode.DONE  # adopted: no longer asked
    (flake / "community.toml").write_text(MINIMAL.replace("passwords.example", "vault.example"))
    (flake / "maidan.lock").unlink()  # the domain is permanent
    assert maidan("generate").code == ExitCode.HAND_EDITS


def test_a_service_comes_back_after_its_lines_were_taken_out_of_the_lock(maidan: Maidan, flake: Path) -> None:
    """As the message about a removed service's data advises."""
    lock = flake / "maidan.lock"
    before = lock.read_bytes()
    without = MINIMAL[: MINIMAL.index("[services.")]
    (flake / "community.toml").write_text(without)
    assert maidan("generate").code == ExitCode.DONE
    assert lock.read_bytes() == before  # what is left of the service
    edited = json.loads(before)
    (host,) = edited["hosts"].values()
    host["claims"] = {name: owner for name, owner in host["claims"].items() if not owner.startswith("services/")}
    lock.write_text(json.dumps(edited))
    (flake / "community.toml").write_text(MINIMAL)
    done = maidan("generate")
    assert done.code == ExitCode.DONE, done.err
    assert lock.read_bytes() == before
    assert maidan("generate", "--check").code == ExitCode.DONE


def test_overwrite_replaces_a_hand_edit(maidan: Maidan, flake: Path) -> None:
    before = tree(flake)
    (flake / NGINX).write_text("{ }\n")
    done = maidan("generate", "--overwrite")
    assert done.code == ExitCode.DONE
    assert f"yours     {NGINX} (overwritten)" in done.out
    assert tree(flake) == before


def test_what_is_the_stewards_own_is_never_touched(maidan: Maidan, flake: Path) -> None:
    own = [path for path in OWN if path != "community.toml"]
    for path in own:
        (flake / path).write_text("mine")
    for mode in ((), ("--adopt",), ("--overwrite",)):
        assert maidan("generate", *mode).code == ExitCode.DONE
        assert [(flake / path).read_text() for path in own] == ["mine"] * len(own)
    for path in own:
        (flake / path).unlink()
    assert states(maidan)["hosts/shed/local.nix"] == "create write"


def test_the_file_of_a_removed_service_is_gone(maidan: Maidan, flake: Path) -> None:
    service = "hosts/shed/services/vaultwarden.nix"
    assert (flake / service).is_file()
    (flake / "community.toml").write_text(MINIMAL.partition("[services.")[0])
    done = maidan("generate")
    assert done.code == ExitCode.DONE
    assert f"gone      {service}\n" in done.out
    assert not (flake / "hosts/shed/services").exists()
    assert "services/vaultwarden" in (flake / "maidan.lock").read_text()  # the tombstone


def test_a_removed_service_whose_file_was_changed_by_hand_asks_first(maidan: Maidan, flake: Path) -> None:
    service = flake / "hosts/shed/services/vaultwarden.nix"
    service.write_text("{ }\n")
    (flake / "community.toml").write_text(MINIMAL.partition("[services.")[0])
    assert maidan("generate").code == ExitCode.HAND_EDITS
    assert service.is_file()
    done = maidan("generate", "--overwrite")
    assert done.code == ExitCode.DONE
    assert "yours     hosts/shed/services/vaultwarden.nix (removed)" in done.out
    assert not service.exists()


def test_out_gets_a_copy_of_the_manifest_that_follows_it(maidan: Maidan, folder: Path) -> None:
    out = folder / "deep" / "flake"
    assert maidan("generate", "--out", out).code == ExitCode.DONE
    assert (out / "community.toml").read_text() == MINIMAL
    assert tree(folder).keys() - {f"deep/flake/{path}" for path in tree(out)} == {"community.toml"}
    (folder / "community.toml").write_text(f"{MINIMAL}# a remark\n")
    assert states(maidan, "--out", out)["community.toml"] == "change write"
    assert (out / "community.toml").read_text().endswith("# a remark\n")


def test_the_copy_of_a_manifest_can_become_the_manifest(
    maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was generated once; it must not be removed as no longer generated."""
    out = folder / "flake"
    assert maidan("generate", "--out", out).code == ExitCode.DONE
    monkeypatch.chdir(out)
    for _ in range(2):
        done = maidan("generate")
        assert done.code == ExitCode.DONE
        assert "gone" not in done.out
        assert (out / "community.toml").read_text() == MINIMAL


def test_a_manifest_of_another_name_does_not_replace_a_community_toml(maidan: Maidan, folder: Path) -> None:
    (folder / "other.toml").write_text(MINIMAL.replace("Allotment", "Other"))
    assert maidan("generate", "other.toml").code == ExitCode.HAND_EDITS
    assert (folder / "community.toml").read_text() == MINIMAL


def test_a_linked_manifest_is_one_manifest(maidan: Maidan, folder: Path) -> None:
    (folder / "elsewhere.toml").write_text(MINIMAL)
    (folder / "community.toml").unlink()
    (folder / "community.toml").symlink_to("elsewhere.toml")
    assert maidan("generate").code == ExitCode.DONE
    assert (folder / "community.toml").is_symlink()


@pytest.mark.parametrize("stage", ["before", "after"])
def test_ctrl_c_leaves_the_old_tree_or_the_new_one(
    maidan: Maidan, flake: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """While files are staged the tree stays old; once it is committed, what was begun is finished at once."""
    before = tree(flake)
    (flake / "community.toml").write_text(MINIMAL.replace("enp1s0", "enp2s0"))

    def interrupted(plan: WritePlan) -> tuple[str, ...]:
        from maidan_nix.tree import moves, staging

        target, name = (moves.Moves, "place") if stage == "after" else (staging.Staging, "write")
        with monkeypatch.context() as patch:
            patch.setattr(target, name, _interrupts)
            return apply(plan)

    def _interrupts(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(generate, "apply", interrupted)
    done = maidan("generate")
    assert done.code == 130
    assert done.err.strip() == "interrupted"
    assert not (flake / ".maidan/staging").exists()
    network = (flake / "hosts/shed/platform/network.nix").read_bytes()
    if stage == "before":
        assert {**before, "community.toml": b""} == {**tree(flake), "community.toml": b""}
    else:
        assert b"enp2s0" in network
        monkeypatch.undo()
        monkeypatch.chdir(flake)
        assert maidan("generate", "--check").code == ExitCode.DONE


def test_an_interrupted_run_is_finished_first_and_said(
    maidan: Maidan, flake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maidan_nix.tree import moves

    (flake / "community.toml").write_text(MINIMAL.replace("enp1s0", "enp2s0"))
    monkeypatch.setattr(moves.Moves, "place", lambda *_: (_ for _ in ()).throw(SystemExit(9)))
    assert maidan("generate").code == 9
    assert maidan("generate", "--check").code == ExitCode.OUT_OF_DATE  # half written; says so, and mends nothing
    assert maidan("check").code == ExitCode.OUT_OF_DATE
    monkeypatch.undo()
    monkeypatch.chdir(flake)
    done = maidan("generate")
    assert done.code == ExitCode.DONE
    assert done.err == "An interrupted run was finished first.\n"
    assert maidan("generate", "--check").code == ExitCode.DONE


def test_the_stewards_files_of_a_host_that_is_gone_are_not_forgotten(maidan: Maidan, folder: Path) -> None:
    maidan("generate")
    text = (folder / "community.toml").read_text()
    (folder / "community.toml").write_text(text.replace("hosts.shed", "hosts.hut"))
    lock = (folder / "maidan.lock").read_text()
    (folder / "maidan.lock").write_text(lock.replace('"shed"', '"hut"'))
    done = maidan("generate")
    assert done.code == ExitCode.DONE
    files = "hosts/shed/hardware.nix, hosts/shed/local.nix"
    assert f"Of no host any more, and yours to move to the new name or to remove: {files}." in done.err
