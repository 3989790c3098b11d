"""One pass over the kinds of need: every need finds its provider and gets its grant.

The planner is a pure function of the members it is given and the lock. Kinds are taken in the order of their rank;
within a kind, requests are sorted by plugin and need. Serving a kind may raise needs of a higher rank only, so the pass
never goes back. Each host has a pass of its own; what the hosts share is looked at once all are planned.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from maidan_nix.answers import check_answer, granted_type
from maidan_nix.contract.context import Context, Grants, Request, Served
from maidan_nix.contract.needs import Kept, Need, Permanent, Port, Refused, Site, UserId
from maidan_nix.contract.plugin import Plugin
from maidan_nix.plan.community import problems_across_hosts
from maidan_nix.plan.host_names import may_share
from maidan_nix.plan.ledger import Ledger
from maidan_nix.plan.lock import LOCK_FILE, HostLock, Lock
from maidan_nix.plan.place import place
from maidan_nix.plan.planned import Plan, Planned
from maidan_nix.plugins import guarded, known
from maidan_nix.problems import ExitCode, MaidanError, Problem

Join: TypeAlias = Callable[[str, str], tuple[Plugin[Any], Context[Any]]]
"""Given a host and a plugin's full name, load the plugin and make its context; raises UnknownPlugin, MaidanError."""


class UnknownPlugin(Exception):
    """Raised where no plugin of the name is installed."""


@dataclass(slots=True)
class _Member:
    """A plugin on a host while the pass runs."""

    plugin: Plugin[Any]
    context: Context[Any]
    granted: dict[Need[Any], Any] = field(default_factory=dict)
    served: list[Served[Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.plugin.full_name()


def make_plan(
    members: Mapping[str, Iterable[str]], providers: Mapping[str, str], lock: Lock, join: Join
) -> tuple[Plan, Lock]:
    """Plan every host: `members` are the plugins to start with, `providers` what the manifest chose per kind.

    Returns the plan and the lock that goes with it. Raises MaidanError with every clash and every unserved need.
    """
    planned: dict[str, Mapping[str, Planned]] = {}
    locks = dict(lock.hosts)
    problems: list[Problem] = []
    for host in sorted(members):
        one = _HostPass(host, Ledger.open(lock.hosts.get(host, HostLock())), providers, join, problems)
        planned[host] = one.run(sorted(members[host]))
        locks[host] = one.ledger.close()
    problems += problems_across_hosts(planned, lock)
    if problems:
        raise MaidanError(problems, ExitCode.MANIFEST_INVALID)
    sources = {name: known().get(name) for host in planned.values() for name in host}
    versions = {name: source.version for name, source in sources.items() if source is not None and source.version}
    return Plan(planned), Lock(locks, versions)


class _HostPass:
    """The pass over one host."""

    def __init__(
        self, host: str, ledger: Ledger, providers: Mapping[str, str], join: Join, problems: list[Problem]
    ) -> None:
        self.host = host
        self.ledger = ledger
        self.providers = providers
        self.join = join
        self.problems = problems
        self.members: dict[str, _Member] = {}
        self.pending: dict[type[Need[Any]], list[tuple[_Member, Need[Any]]]] = defaultdict(list)
        self.fixed_ports: dict[int, list[tuple[_Member, Port]]] = defaultdict(list)
        self.claimed: dict[str, tuple[_Member, Need[Any]]] = {}
        self.sites: dict[str, list[tuple[_Member, Site]]] = defaultdict(list)

    def run(self, names: Iterable[str]) -> Mapping[str, Planned]:
        for name in names:
            self.member(name)
        self.refuse_conflicts()
        while self.pending:
            kind = min(self.pending, key=lambda kind: (kind.rank, kind.kind))
            self.settle(kind, self.pending.pop(kind))
        planned = {}
        for name, member in sorted(self.members.items()):
            member.served.sort(key=lambda served: (served.need.rank, served.plugin, repr(served.need)))
            grants = Grants(member.granted, tuple(member.served))
            planned[name] = Planned(member.plugin, member.context, tuple(member.granted), grants)
        return planned

    def member(self, name: str) -> _Member:
        """Return the plugin's place on this host, joining it and collecting its own needs on the first call."""
        if name not in self.members:
            plugin, context = self.join(self.host, name)
            member = self.members[name] = _Member(plugin, context)
            with guarded(name, "state its needs"):
                needs = tuple(plugin.needs(context))
            floor = max((kind.rank for kind in plugin.provides), default=-1)
            self.collect(member, needs, floor)
        return self.members[name]

    def collect(self, member: _Member, needs: Iterable[Need[Any]], floor: int) -> None:
        for need in needs:
            with guarded(member.name, "state its needs"):
                if not isinstance(need, Need):
                    raise TypeError(f"{need!r} is not a need")
                check_answer(need, type(need), "it")
                _check_kind(need)
                # What the pass does with every need, once here, so that a kind of a third party fails by name.
                hash((need, need.kind, need.rank, need.claims, need.lasting, need.setting, repr(need)))
                if need.provider and need.rank <= floor:
                    raise TypeError(f"serving a need of rank {floor} cannot take a {need.kind} of rank {need.rank}")
            if need in member.granted:
                continue
            member.granted[need] = None  # its place among the plugin's needs; the grant follows
            if isinstance(need, Port) and need.number is not None:
                self.fixed_ports[need.number].append((member, need))
            if need.provider or need.kind in self.providers:
                self.pending[type(need)].append((member, need))
            elif self.claim(member, need):
                member.granted[need] = self.from_lock(member, need)

    def from_lock(self, member: _Member, need: Need[Any]) -> object:
        """Grant the kinds that the lock itself answers."""
        match need:
            case Kept(name=name, initial=initial, pattern=pattern):
                kept = self.ledger.keep(f"{member.name} {name}", initial)
                if pattern and not re.fullmatch(pattern, kept):
                    message = f"{LOCK_FILE} keeps '{kept}' as '{member.name} {name}' of {self.host}"
                    hint = f"take the line from the last good commit (hosts.{self.host}.kept)"
                    self.problems.append(Problem((), message, f"a value that matches {pattern}", hint, member.name))
                return kept
            case UserId(user=user):
                return self.ledger.user_id(user)
            case Permanent(name=name, value=value):
                held = self.ledger.hold(f"{member.name} {name}", value)
                if held != value:
                    self.problem(
                        member,
                        need,
                        f"'{value}' was '{held}' when {self.host} was created; {need.consequence}",
                        f"set it back to '{held}'",
                    )
                return value
            case _:
                self.problem(member, need, f"nobody provides {need.kind}", "name a plugin under plugins.providers")
                return None

    def settle(self, kind: type[Need[Any]], rows: list[tuple[_Member, Need[Any]]]) -> None:
        """Grant all needs of one kind, and collect what serving them takes."""
        named = self.providers.get(kind.kind, kind.provider)
        try:
            provider = self.member(named)
        except UnknownPlugin:
            for asking, need in rows:
                hint = f"install {named}, or name another plugin under plugins.providers.{kind.kind}"
                self.problem(asking, need, f"nobody provides {kind.kind}", hint)
            return
        if kind not in provider.plugin.provides:
            for asking, need in rows:
                message = f"{provider.name} does not provide {kind.kind}"
                self.problem(asking, need, message, f"name another plugin under plugins.providers.{kind.kind}")
            return
        rows.sort(key=lambda row: (row[0].name, repr(row[1])))
        requests = tuple(
            Request(need, asking.name, self.host, self.assign(asking, need))
            for asking, need in rows
            if self.claim(asking, need)
        )
        for request in requests:
            asking = self.members[request.plugin]
            grant = self.grant(provider, request)
            if isinstance(grant, Refused):
                self.problem(asking, request.need, grant.message, grant.hint)
                continue
            asking.granted[request.need] = grant
            provider.served.append(Served(request.need, request.plugin, self.host, Grants(asking.granted)))
        if requests:
            with guarded(provider.name, f"state what serving {kind.kind} takes"):
                further = tuple(provider.plugin.needs_to_serve(provider.context, requests))
            self.collect(provider, further, kind.rank)

    def grant(self, provider: _Member, request: Request[Any]) -> object:
        """Return what the provider grants, or its refusal. Raises MaidanError, naming it, for whatever goes wrong."""
        with guarded(provider.name, f"grant a {request.need.kind}"):
            try:
                grant = provider.plugin.grant(provider.context, request)
                kind: Any = type(request.need)
                check_answer(grant, granted_type(kind), "grant()")
                return grant  # noqa: TRY300  # an `else` would lie outside of what is guarded
            except Refused as refused:
                return refused

    def assign(self, asking: _Member, need: Need[Any]) -> int | None:
        if not isinstance(need, Port):
            return None
        if need.number is not None:
            return need.number
        number = self.ledger.port(f"{asking.name} {need.name}", self.fixed_ports.__contains__)
        for other, fixed in self.fixed_ports.get(number, ()):  # the lock's is older than the setting
            if fixed.protocol == need.protocol:
                message = f"port {number}/{need.protocol} is already taken by {asking.name}"
                hint = f"choose another number; {LOCK_FILE} keeps this one for {asking.context.section}"
                self.problem(other, fixed, message, hint)
        return number

    def claim(self, asking: _Member, need: Need[Any]) -> bool:
        """Claim what a need claims, or report who holds it: a plugin of this run, or one whose data is still there."""
        for name in need.claims:
            holder = self.claimed.get(name)
            if holder is not None:
                self.clash(name, (asking, need), holder)
                return False  # what else the need claims goes with it
            former = self.ledger.former_owner(name)
            if former not in ("", asking.name):
                hint = f"move that data away, then remove the line from {LOCK_FILE} (hosts.{self.host}.claims)"
                if isinstance(need, UserId):
                    hint = f"choose another account name; or {hint}"
                self.problem(asking, need, f"{name} still holds the data of {former}", hint)
                return False
            self.claimed[name] = asking, need
            if need.lasting:
                self.ledger.record_claim(name, asking.name)
        return not isinstance(need, Site) or self.share(asking, need)

    def clash(self, name: str, one: tuple[_Member, Need[Any]], other: tuple[_Member, Need[Any]]) -> None:
        """Report that two claim one name; where one is a person's account, that is what can be called otherwise."""
        if not isinstance(one[1], UserId) and isinstance(other[1], UserId):
            one, other = other, one
        (asking, need), (holder, _) = one, other
        message = f"{name} is already taken by {holder.name}"
        if isinstance(need, UserId):
            self.problem(asking, need, message, "choose another account name")
        elif asking is holder:
            hint = f"change what in {asking.context.section} leads to it, or report it to the plugin's author"
            self.problem(asking, need, f"{name} is asked for twice", hint)
        else:
            self.problem(asking, need, message, f"change one of {asking.context.section} and {holder.context.section}")

    def share(self, asking: _Member, site: Site) -> bool:
        """Add a site to its host name, or report with whom it cannot share it."""
        for holder, other in self.sites[site.hostname]:
            if holder is not asking and not may_share(site, other):
                message = f"site {site.hostname} is already taken by {holder.name}"
                sections = f"{asking.context.section} or {holder.context.section}"
                hint = f"pages of one host name can read each other's storage: give {sections} one of its own"
                self.problem(asking, site, message, hint)
                return False
        self.sites[site.hostname].append((asking, site))
        return True

    def refuse_conflicts(self) -> None:
        for name, member in self.members.items():
            for rival in member.plugin.conflicts:
                if rival in self.members:
                    self.problems.append(
                        Problem(
                            tuple(member.context.section.split(".")),
                            f"{name} and {rival} cannot run on one host",
                            hint=f"remove one of them from {self.host}",
                            plugin=name,
                        )
                    )

    def problem(self, asking: _Member, need: Need[Any], message: str, hint: str) -> None:
        path = place(asking.context.section, need)
        self.problems.append(Problem(path, message, hint=hint, plugin=asking.name))


def _check_kind(need: Need[Any]) -> None:
    """Raise, for `guarded` to put a name to it, what is wrong with a need beyond the types of its fields."""
    # Needs are keys, and sorted by how they print: the same ones must be equal and print the same in every run.
    facts = getattr(type(need), "__dataclass_params__", None)
    if facts is None or not (facts.frozen and facts.eq and facts.repr):
        raise TypeError(f"{type(need).__name__}, a kind of need, is not a frozen dataclass")
    if isinstance(need, Kept) and need.pattern and not re.fullmatch(need.pattern, need.initial):
        raise ValueError(f"'{need.initial}' does not match {need.pattern}")
