"""What a plugin is told: one frozen context per plugin and host, and the grants that answer its needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from maidan_nix.contract.needs import Need
    from maidan_nix.manifest.schema import Community, Host, Privacy, Steward

S = TypeVar("S")
G = TypeVar("G")
N = TypeVar("N", bound="Need[Any]")


@dataclass(frozen=True, slots=True)
class PublicHalves:
    """What ``secrets/public.toml`` tells of the hosts, by name: the public halves of keys that only they hold.

    `hosts` are their SSH keys, `wireguard` their keys in the private network between the hosts, in base64.
    """

    hosts: Mapping[str, str] = field(default_factory=dict)
    wireguard: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context(Generic[S]):
    """The facts a plugin decides from: its own settings, the community, its stewards, the privacy policy, one host.

    `hosts` are all hosts of the community by name, this one among them.
    """

    settings: S
    community: Community
    stewards: Mapping[str, Steward]
    privacy: Privacy
    host: Host
    section: str
    """The plugin's section of the manifest, such as ``services.wiki``: comments cite ``{section}.{setting}``."""
    hosts: Mapping[str, Host] = field(default_factory=dict)
    public: PublicHalves = PublicHalves()
    of_host: frozenset[str] = frozenset()
    """The settings in the host's own table, ``[hosts.NAME.platform.NAME]``, and the tables that they are in, dotted.

    The whole table is the empty text.
    """
    of_both: frozenset[str] = frozenset()
    """The tables of `of_host` of which a part is in the community's table and holds for this host too."""

    def cite(self, setting: str = "") -> str:
        """The key path of a setting, for a comment in a generated file: ``services.wiki.domain``.

        A setting that is the host's own has its place there: ``hosts.main.platform.nginx.tls``. For a table that is
        partly in both places, both are named, with a comma between them.
        """
        everywhere = f"{self.section}.{setting}" if setting else self.section
        if setting not in self.of_host:
            return everywhere
        own = f"hosts.{self.host.name}.{everywhere}"
        return f"{everywhere}, {own}" if setting in self.of_both else own


@dataclass(frozen=True, slots=True)
class Request(Generic[N]):
    """A need on its way to the provider: who asks, on which host, and the number that the lock assigned.

    The `host` is another than the provider's own where the manifest has it served from there. For a `Relay` the number
    is that of the port on the other host.
    """

    need: N
    plugin: str
    host: str
    assigned: int | None = None


@dataclass(frozen=True, slots=True)
class Served(Generic[N]):
    """A need that this plugin provides, as granted. `grants` are those of the asking plugin, on the asking `host`."""

    need: N
    plugin: str
    host: str
    grants: Grants


class Grants:
    """The answers to one plugin's needs, and the requests that it serves itself."""

    __slots__ = ("_granted", "_served")

    def __init__(self, granted: Mapping[Need[Any], Any], served: Sequence[Served[Any]] = ()) -> None:
        self._granted = MappingProxyType(granted)
        self._served = served

    def __getitem__(self, need: Need[G]) -> G:
        """Return the grant of a need. Raises KeyError when the plugin did not state exactly this need."""
        try:
            return cast(G, self._granted[need])
        except KeyError:
            raise KeyError(f"this plugin never asked for {need!r}") from None

    def serves(self, kind: type[N]) -> tuple[Served[N], ...]:
        """The granted requests of one kind that this plugin provides on its host, sorted by host, plugin and need.

        Of a kind with a `peer`, these are both those of this host and those of other hosts that lead here.
        """
        return tuple(served for served in self._served if type(served.need) is kind)
