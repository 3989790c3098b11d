"""Plans made up for drawings: as many hosts and services as wanted, with every kind of connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix.contract.context import Context, Grants, Served
from maidan_nix.contract.needs import (
    Cache,
    CacheGrant,
    Database,
    DatabaseGrant,
    Location,
    Need,
    Outgoing,
    Port,
    PortGrant,
    Relay,
    RelayGrant,
    RemoteSocket,
    Site,
    SiteGrant,
)
from maidan_nix.contract.plugin import Hardening, Platform, Plugin, Service
from maidan_nix.contract.unit import Limits, Unit
from maidan_nix.graph.build import graph_of
from maidan_nix.graph.model import Graph
from maidan_nix.manifest.schema import Community, Disk, Host, Network, Privacy
from maidan_nix.manifest.settings import Settings
from maidan_nix.nix.values import Value
from maidan_nix.plan.configured import Configured
from maidan_nix.plan.planned import Plan, Planned

LIMITS = Limits(memory_high="64M", memory_max="128M", tasks=16)
COMMUNITY = Community.model_construct(name="Allotment Gardens", domain="example.org", contact="stewards@example.org")


def plugin(base: Any, short: str, title_: str, serves: tuple[type[Need[Any]], ...] = ()) -> Plugin[Any]:
    """A plugin that only has facts."""

    class Made(base):  # type: ignore[misc]  # a base that is chosen at run time
        name = short
        title = title_
        provides = serves
        settings = Settings

        def configure(self, context: Context[Any], grants: Grants) -> Mapping[str, Value]:
            return {}

        def units(self, context: Context[Any], grants: Grants) -> Iterable[Unit]:
            return ()

    made: Plugin[Any] = Made()
    return made


class Fleet:
    """A plan in the making; `titles` are what services are called, by the number of each."""

    def __init__(self, title: str = "Wiki {number}") -> None:
        self.title = title
        self.plugins: dict[tuple[str, str], Plugin[Any]] = {}
        self.granted: dict[tuple[str, str], dict[Need[Any], Any]] = defaultdict(dict)
        self.served: dict[tuple[str, str], list[Served[Any]]] = defaultdict(list)

    def add(self, host: str, made: Plugin[Any], *needs: tuple[Need[Any], Any]) -> None:
        """Put a plugin on a host with what it was granted."""
        key = (host, made.full_name())
        self.plugins.setdefault(key, made)
        self.granted[key].update(needs)

    def serve(self, to: tuple[str, str], asker: tuple[str, str], need: Need[Any]) -> None:
        """Let one plugin serve a need of another."""
        self.served[to].append(Served(need, asker[1], asker[0], Grants(self.granted[asker])))

    def host(self, name: str, *, web: str = "Web server", hidden: bool = False) -> None:
        """A host with a web server, a database server, a cache, SSH, and an end of the private network.

        The private network reaches out from a `hidden` host, and nobody reaches it from the internet.
        """
        http = Port(name="https", number=443, open_to="internet", purpose="every site, over HTTPS")
        ssh = Port(name="ssh", number=22, open_to="internet", purpose="stewards administer the host")
        tunnel = Port(name="tunnel", number=51820, protocol="udp", open_to="internet", purpose="the other hosts")
        self.add(name, plugin(Platform, "web", web, (Site,)), (http, PortGrant(443, "::")))
        self.add(name, plugin(Hardening, "shell", "Shell"), (ssh, PortGrant(22, "::")))
        self.add(
            name,
            plugin(Platform, "tunnel", "Tunnel", (Relay,)),
            *([] if hidden else [(tunnel, PortGrant(51820, "::"))]),
        )
        self.add(name, plugin(Platform, "tables", "Tables", (Database,)))
        self.add(name, plugin(Platform, "memory", "Memory", (Cache,)))

    def service(self, number: int, host: str, *, database_on: str = "", web_on: str = "", calls: bool = False) -> None:
        """A service with a site, a database and a cache; the first two on other hosts if said."""
        made = plugin(Service, f"wiki{number}", self.title.format(number=number))
        me = (host, made.full_name())
        port = Port(name="http", purpose="the pages")
        site = Site(hostname=f"wiki{number}.example.org", locations=(Location(path="/", port=port),))
        database = Database(name=f"wiki{number}", role=f"wiki{number}")
        cache = Cache(name=f"wiki{number}")
        self.add(
            host,
            made,
            (port, PortGrant(20000 + number, "127.0.0.1")),
            (site, SiteGrant("https://x", "127.0.0.1", "X-Real-IP")),
            (database, DatabaseGrant(database.name, database.role, "/run/x", "x.target")),
            (cache, CacheGrant("/run/y", "y", "y.service")),
        )
        self.serve((web_on or host, "platform/web"), me, site)
        self.serve((database_on or host, "platform/tables"), me, database)
        self.serve((host, "platform/memory"), me, cache)
        if database_on:
            self.relay(number, host, database_on)
        if calls:
            out = Outgoing(unit=f"wiki{number}", reason="asks other wikis for their pages")
            self.granted[me][out] = None

    def relay(self, number: int, host: str, to: str) -> None:
        """A way of a service to a socket on another host."""
        me = (host, f"services/wiki{number}")
        relay = Relay(name=f"wiki{number}", to=RemoteSocket(to, "/run/x", 5432), group="wiki")
        self.granted[me][relay] = RelayGrant("/run/r", "relay.service", 5432)
        self.serve((host, "platform/tunnel"), me, relay)
        self.serve((to, "platform/tunnel"), me, relay)

    def reaches(self, number: int, host: str, *addresses: str) -> None:
        """Let a service contact listed addresses."""
        out = Outgoing(unit=f"wiki{number}", reason="asks the club's directory", to="listed", addresses=addresses)
        self.granted[host, f"services/wiki{number}"][out] = None

    def opens(self, number: int, host: str) -> None:
        """Open a port of a service's own to the internet."""
        port = Port(name="relay", number=3478, protocol="udp", open_to="internet", purpose="calls between members")
        self.granted[host, f"services/wiki{number}"][port] = PortGrant(3478, "::")

    def graph(self, host: str = "") -> Graph:
        """The graph of what was put together."""
        names = sorted({host for host, _ in self.plugins})
        members: dict[str, dict[str, Planned]] = {name: {} for name in names}
        configured: dict[str, dict[str, Configured]] = {name: {} for name in names}
        for (name, full), made in sorted(self.plugins.items()):
            context: Context[Any] = Context(Settings(), COMMUNITY, {}, _PRIVACY, _host(name), full.replace("/", "."))
            granted = self.granted[name, full]
            grants = Grants(granted, tuple(self.served[name, full]))
            members[name][full] = Planned(made, context, tuple(granted), grants)
            configured[name][full] = Configured({}, (Unit(name="one", limits=LIMITS),), ())
        return graph_of(Plan(members), configured, COMMUNITY, host)


_PRIVACY = Privacy.model_construct()


def _host(name: str) -> Host:
    return Host.model_construct(
        name=name,
        system="x86_64-linux",
        disk=Disk.model_construct(device=f"/dev/disk/by-id/{name}"),
        network=Network.model_construct(interface="enp1s0"),
    )


def three_hosts() -> Graph:
    """A host that faces the internet, one with services, one with databases."""
    fleet = Fleet()
    for name in ("east", "north", "store"):
        fleet.host(name)
    fleet.service(1, "east", calls=True)
    fleet.service(2, "east", database_on="store")
    fleet.service(3, "north", database_on="store", calls=True)
    fleet.service(4, "north", web_on="east")
    return fleet.graph()


def ten_hosts(title: str = "Wiki {number}") -> Graph:
    """Ten hosts with twenty services, every third of them with its database elsewhere."""
    fleet = Fleet(title)
    names = [f"host{number}" for number in range(10)]
    for name in names:
        fleet.host(name)
    for number in range(20):
        there = names[(number * 7 + 3) % 10]
        host = names[number // 2]
        fleet.service(
            number, host, database_on=there if number % 3 == 0 and there != host else "", calls=number % 4 == 0
        )
    return fleet.graph()
