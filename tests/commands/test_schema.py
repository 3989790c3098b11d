"""``maidan-nix schema``: what it prints, and a file that is written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands.runner import Maidan
from maidan_nix.problems import ExitCode
from maidan_nix.schema import render_schema


def test_the_schema_is_printed(maidan: Maidan) -> None:
    assert maidan("schema").out.encode() == render_schema()


def test_as_json_the_schema_is_a_part_of_the_result(maidan: Maidan) -> None:
    assert maidan("schema", "--json").json() == {"version": 1, "schema": json.loads(render_schema())}


def test_a_file_is_written_once(maidan: Maidan, folder: Path) -> None:
    target = folder / "community.schema.json"
    assert maidan("schema", "--out", target.name).out == "community.schema.json was written.\n"
    assert target.read_bytes() == render_schema()
    before = target.stat()
    assert maidan("schema", "--out", target.name).out == "community.schema.json is up to date.\n"
    assert target.stat().st_mtime_ns == before.st_mtime_ns
    assert maidan("schema", "--out", target.name, "--json").json() == {
        "version": 1,
        "path": target.name,
        "written": False,
    }


def test_a_file_keeps_its_mode(maidan: Maidan, folder: Path) -> None:
    target = folder / "community.schema.json"
    target.write_bytes(render_schema().replace(b"Nix", b"nix"))
    target.chmod(0o640)
    maidan("schema", "--out", target.name)
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("kind", ["link", "folder", "nowhere"])
def test_what_is_no_place_for_a_file(maidan: Maidan, folder: Path, kind: str) -> None:
    target = folder / "there"
    if kind == "link":
        target.symlink_to("community.toml")
    elif kind == "folder":
        target.mkdir()
    else:
        target = target / "file"
    before = (folder / "community.toml").read_text()
    done = maidan("schema", "--out", target)
    assert done.code == ExitCode.FAILED
    assert len(done.err.splitlines()) == 1
    assert str(target) in done.err
    assert (folder / "community.toml").read_text() == before
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
