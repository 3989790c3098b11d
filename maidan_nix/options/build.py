"""Write the files of the index: ``python -m maidan_nix.options.build [--recorded JSON]``.

``overlay.txt`` is made from ``overlay.toml``, always. ``nixpkgs.txt`` is made from a recorded list of options if one is
given: a JSON object with `nixpkgs` (`rev`, `date`, `channel`) and `options` (name to type). A test compares both the
overlay and its table, so that neither changes alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from maidan_nix.options.index import DATA
from maidan_nix.options.names import split
from maidan_nix.options.overlay import Overlay
from maidan_nix.options.table import Option, write
from maidan_nix.options.types import parse


def overlay_table(text: str) -> str:
    """Compile an overlay into a table. Raises ValueError for an overlay that cannot be read."""
    heading = ("Made from overlay.toml by python -m maidan_nix.options.build: edit that file.",)
    return write(heading, Overlay.parse(text, "overlay.toml").options)


def recorded_table(document: Mapping[str, Any]) -> str:
    """Turn a recorded list of options into a table.

    Raises ValueError for a name or a type that cannot be read, and KeyError if a part is missing.
    """
    nixpkgs = document["nixpkgs"]
    source = f"NixOS/nixpkgs@{nixpkgs['rev'][:8]} of {nixpkgs['date']} ({nixpkgs['channel']})"
    heading = (
        f"The options of NixOS and their coarse types, recorded from nixpkgs {nixpkgs['rev']}",
        f"of {nixpkgs['date']}, {nixpkgs['channel']}.",
        "'?' is a type that was not recorded; 'str' stands for every kind of string.",
    )
    options = [Option(name, str(parse(kind)), source) for name, kind in document["options"].items()]
    for option in options:
        split(option.name)
    return write(heading, options)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files into the package."""
    parser = argparse.ArgumentParser(prog="python -m maidan_nix.options.build")
    parser.add_argument("--recorded", type=Path, metavar="JSON", help="a recorded list of options")
    recorded: Path | None = parser.parse_args(arguments).recorded
    if recorded is not None:
        table = recorded_table(json.loads(recorded.read_text(encoding="utf-8")))
        (DATA / "nixpkgs.txt").write_text(table, encoding="ascii")
    overlay = (DATA / "overlay.toml").read_text(encoding="utf-8")
    (DATA / "overlay.txt").write_text(overlay_table(overlay), encoding="ascii")


if __name__ == "__main__":
    main()
