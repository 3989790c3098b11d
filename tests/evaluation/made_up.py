"""A made-up nixpkgs on this machine: the real module system, the options of the index, and stand-ins for the rest."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from hosts.option_tree import option_tree
from maidan_nix.generation import Generated
from maidan_nix.options.index import Index
from modules.evaluation import nix_instantiate, nixpkgs_lib
from units.upstream import facts

HERE = Path(__file__).parent / "nixpkgs"
HOSTS = Path(__file__).parents[1] / "hosts/nix"

# What nixpkgs/nixos/modules/top-level.nix and the modules of the flake declare themselves.
OURS = ("_module", "age", "disko", "maidan", "boot.kernel.sysctl", "system.build")

_PACKAGE = re.compile(r"\bpkgs\.([A-Za-z0-9_-]+)")


def tree(folder: Path, modules: Mapping[str, str]) -> Path:
    """Lay out a tree whose NixOS consists of `modules`, by file name."""
    root = folder / "nixpkgs"
    shutil.copytree(HERE, root)
    shutil.copytree(nixpkgs_lib(), root / "lib")
    (root / "nixos/modules/top-level.nix").unlink()
    for name, text in modules.items():
        (root / "nixos/modules" / name).write_text(text, "utf-8")
    listed = " ".join(f"./{name}" for name in modules)
    (root / "nixos/modules/module-list.nix").write_text(f"[ {listed} ]\n", "utf-8")
    packages(root, ())
    return root


def packages(root: Path, names: tuple[str, ...]) -> None:
    shutil.copy(HOSTS / "packages.nix", root / "nixos/modules/packages.nix")
    (root / "nixos/modules/packages.json").write_text(json.dumps(names), "utf-8")


def host_tree(folder: Path, made: Generated) -> Path:
    """Lay out a tree in which the hosts of a flake evaluate."""
    root = folder / "nixpkgs"
    shutil.copytree(HERE, root)
    shutil.copytree(nixpkgs_lib(), root / "lib")
    modules = root / "nixos/modules"
    for name in ("options.nix", "surroundings.nix"):
        shutil.copy(HOSTS / name, modules / name)
    shutil.copytree(HOSTS / "nixos", modules, dirs_exist_ok=True)
    (modules / "options.json").write_text(json.dumps(option_tree(Index.load(), OURS)), "utf-8")
    upstream = {
        host: {
            unit.name: dict(of_upstream.directives)
            for plugin, one in plugins.items()
            for unit in one.units
            if (of_upstream := facts(plugin, unit.name)) is not None
        }
        for host, plugins in made.configured.items()
    }
    (modules / "upstream.json").write_text(json.dumps(upstream), "utf-8")
    texts = [file.content.decode() for path, file in made.tree.items() if path.endswith(".nix")]
    packages(root, tuple(sorted({"age", "coreutils", *(name for text in texts for name in _PACKAGE.findall(text))})))
    return root


def recent_nix(folder: Path) -> Path:
    """Put a ``nix-instantiate`` that knows the module system into a folder for PATH, and return that."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    program = bin_folder / "nix-instantiate"
    program.write_text("#!/bin/sh\nexec " + " ".join(nix_instantiate((2, 18))) + ' "$@"\n', "utf-8")
    program.chmod(0o755)
    return bin_folder
