"""One pass over the kinds of need: every need finds its provider and gets its grant.

The planner is a pure function of the members it is given and the lock. Kinds are taken in the order of their rank, each
on all hosts at once; within a kind, requests are sorted by host, plugin and need. Serving a kind may raise needs of a
higher rank only, so the pass never goes back. A need is served on its own host, unless the manifest has another host
serve that kind for it; what the two ends then take is raised on both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from maidan_nix.answers import check_answer, granted_type
from maidan_nix.contract.context import Grants, Request, Served
from maidan_nix.contract.needs import Need, Port, Refused, Relay, RemotePort, RemoteSocket
from maidan_nix.messages import say
from maidan_nix.plan.community import data_of, keeps_data, problems_across_hosts
from maidan_nix.plan.host_pass import HostPass, Join, Member
from maidan_nix.plan.ledger import Ledger
from maidan_nix.plan.lock import HostLock, Lock
from maidan_nix.plan.planned import Plan
from maidan_nix.plugins import guarded, known
from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean

__all__ = ["Join", "UnknownPlugin", "make_plan"]

_Row: TypeAlias = tuple[HostPass, Member, Need[Any]]


class UnknownPlugin(Exception):
    """Raised where no plugin of the name is installed."""


def make_plan(
    members: Mapping[str, Iterable[str]],
    providers: Mapping[str, str],
    lock: Lock,
    join: Join,
    served_by: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Plan, Lock]:
    """Plan all hosts: `members` are the plugins to start with by host, `providers` what the manifest chose per kind.

    `served_by` says by host and kind which other host serves. Returns the plan and the lock that goes with it. Raises
    MaidanError with every clash and every unserved need.
    """
    problems: list[Problem] = []
    hosts = {
        host: HostPass(
            host,
            Ledger.open(lock.hosts.get(host, HostLock())),
            join,
            providers,
            (served_by or {}).get(host, {}),
            problems,
        )
        for host in sorted(members)
    }
    _Pass(hosts, providers, problems).run(members)
    planned = {
        host: {name: member.planned() for name, member in sorted(one.members.items())} for host, one in hosts.items()
    }
    problems += problems_across_hosts(planned, lock)
    if problems:
        raise MaidanError(problems, ExitCode.MANIFEST_INVALID)
    for host in hosts.values():
        for name in filter(keeps_data, host.members):
            host.ledger.record_claim(data_of(name), name)
    locks = {**lock.hosts, **{host: one.ledger.close() for host, one in hosts.items()}}
    sources = {name: known().get(name) for plugins in planned.values() for name in plugins}
    versions = {name: source.version for name, source in sources.items() if source is not None and source.version}
    return Plan(planned), Lock(locks, versions)


class _Pass:
    """The pass over all hosts."""

    def __init__(self, hosts: Mapping[str, HostPass], providers: Mapping[str, str], problems: list[Problem]) -> None:
        self.hosts = hosts
        self.providers = providers
        self.problems = problems
        self.asked: dict[str, set[str]] = {host: set() for host in hosts}
        """The kinds that each host has asked for."""

    def run(self, members: Mapping[str, Iterable[str]]) -> None:
        for name, host in self.hosts.items():
            for plugin in sorted(members[name]):
                host.member(plugin)
            host.refuse_conflicts()
        while waiting := {kind for host in self.hosts.values() for kind in host.pending}:
            self.settle(min(waiting, key=lambda kind: (kind.rank, kind.kind, kind.__module__, kind.__qualname__)))
        for name, host in self.hosts.items():
            self.problems += [self.unasked(name, kind) for kind in host.served_by if kind not in self.asked[name]]

    def settle(self, kind: type[Need[Any]]) -> None:
        """Grant all needs of one kind, each on the host that serves it, and collect what serving them takes."""
        serving: dict[str, list[_Row]] = defaultdict(list)
        for host in self.hosts.values():
            rows = host.pending.pop(kind, [])
            if rows:
                self.asked[host.name].add(kind.kind)
                serving[host.served_by.get(kind.kind, host.name)] += [(host, asking, need) for asking, need in rows]
        # What leads to another host is served there, too; that host's own requests may have none.
        requests: dict[str, list[Request[Any]]] = defaultdict(list)
        for name in sorted(serving):
            for request in self.serve(self.hosts[name], kind, serving[name]):
                requests[name].append(request)
                if request.need.peer:
                    requests[request.need.peer].append(request)
        for name, served in sorted(requests.items()):
            host = self.hosts[name]
            provider = host.members[self.providers.get(kind.kind, kind.provider)]
            served.sort(key=lambda each: (each.host, each.plugin, repr(each.need)))
            with guarded(provider.name, say("state what serving {kind} takes", kind=kind.kind)):
                further = tuple(provider.plugin.needs_to_serve(provider.context, tuple(served)))
            host.collect(provider, further, kind.rank)

    def serve(self, host: HostPass, kind: type[Need[Any]], rows: list[_Row]) -> Iterable[Request[Any]]:
        """Grant the needs that one host serves. Yields the requests that were granted."""
        provider = self.provider(host, kind, rows)
        if provider is None:
            return
        for home in {home.name: home for home, _, _ in rows}.values():
            if home is not host and kind not in provider.plugin.across_hosts:
                message = say("{plugin} serves {kind} to its own host only", plugin=provider.name, kind=kind.kind)
                path = ("hosts", home.name, "served_by", kind.kind)
                self.problems.append(Problem(path, message, hint="remove this line", plugin=provider.name, at="key"))
                rows = [row for row in rows if row[0] is not home]
        rows.sort(key=lambda row: (row[0].name, row[1].name, repr(row[2])))
        # All are claimed and numbered before the first is granted, so that no grant depends on the order.
        requests = [
            (home, asking, Request(need, asking.name, home.name, self.assign(home, asking, need)))
            for home, asking, need in rows
            if self.has_peer(host, asking, need, provider) and host.claim(home, asking, need)
        ]
        for home, asking, request in requests:
            if home is not host:
                with guarded(provider.name, say("state what reaching {kind} takes", kind=kind.kind)):
                    further = tuple(provider.plugin.needs_to_reach(provider.context, request))
                home.collect(asking, further, kind.rank, provider.name)
                asking.elsewhere[request.need] = host.name
            grant = self.grant(provider, request)
            if isinstance(grant, Refused):
                host.problem(asking, request.need, grant.message, grant.hint)
                continue
            asking.granted[request.need] = grant
            served = Served(request.need, request.plugin, home.name, Grants(asking.granted))
            provider.served.append(served)
            if request.need.peer:
                self.hosts[request.need.peer].member(provider.name).served.append(served)
            yield request

    def provider(self, host: HostPass, kind: type[Need[Any]], rows: list[_Row]) -> Member | None:
        """The plugin that serves a kind on a host; None, with a problem for each who asked, where there is none."""
        named = self.providers.get(kind.kind, kind.provider)
        hint: str
        try:
            provider = host.member(named)
        except UnknownPlugin:
            message = say("nobody provides {kind}", kind=kind.kind)
            hint = say(
                "install {plugin}, or name another plugin under {place}",
                plugin=named, place=f"plugins.providers.{kind.kind}",
            )  # fmt: skip
        else:
            if kind in provider.plugin.provides:
                return provider
            message = say("{plugin} does not provide {kind}", plugin=provider.name, kind=kind.kind)
            hint = say("name another plugin under {place}", place=f"plugins.providers.{kind.kind}")
        for _, asking, need in rows:
            host.problem(asking, need, message, hint)
        return None

    def has_peer(self, host: HostPass, asking: Member, need: Need[Any], provider: Member) -> bool:
        """Make sure that the host which a need leads to exists, has its provider, and listens where it should."""
        if not need.peer:
            return True
        there = self.hosts.get(need.peer)
        if there is None or there is host:
            host.problem(asking, need, say("there is no other host '{host}' to lead to", host=need.peer), "")
            return False
        there.member(provider.name)
        if isinstance(need, Relay) and isinstance(need.to, RemotePort):
            owner = there.members.get(need.to.plugin)
            if owner is None or need.to.port not in owner.granted:
                message = say(
                    "{plugin} has no port '{port}' on {host}",
                    plugin=need.to.plugin, port=need.to.port.name, host=there.name,
                )  # fmt: skip
                host.problem(asking, need, message, "report it to the plugin's author")
                return False
        return True

    def assign(self, home: HostPass, asking: Member, need: Need[Any]) -> int | None:
        """The number that goes with a request: of a port, or of what a relay leads to."""
        match need:
            case Port():
                number = home.assign(asking, need)
                if need.number is None:
                    home.check_number(asking, number, need.protocol)
                return number
            case Relay(to=RemotePort(host=host, plugin=plugin, port=port)):
                there = self.hosts[host]
                return there.assign(there.members[plugin], port)
            case Relay(to=RemoteSocket(number=number)):
                return number
            case _:
                return None

    def grant(self, provider: Member, request: Request[Any]) -> object:
        """Return what the provider grants, or its refusal. Raises MaidanError, naming it, for whatever goes wrong."""
        with guarded(provider.name, say("grant a {kind}", kind=request.need.kind)):
            try:
                grant = provider.plugin.grant(provider.context, request)
                kind: Any = type(request.need)
                check_answer(grant, granted_type(kind), "grant()")
                return grant  # noqa: TRY300  # an `else` would lie outside of what is guarded
            except Refused as refused:
                return refused

    def unasked(self, host: str, kind: str) -> Problem:
        """A kind that a host has served elsewhere, and that nothing on it asks for."""
        asked = sorted(self.asked[host])
        message = say("nothing on {host} asks for '{kind}'", host=host, kind=kind)
        hint = did_you_mean(kind, asked) or "remove this line"
        return Problem(("hosts", host, "served_by", kind), message, hint=hint, at="key")
