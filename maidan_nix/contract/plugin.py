"""The base classes of plugins.

Facts are class constants, so that the planner can order, compare and document plugins without running them. Methods
are pure: same context and grants, same answer; no clock, no randomness, no network, no disk.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import pluggy

if TYPE_CHECKING:
    from maidan_nix.contract.context import Context, Grants, Request
    from maidan_nix.contract.needs import Need
    from maidan_nix.contract.unit import SmokeRequest, Unit
    from maidan_nix.findings import Finding, FindingKind
    from maidan_nix.manifest.settings import Settings
    from maidan_nix.nix.values import Value
    from maidan_nix.problems import Problem

S = TypeVar("S", bound="Settings")

PROJECT = "maidan_nix"
API_VERSION = 1
FLOORS = ("services", "platform", "hardening")
"""What the full name of every plugin begins with."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Plugin(ABC, Generic[S]):
    """One service or concern: what it is, what it needs, and the NixOS options it sets."""

    name: ClassVar[str]
    """Its name below its floor, equal to the folder or entry-point name: ``wiki`` of ``services/wiki``."""
    floor: ClassVar[str]
    title: ClassVar[str]
    """What a steward calls it: one or two words."""
    summary: ClassVar[str]
    """One sentence, without a final stop."""
    upstream: ClassVar[str]
    """Where its software lives: a URL."""
    licence: ClassVar[str]
    """SPDX identifier of its software."""
    conflicts: ClassVar[tuple[str, ...]] = ()
    """Plugins that cannot run on the same host, by full name."""
    provides: ClassVar[tuple[type[Need[Any]], ...]] = ()
    """The kinds of need that it serves."""
    across_hosts: ClassVar[tuple[type[Need[Any]], ...]] = ()
    """The kinds in `provides` that it also serves to other hosts, where ``hosts.NAME.served_by`` says so."""
    finding_kinds: ClassVar[tuple[FindingKind, ...]] = ()
    """What each finding that `findings` can make is about, for ``maidan-nix explain``."""
    settings: ClassVar[type[Settings]]
    """Its part of the manifest."""

    @classmethod
    def full_name(cls) -> str:
        """Floor and name, such as ``services/wiki``: the name in messages, the lock and file paths."""
        return f"{cls.floor}/{cls.name}"

    def problems(self, context: Context[S]) -> Iterable[Problem]:
        """Say what is wrong with the settings or the host beyond their types, by key path of the manifest.

        Runs before everything else; when any plugin finds a problem, nothing is planned.
        """
        return ()

    def needs(self, context: Context[S]) -> Iterable[Need[Any]]:
        """State what this plugin needs. A provider's own needs are of a higher rank than the kinds it serves."""
        return ()

    def grant(self, context: Context[S], request: Request[Any]) -> object:
        """Answer one request of a kind in `provides`, from the request and the context alone.

        Raises `Refused` for a request that cannot be served.
        """
        raise TypeError(f"{self.full_name()} provides nothing and was asked for {request.need.kind}")

    def needs_to_serve(self, context: Context[S], requests: tuple[Request[Any], ...]) -> Iterable[Need[Any]]:
        """State what serving these requests, all of one kind, takes on this host: needs of a higher rank only."""
        return ()

    def needs_to_reach(self, context: Context[S], request: Request[Any]) -> Iterable[Need[Any]]:
        """State what a request from another host takes there: granted on that host, to the plugin that asked.

        `context` is this plugin's own. Called for the kinds in `across_hosts`, before `grant`; needs of a higher rank
        only.
        """
        return ()

    @abstractmethod
    def configure(self, context: Context[S], grants: Grants) -> Mapping[str, Value]:
        """Return NixOS options as nested dicts: what stands in the plugin's generated file."""

    def units(self, context: Context[S], grants: Grants) -> Iterable[Unit]:
        """Name the systemd services this plugin is responsible for, each with its sandbox and limits."""
        return ()

    def findings(self, context: Context[S]) -> Iterable[Finding]:
        """What a steward should know before they switch: something loosened for a while, something not in earnest."""
        return ()

    def smoke_test(self, context: Context[S], grants: Grants) -> Iterable[SmokeRequest]:
        """Requests that a healthy host answers."""
        return ()


class Service(Plugin[S]):
    """Something members use. Runs on one host of the community; declared under ``[services.NAME]``."""

    floor = "services"

    @abstractmethod
    def units(self, context: Context[S], grants: Grants) -> Iterable[Unit]:
        """A service always has units, and every one of them has a sandbox."""


class Platform(Plugin[S]):
    """Ground that services stand on. At most once per host; settings under ``[platform.NAME]``."""

    floor = "platform"


class Hardening(Plugin[S]):
    """A security concern. Once per host; settings under ``[hardening.NAME]``."""

    floor = "hardening"


class Specification:
    """The one hook that a plugin module implements."""

    @hookspec
    def maidan_plugin(self) -> Plugin[Any]:  # type: ignore[empty-body]  # a hook specification has no body
        """Return the plugin of this module."""
