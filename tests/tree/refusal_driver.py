"""Writes to a place that refuses, and tells what happened; started by test_refusals.py.

python refusal_driver.py ROOT          once, as it is
python refusal_driver.py ROOT small    on file systems with ever more room, mounted at ROOT
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maidan_nix.problems import MaidanError
from maidan_nix.tree import File
from tree.disk import files_of, generate
from tree.scenarios import NEW, OLD


def attempt(root: Path, files: Mapping[str, bytes | File]) -> dict[str, Any]:
    """Generate; tell what was refused."""
    try:
        generate(root, files)
    except MaidanError as error:
        return {
            "messages": [problem.message for problem in error.problems],
            "hints": [problem.hint for problem in error.problems],
        }
    return {"messages": [], "hints": []}


def small(root: Path) -> list[dict[str, Any]]:
    """Generate twice on each file system; tell, besides, whether the tree is untouched."""
    told = []
    for size in (*(f"nr_inodes={number}" for number in range(4, 44)), "size=20k", "size=60k", "size=100k"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(root)], check=True, timeout=20)
        for files in (OLD, {**NEW, "documents/large.md": b"x" * (40_000 if "size" in size else 10)}):
            before = files_of(root)
            told.append({**attempt(root, files), "untouched": files_of(root) == before})
        subprocess.run(["umount", str(root)], check=True, timeout=20)
    return told


def main() -> None:
    root = Path(sys.argv[1])
    json.dump(small(root) if sys.argv[2:] else attempt(root, NEW), sys.stdout)


if __name__ == "__main__":
    main()
