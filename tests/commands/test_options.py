"""``maidan-nix options search``, ``update`` and ``diff``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from commands.runner import Maidan
from evaluation.made_up import recent_nix, tree

MODULE = """
{ lib, ... }:
{
  imports = [ (lib.mkRenamedOptionModule [ "services" "vaultwarden" "dbBackend" ] [ "services" "own" "port" ]) ];
  options.services.own.port = lib.mkOption { type = lib.types.port; };
}
"""


@pytest.fixture
def nixpkgs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(recent_nix(tmp_path)), prepend=os.pathsep)
    return tree(tmp_path, {"own.nix": MODULE})


def test_a_search_shows_the_best_and_says_how_many_more(folder: Path, maidan: Maidan) -> None:
    done = maidan("options", "search", "nginx", "enable", "--limit", "2")
    assert done.code == 0
    assert done.out.splitlines()[0] == "services.nginx.enable: bool"
    assert len(done.out.splitlines()) == 3
    assert "more: add a word, or --limit" in done.out


def test_a_search_for_a_program(folder: Path, maidan: Maidan) -> None:
    found = maidan("options", "search", "nginx enable", "--limit", "1", "--json").json()
    assert found["words"] == ["nginx", "enable"]
    assert found["total"] > 1
    [option] = found["options"]
    assert option.keys() == {"name", "type", "source", "status", "replacement", "note"}
    none = maidan("options", "search", "xyzzyx", "--json")
    assert (none.code, none.json()["options"], none.json()["total"]) == (1, [], 0)


def test_a_search_without_a_result_says_which_word_and_what_is_like_it(folder: Path, maidan: Maidan) -> None:
    done = maidan("options", "search", "enable", "ngnix")
    assert (done.code, done.out) == (1, "")
    assert done.err == "no option holds 'ngnix', did you mean 'nginx'?\n"
    assert "each alone is in some" in maidan("options", "search", "nginx", "postgresql", "vaultwarden").err


@pytest.mark.parametrize("word", ["\x1b[31m", "a\nb", "${x}", '"', "", " "])
def test_strange_words_are_one_line(folder: Path, maidan: Maidan, word: str) -> None:
    done = maidan("options", "search", word)
    assert done.code in (0, 1)
    assert "\x1b" not in done.err + done.out
    assert "itself failed" not in done.err


def test_an_update_is_what_generate_goes_by_from_then_on(folder: Path, maidan: Maidan, nixpkgs: Path) -> None:
    assert maidan("generate").code == 0
    done = maidan("options", "update", "--nixpkgs", nixpkgs)
    assert done.code == 0, done.err
    assert "Against the list that maidan-nix ships:" in done.out
    renamed = "renamed: services.vaultwarden.dbBackend is now services.own.port (set by services/vaultwarden)"
    assert renamed in done.out
    refused = maidan("check", "--json")
    assert refused.code == 1
    messages = [problem["message"] for problem in refused.json()["problems"]]
    assert "the option 'services.vaultwarden.dbBackend' has been renamed" in messages
    assert maidan("options", "show", "services.own.port").out.startswith("name: services.own.port\ntype: port\n")
    # A list that is in the way of generating is not in the way of another update, which changes nothing.
    before = (folder / "nixos-options.txt").read_bytes()
    again = maidan("options", "update", "--nixpkgs", nixpkgs, "--json").json()
    assert (again["changed"], again["touched"], again["changes"]["added"]) == (False, [], [])
    assert (folder / "nixos-options.txt").read_bytes() == before
    assert "added: services.own.port: port" in maidan("options", "diff").out


@pytest.mark.parametrize("content", [b"", b"\xff", b"# maidan-nix options 9\n# sha256 " + b"0" * 64 + b"\n"])
def test_a_broken_list_is_refused_and_mended(folder: Path, maidan: Maidan, nixpkgs: Path, content: bytes) -> None:
    file = folder / "nixos-options.txt"
    file.write_bytes(content)
    for command in (("check",), ("options", "search", "nginx"), ("options", "diff")):
        done = maidan(*command)
        assert (done.code, done.out) == (1, "")
        assert "nixos-options.txt" in done.err
        assert "options update" in done.err
    assert maidan("options", "update", "--nixpkgs", nixpkgs).code == 0
    assert maidan("options", "show", "services.own.port").code == 0


@pytest.mark.parametrize("path", ["nowhere", ".", "community.toml"])
def test_what_is_no_nixpkgs_is_refused_before_nix_is_asked(folder: Path, maidan: Maidan, path: str) -> None:
    done = maidan("options", "update", "--nixpkgs", path)
    assert (done.code, done.out) == (2, "")
    assert "is not a nixpkgs tree" in done.err
    assert not (folder / "nixos-options.txt").exists()


def test_a_list_in_the_way_that_is_no_file_is_not_replaced(folder: Path, maidan: Maidan, nixpkgs: Path) -> None:
    (folder / "elsewhere").write_text("kept", "utf-8")
    (folder / "nixos-options.txt").symlink_to("elsewhere")
    done = maidan("options", "update", "--nixpkgs", nixpkgs)
    assert done.code == 1
    assert (folder / "elsewhere").read_text("utf-8") == "kept"


def test_nothing_to_compare_with_says_how_to_make_it(folder: Path, maidan: Maidan) -> None:
    done = maidan("options", "diff")
    assert done.code == 1
    assert done.err.startswith("nixos-options.txt is not there, ")
