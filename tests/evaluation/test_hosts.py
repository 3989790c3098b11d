"""Nix itself is the judge: a host evaluates, and each thing wrong with it is laid at the right door."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evaluation.conftest import Evaluator


def test_a_host_evaluates_to_its_system_and_the_flake_is_not_written(evaluator: Evaluator) -> None:
    done = evaluator()
    assert (done.derivation, done.problems) == ("/nix/store/shed.drv", ())
    assert [path.name for path in evaluator.flake.rglob("*") if path.is_file()] == ["local.nix"]


@pytest.mark.parametrize(
    ("local", "message", "expected"),
    [
        ("{ services.nosuch.enable = true; }", "local.nix:1: NixOS has no option 'services.nosuch'", ""),
        (
            '{\n  services.vaultwarden.enable = lib.mkForce "yes";\n}',
            "local.nix:2:33: there is no 'lib'",
            "",
        ),
        (
            '{\n  services.vaultwarden.enable = "yes";\n}',
            "local.nix:2: the option 'services.vaultwarden.enable' is given \"yes\"",
            "boolean",
        ),
        (
            '{ services.vaultwarden.dbBackend = "mysql"; }',
            "has several values, in hosts/shed/local.nix, hosts/shed/services/vaultwarden.nix",
            "",
        ),
        ("{ a = ; }", "local.nix:1:7: this is not Nix: syntax error, unexpected ';'", ""),
        (
            "{ pkgs, ... }:\n{ environment.systemPackages = [ pkgs.nosuch ]; }",
            "local.nix:2:34: there is no 'nosuch'",
            "",
        ),
        ("{ imports = [ ./nosuch.nix ]; }", "nosuch.nix: Nix says: path 'hosts/shed/nosuch.nix' does not exist", ""),
        ('{ services.vaultwarden.dbBackend = throw "own words"; }', "local.nix:1:36: Nix says: own words", ""),
        ('{ config, ... }: { networking.hostName = config.networking.hostName + "x"; }', "goes round in a circle", ""),
        ('{ imports = [ (fetchTarball "https://example.org/x") ]; }', "may not read https://example.org/x", ""),
    ],
)
def test_a_fault_of_the_stewards_own_file_names_file_and_line(
    evaluator: Evaluator, local: str, message: str, expected: str
) -> None:
    done = evaluator(local)
    assert done.derivation == ""
    [problem] = done.problems
    assert message in problem.message
    assert problem.message.startswith("hosts/shed/")
    assert (problem.expected, problem.path, problem.plugin) == (expected, (), "")
    assert str(evaluator.flake) not in problem.message
    assert "/flake/" not in problem.message


def test_all_failed_assertions_are_told_and_one_that_names_an_option_finds_its_plugin(evaluator: Evaluator) -> None:
    done = evaluator(
        "{ assertions = ["
        ' { assertion = false; message = "`services.vaultwarden.dbBackend\' is\n  not good"; }'
        ' { assertion = false; message = "no good either"; } ]; }'
    )
    first, second = done.problems
    assert first.message.endswith("an assertion fails: `services.vaultwarden.dbBackend' is not good")
    assert (first.plugin, first.path) == ("services/vaultwarden", ("services", "vaultwarden"))
    assert second.message.endswith("an assertion fails: no good either")
    assert (second.plugin, second.path) == ("", ())


def other_nixpkgs(evaluator: Evaluator, folder: Path, place: list[str], type_: str | None) -> Path:
    """A nixpkgs that lacks an option, or has it of another type."""
    other = folder / "other"
    shutil.copytree(evaluator.nixpkgs, other)
    file = other / "nixos/modules/options.json"
    tree = json.loads(file.read_text("utf-8"))
    above = tree
    for step in place[:-1]:
        above = above["members"][step] if step in above.get("members", {}) else above[step]
    if type_ is None:
        del above["members"][place[-1]]
    else:
        above["members"][place[-1]] = {"type": {"is": type_}}
    file.write_text(json.dumps(tree), "utf-8")
    return other


def test_an_option_that_this_nixpkgs_lacks_is_the_plugins(evaluator: Evaluator, tmp_path: Path) -> None:
    nixpkgs = other_nixpkgs(evaluator, tmp_path, ["services", "vaultwarden", "dbBackend"], None)
    [problem] = evaluator(nixpkgs=nixpkgs).problems
    assert problem.message == "Nix refuses the host shed: NixOS has no option 'services.vaultwarden.dbBackend'"
    assert (problem.plugin, problem.path) == ("services/vaultwarden", ("services", "vaultwarden"))


def test_a_value_that_comes_from_the_manifest_is_laid_at_its_key(evaluator: Evaluator, tmp_path: Path) -> None:
    nixpkgs = other_nixpkgs(evaluator, tmp_path, ["security", "acme", "defaults", "email"], "int")
    [problem] = evaluator(nixpkgs=nixpkgs).problems
    assert problem.message.endswith("the option 'security.acme.defaults.email' is given \"stewards@example.org\"")
    assert problem.expected == "signed integer"
    assert (problem.plugin, problem.path) == ("platform/nginx", ("community", "contact"))


def test_a_hand_edit_of_a_generated_file_is_evaluated_as_it_stands(evaluator: Evaluator) -> None:
    edited = evaluator.flake / "hosts/shed/services/vaultwarden.nix"
    edited.parent.mkdir(parents=True)
    edited.write_text("{ services.nosuch = 1; }", "utf-8")
    [problem] = evaluator().problems
    assert "NixOS has no option 'services.nosuch'" in problem.message
