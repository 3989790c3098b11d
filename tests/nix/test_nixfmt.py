"""What plugins return is printed as nixfmt, the formatter of RFC 166, leaves it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maidan_nix.nix.printer import module, render_file
from maidan_nix.nix.values import Value
from nix.strategies import COMMENTS, DATA, PLUGIN_VALUES


@pytest.fixture(scope="module")
def nixfmt() -> str:
    """Its path. Debian does not have it, so its absence is never a failure."""
    path = shutil.which("nixfmt")
    if path is None:
        pytest.skip("nixfmt is not installed (package nixfmt of nixpkgs, or NixOS/nixfmt; Debian has none)")
    return path


@settings(max_examples=12)
@given(st.lists(st.tuples(PLUGIN_VALUES | DATA, COMMENTS), min_size=20, max_size=30))
def test_nixfmt_changes_nothing(nixfmt: str, values: list[tuple[Value, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.nix") for number in range(len(values))]
        for number, (value, header) in enumerate(values):
            printed = (
                module({"a": value, "b": [value]}, header) if number % 2 else render_file({"a": value}, header=header)
            )
            files[number].write_bytes(printed.encode())
        done = subprocess.run([nixfmt, "--check", *files], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
