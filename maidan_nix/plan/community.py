"""What only shows once every host is planned: one address or secret for two, and data that is on another host.

Names are claimed per host, but members know one address, the flake has one file for each secret, and a database does
not follow a service that moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maidan_nix.contract.needs import Need, Permanent, Secret, Site
from maidan_nix.plan.lock import LOCK_FILE, HostLock, Lock
from maidan_nix.plan.place import place
from maidan_nix.problems import Problem

if TYPE_CHECKING:
    from maidan_nix.plan.planned import Planned


@dataclass(frozen=True, slots=True)
class _Stated:
    """A need, and who stated it where."""

    host: str
    plugin: str
    section: str
    need: Need[Any]

    def problem(self, message: str, hint: str) -> Problem:
        return Problem(place(self.section, self.need), message, hint=hint, plugin=self.plugin)


def problems_across_hosts(hosts: Mapping[str, Mapping[str, Planned]], lock: Lock) -> Iterator[Problem]:
    """Yield what cannot be although each host is right by itself. `lock` is the one from before this plan."""
    first: dict[str, _Stated] = {}
    for host, members in hosts.items():
        for plugin, planned in members.items():
            for need in planned.needs:
                stated = _Stated(host, plugin, planned.context.section, need)
                match need:
                    case Site(hostname=hostname):
                        yield from _one_host(f"site {hostname}", stated, first)
                    case Secret(name=name):
                        clash = tuple(_one_owner(f"secret {name}", stated, first))
                        yield from clash or _left_secret(f"secret {name}", stated, lock)
                    case Permanent():
                        yield from _changed_elsewhere(stated, need, hosts, lock)
                    case _ if need.lasting:
                        yield from _left_elsewhere(stated, hosts, lock)


def _one_host(name: str, stated: _Stated, first: dict[str, _Stated]) -> Iterator[Problem]:
    holder = first.setdefault(name, stated)
    if holder.host != stated.host:
        yield stated.problem(f"{name} is already taken by {holder.plugin} on {holder.host}", _change(stated, holder))


def _one_owner(name: str, stated: _Stated, first: dict[str, _Stated]) -> Iterator[Problem]:
    holder = first.setdefault(name, stated)
    if holder.host == stated.host:  # two on one host have clashed already
        return
    if holder.plugin != stated.plugin:
        yield stated.problem(f"{name} is already taken by {holder.plugin} on {holder.host}", _change(stated, holder))
    elif holder.need != stated.need:
        message = f"{name} is asked for in different ways on {holder.host} and on {stated.host}, and is one file"
        yield stated.problem(message, _change(stated, holder))


def _change(stated: _Stated, holder: _Stated) -> str:
    if stated.section == holder.section:
        return f"{stated.section} cannot have it on both hosts; report it to the plugin's author"
    return f"change one of {stated.section} and {holder.section}"


def _left_secret(name: str, stated: _Stated, lock: Lock) -> Iterator[Problem]:
    """Another plugin's secret, on a host that is not this one: the file in the flake is the same."""
    for host, page in _others(stated, lock):
        owner = page.claims.get(name, stated.plugin)
        if owner != stated.plugin:
            hint = f"remove its file, then the line from {LOCK_FILE} (hosts.{host}.claims)"
            yield stated.problem(f"{name} still holds the data of {owner}", hint)
            return


def _changed_elsewhere(
    stated: _Stated, need: Permanent, hosts: Mapping[str, Mapping[str, Planned]], lock: Lock
) -> Iterator[Problem]:
    """A value that its plugin brought from a host where it no longer runs, and changed on the way."""
    key = f"{stated.plugin} {need.name}"
    if key in _page(stated, lock).permanent:
        return
    for host, page in _others(stated, lock):
        held = page.permanent.get(key, need.value)
        if held != need.value and stated.plugin not in hosts.get(host, {}):
            message = f"'{need.value}' was '{held}' on {host}; {need.consequence}"
            yield stated.problem(message, f"set it back to '{held}'")
            return


def _left_elsewhere(stated: _Stated, hosts: Mapping[str, Mapping[str, Planned]], lock: Lock) -> Iterator[Problem]:
    """Data that its plugin would start anew, while it is still on a host where the plugin no longer runs."""
    here = _page(stated, lock).claims
    for name in stated.need.claims:
        if here.get(name) == stated.plugin:
            continue
        for host, page in _others(stated, lock):
            if page.claims.get(name) == stated.plugin and stated.plugin not in hosts.get(host, {}):
                lines = f"its lines in {LOCK_FILE} from hosts.{host} to hosts.{stated.host}"
                way = f"move it to {stated.host} and {lines}, or remove them once it is gone"
                if host not in hosts:
                    way = f"if {host} is now called {stated.host}, rename it in {LOCK_FILE} too; if not, {way}"
                yield stated.problem(f"{name} is still on {host}, where {stated.plugin} has left it", way)
                return


def _page(stated: _Stated, lock: Lock) -> HostLock:
    return lock.hosts.get(stated.host, HostLock())


def _others(stated: _Stated, lock: Lock) -> list[tuple[str, HostLock]]:
    return [(host, page) for host, page in sorted(lock.hosts.items()) if host != stated.host]
