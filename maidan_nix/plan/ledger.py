"""One host's page of the lock while a plan is being made: assigns what is new and keeps what is old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from maidan_nix.messages import say
from maidan_nix.plan.lock import FIRST_PORT, FIRST_USER_ID, LAST_PORT, LAST_USER_ID, LOCK_FILE, HostLock
from maidan_nix.problems import MaidanError, Problem


@dataclass(slots=True)
class Ledger:
    """Mutable only inside the planner; `close` yields the host's new lock."""

    kept: dict[str, str]
    permanent: dict[str, str]
    ports: dict[str, int]
    user_ids: dict[str, int]
    claims: dict[str, str]
    _assigned_now: set[int] = field(default_factory=set)
    _next_port: int = FIRST_PORT
    _next_user_id: int = FIRST_USER_ID

    @classmethod
    def open(cls, lock: HostLock) -> Ledger:
        """Start from what the lock holds."""
        return cls(dict(lock.kept), dict(lock.permanent), dict(lock.ports), dict(lock.user_ids), dict(lock.claims))

    def close(self) -> HostLock:
        """The host's lock after this run: everything old, and everything new."""
        return HostLock(self.kept, self.permanent, self.ports, self.user_ids, self.claims)

    def keep(self, key: str, initial: str) -> str:
        """Return the value chosen when the host was created; choose `initial` now if there is none."""
        return self.kept.setdefault(key, initial)

    def hold(self, key: str, value: str) -> str:
        """Return the value that was there first: `value` itself unless the lock holds another."""
        return self.permanent.setdefault(key, value)

    def port(self, key: str, taken: Callable[[int], bool]) -> int:
        """Return the port of `key`, assigning the lowest free one if it has none. Raises MaidanError when none is."""
        if key not in self.ports:
            used = set(self.ports.values())
            self._next_port = _free(self._next_port, LAST_PORT, used, taken)
            self.ports[key] = self._next_port
            self._assigned_now.add(self._next_port)
        return self.ports[key]

    def held_port(self, number: int) -> bool:
        """Whether the lock held a port before this run."""
        return number in self.ports.values() and number not in self._assigned_now

    def user_id(self, user: str) -> int:
        """Return the user id of `user`, assigning the lowest one never used. Raises MaidanError when none is."""
        if user not in self.user_ids:
            used = set(self.user_ids.values())
            self._next_user_id = _free(self._next_user_id, LAST_USER_ID, used, lambda _: False)
            self.user_ids[user] = self._next_user_id
        return self.user_ids[user]

    def former_owner(self, name: str) -> str:
        """Whose data the lock says is under a claimed name; empty for nobody's."""
        return self.claims.get(name, "")

    def record_claim(self, name: str, plugin: str) -> None:
        """Keep in mind that a plugin's data stays under a name, also after the plugin is gone."""
        self.claims[name] = plugin


def _free(start: int, last: int, used: set[int], taken: Callable[[int], bool]) -> int:
    for number in range(start, last + 1):
        if number not in used and not taken(number):
            return number
    message = say("{lock} has no free number up to {last}", lock=LOCK_FILE, last=last)
    raise MaidanError(Problem((), message, hint="remove the lines of services that are gone for good"))
