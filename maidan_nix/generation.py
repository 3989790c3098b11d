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
from maidan_nix.flake.secret_rules import read_public_halves, wanted_secrets
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.sections import Manifest, PluginSection, interpret, plugin_sections, preset_of
from maidan_nix.manifest.settings import Loosened, Preset, Settings, resolve
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index
from maidan_nix.options.overlay import Overlay
from maidan_nix.plan.configured import Configured
from maidan_nix.plan.lock import LOCK_FILE, read_lock, render_lock
from maidan_nix.plan.planned import Plan, Planned
from maidan_nix.plan.planner import UnknownPlugin, make_plan
from maidan_nix.plugins import baseline, guarded, known, load
from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean
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
    progress: Callable[[str], None] = lambda _: None,
) -> Generated:
    """Turn a manifest into the files of a flake.

    `lock` and `public` are the contents of ``maidan.lock`` and ``secrets/public.toml``, None where there is no such
    file; `ciphertexts` the names of the secrets that exist already. `progress` is told which host is being worked on.
    Raises MaidanError with every problem that could be found, all at once.
    """
    manifest, settings, loosened = _read(document)
    halves = read_public_halves(public, manifest.hosts)
    contexts = _Contexts(manifest, settings, preset_of(document.values), halves)
    _raise(contexts.problems_of_plugins(_members(manifest)))
    plan, new_lock = make_plan(_members(manifest), manifest.providers, read_lock(lock), contexts.join)
    _raise(_contradictions(manifest, plan))

    index = _index(plan)
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
    findings = (*readiness(manifest, wanted_secrets(plan), halves, frozenset(ciphertexts)), *found)
    return Generated(tree, plan, configured, manifest, (*manifest.loosened, *loosened), findings)


def _read(document: Document) -> tuple[Manifest, dict[str, Settings], list[Loosened]]:
    """Validate core's sections and the settings of every plugin that the manifest names, and report them together."""
    sections, problems = plugin_sections(document.values, known())
    manifest, more = interpret(document.values, sections)
    problems += more
    preset = preset_of(document.values)
    settings: dict[str, Settings] = {}
    loosened: list[Loosened] = []
    for name, section in sections.items():
        kind = load(name).settings
        with guarded(name, "have its settings read"):
            resolved = resolve(kind, section.table, preset, section.path, name)
        problems += resolved.problems
        if resolved.settings is not None:
            settings[name] = resolved.settings
        loosened += resolved.loosened
    if manifest is not None:
        problems += _unknown_choices(manifest)
    if problems or manifest is None:
        raise MaidanError(problems, ExitCode.MANIFEST_INVALID)
    return manifest, settings, loosened


def _unknown_choices(manifest: Manifest) -> Iterable[Problem]:
    for kind, name in manifest.providers.items():
        path = ("plugins", "providers", kind)
        if name not in known():
            yield Problem(path, f"no plugin is named {name}", hint=did_you_mean(name, known()))
            continue
        kinds = [each.kind for each in load(name).provides]
        if kind not in kinds:
            expected = f"one of {', '.join(kinds)}" if kinds else "a plugin that provides something"
            hint = did_you_mean(kind, kinds)
            yield Problem(path, f"{name} does not provide '{kind}'", expected, hint, at="key")
    optional = tuple(filter(_is_hardening, baseline()))
    for name in manifest.disabled:
        if name not in optional:
            yield Problem(
                ("plugins", "disable", name),
                f"{name} is not on by itself",
                expected=f"one of {', '.join(optional)}",
                at="key",
                hint=did_you_mean(name, optional),
            )


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
            message = f"{name} is disabled, and needed by {', '.join(askers)}"
            hint = "remove this line, or name another plugin under plugins.providers"
            yield Problem(("plugins", "disable", name), message, hint=hint, at="key")


def _members(manifest: Manifest) -> dict[str, list[str]]:
    """The plugins that each host starts with: the baseline, what the manifest names, and the host's services."""
    everywhere = {name for name in baseline() if name not in manifest.disabled}
    everywhere |= {name for name, section in manifest.plugins.items() if not section.host and _is_hardening(name)}
    return {
        host: sorted(everywhere | {name for name, section in manifest.plugins.items() if section.host == host})
        for host in manifest.hosts
    }


def _is_hardening(name: str) -> bool:
    """A hardening section in the manifest turns its plugin on; a platform section only sets what a need turns on."""
    return name.startswith("hardening/")


class _Contexts:
    """Makes the contexts of plugins, with settings resolved once per plugin, and asks each plugin what is wrong."""

    def __init__(self, manifest: Manifest, settings: dict[str, Settings], preset: Preset, public: PublicHalves) -> None:
        self.manifest = manifest
        self.public = public
        self.settings = settings
        self.preset = preset
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
            self.made[host, name] = Context(
                settings=self._settings(plugin),
                community=self.manifest.community,
                stewards=self.manifest.stewards,
                privacy=self.manifest.privacy,
                host=self.manifest.hosts[host],
                section=name.replace("/", "."),
                hosts=self.manifest.hosts,
                public=self.public,
            )
        return plugin, self.made[host, name]

    def _settings(self, plugin: Plugin[Any]) -> Settings:
        name = plugin.full_name()
        if name not in self.settings:
            section = self.manifest.plugins.get(name, PluginSection(name, tuple(name.split("/")), {}))
            with guarded(name, "have its settings read"):
                resolved = resolve(plugin.settings, section.table, self.preset, section.path, name)
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


def _index(plan: Plan) -> Index:
    """The index of options, with those that plugins bring along in the ``options.toml`` beside each that has one."""
    overlays: dict[str, Overlay] = {}
    plugins = {name: one.plugin for members in plan.hosts.values() for name, one in members.items()}
    for name, plugin in plugins.items():
        file = sys.modules[type(plugin).__module__].__file__
        with guarded(name, "have its options.toml read"), suppress(FileNotFoundError):
            text = (Path(file or "").parent / "options.toml").read_text("utf-8")
            overlays[name] = Overlay.parse(text, name)
    with guarded(", ".join(overlays), "agree on the options that they bring"):
        return Index.load(overlays.values())


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
