"""Evaluating the examples under the module system of nixpkgs' lib, see nix/evaluate.nix."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hosts.examples import generated, write
from hosts.option_tree import option_tree
from maidan_nix.options.index import Index
from maidan_nix.plan.secrets import wanted_secrets
from modules.evaluation import MODULE_SYSTEM_NEEDS, evaluate, nixpkgs_lib
from units.upstream import facts

NIX = Path(__file__).parent / "nix"
NIXPKGS = Path(__file__).parents[1] / "modules/nix/nixpkgs"

OURS = ("_module", "maidan", "boot.kernel.sysctl", "system.build")
"""What the index has and the evaluated modules, or nix/surroundings.nix, declare themselves."""

_PACKAGE = re.compile(r"\bpkgs\.([A-Za-z0-9_-]+)")


class Example:
    """A generated flake, with what the evaluation of its hosts needs beside it."""

    def __init__(self, name: str, folder: Path, inputs: Mapping[str, str]) -> None:
        self.name = name
        self.folder = folder
        self.inputs = inputs
        self.flake = write(name, folder)
        for secret in wanted_secrets(generated(name).plan):
            # agenix compares nothing: that the file exists is all that the evaluation needs.
            (self.flake / f"secrets/{secret.name}.age").write_text("age-encryption.org/v1\n", "utf-8")
        upstream = {
            host: {
                unit.name: dict(of_upstream.directives)
                for plugin, one in plugins.items()
                for unit in one.units
                if (of_upstream := facts(plugin, unit.name)) is not None
            }
            for host, plugins in generated(name).configured.items()
        }
        self.upstream = folder / "upstream.json"
        self.upstream.write_text(json.dumps(upstream), "utf-8")
        self.tree = folder / "options.json"
        self.tree.write_text(json.dumps(option_tree(Index.load(), (*OURS, *_declared_by(inputs)))), "utf-8")
        texts = [path.read_text("utf-8") for path in self.flake.rglob("*.nix")]
        named = {"age", *(package for text in texts for package in _PACKAGE.findall(text))}
        self.packages = " ".join(f'"{package}"' for package in sorted(named))

    def evaluate(self, local: str = "", what: str = "hosts") -> dict[str, Any]:
        """Evaluate every host, or as `what` the VM ``tests``; `local` is a module of the steward.

        Raises EvaluationError.
        """
        arguments = {
            "nixpkgsLib": nixpkgs_lib(),
            "flake": self.flake,
            "tree": self.tree,
            "upstream": self.upstream,
            "packages": f"[ {self.packages} ]",
            "nixpkgs": NIXPKGS,
            "local": f"[ ({local}) ]" if local else "[ ]",
            **self.inputs,
        }
        given = " ".join(f"{name} = {value};" for name, value in arguments.items())
        evaluated: dict[str, Any] = evaluate(f"(import {NIX}/evaluate.nix {{ {given} }}).{what}", MODULE_SYSTEM_NEEDS)
        return evaluated


def _declared_by(inputs: Mapping[str, str]) -> tuple[str, ...]:
    """The top-level options that the modules of these inputs declare."""
    return tuple({"agenix": "age", "disko": "disko"}[name] for name in inputs)
