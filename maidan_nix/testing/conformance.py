"""What every plugin must keep, checked without running a host.

Each check is a generator of `Problem`s with an id and a reason, listed in `CHECKS`. `faults` runs them all;
`maidan-nix plugin check` and the pytest plugin call it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from maidan_nix.manifest.setting_info import PRESETS
from maidan_nix.messages import say
from maidan_nix.plugins import guarded, known, load
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.testing import distance, facts, ownership, readme, sandboxes
from maidan_nix.testing.determinism import determinism, digests_elsewhere
from maidan_nix.testing.example import example_document, trying
from maidan_nix.testing.foreign import foreign_hosts
from maidan_nix.testing.hostile import hostile
from maidan_nix.testing.imports import imports
from maidan_nix.testing.places import add_place
from maidan_nix.testing.purity import purity
from maidan_nix.testing.secrecy import secrets
from maidan_nix.testing.subject import Check, Subject

GENERATES = "generates"
"""The id of what keeps a plugin from being planned and configured at all, wrong options among it."""

CHECKS: tuple[Check, ...] = (
    Check("facts", say("lists, documents and licences are made from them"), facts.facts),
    Check(
        "kinds-of-need",
        say("a provider is asked only for what it says it provides, in the order of ranks"),
        facts.kinds,
    ),
    Check("settings", say("a steward chooses by what the description and the unit say"), facts.settings),
    Check("readme", say("a steward believes what it says"), readme.readme),
    Check("findings", say("documents and programs know a finding by its name"), facts.findings),
    Check("imports", say("only the API stays the same from release to release"), imports),
    Check("sandbox", say("what breaks into one program must not have the host"), sandboxes.units),
    Check("exemptions", say("who reviews a loosened sandbox must know why it is one"), sandboxes.reasons),
    Check("options-of-others", say("two plugins that set one option break each other"), ownership.masters),
    Check("ports", say("the table of open ports is made from needs alone"), ownership.ports),
    Check("sockets", say("who may use a socket is decided by grants alone"), ownership.sockets),
    Check(
        "databases",
        say("where hosts share the work, a database is on another host and takes a password"),
        distance.databases,
    ),
    Check("outgoing", say("whom a host contacts is promised to members"), ownership.outgoing),
    Check("foreign-hosts", say("whom a host or a browser contacts is promised to members"), foreign_hosts),
    Check("secrets", say("every program of a host can read the Nix store"), secrets),
    Check("determinism", say("what changes by itself hides what was changed"), determinism),
    Check("purity", say("a flake must come out the same on every machine and every day"), purity),
    Check("hostile-settings", say("no value of the manifest may become a program"), hostile),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What one check found."""

    check: str
    problem: Problem

    def named(self) -> Problem:
        """The problem with the id of the check in its message."""
        message = say("{message} ({check})", message=self.problem.message, check=self.check)
        return replace(self.problem, message=message)


def check_installed(progress: Callable[[str], None] = lambda _: None) -> list[Fault]:
    """Check every installed plugin; `progress` is told which one is next."""
    return _each(known(), progress)


def check_place(path: Path, progress: Callable[[str], None] = lambda _: None) -> list[Fault]:
    """Check the plugins at a place, which need not be installed; see `maidan_nix.testing.places.add_place`."""
    try:
        names = add_place(path)
    except MaidanError as error:
        return [Fault(GENERATES, problem) for problem in error.problems]
    return _each(names, progress, path)


def _each(names: Iterable[str], progress: Callable[[str], None], added: Path | None = None) -> list[Fault]:
    found: dict[Fault, None] = {}
    names = tuple(names)
    elsewhere = cache(lambda: digests_elsewhere(names, added))
    for name in names:
        progress(say("checking {name}", name=name))
        found.update(dict.fromkeys(_faults(name, partial(_of, elsewhere, name))))
    return list(found)


def _of(elsewhere: Callable[[], Mapping[str, Sequence[Mapping[str, str]]]], name: str) -> Sequence[Mapping[str, str]]:
    return elsewhere()[name]


def check_plugin(full_name: str) -> list[Problem]:
    """Check one plugin by its full name; an empty list means that it keeps the contract."""
    return [fault.named() for fault in faults(full_name)]


def faults(full_name: str, added: Path | None = None) -> list[Fault]:
    """Return what the checks find in one plugin. `added` is its place (see `check_place`) if it is not installed.

    The plugin is planned in a small community of its own, with each preset. Of a provider, something there asks for
    each kind that it provides, so that it is seen at work.
    """
    return _each((full_name,), lambda _: None, added)


def _faults(full_name: str, elsewhere: Callable[[], Sequence[Mapping[str, str]]]) -> list[Fault]:
    try:
        plugin = load(full_name)
        documents = {preset: example_document(plugin, preset) for preset in PRESETS}
        with trying(plugin) as generate:
            by_preset = {preset: generate(document) for preset, document in documents.items()}
            subject = Subject(full_name, plugin, by_preset, generate, elsewhere())
            found = [Fault(check.id, problem) for check in CHECKS for problem in _run(check, subject)]
    except MaidanError as error:
        return [Fault(GENERATES, each if each.plugin else replace(each, plugin=full_name)) for each in error.problems]
    except ValueError as error:
        return [Fault(GENERATES, Problem((), str(error), plugin=full_name))]
    return list(dict.fromkeys(found))


def _run(check: Check, subject: Subject) -> list[Problem]:
    with guarded(subject.name, say("be checked: {check}", check=check.id)):
        return list(check.find(subject))
