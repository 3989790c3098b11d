"""All checks, in reading order, from the facts that were gathered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from maidan_nix.diagnosis.flake import check_flake, check_generated, check_hosts, check_plugins, check_wanted
from maidan_nix.diagnosis.flake_facts import SECRETS, FlakeFacts
from maidan_nix.diagnosis.flake_lock import read_inputs
from maidan_nix.diagnosis.git import check_git
from maidan_nix.diagnosis.git_facts import GitFacts
from maidan_nix.diagnosis.line import GROUPS, Group, Line
from maidan_nix.diagnosis.machine import check_machine
from maidan_nix.diagnosis.machine_facts import MachineFacts
from maidan_nix.diagnosis.manifest import check_findings, check_manifest
from maidan_nix.diagnosis.placeholders import check_placeholders
from maidan_nix.diagnosis.places import check_places
from maidan_nix.findings import Finding
from maidan_nix.messages import say
from maidan_nix.plan.lock import LOCK_FILE
from maidan_nix.problems import Problem
from maidan_nix.tree import Change, Tree


@dataclass(frozen=True, slots=True)
class ManifestFacts:
    """A manifest, as far as it could be read.

    `values` is None where it is no TOML. `problems` are what is wrong with it; where there are any, what follows from
    it is unknown. `changes` compare what would be generated with what there is; None, with `uncompared`, where they
    could not be compared. `on_disk` are the paths of the flake's own files that are there.
    """

    name: str
    values: Mapping[str, object] | None = None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    hosts: Collection[str] = ()
    tree: Tree | None = None
    wanted: Collection[str] = ()
    changes: tuple[Change, ...] | None = None
    uncompared: tuple[Problem, ...] = ()
    has_record: bool = False
    on_disk: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was gathered.

    `installed` has the version of each plugin by name, `now` is the clock's time in seconds since 1970, `place` the
    folder of the flake.
    """

    machine: MachineFacts
    manifest: ManifestFacts
    flake: FlakeFacts
    git: GitFacts
    installed: Mapping[str, str]
    now: int
    place: str


def diagnose(facts: Facts) -> tuple[Line, ...]:
    """Run every check, and return the lines by group."""
    lines = (*_machine(facts), *_manifest(facts.manifest), *_flake(facts), *_git(facts))
    return tuple(line for group in GROUPS for line in lines if line.group == group)


def _machine(facts: Facts) -> Iterator[Line]:
    content = facts.flake.flake_lock
    youngest = read_inputs(content).youngest if content is not None else None
    yield from check_machine(facts.machine, facts.now, youngest)
    yield from check_plugins(facts.flake.lock, facts.installed)


def _manifest(manifest: ManifestFacts) -> Iterator[Line]:
    yield from check_manifest(manifest.name, manifest.problems)
    if manifest.values is None:
        message = say("not looked at: the manifest cannot be read")
        yield Line("placeholder", "manifest", "skipped", "manifest", message)
    else:
        yield from check_placeholders(manifest.values)
        yield from check_places(manifest.values)
    if manifest.tree is None:
        yield _unknown("findings", "manifest")
    else:
        yield from check_findings(manifest.findings)


def _flake(facts: Facts) -> Iterator[Line]:
    yield from check_flake(facts.flake, facts.now)
    manifest = facts.manifest
    if not facts.flake.has_flake:
        return
    if manifest.tree is None:
        for id_ in _SUBJECTS:
            if id_ != "findings":
                yield _unknown(id_, "flake")
        return
    if manifest.changes is None:
        for problem in manifest.uncompared:
            message = say("not looked at: {reason}", reason=problem.message)
            yield Line("generated", "flake", "skipped", "flake", message, problem.hint)
    else:
        yield from check_generated(manifest.changes, manifest.has_record)
    yield from check_hosts(facts.flake, manifest.hosts, manifest.tree)
    yield from check_wanted(facts.flake, manifest.wanted)


def _git(facts: Facts) -> Iterator[Line]:
    if not facts.flake.exists:
        reason = say("not looked at: there is no such folder")
        yield Line("git-repository", "git", "skipped", facts.place, reason)
        return
    manifest = facts.manifest
    secrets = [f"{SECRETS}/{name}" for name in facts.flake.secrets if name.endswith(".age")]
    generated = None if manifest.tree is None else manifest.on_disk
    yield from check_git(facts.git, generated, secrets, facts.place)


_SUBJECTS: Mapping[str, str] = {
    "findings": say("findings"),
    "generated": say("generated files"),
    "hand-edits": say("changes by hand"),
    "lock-hosts": LOCK_FILE,
    "hardware": say("hardware of the hosts"),
    "secret-unwanted": say("secrets that nothing reads"),
}
"""What was to be looked at by the checks that need a valid manifest."""


def _unknown(id_: str, group: Group) -> Line:
    return Line(id_, group, "skipped", _SUBJECTS[id_], say("not looked at: nothing can be generated from the manifest"))
