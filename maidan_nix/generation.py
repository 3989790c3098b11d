"""The whole way from a manifest to a tree of files, as one pure function.

Nothing here touches the disk, the clock or the network: the manifest, the lock and the public halves come in as bytes,
files go out as bytes. The same input gives the same bytes, everywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from maidan_nix.answers import answer
from maidan_nix.conflicts import conflicts
from maidan_nix.contract.context import Context, PublicHalves
from maidan_nix.contract.plugin import Plugin
from maidan_nix.contract.unit import SmokeRequest, Unit
from maidan_nix.findings import Finding
from maidan_nix.findings.readiness import readiness
from maidan_nix.flake.assemble import assemble
from maidan_nix.flake.host import sandboxed
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.own_paths import own_paths, shared_tables
from maidan_nix.manifest.resolution import Loosened
from maidan_nix.manifest.sections import (
    Manifest,
    PluginSection,
    preset_of,
)
from maidan_nix.manifest.settings import Preset, Settings
from maidan_nix.messages import say
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index
from maidan_nix.options.overlay import Overlay
from maidan_nix.plan.configured import Configured
from maidan_nix.plan.lock import LOCK_FILE, read_lock, render_lock
from maidan_nix.plan.login import ssh_ports
from maidan_nix.plan.planned import Plan, Planned
from maidan_nix.plan.planner import UnknownPlugin, make_plan
from maidan_nix.plan.public_halves import read_public_halves
from maidan_nix.plan.secrets import wanted_secrets
from maidan_nix.plugin_settings import ManifestSettings, is_hardening, read_settings, resolve_section
from maidan_nix.plugins import baseline, guarded, known, load
from maidan_nix.problems import ExitCode, MaidanError, Problem
from maidan_nix.tree.file import File, Tree


@dataclass(frozen=True, slots=True)
class Generated:
    """The outcome: the files, the plan behind them, and what a steward should know."""

    tree: Tree
    plan: Plan
    configured: Mapping[str, Mapping[str, Configured]]
    """What each plugin said, by host and full name."""
    manifest: Manifest
    loosened: tuple[Loosened, ...]
    findings: tuple[Finding, ...]


def generate(
    document: Document,
    *,
    lock: bytes | None,
    public: bytes | None,
    ciphertexts: Iterable[str] = (),
    options: bytes | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Generated:
    """Turn a manifest into the files of a flake.

    `lock`, `public` and `options` are the contents of ``maidan.lock``, ``secrets/public.toml`` and
    ``nixos-options.txt``, None where there is no such file; `ciphertexts` the names of the secrets that exist already.
    `progress` is told which host is being worked on.
    Raises MaidanError with every problem that could be found, all at once.
    """
    manifest, read = _read(document)
    halves = read_public_halves(public, manifest.hosts)
    contexts = _Contexts(manifest, read, preset_of(document.values), halves)
    _raise(contexts.problems_of_plugins(_members(manifest)))
    served_by = {name: host.served_by for name, host in manifest.hosts.items()}
    plan, new_lock = make_plan(_members(manifest), manifest.providers, read_lock(lock), contexts.join, served_by)
    _raise((*_contradictions(manifest, plan), *_idle_sections(manifest, plan)))

    index = _index(plan, options)
    problems: list[Problem] = []
    configured: dict[str, dict[str, Configured]] = {}
    for host, members in plan.hosts.items():
        progress(host)
        configured[host] = {name: _configure(name, planned) for name, planned in members.items()}
        problems += _check(configured[host], index)
    _raise(dict.fromkeys(problems), ExitCode.FAILED)

    found = tuple(_findings(plan))
    tree = assemble(plan, manifest, configured, halves, found)
    tree[LOCK_FILE] = File(render_lock(new_lock), ownership="kept")
    ready = readiness(manifest, wanted_secrets(plan), halves, frozenset(ciphertexts), ssh_ports(plan))
    return Generated(tree, plan, configured, manifest, (*manifest.loosened, *read.loosened), (*ready, *found))


def _read(document: Document) -> tuple[Manifest, ManifestSettings]:
    """Validate core's sections and the settings of every plugin that the manifest names, and report them together."""
    read = read_settings(document.values)
    if read.problems or read.manifest is None:
        raise MaidanError(read.problems, ExitCode.MANIFEST_INVALID)
    return read.manifest, read


def _findings(plan: Plan) -> Iterable[Finding]:
    """What the plugins themselves want the steward to know, each thing once however many hosts it holds for."""
    found: dict[Finding, None] = {}
    for members in plan.hosts.values():
        for name, planned in members.items():
            stated = partial(planned.plugin.findings, planned.context)
            found.update(dict.fromkeys(answer(name, "findings", "say what it found", stated, Finding)))
    return found


def _contradictions(manifest: Manifest, plan: Plan) -> Iterable[Problem]:
    """What the manifest does without, and a need brought back."""
    for name in manifest.disabled:
        back = [members[name] for members in plan.hosts.values() if name in members]
        if back:
            kinds = back[0].plugin.provides
            askers = sorted({each.plugin for one in back for kind in kinds for each in one.grants.serves(kind)})
            message = say("{plugin} is disabled, and needed by {askers}", plugin=name, askers=", ".join(askers))
            hint = "remove this line, or name another plugin under plugins.providers"
            yield Problem(("plugins", "disable", name), message, hint=hint, at="key")


def _idle_sections(manifest: Manifest, plan: Plan) -> Iterable[Problem]:
    """Settings that a host has for itself, of a plugin that is not on it."""
    for (host, name), section in manifest.of_hosts.items():
        if name not in plan.hosts[host]:
            message = say("{host} has no {plugin}, so this would do nothing", host=host, plugin=name)
            yield Problem(section.path, message, hint="remove this section", plugin=name, at="key")


def _members(manifest: Manifest) -> dict[str, list[str]]:
    """The plugins that each host starts with: the baseline, what the manifest names, and the host's services."""
    everywhere = {name for name in baseline() if name not in manifest.disabled}
    everywhere |= {name for name, section in manifest.plugins.items() if not section.host and is_hardening(name)}
    own = {
        host: {name for name, section in manifest.plugins.items() if section.host == host} for host in manifest.hosts
    }
    for host, name in manifest.of_hosts:
        own[host] |= {name} if is_hardening(name) else set()
    return {host: sorted(everywhere | names) for host, names in own.items()}


class _Contexts:
    """Makes the contexts of plugins, with settings resolved once where all hosts agree, and asks what is wrong."""

    def __init__(self, manifest: Manifest, read: ManifestSettings, preset: Preset, public: PublicHalves) -> None:
        self.manifest = manifest
        self.settings = dict(read.settings)
        self.of_hosts = read.of_hosts
        self.preset = preset
        self.public = public
        self.made: dict[tuple[str, str], Context[Any]] = {}

    def join(self, host: str, name: str) -> tuple[Plugin[Any], Context[Any]]:
        """Load a plugin and make its context on a host.

        Raises UnknownPlugin where there is no such plugin, and MaidanError for what a plugin that nobody named, and
        that only a need brings in, finds wrong.
        """
        if name not in known():
            raise UnknownPlugin(name)
        is_late = (host, name) not in self.made
        plugin, context = self._with_context(host, name)
        if is_late:
            _raise(self._problems(name, plugin, context))
        return plugin, context

    def problems_of_plugins(self, members: Mapping[str, Iterable[str]]) -> list[Problem]:
        """Ask every plugin that is there from the start, or has a section, what is wrong beyond types."""
        sections = {name for name, section in self.manifest.plugins.items() if not section.host}
        problems: dict[Problem, None] = {}
        for host, names in members.items():
            for name in sorted({*names, *sections}):
                problems.update(dict.fromkeys(self._problems(name, *self._with_context(host, name))))
        return list(problems)

    def _problems(self, name: str, plugin: Plugin[Any], context: Context[Any]) -> list[Problem]:
        found = answer(name, "problems", "look for problems", partial(plugin.problems, context), Problem)
        return [each if each.plugin else replace(each, plugin=name) for each in found]

    def _with_context(self, host: str, name: str) -> tuple[Plugin[Any], Context[Any]]:
        plugin = load(name)
        if (host, name) not in self.made:
            own = self.manifest.of_hosts.get((host, name))
            everywhere = self.manifest.plugins.get(name)
            self.made[host, name] = Context(
                settings=self._settings(host, plugin),
                community=self.manifest.community,
                stewards=self.manifest.stewards,
                privacy=self.manifest.privacy,
                host=self.manifest.hosts[host],
                section=name.replace("/", "."),
                hosts=self.manifest.hosts,
                public=self.public,
                of_host=own_paths(own.table) if own is not None else frozenset(),
                of_both=shared_tables(own.table, everywhere.table) if own and everywhere else frozenset(),
            )
        return plugin, self.made[host, name]

    def _settings(self, host: str, plugin: Plugin[Any]) -> Settings:
        name = plugin.full_name()
        if (host, name) in self.of_hosts:
            return self.of_hosts[host, name]
        if name not in self.settings:
            resolved = resolve_section(PluginSection(name, tuple(name.split("/")), {}), None, self.preset)
            if resolved.settings is None:
                raise MaidanError(resolved.problems, ExitCode.MANIFEST_INVALID)
            self.settings[name] = resolved.settings
        return self.settings[name]


def _configure(name: str, planned: Planned) -> Configured:
    plugin, context, grants = planned.plugin, planned.context, planned.grants
    with guarded(name, "configure the host"):
        options = plugin.configure(context, grants)
        if not isinstance(options, Mapping):
            raise TypeError(f"configure() gave a value of type {type(options).__name__}, not a mapping of options")
    units = answer(name, "units", "name its units", partial(plugin.units, context, grants), Unit)
    test = partial(plugin.smoke_test, context, grants)
    requests = answer(name, "smoke_test", "say how to test it", test, SmokeRequest)
    with guarded(name, "configure the host"):
        return Configured(sandboxed(options, units), units, requests)


def _index(plan: Plan, options: bytes | None) -> Index:
    """The index of options, with those that plugins bring along in the ``options.toml`` beside each that has one."""
    evaluated = None
    if options is not None:
        from maidan_nix.options.evaluated_file import read

        evaluated = read(options)
    overlays: dict[str, Overlay] = {}
    plugins = {name: one.plugin for members in plan.hosts.values() for name, one in members.items()}
    for name, plugin in plugins.items():
        file = sys.modules[type(plugin).__module__].__file__
        with guarded(name, "have its options.toml read"), suppress(FileNotFoundError):
            text = (Path(file or "").parent / "options.toml").read_text("utf-8")
            overlays[name] = Overlay.parse(text, name)
    with guarded(", ".join(overlays), "agree on the options that they bring"):
        return Index.load(overlays.values(), evaluated)


def _check(configured: Mapping[str, Configured], index: Index) -> Iterable[Problem]:
    for name, one in configured.items():
        with guarded(name, "have its options checked"):
            yield from check_options(one.options, index, name)
    # Options too deep to be compared are too deep to be printed, which names their plugin.
    with suppress(RecursionError):
        yield from conflicts({name: one.options for name, one in configured.items()}, index)


def _raise(problems: Iterable[Problem], exit_code: ExitCode = ExitCode.MANIFEST_INVALID) -> None:
    problems = tuple(problems)
    if problems:
        raise MaidanError(problems, exit_code)
