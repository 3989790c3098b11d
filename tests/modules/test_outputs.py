"""outputs.nix with stand-in inputs: what a community's flake offers, and when it refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modules.evaluation import EvaluationError, flake

IDLE = '{ "pending": [], "version": 1 }'


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.json"
    path.write_text(IDLE)
    return path


def test_hosts_share_one_package_set_and_all_modules(journal: Path) -> None:
    hosts = flake(journal)["hosts"]
    assert {name: host["system"] for name, host in hosts.items()} == {"large": "x86_64-linux", "small": "aarch64-linux"}
    for host in hosts.values():
        assert host["allowed"] == [True, False]
        assert host["inputs"] == {"agenix": True, "disko": True, "extra": True}
        assert host["protectHome"] is True


def test_the_modules_of_agenix_and_disko_go_together_with_ours(journal: Path) -> None:
    agenix, disko = os.environ.get("MAIDAN_AGENIX"), os.environ.get("MAIDAN_DISKO")
    if not agenix or not disko:
        pytest.skip("agenix or disko is missing: set MAIDAN_AGENIX and MAIDAN_DISKO to checkouts")
    for host in flake(journal, f"agenix = {agenix}; disko = {disko};")["hosts"].values():
        assert host["failed"] == []
        assert host["secret"] == "/run/agenix/web"
        assert host["root"] == "/dev/disk/by-partlabel/disk-main-root"
        assert host["protectHome"] is True


@pytest.mark.parametrize(
    ("self", "revision"),
    [('{ rev = "abc"; }', "abc"), ('{ dirtyRev = "abc-dirty"; }', "abc-dirty"), ("{ }", None)],
)
def test_a_host_knows_the_commit_it_was_built_from(journal: Path, self: str, revision: str | None) -> None:
    assert flake(journal, f"self = {self};")["hosts"]["large"]["configurationRevision"] == revision


def test_a_check_evaluates_a_host_of_its_own_system(journal: Path) -> None:
    checks = flake(journal)["checks"]
    assert {system: set(of_system) for system, of_system in checks.items()} == {
        "x86_64-linux": {"large"},
        "aarch64-linux": {"small"},
    }
    assert checks["x86_64-linux"]["large"]["environment"] == {"systemDerivation": "/nix/store/host.drv"}


def test_vm_tests_get_the_hosts_as_modules(journal: Path) -> None:
    outputs = flake(journal)
    assert outputs["packages"]["x86_64-linux"] == ["vm-test-web", "vm-tests"]
    assert outputs["test"] == {"name": "web", "hosts": ["large", "small"], "hasInputs": True}


def test_the_shell_has_what_a_steward_works_with(journal: Path) -> None:
    outputs = flake(journal)
    packages = outputs["devShells"]["x86_64-linux"]["default"]["packages"]
    assert {
        "age",
        "agenix",
        "disko",
        "git",
        "mkpasswd",
        "nixos-anywhere",
        "nixos-rebuild",
        "openssl",
        "ssh-to-age",
        "wireguard-tools",
    } <= {package for package in packages if isinstance(package, str)}
    assert outputs["formatter"]["x86_64-linux"] in packages


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{ "pending": [ { "path": "flake.nix" } ], "version": 1 }', "This flake is half-written"),
        (None, "journal.json is missing"),
    ],
)
def test_a_tree_that_may_be_half_written_is_refused(journal: Path, content: str | None, message: str) -> None:
    journal.unlink() if content is None else journal.write_text(content)
    with pytest.raises(EvaluationError, match=message) as refused:
        flake(journal)
    assert "maidan-nix generate" in str(refused.value)
