"""Needs that the planner itself answers, from the lock: what is decided once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from maidan_nix.contract.need import Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Need[str]):
    """A choice made once, when a host is created, and kept while newer defaults move on.

    Granted as the value of the lock, or `initial` on the first run. Example: the major version of a database.
    `pattern` is a regular expression that the whole value must match, empty for any value; a lock that keeps another is
    refused.
    """

    kind: ClassVar[str] = "kept"
    rank: ClassVar[int] = 0

    name: str
    initial: str
    pattern: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permanent(Need[str]):
    """A value of the manifest that must not change after the first run. A change is refused with `consequence`."""

    kind: ClassVar[str] = "permanent"
    rank: ClassVar[int] = 0

    name: str
    value: str
    consequence: str
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserId(Need[int]):
    """A numeric user id from 1000 up, never given to anybody else again, so that old files keep their owner.

    `path` is the place in the manifest that names the user, such as ``("stewards", "ada")``, to place an error.
    """

    kind: ClassVar[str] = "user-id"
    rank: ClassVar[int] = 0

    user: str
    path: tuple[str, ...] = ()

    @property
    def claims(self) -> tuple[str, ...]:
        """The name of the user."""
        return (f"user {self.user}",)
