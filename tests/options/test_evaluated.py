"""What Nix answers becomes the index's words; the file that keeps it; and what Nix overrules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maidan_nix.options.evaluated import Evaluated, read_answer
from maidan_nix.options.evaluated_file import read, render
from maidan_nix.options.index import Index
from maidan_nix.options.overlay import Overlay
from maidan_nix.options.table import Option
from maidan_nix.problems import MaidanError

JSON = {"is": "nullOr", "of": {"is": "either", "choices": ["bool", {"is": "either", "choices": ["int", "?"]}]}}


def answered(*records: dict[str, Any]) -> Evaluated:
    document = {"version": "26.05pre", "release": "26.05", "revision": "0123abc", "options": records}
    return read_answer(json.dumps(document), "/nix/nixpkgs")


@pytest.mark.parametrize(
    ("shape", "written"),
    [
        ("bool", "bool"),
        ("boolByOr", "bool"),
        ("unsignedInt16", "port"),
        ("positiveInt", "ints.positive"),
        ('strMatching "a+"', "str"),
        ("passwdEntry path", "path"),
        ("passwdEntry str", "str"),
        ("something new", "?"),
        ("systemd option", "unitOption"),
        ({"is": "listOf", "of": "package"}, "listOf package"),
        ({"is": "nonEmptyListOf", "of": "str"}, "nonEmptyListOf str"),
        ({"is": "loaOf", "of": "submodule"}, "either(attrsOf submodule, listOf submodule)"),
        ({"is": "nullOr", "of": {"is": "enum", "members": ["a", 2, True]}}, 'nullOr enum("a", 2, true)'),
        ({"is": "enum", "members": ["a", None]}, 'nullOr enum("a")'),
        ({"is": "enum", "members": []}, "?"),
        ({"is": "enum", "members": ["a\tb"]}, "?"),
        ({"is": "enum", "members": [1.5]}, "?"),
        ({"is": "between", "words": "integer between -3 and 7 (both inclusive)"}, "ints.between(-3, 7)"),
        ({"is": "between", "words": "of its own words"}, "int"),
        ({"is": "separatedString", "separator": "\n"}, "lines"),
        ({"is": "separatedString", "separator": ":"}, "str"),
        ({"is": "path", "absolute": None}, "str"),
        ({"is": "path", "absolute": True}, "path"),
        ({"is": "either", "choices": ["str", {"is": "either", "choices": ["int", "str"]}]}, "either(str, int)"),
        ({"is": "either", "choices": [{"is": "nullOr", "of": "str"}, "int"]}, "nullOr either(str, int)"),
        ({"is": "coercedTo", "choices": ["path", "?"]}, "either(path, ?)"),
        (JSON, "nullOr either(bool, int, ?)"),
        ({"is": "not known"}, "?"),
    ],
)
def test_types_are_written_as_the_index_writes_them(shape: Any, written: str) -> None:
    [option] = answered({"name": ["a", "b"], "files": [], "type": shape}).options
    assert option.type == written


def test_an_option_says_where_it_is_declared_and_what_became_of_it() -> None:
    files = ["<unknown-file>", "/nix/nixpkgs/nixos/modules/x.nix"]
    evaluated = answered(
        {"name": ["b", "a.b"], "files": files, "type": "str"},
        {"name": ["gone"], "files": files, "removed": "Use\n\x1b[31m  b."},
        {"name": ["silent"], "files": [], "removed": ""},
        {"name": ["old"], "files": [], "renamed": ["new", "a b"]},
        {"name": ["broken"], "files": [], "unread": True},
    )
    source = "nixpkgs 26.05pre (0123abc)"
    assert {option.name: option for option in evaluated.options} == {
        'b."a.b"': Option('b."a.b"', "str", f"{source} nixos/modules/x.nix"),
        "gone": Option("gone", "?", f"{source} nixos/modules/x.nix", "removed", note="Use [31m b."),
        "silent": Option("silent", "?", source, "removed", note="nixpkgs gives no reason."),
        "old": Option("old", "?", source, "renamed", replacement='new."a b"'),
        "broken": Option("broken", "?", source),
    }
    assert evaluated.unread == ("broken",)


@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"version": 1}', '{"version": "", "revision": "", "options": 3}'])
def test_anything_else_is_refused(answer: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # which one is for --debug only
        read_answer(answer, "/nix/nixpkgs")


FILE = render(
    answered(
        {"name": ["services", "own", "enable"], "files": ["/nix/nixpkgs/nixos/own.nix"], "type": "bool"},
        {"name": ["services", "openssh", "settings"], "files": [], "type": "submodule"},
        {"name": ["services", "openssh", "settings", "<name>"], "files": [], "type": "?"},
        {"name": ["services", "closed"], "files": [], "type": "submodule"},
        {"name": ["services", "old"], "files": [], "renamed": ["services", "own", "enable"]},
    )
)


def test_the_file_comes_back_as_it_went() -> None:
    table = read(FILE)
    assert table.tree == "nixpkgs 26.05pre (0123abc)"
    assert table.find("services.own.enable") == Option(
        "services.own.enable", "bool", "nixpkgs 26.05pre (0123abc) nixos/own.nix"
    )
    old = table.find("services.old")
    assert old is not None
    assert (old.status, old.replacement) == ("renamed", "services.own.enable")
    assert len(table) == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a list of options"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"\0" * 10, "not a list of options"),
        (FILE.replace(b"options 1", b"options 2", 1), "is of format 2"),
        (FILE.replace(b"\tbool\t", b"\tint\t"), "was changed since"),
        (FILE + b"<<<<<<< ours\n", "was changed since"),
        (b"#" * (32 * 1024 * 1024 + 1), "larger than 32 MiB"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_says_the_way_out(content: bytes, message: str) -> None:
    with pytest.raises(MaidanError, match=message) as refused:
        read(content)
    assert "options update" in refused.value.problems[0].hint


def test_a_line_that_is_wrong_under_a_right_digest_is_an_error_when_asked_for() -> None:
    import hashlib

    body = "# source 0: x\n\na\tnonsense\nb\tbool\n"
    digest = hashlib.sha256(body.encode()).hexdigest()
    table = read(f"# maidan-nix options 1\n# sha256 {digest}\n{body}".encode())
    assert table.find("b") is not None
    with pytest.raises(MaidanError, match="has a line that cannot be read: a"):
        table.find("a")


def overlay(source: str, name: str) -> Overlay:
    return Overlay.parse(f'[[source]]\nfrom = "{source}"\n[source.options]\n"{name}" = "str"\n', "options.toml")


@pytest.mark.parametrize(
    ("source", "name", "known"),
    [
        ("other/flake@0 module.nix", "services.foreign.a", True),
        ("NixOS/nixpkgs@0 nixos/x.nix", "services.elsewhere.a", False),
        ("NixOS/nixpkgs@0 nixos/x.nix", "services.openssh.settings.Known", True),
        ("NixOS/nixpkgs@0 nixos/x.nix", "services.closed.a", False),
    ],
)
def test_nix_overrules_what_an_overlay_says_of_nixpkgs(source: str, name: str, known: bool) -> None:
    index = Index.load([overlay(source, name)], read(FILE))
    assert (index.option(name) is not None) == known


def test_where_nix_has_evaluated_the_shipped_list_is_silent_but_for_other_flakes() -> None:
    index = Index.load((), read(FILE))
    assert index.describe("services.nginx.enable") is None
    assert index.describe("age.secrets.x.file") is not None
    assert index.describe("services.own.enable") is not None
