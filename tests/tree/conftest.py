"""What tests of the output start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tree.disk import generate
from tree.scenarios import OLD


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "flake"
    generate(place, OLD)
    return place
