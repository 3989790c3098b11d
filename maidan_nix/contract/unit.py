"""How a plugin describes the systemd units that it is responsible for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from maidan_nix.nix.values import Value

Profile: TypeAlias = Literal["socket", "loopback", "internet", "public", "privileged-port"]
"""A sandbox profile of ``modules/sandbox.nix``; the name says what the unit may reach."""


_UNIT_NAME = re.compile(r"[A-Za-z0-9:_.\\@-]{1,247}(?<!\.service)\Z")
"""What systemd takes as a unit's name (systemd.unit(5)), without the ending."""
_MEMORY = re.compile(r"[1-9][0-9]*[KMGT]?\Z|[1-9][0-9]?%\Z")
_CPU = re.compile(r"[1-9][0-9]*%\Z")
_PATH = re.compile(r"/[!-~]*\Z")


def _has_form(form: re.Pattern[str], value: object) -> bool:
    """Whether a text has its form. What is no text at all is found where answers are held against their types."""
    return not isinstance(value, str) or form.match(value) is not None


@dataclass(frozen=True, slots=True)
class Exemption:
    """One systemd directive that a unit needs looser than (or other than) its profile, and why."""

    directive: str
    value: Value
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a unit may use. `cpu` is a percentage of one core, ``150%``.

    Memory is written as systemd reads it: bytes, ``512M`` (K, M, G, T), or a percentage of all there is. Raises
    ValueError for anything else.
    """

    memory_high: str
    memory_max: str
    tasks: int
    cpu: str = ""
    open_files: int | None = None

    def __post_init__(self) -> None:
        for memory in (self.memory_high, self.memory_max):
            if not _has_form(_MEMORY, memory):
                raise ValueError(f"{memory!r} is no size of memory, such as 512M")
        if self.cpu and not _has_form(_CPU, self.cpu):
            raise ValueError(f"{self.cpu!r} is no percentage of a core, such as 150%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A service unit, by its name without ``.service``, with its sandbox and its limits.

    `exempt` gives the reason why the unit must not be sandboxed at all; then it has no exemptions and no limits, and
    `profile` says nothing. A `oneshot` runs and ends; any other unit is running on a healthy host. Raises ValueError
    for a name that systemd refuses, and for a unit that is neither exempt nor limited.
    """

    name: str
    profile: Profile = "loopback"
    exemptions: tuple[Exemption, ...] = ()
    limits: Limits | None = None
    exempt: str = ""
    oneshot: bool = False

    def __post_init__(self) -> None:
        if not _has_form(_UNIT_NAME, self.name):
            raise ValueError(f"{self.name!r} is not the name of a unit, without '.service'")
        if bool(self.exempt) == (self.limits is not None):
            raise ValueError(f"{self.name}.service needs limits, or the reason why it is exempt")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeRequest:
    """One HTTPS request that a healthy host answers: run by the VM test, and after a switch.

    `path` begins with a slash and is written as a URL is; `contains` is text that must be in the body. Raises
    ValueError for another path, and for a status that HTTP does not have.
    """

    hostname: str
    path: str
    status: int
    contains: str = ""

    def __post_init__(self) -> None:
        if not _has_form(_PATH, self.path):
            raise ValueError(f"{self.path!r} is not the path of a URL, such as /status")
        if isinstance(self.status, int) and not 100 <= self.status <= 599:
            raise ValueError(f"{self.status} is not a status of HTTP, from 100 to 599")
