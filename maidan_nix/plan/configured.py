"""What a planned plugin answers when it is asked to configure its host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from maidan_nix.contract.unit import SmokeRequest, Unit
from maidan_nix.nix.values import Value


@dataclass(frozen=True, slots=True)
class Configured:
    """One plugin's options, units and smoke test on one host."""

    options: Mapping[str, Value]
    units: tuple[Unit, ...]
    smoke_test: tuple[SmokeRequest, ...]
