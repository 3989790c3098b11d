"""The worked examples of ``hosts/``, generated anew."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import read_document
from maidan_nix.plan.public_halves import PUBLIC_FILE

ROOT = Path(__file__).parents[2]
HOSTS = ROOT / "hosts"
EXAMPLES = tuple(sorted(manifest.parent.name for manifest in HOSTS.glob("*/community.toml")))


def public_halves(example: str) -> bytes | None:
    """What an example knows of its hosts' keys; None where it was generated before they were made."""
    file = HOSTS / example / PUBLIC_FILE
    return file.read_bytes() if file.exists() else None


@cache
def generated(example: str) -> Generated:
    """Generate an example from what a steward writes alone, as for the first time."""
    manifest = read_document(HOSTS / example / "community.toml")
    return generate(manifest, lock=None, public=public_halves(example))


def write(example: str, folder: Path) -> Path:
    """Write the files of an example below `folder`, and the journal of a finished run; return the flake's folder."""
    root = folder / example
    for path, file in generated(example).tree.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
    journal = root / ".maidan/journal.json"
    journal.parent.mkdir()
    journal.write_text('{ "pending": [], "version": 1 }', "utf-8")
    return root


def hosts(example: str) -> tuple[str, ...]:
    """Return the names of the hosts of an example."""
    return tuple(generated(example).configured)
