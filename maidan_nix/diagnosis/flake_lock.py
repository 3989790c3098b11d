"""What ``flake.lock`` says: whether every input is locked, follows what it should, and how old it is.

Its structure is described in the Nix manual: https://nix.dev/manual/nix/2.28/command-ref/new-cli/nix3-flake#lock-files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from maidan_nix.diagnosis.line import Line, State
from maidan_nix.diagnosis.machine import day
from maidan_nix.diagnosis.releases import check_release
from maidan_nix.flake.inputs import input_attributes
from maidan_nix.messages import Message, count, listed, say

LOOK_DAYS, WRONG_DAYS = 14, 42
"""Security fixes come several times a week: after two weeks it is time to update, after six some are surely missed."""
_DAY = 24 * 60 * 60
_LOCK = say("run '{command}', and commit flake.lock", command="nix flake lock")
"""The way out where the lock is not what flake.nix asks for."""
_OLDEST_VERSION, _NEWEST_VERSION = 5, 7
NIXPKGS = "nixpkgs"


@dataclass(frozen=True, slots=True)
class Input:
    """A locked input.

    `modified` is when it was changed last, in seconds since 1970, None where that is not said; `branch` the one that
    it follows; `follows` has the paths that its own inputs follow.
    """

    modified: int | None
    branch: str
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a flake by name, None for one that is not locked; `trouble` says why nothing is known."""

    by_name: Mapping[str, Input | None] = field(default_factory=dict)
    trouble: Message | None = None

    @property
    def youngest(self) -> int | None:
        """When the input was changed that was changed last."""
        return max((one.modified for one in self.by_name.values() if one and one.modified), default=None)


def read_inputs(content: bytes) -> Inputs:
    """Read ``flake.lock``. Nothing in it is believed to be of any shape."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return Inputs(trouble=say("{file} is not valid JSON", file="flake.lock"))
    version = document.get("version") if isinstance(document, dict) else None
    if type(version) is not int or not _OLDEST_VERSION <= version <= _NEWEST_VERSION:
        return Inputs(trouble=say("{file} is not a lock file that this maidan-nix knows", file="flake.lock"))
    nodes = _table(document.get("nodes"))
    root = document.get("root")
    names = _table(_table(nodes.get(root) if isinstance(root, str) else None).get("inputs"))
    return Inputs({str(name): _input(nodes, key) for name, key in names.items()})


def _input(nodes: Mapping[str, Any], key: object) -> Input | None:
    if not isinstance(key, str):  # it follows another
        return Input(None, "")
    node = _table(nodes.get(key))
    locked = _table(node.get("locked"))
    if not isinstance(locked.get("narHash"), str):
        return None
    modified = locked.get("lastModified")
    branch = _table(node.get("original")).get("ref", "")
    follows = {
        str(name): tuple(map(str, path)) for name, path in _table(node.get("inputs")).items() if isinstance(path, list)
    }
    return Input(modified if type(modified) is int else None, branch if isinstance(branch, str) else "", follows)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def check_inputs(content: bytes | None, reason: str, now: int) -> Iterator[Line]:
    """Look at ``flake.lock``; None is no such file, or with a `reason` one that cannot be read."""
    again = say("run 'maidan-nix generate': it writes one where there is none")
    if content is None:
        message = say("it cannot be read: {reason}", reason=reason) if reason else say("there is none")
        yield Line("flake-lock", "flake", "wrong", "flake.lock", message, again)
        return
    inputs = read_inputs(content)
    if inputs.trouble is not None:
        way_out = say("take it from the last good commit, or delete it and generate again")
        yield Line("flake-lock", "flake", "wrong", "flake.lock", inputs.trouble, way_out)
        return
    yield from _locked(inputs)
    yield from _follows(inputs)
    nixpkgs = inputs.by_name.get(NIXPKGS)
    if nixpkgs is not None:
        yield _age(nixpkgs, now)
        yield check_release(nixpkgs.branch, now)


def _locked(inputs: Inputs) -> Iterator[Line]:
    missing = [name for name in input_attributes() if inputs.by_name.get(name) is None]
    if missing:
        message = count(
            "the input {inputs} of flake.nix is not locked, so that each build may take another",
            "the inputs {inputs} of flake.nix are not locked, so that each build may take others",
            len(missing), inputs=listed(missing),
        )  # fmt: skip
        yield Line("flake-lock", "flake", "wrong", "flake.lock", message, _LOCK)
    else:
        yield Line("flake-lock", "flake", "ok", "flake.lock", say("every input is locked"))


def _follows(inputs: Inputs) -> Iterator[Line]:
    astray = []
    unlocked = False
    for name, wanted in input_attributes().items():
        one = inputs.by_name.get(name)
        inner = wanted.get("inputs", {}) if isinstance(wanted, Mapping) else {}
        for key, follow in inner.items() if isinstance(inner, Mapping) else ():
            target = follow.get("follows", "") if isinstance(follow, Mapping) else ""
            path = (target,) if target else ()
            unlocked |= one is None
            if one is not None and one.follows.get(key) != path:
                astray.append(f"{name}/{key}")
    if astray:
        message = count(
            "{inputs} does not follow what flake.nix says, so that a second version may come in",
            "{inputs} do not follow what flake.nix says, so that second versions may come in",
            len(astray), inputs=listed(astray),
        )  # fmt: skip
        yield Line("flake-follows", "flake", "wrong", "flake.lock", message, _LOCK)
    elif unlocked:
        message = say("not looked at: not every input is locked")
        yield Line("flake-follows", "flake", "skipped", "flake.lock", message)
    else:
        yield Line("flake-follows", "flake", "ok", "flake.lock", say("inputs of inputs follow what flake.nix says"))


def _age(nixpkgs: Input, now: int) -> Line:
    if nixpkgs.modified is None:
        return Line("nixpkgs-age", "flake", "skipped", "flake.lock", say("not looked at: nixpkgs has no date"))
    days = (now - nixpkgs.modified) // _DAY
    values = {"date": day(nixpkgs.modified)}
    if days < 0:
        message = say("nixpkgs is from {date}, which is yet to come by this machine's clock", **values)
        return Line("nixpkgs-age", "flake", "skipped", "flake.lock", message)
    state: State = "wrong" if days >= WRONG_DAYS else "look" if days >= LOOK_DAYS else "ok"
    message = count("nixpkgs is from {date}, 1 day old", "nixpkgs is from {date}, {number} days old", days, **values)
    if state == "ok":
        return Line("nixpkgs-age", "flake", "ok", "flake.lock", message)
    if state == "wrong":
        message = count(
            "nixpkgs is from {date}, 1 day old: security fixes since then are missing",
            "nixpkgs is from {date}, {number} days old: security fixes since then are missing",
            days, **values,
        )  # fmt: skip
    way_out = say("run '{command}', commit flake.lock, and switch every host", command="nix flake update nixpkgs")
    return Line("nixpkgs-age", "flake", state, "flake.lock", message, way_out)
