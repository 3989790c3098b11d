"""How a plugin describes the systemd units that it is responsible for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from maidan_nix.nix.values import Value

Profile: TypeAlias = Literal["socket", "loopback", "internet", "public", "privileged-port"]
"""A sandbox profile of ``modules/sandbox.nix``; the name says what the unit may reach."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """One systemd directive that a unit needs looser than (or other than) its profile, and why."""

    directive: str
    value: Value
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a unit may use. Memory as systemd writes sizes (``512M``), `cpu` as a percentage of one core."""

    memory_high: str
    memory_max: str
    tasks: int
    cpu: str = ""
    open_files: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A service unit, by its name without ``.service``, with its sandbox and its limits.

    `exempt` gives the reason why the unit must not be sandboxed at all; then it has no exemptions and no limits, and
    `profile` says nothing. A `oneshot` runs and ends; any other unit is running on a healthy host. Raises ValueError
    for a unit that is neither exempt nor limited.
    """

    name: str
    profile: Profile = "loopback"
    exemptions: tuple[Exemption, ...] = ()
    limits: Limits | None = None
    exempt: str = ""
    oneshot: bool = False

    def __post_init__(self) -> None:
        if bool(self.exempt) == (self.limits is not None):
            raise ValueError(f"{self.name}.service needs limits, or the reason why it is exempt")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeRequest:
    """One HTTPS request that a healthy host answers: run by the VM test, and after a switch.

    `contains` is text that must be in the body.
    """

    hostname: str
    path: str
    status: int
    contains: str = ""
