"""One line of a diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from maidan_nix.messages import say

State: TypeAlias = Literal["ok", "look", "wrong", "skipped"]
"""``ok``: nothing to do; ``look``: worth a look; ``wrong``: to be mended; ``skipped``: could not be looked at."""

Group: TypeAlias = Literal["machine", "manifest", "flake", "git"]

STATES: Mapping[State, str] = {
    "ok": say("ok"),
    "look": say("look"),
    "wrong": say("wrong"),
    "skipped": say("skipped"),
}
"""The states as they are said."""

GROUPS: Mapping[Group, str] = {
    "machine": say("This machine:"),
    "manifest": say("The manifest:"),
    "flake": say("The flake:"),
    "git": say("Git:"),
}
"""The groups in reading order, with their headings."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was looked at, what was found, and the way out.

    `id` names the check (see `maidan_nix.diagnosis.checks`); `subject` is what was looked at; `message` is without a
    final stop; `way_out` says what to do, and is empty where there is nothing to do.
    """

    id: str
    group: Group
    state: State
    subject: str
    message: str
    way_out: str = ""
