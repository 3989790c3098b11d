"""Needs that a plugin of the host answers, each with what it is granted, in the order of their ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from maidan_nix.contract.need import Need
from maidan_nix.nix.values import Expression, Ref


@dataclass(frozen=True, slots=True)
class SiteGrant:
    """The address members use: `origin` has scheme and host without a final slash, ``https://wiki.example.org``.

    `trusted_proxy` is the address that requests arrive from; `client_header` carries the member's own address.
    """

    origin: str
    trusted_proxy: str
    client_header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One path of a site: a prefix, or with ``exact`` one path and nothing below it.

    Exactly one of `port` (the `Port` need of a local HTTP backend), `files` (a package served as files), `document`
    (a JSON text) and `blocked` (404, whatever stands behind a wider path) says what answers. `websocket`
    passes upgrades, `login` puts the stricter limit of log-in pages on the path, `cross_origin` lets other sites read
    the answer, `upload` is the largest request body in bytes, `timeout` how long the backend may take in seconds.
    """

    path: str
    exact: bool = False
    port: Port | None = None
    files: Expression | None = None
    document: str = ""
    blocked: bool = False
    websocket: bool = False
    login: bool = False
    cross_origin: bool = False
    upload: int = 1024 * 1024
    timeout: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Need[SiteGrant]):
    """Locations under one host name, over HTTPS. Several plugins may add to one host name; a path has one owner.

    Whoever has the path ``/`` has the host name: others may only add documents, ``exact`` and below ``/.well-known/``.
    `frames` says who may show the site in a frame: nobody; or itself, unless the backend names others in its own
    policy. `content_security_policy` is sent when the backend sends none.
    """

    kind: ClassVar[str] = "site"
    rank: ClassVar[int] = 20
    provider: ClassVar[str] = "platform/nginx"

    hostname: str
    locations: tuple[Location, ...]
    frames: Literal["none", "self"] = "none"
    content_security_policy: str = ""
    setting: str = "domain"

    @property
    def claims(self) -> tuple[str, ...]:
        """Each path of the host name."""
        return tuple(f"site {self.hostname}{location.path}" for location in self.locations)


@dataclass(frozen=True, slots=True)
class DatabaseGrant:
    """A database reached over a socket, by the system user of the same name as the role.

    `socket` is the directory of the socket, `unit` the unit to require and to start after. On the service's own host no
    password exists. Where the database is on another host, `password` is the need, granted to the asking plugin, of a
    file in libpq's format (``passfile``, https://www.postgresql.org/docs/17/libpq-pgpass.html) that holds it.
    """

    name: str
    role: str
    socket: str
    unit: str
    password: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(Need[DatabaseGrant]):
    """A PostgreSQL database owned by the system user `role`. `collation` ``C`` where the application insists on it."""

    kind: ClassVar[str] = "database"
    rank: ClassVar[int] = 30
    provider: ClassVar[str] = "platform/postgresql"

    name: str
    role: str
    collation: Literal["default", "C"] = "default"

    @property
    def claims(self) -> tuple[str, ...]:
        """The database, and the system user who owns it."""
        return (f"database {self.name}", f"user {self.role}")

    @property
    def lasting(self) -> bool:
        """What was stored stays under its name."""
        return True


@dataclass(frozen=True, slots=True)
class CacheGrant:
    """A Redis server of one's own: the path of its `socket`, the `group` that may use it, its `unit`."""

    socket: str
    group: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache(Need[CacheGrant]):
    """A Redis server for one service, reached over a socket by members of a group. Nothing in it outlives a restart."""

    kind: ClassVar[str] = "cache"
    rank: ClassVar[int] = 40
    provider: ClassVar[str] = "platform/redis"

    name: str
    memory: int = 256 * 1024 * 1024

    @property
    def claims(self) -> tuple[str, ...]:
        """The name of the server."""
        return (f"cache {self.name}",)


@dataclass(frozen=True, slots=True)
class RemotePort:
    """A `port` that `plugin` listens on, on the loopback address of another `host`."""

    host: str
    plugin: str
    port: Port


@dataclass(frozen=True, slots=True)
class RemoteSocket:
    """A Unix socket at `path` on another `host`; in between, it goes by a port `number` of that host's."""

    host: str
    path: str
    number: int


@dataclass(frozen=True, slots=True)
class RelayGrant:
    """The end of a relay on the asking host: a Unix `socket`, and the `unit` to require and to start after.

    `number` is the port that the other host answers on, inside the private network alone.
    """

    socket: str
    unit: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay(Need[RelayGrant]):
    """A way to what listens on another host of the community, through the private network between the hosts.

    On this host it is a socket called `file` in a directory of its own, which members of `group` may use; on the other
    host it ends at the listener, which thus stays on its loopback address or socket. Nothing else crosses.
    """

    kind: ClassVar[str] = "relay"
    rank: ClassVar[int] = 70
    provider: ClassVar[str] = "platform/wireguard"

    name: str
    to: RemotePort | RemoteSocket
    group: str
    file: str = "socket"

    @property
    def claims(self) -> tuple[str, ...]:
        """Its name, which its units and its directory have."""
        return (f"relay {self.name}",)

    @property
    def peer(self) -> str:
        """The host that it leads to."""
        return self.to.host


@dataclass(frozen=True, slots=True)
class SecretGrant:
    """A decrypted file: `path` is the Nix expression that yields its path, `name` its name without ``.age``."""

    path: Ref
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret(Need[SecretGrant]):
    """A secret that exists encrypted in the flake and decrypted on the host, readable by one user.

    `content` describes what the file holds, for the steward who fills it; `owner` and `group` are the user and group
    that may read it (``root`` when systemd reads it for the unit). The flake has one file of a name: a plugin may state
    the same secret on several hosts, and no other plugin one of that name on any, unless both name both in `shared_by`,
    as the two ends of a connection between hosts do; the readers may then differ from host to host.
    """

    kind: ClassVar[str] = "secret"
    rank: ClassVar[int] = 80
    provider: ClassVar[str] = "platform/secrets"

    name: str
    content: str
    owner: str = "root"
    group: str = "root"
    shared_by: tuple[str, ...] = ()

    @property
    def claims(self) -> tuple[str, ...]:
        """The name of the file."""
        return (f"secret {self.name}",)

    @property
    def lasting(self) -> bool:
        """What was stored stays under its name."""
        return True


@dataclass(frozen=True, slots=True)
class PortGrant:
    """A port `number`, and the `address` to bind: a loopback address unless the port is open to a network."""

    number: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Port(Need[PortGrant]):
    """A port to listen on. Without `number` the planner assigns one and the lock keeps it.

    `open_to` says who may connect: ``host`` is this machine alone. `purpose` is what the steward reads in the table of
    open ports. By the port called ``ssh`` that a platform or hardening plugin opens, stewards log in: where none is
    open, documents say that a host is administered at its console.
    """

    kind: ClassVar[str] = "port"
    rank: ClassVar[int] = 90
    provider: ClassVar[str] = "hardening/firewall"

    name: str
    number: int | None = None
    protocol: Literal["tcp", "udp"] = "tcp"
    open_to: Literal["host", "internet"] = "host"
    purpose: str = ""
    setting: str = ""

    @property
    def claims(self) -> tuple[str, ...]:
        """The number, where it is fixed."""
        return () if self.number is None else (f"port {self.number}/{self.protocol}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing(Need[None]):
    """Leave for one systemd `unit` to open connections beyond this machine, and why.

    Without it a unit reaches loopback only. `to` is ``internet`` (anything but private ranges) or ``listed`` (the
    `addresses` alone, as CIDR).
    """

    kind: ClassVar[str] = "outgoing"
    rank: ClassVar[int] = 100
    provider: ClassVar[str] = "hardening/egress"

    unit: str
    reason: str
    to: Literal["internet", "listed"] = "internet"
    addresses: tuple[str, ...] = ()

    @property
    def claims(self) -> tuple[str, ...]:
        """The unit: whom it reaches is said once."""
        return (f"outgoing {self.unit}",)
