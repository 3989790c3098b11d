"""What is shipped, and that Nix can read it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maidan_nix_modules import files
from modules.evaluation import SHIPPED, STAND_INS, run


def test_every_nix_file_is_shipped_by_its_path() -> None:
    assert files() == {path.name: path.read_bytes() for path in SHIPPED.glob("**/*.nix")}
    assert {"default.nix", "outputs.nix"} <= set(files())


def test_the_entry_point_imports_only_what_is_shipped() -> None:
    imported = re.findall(r"[.]/(\S+)", files()["default.nix"].decode())
    assert imported
    assert set(imported) <= set(files())


@pytest.mark.parametrize("path", [*SHIPPED.glob("*.nix"), *STAND_INS.glob("**/*.nix")], ids=str)
def test_nix_parses_it(path: Path) -> None:
    assert run("--parse", str(path))
