"""`graph`: a community as a picture, a flowchart, or sentences."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from commands.runner import MINIMAL, TWO_HOSTS, Maidan, process, tree
from maidan_nix.problems import ExitCode


def test_the_picture_goes_to_standard_output(maidan: Maidan, folder: Path) -> None:
    before = tree(folder)
    done = maidan("graph")
    assert done.code == ExitCode.DONE
    assert ET.fromstring(done.out).get("role") == "img"  # noqa: S314
    assert tree(folder) == before


def test_a_flowchart(maidan: Maidan, folder: Path) -> None:
    done = maidan("graph", "--format", "mermaid")
    assert done.code == ExitCode.DONE
    assert done.out.startswith("flowchart LR\n  accTitle: ")
    assert "passwords.example.org" in done.out


def test_sentences(maidan: Maidan, folder: Path) -> None:
    done = maidan("graph", "--format", "text")
    assert done.code == ExitCode.DONE
    assert "Host shed (x86_64-linux):\n" in done.out
    assert "    port 22/tcp, open to the internet: stewards administer the host\n" in done.out
    assert done.out.count("22/tcp") == 1
    assert " uses PostgreSQL on shed: database " in done.out
    assert "may contact the internet by its unit acme-order-renew-passwords.example.org: " in done.out


def test_a_file_is_written_once(maidan: Maidan, folder: Path) -> None:
    done = maidan("graph", "--out", "community.svg")
    assert (done.code, done.out) == (ExitCode.DONE, "community.svg was written.\n")
    drawn = (folder / "community.svg").read_text("utf-8")
    assert maidan("graph", "--out", "community.svg").out == "community.svg is up to date.\n"
    assert maidan("graph").out == drawn


def test_one_host(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS, "utf-8")
    both = maidan("graph", "--format", "text").out
    assert "Host east" in both
    assert "Host west" in both
    one = maidan("graph", "--format", "text", "--host", "west").out
    assert "Host east" not in one
    assert "Host west" in one
    done = maidan("graph", "--host", "wst")
    assert done.code == ExitCode.USAGE
    assert done.err == "no host is named 'wst', expected one of east, west, did you mean 'west'?\n"


def test_as_json(maidan: Maidan, folder: Path) -> None:
    result = maidan("graph", "--json", "--format", "text").json()
    assert result.keys() == {"version", "format", "path", "written", "drawing", "graph"}
    assert (result["format"], result["path"], result["written"]) == ("text", "", False)
    assert result["drawing"] == maidan("graph", "--format", "text").out
    assert result["graph"].keys() == {"name", "domain", "outside", "hosts", "connections"}
    (host,) = result["graph"]["hosts"]
    assert {port["number"] for node in host["nodes"] for port in node["ports"]} == {22, 80, 443, 20000}
    kinds = {one["kind"] for one in result["graph"]["connections"]}
    assert kinds == {"entry", "site", "need", "outgoing"}
    told = maidan("graph", "--json", "--out", "a.svg").json()
    assert (told["path"], told["written"], told["drawing"]) == ("a.svg", True, "")


@pytest.mark.parametrize("kind", ["directory", "link", "pipe", "missing folder"])
def test_nothing_is_written_over_what_is_no_file(maidan: Maidan, folder: Path, kind: str) -> None:
    out = folder / "out.svg"
    if kind == "directory":
        out.mkdir()
    elif kind == "link":
        (folder / "kept").write_text("kept")
        out.symlink_to("kept")
    elif kind == "pipe":
        os.mkfifo(out)
    else:
        out = folder / "nowhere/out.svg"
    done = maidan("graph", "--out", out)
    assert done.code == ExitCode.FAILED
    assert len(done.err.splitlines()) == 1
    assert str(out) in done.err or "nowhere" in done.err
    assert not (folder / "kept").exists() or (folder / "kept").read_text() == "kept"
    assert {path.name for path in folder.iterdir()} <= {"community.toml", "out.svg", "kept"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", ExitCode.MANIFEST_INVALID),
        (b"[community\n", ExitCode.MANIFEST_INVALID),
        (b"\xff\xfe", ExitCode.MANIFEST_INVALID),
        (MINIMAL.replace('"example.org"', '"exa mple"').encode(), ExitCode.MANIFEST_INVALID),
    ],
)
def test_a_manifest_that_is_wrong(maidan: Maidan, folder: Path, content: bytes, code: ExitCode) -> None:
    (folder / "community.toml").write_bytes(content)
    done = maidan("graph", "--out", "out.svg")
    assert done.code == code
    assert done.out == ""
    assert "community.toml" in done.err
    assert not (folder / "out.svg").exists()


def test_a_hostile_name_stays_text(maidan: Maidan, folder: Path) -> None:
    hostile = MINIMAL.replace('name = "', 'name = "</text><script>\\"${x} ', 1)
    (folder / "community.toml").write_text(hostile, "utf-8")
    done = maidan("graph")
    assert done.code == ExitCode.DONE
    assert "<script" not in done.out
    assert "</text><script>" in "".join(ET.fromstring(done.out).itertext())  # noqa: S314


def test_every_process_draws_the_same(folder: Path) -> None:
    first, second = (
        process("graph", cwd=folder, PYTHONHASHSEED=seed, LC_ALL="C", TZ=zone)
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    )
    assert first.code == 0
    assert first.out == second.out


def test_a_manifest_that_is_not_there(folder: Path) -> None:
    assert process("graph", "nowhere.toml", cwd=folder).code == ExitCode.MANIFEST_INVALID
