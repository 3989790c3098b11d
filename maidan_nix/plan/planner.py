"""One pass over the kinds of need: every need finds its provider and gets its grant.

The planner is a pure function of the members it is given and the lock. Kinds are taken in the order of their rank;
within a kind, requests are sorted by host, plugin and need. Serving a kind may raise needs of a higher rank only, so
the pass never goes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from maidan_nix.answers import check_answer, granted_type
from maidan_nix.contract.context import Context, Grants, Request, Served
from maidan_nix.contract.needs import Kept, Need, Permanent, Port, Refused, UserId
from maidan_nix.contract.plugin import Plugin
from maidan_nix.plan.ledger import Ledger
from maidan_nix.plan.lock import HostLock, Lock
from maidan_nix.plugins import guarded
from maidan_nix.problems import ExitCode, MaidanError, Problem

Join: TypeAlias = Callable[[str, str], tuple[Plugin[Any], Context[Any]]]
"""Given a host and a plugin's full name, load the plugin and make its context; raises MaidanError."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plugin on a host, with everything it was granted."""

    plugin: Plugin[Any]
    context: Context[Any]
    needs: tuple[Need[Any], ...]
    grants: Grants


@dataclass(frozen=True, slots=True)
class Plan:
    """Every plugin of every host, by host and then by full name, both sorted."""

    hosts: Mapping[str, Mapping[str, Planned]]


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
    if problems:
        raise MaidanError(problems, ExitCode.MANIFEST_INVALID)
    versions = {
        name: each.plugin.version for host in planned.values() for name, each in host.items() if each.plugin.version
    }
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
        self.fixed_ports: set[int] = set()

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
                # What the pass does with every need, once here, so that a kind of a third party fails by name.
                hash((need, need.kind, need.rank, need.claims, need.lasting, need.setting, repr(need)))
                if need.provider and need.rank <= floor:
                    raise TypeError(f"serving a need of rank {floor} cannot take a {need.kind} of rank {need.rank}")
            if need in member.granted:
                continue
            member.granted[need] = None  # its place among the plugin's needs; the grant follows
            if isinstance(need, Port) and need.number is not None:
                self.fixed_ports.add(need.number)
            if need.provider or need.kind in self.providers:
                self.pending[type(need)].append((member, need))
            elif self.claim(member, need):
                member.granted[need] = self.from_lock(member, need)

    def from_lock(self, member: _Member, need: Need[Any]) -> object:
        """Grant the kinds that the lock itself answers."""
        match need:
            case Kept(name=name, initial=initial):
                return self.ledger.keep(f"{member.name} {name}", initial)
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
        provider = self.member(self.providers.get(kind.kind, kind.provider))
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
        return self.ledger.port(f"{asking.name} {need.name}", self.fixed_ports.__contains__)

    def claim(self, asking: _Member, need: Need[Any]) -> bool:
        refused = self.ledger.claim(need.claims, asking.name, lasting=need.lasting, installed=self.members.__contains__)
        for name in refused[:1]:  # what else the need claims goes with it
            owner = self.ledger.owner(name)
            if owner in self.members:
                place = self.members[owner].context.section
                hint = f"change one of {asking.context.section} and {place}"
                self.problem(asking, need, f"{name} is already taken by {owner}", hint)
            else:
                hint = f"move its data away, then remove the line from maidan.lock (hosts.{self.host}.claims)"
                self.problem(asking, need, f"{name} still holds the data of {owner}, which was removed", hint)
        return not refused

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
        path = (*asking.context.section.split("."), *([need.setting] if need.setting else []))
        self.problems.append(Problem(path, message, hint=hint, plugin=asking.name))
