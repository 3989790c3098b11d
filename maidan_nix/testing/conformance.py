"""What every plugin must keep, checked without running a host: facts, settings, README, options, needs, sandboxes.

Each check is a generator of `Problem`s. `check_plugin` runs them all; `maidan-nix plugin check` and the pytest plugin
call it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from maidan_nix.contract.needs import Outgoing
from maidan_nix.contract.plugin import FLOORS, Plugin
from maidan_nix.contract.unit import Unit
from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.setting_info import PRESETS
from maidan_nix.manifest.settings import settings_faults
from maidan_nix.nix.values import plain
from maidan_nix.plan.configured import Configured
from maidan_nix.plan.planned import Planned
from maidan_nix.plugins import add_folder, guarded, known, load
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.testing.example import example_document
from maidan_nix.testing.readme import readme_faults

_SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*\Z")
_STARTS = frozenset(("script", "serviceConfig"))
"""Attributes that only the definition of a unit has, and not an addition to somebody else's."""
_BRANCHES = ("services", "networking")
"""Where every set of options has one master: what somebody else provides is asked for by a need."""
_REASON = 10
"""Characters that a reason has at least."""


def check_installed(progress: Callable[[str], None] = lambda _: None) -> list[Problem]:
    """Check every installed plugin; `progress` is told which one is next."""
    problems: dict[Problem, None] = {}
    for name in known():
        progress(f"checking {name}")
        problems.update(dict.fromkeys(check_plugin(name)))
    return list(problems)


def check_folder(path: Path) -> list[Problem]:
    """Check the plugin in a folder that need not be installed; its parent folder is named for its floor."""
    folder = path.resolve()
    if folder.parent.name not in FLOORS or not (folder / "__init__.py").is_file():
        expected = f"a folder with an __init__.py, below a folder named {', '.join(FLOORS)}"
        return [Problem((), f"{path} is not the folder of a plugin", expected=expected)]
    try:
        name = add_folder(folder)
    except MaidanError as error:
        return list(error.problems)
    return check_plugin(name)


def check_plugin(full_name: str) -> list[Problem]:
    """Check one plugin by its full name; an empty list means that it keeps the contract.

    The plugin is planned in a small community of its own, once with each preset, with the providers that its needs
    bring in, which are checked along with it. A provider that nobody needs there is checked in the communities of
    those who need it.
    """
    try:
        plugin = load(full_name)
        problems = [*_facts(plugin), *_settings(plugin), *_readme(plugin)]
        by_preset = {preset: generate(example_document(plugin, preset), lock=None, public=None) for preset in PRESETS}
        again = generate(example_document(plugin), lock=None, public=None)
    except MaidanError as error:
        return [problem if problem.plugin else replace(problem, plugin=full_name) for problem in error.problems]
    except ValueError as error:
        return [Problem((), str(error), plugin=full_name)]
    problems += _determinism(full_name, by_preset["strict"], again)
    for generated in by_preset.values():
        problems += _hosts(generated)
    return list(dict.fromkeys(problems))


def _hosts(generated: Generated) -> Iterator[Problem]:
    """What the plugins of each host said, one by one and together."""
    for host, members in generated.configured.items():
        planned = generated.plan.hosts[host]
        for name, configured in members.items():
            yield from _sandboxes(name, configured)
            yield from _reasons(name, configured.units)
            yield from _outgoing(name, planned[name], configured.units)
        yield from _masters(members, planned)


def _facts(plugin: Plugin[Any]) -> Iterator[Problem]:
    name = plugin.full_name()
    for fact, text in (("title", plugin.title), ("summary", plugin.summary)):
        if not text.strip() or not text.isprintable():
            yield Problem((), f"its {fact} is not one line of text", plugin=name)
    if plugin.summary.endswith("."):
        yield Problem((), "its summary ends with a full stop", expected="one sentence without", plugin=name)
    if not plugin.upstream.startswith("https://"):
        yield Problem((), "its upstream is no https address", plugin=name)
    if not _SPDX.match(plugin.licence):
        yield Problem((), f"its licence '{plugin.licence}' is no SPDX expression", plugin=name)


def _settings(plugin: Plugin[Any]) -> Iterator[Problem]:
    name = plugin.full_name()
    with guarded(name, "have its settings read"):
        faults = settings_faults(plugin.settings)
    yield from (Problem((), fault, plugin=name) for fault in faults)


def _readme(plugin: Plugin[Any]) -> Iterator[Problem]:
    yield from (Problem((), fault, plugin=plugin.full_name()) for fault in readme_faults(plugin))


def _determinism(name: str, first: Generated, again: Generated) -> Iterator[Problem]:
    for path in sorted(first.tree.keys() | again.tree.keys()):
        if first.tree.get(path) != again.tree.get(path):
            yield Problem((), f"{path} comes out differently the second time", plugin=name)


def _sandboxes(name: str, configured: Configured) -> Iterator[Problem]:
    """Every unit that the plugin defines itself is declared, with a sandbox or the reason why it has none."""
    declared = {unit.name for unit in configured.units}
    if name.startswith("services/") and not declared:
        yield Problem((), "it is a service and names no unit", hint="name its units in units()", plugin=name)
    for unit, definition in _below(configured.options, "systemd", "services").items():
        body = plain(definition)
        if isinstance(body, Mapping) and body.keys() & _STARTS and unit not in declared:
            yield Problem(
                (), f"it defines {unit}.service and gives it no sandbox", hint="name it in units()", plugin=name
            )


def _reasons(name: str, units: tuple[Unit, ...]) -> Iterator[Problem]:
    expected = f"a reason of at least {_REASON} characters"
    for unit in units:
        if unit.exempt and len(unit.exempt.strip()) < _REASON:
            yield Problem((), f"{unit.name}.service has no sandbox and no reason", expected, plugin=name)
        for exemption in unit.exemptions:
            if len(exemption.reason.strip()) < _REASON:
                message = f"{unit.name}.service is exempt from {exemption.directive} without a reason"
                yield Problem((), message, expected, plugin=name)


def _outgoing(name: str, planned: Planned, units: tuple[Unit, ...]) -> Iterator[Problem]:
    """Who reaches out says so, and names a unit of its own."""
    stated = {need.unit for need in planned.needs if isinstance(need, Outgoing)}
    for unit in units:
        if unit.profile == "internet" and not unit.exempt and unit.name not in stated:
            message = f"{unit.name}.service has the profile 'internet' and no leave to reach out"
            yield Problem((), message, hint="state an Outgoing need, or take the profile 'loopback'", plugin=name)
    for unit_name in sorted(stated.difference(unit.name for unit in units)):
        message = f"it asks to reach out for {unit_name}.service, which is none of its units"
        yield Problem((), message, hint="name it in units()", plugin=name)


def _masters(members: Mapping[str, Configured], planned: Mapping[str, Planned]) -> Iterator[Problem]:
    """Nobody sets the options of a provider: a need says what is wanted."""
    owners = {
        (branch, each): name
        for name, configured in members.items()
        if planned[name].plugin.provides
        for branch in _BRANCHES
        for each in _below(configured.options, branch)
    }
    for name, configured in members.items():
        for branch in _BRANCHES:
            for each in _below(configured.options, branch):
                owner = owners.get((branch, each), name)
                if owner != name:
                    message = f"it sets {branch}.{each}, which is for {owner} to set"
                    yield Problem((), message, hint="state a need instead", plugin=name)


def _below(options: Mapping[str, Any], *steps: str) -> Mapping[str, Any]:
    found: Any = options
    for step in steps:
        found = plain(found.get(step, {})) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}
