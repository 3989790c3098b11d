"""Nix lists the options of a made-up nixpkgs, under the real module system of today."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from evaluation.made_up import recent_nix, tree
from judges import judge
from maidan_nix.evaluation.nix import NixFailure
from maidan_nix.evaluation.tree import nixpkgs_tree, options_of
from maidan_nix.options.table import Option
from maidan_nix.problems import ExitCode, MaidanError

MODULE = """
{ lib, pkgs, config, ... }:
let
  inherit (lib) mkOption types;
  json = types.nullOr (types.oneOf [ types.bool types.int (types.attrsOf json) (types.listOf json) ])
    // { description = "JSON value"; };
  nested = types.submodule { options.inner = mkOption { type = nested; }; };
in
{
  imports = [
    (lib.mkRemovedOptionModule [ "own" "removed" ] "Use own.port.\\nIt is better.")
    (lib.mkRenamedOptionModule [ "own" "old" ] [ "own" "port" ])
    (lib.mkChangedOptionModule [ "own" "changed" ] [ "own" "port" ] (config: 1))
    (lib.mkAliasOptionModule [ "own" "alias" ] [ "own" "port" ])
  ];
  options.own = {
    port = mkOption { type = types.port; };
    choice = mkOption { type = types.enum [ "a" "b" ]; };
    text = mkOption { type = types.lines; };
    words = mkOption { type = types.nonEmptyListOf types.nonEmptyStr; };
    maybe = mkOption { type = types.nullOr (types.either types.path types.package); };
    coerced = mkOption { type = types.coercedTo types.int toString types.str; };
    bounds = mkOption { type = types.ints.between 2 9; };
    call = mkOption { type = types.functionTo types.str; };
    json = mkOption { type = json; };
    module = mkOption { type = types.deferredModule; };
    tagged = mkOption { type = types.attrTag { one = mkOption { type = types.int; }; }; };
    once = mkOption { type = types.unique { message = "once"; } types.bool; };
    lazy = mkOption { type = types.lazyAttrsOf types.raw; };
    sites = mkOption {
      type = types.attrsOf (types.submodule ({ name, ... }: {
        freeformType = types.attrsOf types.int;
        options."a.b" = mkOption { type = types.bool; };
        options.places = mkOption {
          type = types.listOf (types.submodule { options.x = mkOption { type = types.str; }; });
        };
        imports = [ (lib.mkRemovedOptionModule [ "gone" ] "No more.") ];
      }));
    };
    deep = mkOption { type = nested; };
    throws = mkOption { type = throw "no type"; };
    aborts = mkOption { type = types.enum (abort "not even a list"); };
    untyped = mkOption { };
    internal = mkOption { type = types.bool; internal = true; visible = false; };
    shallow = mkOption { type = nested; visible = "shallow"; };
    group.member = mkOption { type = types.bool; };
  };
}
"""
EXPECTED = {
    "own.alias": "port",
    "own.bounds": "ints.between(2, 9)",
    "own.call": "function",
    "own.choice": 'enum("a", "b")',
    "own.coerced": "either(str, int)",
    "own.group.member": "bool",
    "own.internal": "bool",
    "own.json": "nullOr either(bool, int, attrsOf ?, listOf ?)",
    "own.lazy": "attrsOf ?",
    "own.maybe": "nullOr either(path, package)",
    "own.module": "?",
    "own.once": "bool",
    "own.port": "port",
    "own.shallow": "submodule",
    "own.sites": "attrsOf submodule",
    "own.sites.<name>.<name>": "int",
    'own.sites.<name>."a.b"': "bool",
    "own.sites.<name>.places": "listOf submodule",
    "own.sites.<name>.places.*.x": "str",
    "own.tagged": "submodule",
    "own.tagged.one": "int",
    "own.text": "lines",
    "own.untyped": "?",
    "own.words": "nonEmptyListOf nonEmptyStr",
}


@pytest.fixture
def nixpkgs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(recent_nix(tmp_path)), prepend=":")
    return tree(tmp_path, {"own.nix": MODULE})


def test_every_kind_of_option_is_listed_and_a_broken_one_stops_no_other(nixpkgs: Path) -> None:
    evaluated = options_of(nixpkgs)
    listed = {option.name: option for option in evaluated.options if option.name.startswith("own.")}
    source = listed["own.port"].source
    assert source.endswith("nixos/modules/own.nix")
    current = {name: option.type for name, option in listed.items() if option.status == "current"}
    deep = {name for name in current if name.startswith("own.deep")}
    assert {name: type_ for name, type_ in current.items() if name not in deep} == {
        **EXPECTED,
        "own.aborts": "?",
        "own.throws": "?",
    }
    assert 2 < len(deep) < 20
    assert evaluated.unread == ("own.aborts", "own.throws")
    assert listed["own.removed"] == Option("own.removed", "?", source, "removed", note="Use own.port. It is better.")
    assert {listed[name].replacement for name in ("own.old", "own.changed")} == {"own.port"}
    assert listed["own.sites.<name>.gone"].note == "No more."


def test_a_further_module_is_listed_too(nixpkgs: Path, tmp_path: Path) -> None:
    module = tmp_path / "foreign.nix"
    module.write_text("{ lib, ... }: { options.foreign = lib.mkOption { type = lib.types.bool; }; }", "utf-8")
    assert "foreign" in {option.name for option in options_of(nixpkgs, [module]).options}


def test_a_tree_that_does_not_evaluate_is_one_line(nixpkgs: Path) -> None:
    (nixpkgs / "nixos/modules/own.nix").write_text("{ a = ; }", "utf-8")
    with pytest.raises(NixFailure) as refused:
        options_of(nixpkgs)
    [problem] = refused.value.problems
    assert "syntax error, unexpected ';'" in problem.message
    assert "\n" not in problem.message
    assert "own.nix:1:7" in refused.value.words


def test_what_lies_elsewhere_is_not_read(nixpkgs: Path) -> None:
    (nixpkgs / "nixos/modules/own.nix").write_text("{ imports = [ /etc/passwd ]; }", "utf-8")
    with pytest.raises(NixFailure, match="forbidden"):
        options_of(nixpkgs)


@pytest.mark.parametrize("name", ["nowhere", "x\0y", "."])
def test_what_is_no_nixpkgs_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(MaidanError) as refused:
        nixpkgs_tree(tmp_path / name)
    assert refused.value.exit_code == ExitCode.USAGE


def test_a_whole_nixpkgs_is_listed_in_seconds() -> None:
    place = os.environ.get("MAIDAN_NIXPKGS")
    if not place:
        pytest.skip("a nixpkgs is missing: set MAIDAN_NIXPKGS to a tree that the local Nix can evaluate")
    judge("nix-instantiate", package="nix-bin")
    started = time.monotonic()
    evaluated = options_of(nixpkgs_tree(Path(place)))
    assert time.monotonic() - started < 60
    options = {option.name: option for option in evaluated.options}
    assert len(options) > 8000
    assert len(evaluated.unread) < 50
    assert options["services.openssh.enable"].type == "bool"
    assert options["fileSystems.<name>.device"].type.startswith("nullOr ")
    assert {option.status for option in evaluated.options} == {"current", "renamed", "removed"}
