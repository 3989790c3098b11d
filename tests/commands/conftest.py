"""What tests of commands start from: a community's folder, and a way to call maidan-nix in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.runner import MINIMAL, Done, Maidan
from maidan_nix.commands import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the smallest manifest, the working directory of the test."""
    place = tmp_path / "community"
    place.mkdir()
    (place / "community.toml").write_text(MINIMAL, "utf-8")
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def maidan(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Maidan:
    """Call maidan-nix in this process."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    def call(*arguments: str | Path) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, said.out, said.err)

    return call
