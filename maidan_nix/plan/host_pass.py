"""One host while the pass over all kinds of need runs: who is on it, what they need, what is claimed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from maidan_nix.answers import check_answer
from maidan_nix.contract.context import Context, Grants, Served
from maidan_nix.contract.needs import Kept, Need, Permanent, Port, Site, UserId
from maidan_nix.contract.plugin import Plugin
from maidan_nix.messages import say
from maidan_nix.plan.host_names import may_share
from maidan_nix.plan.ledger import Ledger
from maidan_nix.plan.lock import FIRST_PORT, LAST_PORT, LOCK_FILE
from maidan_nix.plan.place import place
from maidan_nix.plan.planned import Planned
from maidan_nix.plugins import guarded
from maidan_nix.problems import Problem

Join: TypeAlias = Callable[[str, str], tuple[Plugin[Any], Context[Any]]]
"""Given a host and a plugin's full name, load the plugin and make its context; raises UnknownPlugin, MaidanError."""


@dataclass(slots=True)
class Member:
    """A plugin on a host while the pass runs. `elsewhere` are the needs that another host serves, and which."""

    plugin: Plugin[Any]
    context: Context[Any]
    granted: dict[Need[Any], Any] = field(default_factory=dict)
    served: list[Served[Any]] = field(default_factory=list)
    elsewhere: dict[Need[Any], str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The plugin's full name."""
        return self.plugin.full_name()

    def planned(self) -> Planned:
        """What became of it, once the pass is over."""
        self.served.sort(key=lambda served: (served.need.rank, served.host, served.plugin, repr(served.need)))
        grants = Grants(self.granted, tuple(self.served))
        return Planned(self.plugin, self.context, tuple(self.granted), grants, self.elsewhere)


@dataclass(slots=True)
class HostPass:
    """What is known of a host so far. `served_by` names, by kind, the hosts that serve its needs for it."""

    name: str
    ledger: Ledger
    join: Join
    chosen: Mapping[str, str]
    served_by: Mapping[str, str]
    problems: list[Problem]
    members: dict[str, Member] = field(default_factory=dict)
    pending: defaultdict[type[Need[Any]], list[tuple[Member, Need[Any]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    fixed_ports: defaultdict[int, list[tuple[Member, Port]]] = field(default_factory=lambda: defaultdict(list))
    claimed: dict[str, tuple[Member, Need[Any]]] = field(default_factory=dict)
    sites: defaultdict[str, list[tuple[Member, Site]]] = field(default_factory=lambda: defaultdict(list))

    def member(self, name: str) -> Member:
        """Return the plugin's place on this host, joining it and collecting its own needs on the first call."""
        if name not in self.members:
            plugin, context = self.join(self.name, name)
            member = self.members[name] = Member(plugin, context)
            with guarded(name, "state its needs"):
                needs = tuple(plugin.needs(context))
            floor = max((kind.rank for kind in plugin.provides), default=-1)
            self.collect(member, needs, floor)
        return self.members[name]

    def collect(self, member: Member, needs: Iterable[Need[Any]], floor: int, stated_by: str = "") -> None:
        """Note what a member needs, above the rank `floor`; `stated_by` is who said so, if not the member itself."""
        for need in needs:
            with guarded(stated_by or member.name, "state its needs"):
                _check_need(need, floor)
            if need in member.granted:
                continue
            member.granted[need] = None  # its place among the plugin's needs; the grant follows
            if isinstance(need, Port) and need.number is not None:
                self.fixed_ports[need.number].append((member, need))
            if need.provider or need.kind in self.chosen:
                self.pending[type(need)].append((member, need))
            elif self.claim(self, member, need):
                member.granted[need] = self._from_lock(member, need)

    def _from_lock(self, member: Member, need: Need[Any]) -> object:
        """Grant the kinds that the lock itself answers."""
        match need:
            case Kept(name=name, initial=initial, pattern=pattern):
                kept = self.ledger.keep(f"{member.name} {name}", initial)
                if pattern and not re.fullmatch(pattern, kept):
                    message = say(
                        "{lock} keeps '{kept}' as '{plugin} {name}' of {host}",
                        lock=LOCK_FILE, kept=kept, plugin=member.name, name=name, host=self.name,
                    )  # fmt: skip
                    hint = say("take the line from the last good commit ({place})", place=f"hosts.{self.name}.kept")
                    expected = say("a value that matches {pattern}", pattern=pattern)
                    self.problems.append(Problem((), message, expected, hint, member.name))
                return kept
            case UserId(user=user):
                return self.ledger.user_id(user)
            case Permanent(name=name, value=value):
                held = self.ledger.hold(f"{member.name} {name}", value)
                if held != value:
                    message = say(
                        "'{value}' was '{held}' when {host} was created; {consequence}",
                        value=value, held=held, host=self.name, consequence=need.consequence,
                    )  # fmt: skip
                    self.problem(member, need, message, say("set it back to '{held}'", held=held))
                return value
            case _:
                message = say("nobody provides {kind}", kind=need.kind)
                self.problem(member, need, message, "name a plugin under plugins.providers")
                return None

    def assign(self, asking: Member, port: Port) -> int:
        """The number of a port of this host: its own, or one that the lock keeps."""
        if port.number is not None:
            return port.number
        return self.ledger.port(f"{asking.name} {port.name}", self.fixed_ports.__contains__)

    def check_number(self, asking: Member, number: int, protocol: str) -> None:
        """Report whoever has fixed the number that was assigned to `asking`.

        The lock's is older. A new number can be in the way as well: what a relay leads to is numbered before all that
        serving takes is known.
        """
        for other, fixed in self.fixed_ports.get(number, ()):
            if fixed.protocol == protocol:
                port = f"{number}/{protocol}"
                message = say("port {port} is already taken by {plugin}", port=port, plugin=asking.name)
                section = asking.context.section
                if self.ledger.held_port(number):
                    hint = say(
                        "choose another number; {lock} keeps this one for {section}", lock=LOCK_FILE, section=section
                    )
                else:
                    hint = say(
                        "choose a number outside {first}-{last}: {section} was given this one from among them",
                        first=FIRST_PORT, last=LAST_PORT, section=section,
                    )  # fmt: skip
                self.problem(other, fixed, message, hint)

    def claim(self, home: HostPass, asking: Member, need: Need[Any]) -> bool:
        """Claim what a need of `home` claims here, or report who holds it.

        A holder is a plugin of this run, or one whose data is still on this host.
        """
        for name in need.claims:
            holder = self.claimed.get(name)
            if holder is not None:
                self._clash(name, (asking, need), holder)
                return False  # what else the need claims goes with it
            former = self.ledger.former_owner(name)
            if former not in ("", asking.name):
                self.problem(asking, need, *self._still_holds(name, former, need))
                return False
            self.claimed[name] = asking, need
            if need.lasting:
                self.ledger.record_claim(name, asking.name)
        if home is not self:
            home.claim_apart(asking, need)
        return not isinstance(need, Site) or self._share(asking, need)

    def claim_apart(self, asking: Member, need: Need[Any]) -> None:
        """Claim the system users of a need that another host serves: this host has them, too."""
        for name in need.claims:
            if not name.startswith("user "):
                continue
            holder = self.claimed.get(name)
            if holder is not None:
                self._clash(name, (asking, need), holder)
                return
            self.claimed[name] = asking, need

    def _still_holds(self, name: str, former: str, need: Need[Any]) -> tuple[str, str]:
        message = say("{name} still holds the data of {plugin}", name=name, plugin=former)
        place_of_claim = f"hosts.{self.name}.claims"
        if isinstance(need, UserId):
            return message, say(
                "choose another account name; or move that data away, then remove the line from {lock} ({place})",
                lock=LOCK_FILE, place=place_of_claim,
            )  # fmt: skip
        return message, say(
            "move that data away, then remove the line from {lock} ({place})", lock=LOCK_FILE, place=place_of_claim
        )

    def _clash(self, name: str, one: tuple[Member, Need[Any]], other: tuple[Member, Need[Any]]) -> None:
        """Report that two claim one name; where one is a person's account, that is what can be called otherwise."""
        if not isinstance(one[1], UserId) and isinstance(other[1], UserId):
            one, other = other, one
        (asking, need), (holder, _) = one, other
        message = say("{name} is already taken by {plugin}", name=name, plugin=holder.name)
        section, other_section = asking.context.section, holder.context.section
        if isinstance(need, UserId):
            self.problem(asking, need, message, "choose another account name")
        elif asking is holder:
            message = say("{name} is asked for twice", name=name)
            hint = say("change what in {section} leads to it, or report it to the plugin's author", section=section)
            self.problem(asking, need, message, hint)
        else:
            hint = say("change one of {section} and {other}", section=section, other=other_section)
            self.problem(asking, need, message, hint)

    def _share(self, asking: Member, site: Site) -> bool:
        """Add a site to its host name, or report with whom it cannot share it."""
        for holder, other in self.sites[site.hostname]:
            if holder is not asking and not may_share(site, other):
                message = say("site {name} is already taken by {plugin}", name=site.hostname, plugin=holder.name)
                hint = say(
                    "pages of one host name can read each other's storage: give {section} or {other} one of its own",
                    section=asking.context.section, other=holder.context.section,
                )  # fmt: skip
                self.problem(asking, site, message, hint)
                return False
        self.sites[site.hostname].append((asking, site))
        return True

    def refuse_conflicts(self) -> None:
        """Report every two plugins of which one says that it cannot be on a host with the other."""
        for name, member in self.members.items():
            for rival in member.plugin.conflicts:
                if rival in self.members:
                    self.problems.append(
                        Problem(
                            tuple(member.context.section.split(".")),
                            say("{plugin} and {rival} cannot run on one host", plugin=name, rival=rival),
                            hint=say("remove one of them from {host}", host=self.name),
                            plugin=name,
                        )
                    )

    def problem(self, asking: Member, need: Need[Any], message: str, hint: str) -> None:
        """Report a problem with a need, where in the manifest the need comes from."""
        path = place(asking.context.section, need)
        self.problems.append(Problem(path, message, hint=hint, plugin=asking.name))


def _check_need(need: object, floor: int) -> None:
    """Raise, for `guarded` to put a name to it, what is wrong with a need beyond the types of its fields."""
    if not isinstance(need, Need):
        raise TypeError(f"{need!r} is not a need")
    check_answer(need, type(need), "it")
    # Needs are keys, and sorted by how they print: the same ones must be equal and print the same in every run.
    facts = getattr(type(need), "__dataclass_params__", None)
    if facts is None or not (facts.frozen and facts.eq and facts.repr):
        raise TypeError(f"{type(need).__name__}, a kind of need, is not a frozen dataclass")
    if isinstance(need, Kept) and need.pattern and not re.fullmatch(need.pattern, need.initial):
        raise ValueError(f"'{need.initial}' does not match {need.pattern}")
    # What the pass does with every need, once here, so that a kind of a third party fails by name.
    hash((need, need.kind, need.rank, need.claims, need.lasting, need.setting, need.peer, repr(need)))
    if need.provider and need.rank <= floor:
        raise TypeError(f"serving a need of rank {floor} cannot take a {need.kind} of rank {need.rank}")
