"""What only shows once every host is planned: one address or secret for two, and data that is on another host.

Names are claimed per host, but members know one address, the flake has one file for each secret, and a database does
not follow a service that moves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maidan_nix.contract.needs import Need, Permanent, Secret, Site
from maidan_nix.messages import count, say
from maidan_nix.plan.lock import LOCK_FILE, HostLock, Lock
from maidan_nix.plan.place import place
from maidan_nix.problems import KeyPath, Problem

if TYPE_CHECKING:
    from maidan_nix.plan.planned import Planned


@dataclass(frozen=True, slots=True)
class _Stated:
    """A need, who stated it on which host, and the host that serves it."""

    host: str
    plugin: str
    section: str
    need: Need[Any]
    served_on: str

    def problem(self, message: str, hint: str) -> Problem:
        return Problem(place(self.section, self.need), message, hint=hint, plugin=self.plugin)


def problems_across_hosts(hosts: Mapping[str, Mapping[str, Planned]], lock: Lock) -> Iterator[Problem]:
    """Yield what cannot be although each host is right by itself. `lock` is the one from before this plan."""
    first: dict[str, _Stated] = {}
    everything = tuple(_everything(hosts))
    for stated in everything:
        match stated.need:
            case Site(hostname=hostname):
                yield from _one_host(f"site {hostname}", stated, first)
            case Secret(name=name):
                clash = tuple(_one_owner(f"secret {name}", stated, first))
                yield from clash or _left_secret(f"secret {name}", stated, stated.need, lock)
            case Permanent():
                yield from _changed_elsewhere(stated, stated.need, hosts, lock)
            case _:
                pass
    yield from _left_elsewhere(_held(hosts, everything), hosts, lock)


def keeps_data(plugin: str) -> bool:
    """Whether a plugin may have data of its own on its host: services do, whatever they ask for."""
    return plugin.startswith("services/")


def data_of(plugin: str) -> str:
    """The name under which the lock keeps in mind that a service has data on a host."""
    return f"data of {plugin}"


def _everything(hosts: Mapping[str, Mapping[str, Planned]]) -> Iterator[_Stated]:
    for host, members in hosts.items():
        for plugin, planned in members.items():
            for need in planned.needs:
                served_on = planned.elsewhere.get(need, host)
                yield _Stated(host, plugin, planned.context.section, need, served_on)


def _one_host(name: str, stated: _Stated, first: dict[str, _Stated]) -> Iterator[Problem]:
    holder = first.setdefault(name, stated)
    if holder.served_on != stated.served_on:
        yield stated.problem(_taken(name, holder), _change(stated, holder))


def _one_owner(name: str, stated: _Stated, first: dict[str, _Stated]) -> Iterator[Problem]:
    holder = first.setdefault(name, stated)
    if holder.host == stated.host:  # two on one host have clashed already
        return
    if holder.plugin != stated.plugin and not _share(holder, stated):
        yield stated.problem(_taken(name, holder), _change(stated, holder))
    elif _file(holder.need) != _file(stated.need):
        message = say(
            "{name} is asked for in different ways on {host} and on {other}, and is one file",
            name=name, host=holder.host, other=stated.host,
        )  # fmt: skip
        yield stated.problem(message, _change(stated, holder))


def _share(one: _Stated, other: _Stated) -> bool:
    """Whether both name both as those who share a secret."""
    both = {one.plugin, other.plugin}
    return all(isinstance(each.need, Secret) and both <= set(each.need.shared_by) for each in (one, other))


def _file(need: Need[Any]) -> object:
    """What has to be the same wherever a secret is stated: the readers of one that is shared may differ."""
    if isinstance(need, Secret) and need.shared_by:
        return need.content, need.shared_by
    return need


def _taken(name: str, holder: _Stated) -> str:
    return say("{name} is already taken by {plugin} on {host}", name=name, plugin=holder.plugin, host=holder.served_on)


def _change(stated: _Stated, holder: _Stated) -> str:
    if stated.section == holder.section:
        section = stated.section
        return say("{section} cannot have it on both hosts; report it to the plugin's author", section=section)
    return say("change one of {section} and {other}", section=stated.section, other=holder.section)


def _left_secret(name: str, stated: _Stated, need: Secret, lock: Lock) -> Iterator[Problem]:
    """Another plugin's secret, on a host that is not this one: the file in the flake is the same."""
    for host, page in _others(stated, lock):
        owner = page.claims.get(name, stated.plugin)
        if owner not in (stated.plugin, *need.shared_by):
            hint = say(
                "remove its file, then the line from {lock} ({place})", lock=LOCK_FILE, place=f"hosts.{host}.claims"
            )
            yield stated.problem(say("{name} still holds the data of {plugin}", name=name, plugin=owner), hint)
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
            message = say(
                "'{value}' was '{held}' on {host}; {consequence}",
                value=need.value, held=held, host=host, consequence=need.consequence,
            )  # fmt: skip
            yield stated.problem(message, say("set it back to '{held}'", held=held))
            return


@dataclass(frozen=True, slots=True)
class _Held:
    """A name under which a plugin's data is on a host, and what a problem with it would be placed at."""

    host: str
    plugin: str
    name: str
    place: KeyPath


def _held(hosts: Mapping[str, Mapping[str, Planned]], everything: Iterable[_Stated]) -> tuple[_Held, ...]:
    """All data of this plan: what lasting needs claim where they are served, and that of services."""
    claims = (
        _Held(stated.served_on, stated.plugin, name, place(stated.section, stated.need))
        for stated in everything
        if stated.need.lasting and not isinstance(stated.need, Secret)
        for name in stated.need.claims
    )
    files = (
        _Held(host, plugin, data_of(plugin), tuple(plugin.split("/")))
        for host, members in hosts.items()
        for plugin in filter(keeps_data, members)
    )
    return tuple(dict.fromkeys((*claims, *files)))


def _left_elsewhere(
    held: tuple[_Held, ...], hosts: Mapping[str, Mapping[str, Planned]], lock: Lock
) -> Iterator[Problem]:
    """Data that its plugin would start anew, while it is still on a host that no longer has it; once per plugin."""
    here = {(each.host, each.plugin, each.name) for each in held}
    left: dict[tuple[str, str], list[_Held]] = defaultdict(list)
    for each in held:
        if lock.hosts.get(each.host, HostLock()).claims.get(each.name) == each.plugin:
            continue
        for host, page in sorted(lock.hosts.items()):
            if page.claims.get(each.name) == each.plugin and (host, each.plugin, each.name) not in here:
                left[each.plugin, host].append(each)
                break
    for (_, host), found in left.items():
        yield _left(host, found, known=host in hosts)


def _left(host: str, found: list[_Held], *, known: bool) -> Problem:
    # A user is no data, but its line goes along.
    data = [each.name for each in found if not each.name.startswith("user ")] or [each.name for each in found]
    plugin = found[0].plugin
    message = count(
        "{data} is still on {host}, where {plugin} has left it",
        "{data} are still on {host}, where {plugin} has left them",
        number=len(data), data=", ".join(data), host=host, plugin=plugin,
    )  # fmt: skip
    hint: str
    if known:
        hint = say(
            "move that data to {new}, and in {lock} these lines from hosts.{old}.claims to hosts.{new}.claims:"
            " {lines}; or remove the lines once the data is gone",
            lock=LOCK_FILE, old=host, new=_hosts(found), lines=_lines(found),
        )  # fmt: skip
    else:
        hint = say(
            "if {old} is now called {new}, rename it in {lock} too, and move its hardware.nix and local.nix; if not,"
            " move that data to {new}, and in {lock} these lines from hosts.{old}.claims to hosts.{new}.claims:"
            " {lines}; or remove the lines once the data is gone",
            lock=LOCK_FILE, old=host, new=_hosts(found), lines=_lines(found),
        )  # fmt: skip
    return Problem(found[0].place, message, hint=hint, plugin=plugin)


def _hosts(found: Iterable[_Held]) -> str:
    return ", ".join(dict.fromkeys(each.host for each in found))


def _lines(found: Iterable[_Held]) -> str:
    return ", ".join(f"'{each.name}'" for each in found)


def _page(stated: _Stated, lock: Lock) -> HostLock:
    return lock.hosts.get(stated.served_on, HostLock())


def _others(stated: _Stated, lock: Lock) -> list[tuple[str, HostLock]]:
    return [(host, page) for host, page in sorted(lock.hosts.items()) if host != stated.served_on]
