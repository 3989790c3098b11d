"""``maidan-nix check --nix``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from commands.runner import MINIMAL, Maidan, tree
from evaluation.made_up import host_tree, recent_nix
from hosts.examples import generated

UNKNOWN = "{ services.nosuch.enable = true; }"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    place = tmp_path_factory.mktemp("nix")
    return host_tree(place, generated("minimal")), recent_nix(place)


@pytest.fixture
def nixpkgs(made: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(made[1]), prepend=os.pathsep)
    for variable in ("MAIDAN_NIXPKGS", "MAIDAN_AGENIX", "MAIDAN_DISKO"):
        monkeypatch.delenv(variable, raising=False)
    return made[0]


def test_a_host_that_evaluates_is_named_with_its_system(folder: Path, maidan: Maidan, nixpkgs: Path) -> None:
    before = tree(folder)
    done = maidan("check", "--nix", "--nixpkgs", nixpkgs)
    assert done.code == 0, done.err
    assert "Nix evaluates shed: /nix/store/shed.drv\n" in done.out
    assert "The source of agenix was not at hand" in done.err
    assert tree(folder) == before


def test_what_nix_refuses_exits_with_4_beside_the_findings(folder: Path, maidan: Maidan, nixpkgs: Path) -> None:
    assert maidan("generate").code == 0
    (folder / "hosts/shed/local.nix").write_text(UNKNOWN, "utf-8")
    done = maidan("check", "--nix", "--nixpkgs", nixpkgs)
    assert done.code == 4
    assert "Missing before the first switch:" in done.out
    assert "hosts/shed/local.nix:1: NixOS has no option 'services.nosuch'" in done.err
    assert "Traceback" not in done.err
    found = maidan("check", "--nix", "--nixpkgs", nixpkgs, "--json")
    assert found.code == 4
    evaluation = found.json()["evaluation"]
    assert (evaluation["nixpkgs"], evaluation["stand_ins"]) == (str(nixpkgs), ["agenix", "disko"])
    [host] = evaluation["hosts"]
    assert (host["host"], host["evaluates"], host["derivation"], host["warnings"]) == ("shed", False, "", [])
    assert "NixOS has no option 'services.nosuch'" in host["problems"][0]["message"]


def test_all_that_nix_says_comes_with_debug(folder: Path, maidan: Maidan, nixpkgs: Path) -> None:
    assert maidan("generate").code == 0
    (folder / "hosts/shed/local.nix").write_text(UNKNOWN, "utf-8")
    done = maidan("--debug", "check", "--nix", "--nixpkgs", nixpkgs)
    assert done.code == 4
    assert "error: The option `services.nosuch' does not exist" in done.err


def test_every_host_is_tried(folder: Path, maidan: Maidan, nixpkgs: Path) -> None:
    second = (
        MINIMAL.replace("[services.vaultwarden]\n", '[services.vaultwarden]\nhost = "shed"\n')
        + '\n[hosts.barn]\ndisk.device = "/dev/disk/by-id/barn"\nnetwork.interface = "enp1s0"\n'
    )
    (folder / "community.toml").write_text(second, "utf-8")
    assert maidan("generate").code == 0
    for host in ("shed", "barn"):
        (folder / f"hosts/{host}/local.nix").write_text(UNKNOWN, "utf-8")
    done = maidan("check", "--nix", "--nixpkgs", nixpkgs)
    assert "Nix refuses 2 hosts:" in done.out
    assert all(f"hosts/{host}/local.nix:1: NixOS" in done.err for host in ("shed", "barn"))
    one = maidan("check", "--nix", "--host", "barn", "--nixpkgs", nixpkgs)
    assert "Nix refuses 1 host:" in one.out
    assert "hosts/shed" not in one.err


def test_wrong_calls_say_what_is_wrong(folder: Path, maidan: Maidan, nixpkgs: Path) -> None:
    assert maidan("check", "--host", "shed").code == 2
    done = maidan("check", "--nix", "--host", "shde", "--nixpkgs", nixpkgs)
    assert done.code == 2
    assert "did you mean 'shed'?" in done.err
    assert maidan("check", "--nix", "--nixpkgs", folder).code == 2


def test_without_nix_it_says_so_and_fails(folder: Path, maidan: Maidan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("MAIDAN_NIXPKGS", raising=False)
    done = maidan("check", "--nix")
    assert done.code == 1
    assert done.err.startswith("Nix is not installed here, install it")


def test_a_pin_that_is_not_to_be_had_names_the_command(
    folder: Path, maidan: Maidan, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = folder / "nix"
    program.write_text(
        "#!/bin/sh\necho \"error: unable to download 'https://x': Couldn't resolve host name (6)\" >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.delenv("MAIDAN_NIXPKGS", raising=False)
    done = maidan("check", "--nix")
    assert done.code == 1
    assert "what flake.lock pins is not in the Nix store" in done.err
    assert "nix flake archive" in done.err


def test_a_temporary_folder_may_have_any_name(folder: Path, maidan: Maidan, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "nix"
    # It answers with what it was asked for, if it runs in the flake.
    asked = folder.parent / "asked"
    program.write_text(f'#!/bin/sh\ntest -f flake.nix || exit 1\necho "$4" > {asked}\necho \'"/nix/store/x.drv"\'\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.delenv("MAIDAN_NIXPKGS", raising=False)
    temporary = folder.parent / "a#b ?c%20"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    done = maidan("check", "--nix")
    assert done.code == 0, done.err
    assert "Nix evaluates shed: /nix/store/x.drv\n" in done.out
    attribute = 'nixosConfigurations."shed".config.system.build.toplevel.drvPath'
    assert asked.read_text("utf-8") == f"path:.#{attribute}\n"
