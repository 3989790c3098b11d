"""What a plugin is told: one frozen context per plugin and host, and the grants that answer its needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from maidan_nix.contract.needs import Need
    from maidan_nix.manifest.schema import Community, Host, Privacy, Steward

S = TypeVar("S")
G = TypeVar("G")
N = TypeVar("N", bound="Need[Any]")


@dataclass(frozen=True, slots=True)
class Context(Generic[S]):
    """The facts a plugin decides from: its own settings, the community, its stewards, the privacy policy, one host."""

    settings: S
    community: Community
    stewards: Mapping[str, Steward]
    privacy: Privacy
    host: Host
    section: str
    """The plugin's section of the manifest, such as ``services.wiki``: comments cite ``{section}.{setting}``."""

    def cite(self, setting: str = "") -> str:
        """The key path of a setting, for a comment in a generated file: ``services.wiki.domain``."""
        return f"{self.section}.{setting}" if setting else self.section


@dataclass(frozen=True, slots=True)
class Request(Generic[N]):
    """A need on its way to the provider: who asks, on which host, and the numbers that the lock assigned."""

    need: N
    plugin: str
    host: str
    assigned: int | None = None


@dataclass(frozen=True, slots=True)
class Served(Generic[N]):
    """A need that this plugin provides, as granted. `grants` are those of the asking plugin."""

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
        """The granted requests of one kind that this plugin provides on its host, sorted by plugin and need."""
        return tuple(served for served in self._served if type(served.need) is kind)
