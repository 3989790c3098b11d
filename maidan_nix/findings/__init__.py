"""Findings: what a plan is still missing, or where it is weaker than it should be, with the reason and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a steward should know.

    `id` names the kind of finding in documentation and JSON; `severity` ``refuse`` stops `generate`, ``missing`` must
    be done before the first switch, ``advice`` is worth a thought. `way_out` says what to do, as a sentence or a
    command.
    """

    id: str
    severity: Literal["refuse", "missing", "advice"]
    subject: str
    message: str
    way_out: str


@dataclass(frozen=True, slots=True)
class FindingKind:
    """What all findings of one id have in common, for ``maidan-nix explain``; each text in whole sentences.

    `severity` is that of `Finding`. `means` says what is found, `matters` why a steward should care, `way_out` what to
    do about it.
    """

    id: str
    severity: Literal["refuse", "missing", "advice"]
    means: str
    matters: str
    way_out: str
