"""Making the files of the index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maidan_nix.options import build
from maidan_nix.options.build import recorded_table
from maidan_nix.options.table import Table

RECORDED = {
    "nixpkgs": {"rev": "0123456789abcdef", "date": "2026-01-02", "channel": "nixos-unstable"},
    "options": {"b.enable": "bool", "a.'x'": "str"},
}


def test_a_recorded_list_keeps_its_origin() -> None:
    table = Table(recorded_table({**RECORDED, "options": {"b.enable": "bool", "a.b": "listOf ?"}}))
    assert [(option.name, option.type) for option in table] == [("a.b", "listOf ?"), ("b.enable", "bool")]
    option = table.find("a.b")
    assert option is not None
    assert option.source == "NixOS/nixpkgs@01234567 of 2026-01-02 (nixos-unstable)"


@pytest.mark.parametrize("options", [{"a..b": "bool"}, {"a": "boolean"}])
def test_a_recorded_list_that_cannot_be_read_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not "):
        recorded_table({**RECORDED, "options": options})


def test_the_command_writes_both_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "overlay.toml").write_text("[[source]]\nfrom = 'notes'\n[source.options]\na = 'bool'\n")
    (tmp_path / "recorded.json").write_text(json.dumps({**RECORDED, "options": {"b": "int"}}))
    monkeypatch.setattr(build, "DATA", tmp_path)
    build.main(["--recorded", str(tmp_path / "recorded.json")])
    assert Table.read(tmp_path / "overlay.txt").find("a") is not None
    assert Table.read(tmp_path / "nixpkgs.txt").find("b") is not None
