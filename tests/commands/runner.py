"""Calling maidan-nix: in this process where only the result matters, as a process of its own where the streams do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).parents[2]
MINIMAL = (ROOT / "hosts/minimal/community.toml").read_text("utf-8")
TWO_HOSTS = """\
[community]
name = "Two Sheds"
domain = "example.org"
contact = "stewards@example.org"

[stewards.ada]
ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada"]

[hosts.east]
disk.device = "/dev/disk/by-id/east"
network.interface = "enp1s0"

[hosts.west]
disk.device = "/dev/disk/by-id/west"
network.interface = "enp1s0"

[services.vaultwarden]
host = "east"
domain = "passwords.example.org"
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a call came to."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Maidan: TypeAlias = Callable[..., Done]


def process(*arguments: str | bytes | Path, cwd: Path | None = None, **environment: str) -> Done:
    """Run a process with `environment` added to this one's; output is read as UTF-8."""
    done = subprocess.run(
        [sys.executable, "-m", "maidan_nix", *arguments],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
