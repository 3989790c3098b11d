"""The graph of a plan: what every need and every grant says about who connects to whom."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from maidan_nix.contract.needs import Cache, Database, Location, Need, Outgoing, Port, Relay, RemotePort, Secret, Site
from maidan_nix.graph.model import (
    ANYONE,
    ELSEWHERE,
    MEMBERS,
    WORLD,
    Column,
    Connection,
    Graph,
    HostZone,
    Kind,
    Listening,
    Node,
)
from maidan_nix.manifest.schema import Community
from maidan_nix.messages import Message, count, listed, phrase, say
from maidan_nix.plan.configured import Configured
from maidan_nix.plan.planned import Plan, Planned, name_of

_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
         "fc00::/7", "fe80::/10", "::1/128"),
    )
)  # fmt: skip
"""Addresses that lead nowhere on the internet: RFC 1918, RFC 6598, RFC 4193, and those of one link or machine."""
_BOOKKEEPING = (Secret, Port, Outgoing, Relay)
"""Kinds that are told at the node itself, or as a connection of their own, and not as one to their provider."""
_OUTSIDE = {
    MEMBERS: say("Browsers and apps of the members"),
    ANYONE: say("Anyone on the internet"),
    WORLD: say("Servers on the internet"),
    ELSEWHERE: say("Machines in other private networks"),
}


def graph_of(
    plan: Plan, configured: Mapping[str, Mapping[str, Configured]], community: Community, host: str = ""
) -> Graph:
    """Return the graph of a plan; with `host`, of that host and of whatever it is connected to on others."""
    found = _Connections(plan)
    connections = tuple(
        each
        for each in found.all()
        if not host or any(end.partition(" ")[0] == host for end in (each.source, each.target))
    )
    connected = {end for each in connections for end in (each.source, each.target)}
    # An end of the private network is worth showing on a host that nobody on the internet can reach, too.
    connected |= {
        identity(name, plugin)
        for name, members in plan.hosts.items()
        for plugin, planned in members.items()
        if host in ("", name) and any(port.open_to == "private" for port in _ports(planned))
    }
    zones = []
    for name, members in plan.hosts.items():
        nodes = [
            _node(name, plugin, planned, configured.get(name, {}).get(plugin))
            for plugin, planned in members.items()
            if identity(name, plugin) in connected
        ]
        quiet = [one.plugin.title for plugin, one in members.items() if identity(name, plugin) not in connected]
        system = next((one.context.host.system for one in members.values()), "")
        if nodes or not host or name == host:
            is_whole = not host or name == host
            nodes.sort(key=lambda node: (node.title.casefold(), node.name))
            zones.append(HostZone(name, system, tuple(nodes), tuple(sorted(quiet)) if is_whole else ()))
    outside = tuple(Node(key, "", "", title) for key, title in _OUTSIDE.items() if key in connected)
    return Graph(community.name, community.domain, outside, tuple(zones), connections)


def identity(host: str, plugin: str) -> str:
    """The id of a plugin's node."""
    return f"{host} {plugin}"


def _node(host: str, name: str, planned: Planned, configured: Configured | None) -> Node:
    sandboxes: dict[str, int] = defaultdict(int)
    for unit in configured.units if configured else ():
        sandboxes["exempt" if unit.exempt else unit.profile] += 1
    secrets = sorted(need.name for need in planned.needs if isinstance(need, Secret))
    return Node(
        identity(host, name),
        host,
        name,
        planned.plugin.title,
        _column(planned),
        _ports(planned),
        dict(sorted(sandboxes.items())),
        tuple(secrets),
    )


def _column(planned: Planned) -> Column:
    """What members use is a service; what serves sites or only listens is a way in; all else is what those rest on."""
    if planned.plugin.floor == "services":
        return "service"
    if planned.grants.serves(Site):
        return "entry"
    if planned.grants.serves(Relay):
        return "entry"
    if any(_served_kinds(planned)):
        return "ground"
    listens = any(isinstance(need, Port) and need.open_to == "internet" for need in planned.needs)
    return "entry" if listens else "ground"


def _served_kinds(planned: Planned) -> Iterator[type[Need[Any]]]:
    for kind in planned.plugin.provides:
        if kind not in _BOOKKEEPING and kind is not Site and planned.grants.serves(kind):
            yield kind


def _ports(planned: Planned) -> tuple[Listening, ...]:
    needs = {need: planned.grants[need] for need in planned.needs if isinstance(need, Port)}
    ports = [
        Listening(grant.number, need.protocol, grant.address, need.open_to, need.purpose)
        for need, grant in needs.items()
    ]
    here = planned.context.host.name
    relays = [one for one in planned.grants.serves(Relay) if one.need.to.host == here]
    for number in sorted({one.grants[one.need].number for one in relays}):
        purpose = next((port.purpose for port in ports if (port.number, port.protocol) == (number, "tcp")), "")
        ports = [port for port in ports if (port.number, port.protocol) != (number, "tcp")]
        ports.append(Listening(number, "tcp", "", "private", purpose))
    return tuple(sorted(ports, key=lambda port: (port.number, port.protocol)))


class _Connections:
    """Collects what belongs on one arrow, so that two names of one service are one arrow and not two."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def all(self) -> Iterator[Connection]:
        """Every connection in reading order: by host, what comes in, what is passed on, what is used, what leaves."""
        for host, members in self.plan.hosts.items():
            for name, planned in members.items():
                yield from self.entries(host, name, planned)
            for name, planned in members.items():
                yield from self.sites(host, name, planned)
            for name in members:
                yield from self.uses(host, name)
            for name, planned in members.items():
                yield from self.outgoing(host, name, planned)

    def entries(self, host: str, name: str, planned: Planned) -> Iterator[Connection]:
        """What the internet may reach on a node."""
        ports = [port for port in _ports(planned) if port.open_to == "internet"]
        if not ports:
            return
        source = MEMBERS if planned.grants.serves(Site) else ANYONE
        numbers = _listed(port.name for port in ports)
        node = self.named(host, name)
        sentences = tuple(_may_reach(source, node, port) for port in ports)
        yield Connection(
            source,
            identity(host, name),
            "entry",
            say("to {title} on {host}", title=phrase(planned.plugin.title), host=host),
            count("from the internet at port {ports}", "from the internet at ports {ports}", len(ports), ports=numbers),
            sentences,
        )

    def sites(self, host: str, name: str, planned: Planned) -> Iterator[Connection]:
        """To whom a web server passes requests on."""
        rows: dict[tuple[str, str], list[tuple[Site, Mapping[Location, int]]]] = defaultdict(list)
        for served in planned.grants.serves(Site):
            ports = {place: served.grants[place.port].number for place in served.need.locations if place.port}
            rows[served.host, served.plugin].append((served.need, ports))
        for (to_host, to), found in sorted(rows.items()):
            names = _listed(dict.fromkeys(site.hostname for site, _ in found))
            numbers = sorted({number for _, ports in found for number in ports.values()})
            crosses = to_host != host
            what = count("site {sites}", "sites {sites}", len({site.hostname for site, _ in found}), sites=names)
            ends = {"source": self.named(host, name), "target": self.named(to_host, to), "sites": names}
            if not numbers:
                sentence = say("{source} answers for {sites} in the place of {target}.", **ends)
            elif crosses:
                sentence = say(
                    "{source} passes requests for {sites} on to {target}, inside the private network.", **ends
                )
            else:
                sentence = count(
                    "{source} passes requests for {sites} on to {target}, at port {ports} of this host alone.",
                    "{source} passes requests for {sites} on to {target}, at ports {ports} of this host alone.",
                    len(numbers), **ends, ports=_listed(map(str, numbers)),
                )  # fmt: skip
            yield self.arrow(
                (host, name),
                (to_host, to),
                "private" if crosses else "site",
                what,
                (sentence, *self.relayed(host, name, to_host, to)),
            )

    def uses(self, host: str, name: str) -> Iterator[Connection]:
        """What a node uses of others, by provider."""
        asked: dict[tuple[str, str], list[Need[Any]]] = defaultdict(list)
        for to_host, members in self.plan.hosts.items():
            for to, provider in members.items():
                for kind in _served_kinds(provider):
                    for served in provider.grants.serves(kind):
                        if (served.host, served.plugin) == (host, name):
                            asked[to_host, to].append(served.need)
        for (to_host, to), needs in asked.items():
            crosses = to_host != host
            what = listed({str(used): used for used in map(_used, needs)}.values())
            ends = {"source": self.named(host, name), "target": self.named(to_host, to), "what": what}
            if crosses:
                sentence = say("{source} uses {target}, inside the private network: {what}.", **ends)
            else:
                sentence = say("{source} uses {target}: {what}.", **ends)
            yield self.arrow(
                (host, name),
                (to_host, to),
                "private" if crosses else "need",
                what,
                (sentence, *self.relayed(host, name, to_host, to)),
            )
        yield from self.relays(host, name, {to_host for to_host, _ in asked})

    def relays(self, host: str, name: str, told: set[str]) -> Iterator[Connection]:
        """Ways to other hosts that no other connection tells of."""
        planned = self.plan.hosts[host][name]
        told |= {served.host for served in planned.grants.serves(Site)}
        for need in planned.needs:
            if not isinstance(need, Relay) or need.to.host in told:
                continue
            there = self.plan.hosts.get(need.to.host, {})
            target = need.to.plugin if isinstance(need.to, RemotePort) else ""
            if target not in there:
                target = self.plan.provider_of(planned, need, need.to.host)
            if target:
                number = _number(planned.grants[need])
                what = say("relay {name} at port {port}", name=need.name, port=number)
                sentence = say(
                    "{source} reaches {target} inside the private network, at port {port}.",
                    source=self.named(host, name), target=self.named(need.to.host, target), port=number,
                )  # fmt: skip
                yield self.arrow((host, name), (need.to.host, target), "private", what, (sentence,))

    def relayed(self, host: str, name: str, to_host: str, to: str) -> Iterator[Message]:
        """The ports between two hosts that a connection takes."""
        planned = self.plan.hosts[host][name]
        for need in planned.needs:
            if to_host == host or not isinstance(need, Relay) or need.to.host != to_host:
                continue
            if not isinstance(need.to, RemotePort) or need.to.plugin == to:
                yield say("It takes port {port} of {host}.", port=_number(planned.grants[need]), host=to_host)

    def outgoing(self, host: str, name: str, planned: Planned) -> Iterator[Connection]:
        """What a node may contact on the internet."""
        needs = [need for need in planned.needs if isinstance(need, Outgoing)]
        inside = [need for need in needs if _is_private(need)]
        if not planned.grants.serves(Relay):  # whose ways to other hosts are drawn already, from end to end
            yield from self.leaving(host, name, inside, ELSEWHERE)
        yield from self.leaving(host, name, [need for need in needs if need not in inside], WORLD)

    def leaving(self, host: str, name: str, needs: list[Outgoing], target: str) -> Iterator[Connection]:
        """The arrow of those needs, if there are any, to one of those outside."""
        if not needs:
            return
        addresses = tuple(dict.fromkeys(address for need in needs for address in need.addresses))
        anywhere = any(need.to == "internet" for need in needs)
        what = (
            say("to the internet")
            if anywhere
            else count("to {addresses} alone", "to {addresses} alone", len(addresses), addresses=_listed(addresses))
        )
        yield Connection(
            identity(host, name),
            target,
            "outgoing",
            what,
            say("from {title} on {host}", title=phrase(self.title(host, name)), host=host),
            tuple(self.leave(host, name, need) for need in needs),
        )

    def leave(self, host: str, name: str, need: Outgoing) -> Message:
        """Whom one unit may contact, and why."""
        values = {"node": self.named(host, name), "unit": need.unit, "reason": phrase(need.reason)}
        if need.to == "internet":
            return say("{node} may contact the internet by its unit {unit}: {reason}.", **values)
        addresses = _listed(need.addresses)
        return say("{node} may contact {addresses} alone by its unit {unit}: {reason}.", **values, addresses=addresses)

    def arrow(
        self, source: tuple[str, str], target: tuple[str, str], kind: Kind, what: str, sentences: tuple[str, ...]
    ) -> Connection:
        """A connection between two plugins."""
        titles = {"source": phrase(self.title(*source)), "target": phrase(self.title(*target)), "what": what}
        if source[0] == target[0]:
            begins, ends = say("to {target}: {what}", **titles), say("from {source}: {what}", **titles)
        else:
            begins = say("to {target} on {host}: {what}", **titles, host=target[0])
            ends = say("from {source} on {host}: {what}", **titles, host=source[0])
        return Connection(identity(*source), identity(*target), kind, begins, ends, sentences)

    def title(self, host: str, name: str) -> str:
        return self.plan.hosts[host][name].plugin.title

    def named(self, host: str, name: str) -> Message:
        return say("{title} on {host}", title=phrase(self.title(host, name)), host=host)


def _may_reach(source: str, node: Message, port: Listening) -> Message:
    """A sentence for each of those who come in, since other languages have one form of the verb for each."""
    values = {"node": node, "port": port.name, "purpose": phrase(port.purpose)}
    if source == MEMBERS and port.purpose:
        return say("Browsers and apps of the members may reach {node} at port {port}: {purpose}.", **values)
    if source == MEMBERS:
        return say("Browsers and apps of the members may reach {node} at port {port}.", **values)
    if port.purpose:
        return say("Anyone on the internet may reach {node} at port {port}: {purpose}.", **values)
    return say("Anyone on the internet may reach {node} at port {port}.", **values)


def _used(need: Need[Any]) -> str:
    """What is used: a kind of core's with its name; of any other kind, the same in technical words."""
    if isinstance(need, Database):
        return say("database {name}", name=need.name)
    if isinstance(need, Cache):
        return say("cache {name}", name=need.name)
    return f"{need.kind} {name_of(need)}".rstrip()


def _is_private(need: Outgoing) -> bool:
    """Whether it leads to private networks alone."""
    return need.to == "listed" and all(map(_in_private_network, need.addresses))


def _in_private_network(address: str) -> bool:
    try:
        network = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return False
    # Not `is_private`, which counts the networks of documentation among them.
    return any(network.version == one.version and network.subnet_of(one) for one in _PRIVATE)  # type: ignore[arg-type]


def _number(grant: Any) -> int:
    number: int = grant.number
    return number


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
