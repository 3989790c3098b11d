"""The flake's inputs: their URLs in flake.nix and their revisions in flake.lock, from one table.

`pins.json` holds, per input, the node of the lock and what its own inputs follow. The structure of a lock file is
described by the Nix manual ("flake lock files") and was checked against files that Nix 2.26 wrote: an input that
follows is an absolute path from the root as a list, and ``[]`` is the root itself, which is how an input is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from maidan_nix.nix.values import Value

DIRECT = ("nixpkgs", "agenix", "disko")
"""The inputs that flake.nix names, in reading order."""


def input_attributes() -> Mapping[str, Value]:
    """The ``inputs`` attribute set of flake.nix."""
    return {name: _input(name) for name in DIRECT}


def render_lock() -> bytes:
    """``flake.lock`` for these inputs, as Nix itself writes it: sorted keys, two spaces, final newline."""
    nodes: dict[str, Any] = {}
    for name, pin in _pins().items():
        inputs: dict[str, Any] = dict(pin["node"].get("inputs", {}))
        inputs |= {inner: [target] if target else [] for inner, target in pin.get("follows", {}).items()}
        nodes[name] = {**pin["node"], **({"inputs": inputs} if inputs else {})}
    nodes["root"] = {"inputs": {name: name for name in DIRECT}}
    lock = {"nodes": nodes, "root": "root", "version": 7}
    return (json.dumps(lock, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _input(name: str) -> Value:
    pin = _pins()[name]
    original = pin["node"]["original"]
    url = "/".join([f"github:{original['owner']}", original["repo"], *([original["ref"]] if "ref" in original else [])])
    follows = {inner: {"follows": target} for inner, target in pin.get("follows", {}).items()}
    return {"url": url, **({"inputs": follows} if follows else {})}


@cache
def _pins() -> Mapping[str, Any]:
    text = resources.files("maidan_nix.flake").joinpath("pins.json").read_text("utf-8")
    pins: Mapping[str, Any] = json.loads(text)
    return pins
