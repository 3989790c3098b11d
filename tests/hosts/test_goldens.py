"""``hosts/<example>/`` holds exactly what ``maidan-nix generate`` makes of its manifest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hosts.examples import EXAMPLES, HOSTS, generated, public_halves
from maidan_nix.commands import main
from maidan_nix.generation import generate
from maidan_nix.manifest.document import read_document
from maidan_nix.plan.lock import LOCK_FILE
from maidan_nix.plan.public_halves import PUBLIC_FILE

STALE = "is not what is generated now: make goldens, and look at the difference before you commit it"
_OF_A_RUN = {".maidan/lock", ".maidan/staging"}
"""What a run leaves in no commit."""


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by path."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {path: content for path, content in found.items() if not any(map(path.startswith, _OF_A_RUN))}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_is_what_is_generated(example: str, tmp_path: Path) -> None:
    folder = tmp_path / example
    folder.mkdir()
    shutil.copy(HOSTS / example / "community.toml", folder)
    if (halves := public_halves(example)) is not None:
        (folder / PUBLIC_FILE).parent.mkdir()
        (folder / PUBLIC_FILE).write_bytes(halves)
    with pytest.raises(SystemExit) as ended:
        main(["generate", str(folder / "community.toml")])
    assert not ended.value.code
    expected, committed = files(folder), files(HOSTS / example)
    assert sorted(committed) == sorted(expected), f"hosts/{example} {STALE}"
    for path, content in expected.items():
        assert committed[path] == content, f"hosts/{example}/{path} {STALE}"


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_lock_changes_nothing(example: str) -> None:
    lock = (HOSTS / example / LOCK_FILE).read_bytes()
    again = generate(read_document(HOSTS / example / "community.toml"), lock=lock, public=public_halves(example))
    assert again.tree == generated(example).tree, f"hosts/{example}/{LOCK_FILE} {STALE}"
