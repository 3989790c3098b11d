"""The units that a host would run: upstream's facts, the plugin's options, and over both what the sandbox declares.

Follows ``modules/{sandbox,egress,declared}.nix``; ``test_composition.py`` compares with what these modules themselves
evaluate to. The profiles and address ranges are read from the modules' own data.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judges import nix_eval
from maidan_nix.contract.unit import Unit
from maidan_nix.generation import generate
from maidan_nix.manifest.document import read_document
from maidan_nix.nix.values import Expression, Noted, Override, Ref, Text, Value
from maidan_nix.nix.values import plain as surface
from maidan_nix.plan.configured import Configured
from plugin_harness import plain
from units.upstream import Directive, Directives, Facts, facts

ROOT = Path(__file__).parents[2]
EXAMPLES = tuple(sorted(path.parent.name for path in (ROOT / "hosts").glob("*/community.toml")))

# Options of systemd.services.<unit> that become something else than the [Service] section.
_UNIT_SECTION = {
    "after": "After", "before": "Before", "bindsTo": "BindsTo", "conflicts": "Conflicts", "partOf": "PartOf",
    "requires": "Requires", "requisite": "Requisite", "wants": "Wants",
}  # fmt: skip
_INSTALL_SECTION = {"requiredBy": "RequiredBy", "wantedBy": "WantedBy"}
_COMMANDS = {"ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost", "ExecCondition"}


@dataclass(frozen=True, slots=True)
class Effective:
    """A unit as it would run. `declared` are the directives of the sandbox among its `service` directives."""

    name: str
    plugin: str
    unit: Unit
    facts: Facts
    options: Mapping[str, Any]
    """What the plugin itself sets below ``systemd.services.<unit>``."""
    declared: Directives
    service: Directives

    def text(self, programs: Mapping[str, str] | None = None, **more: Directive) -> str:
        """Return the unit file; the arguments are those of `service_text`."""
        install = _section(self.options, _INSTALL_SECTION)
        lines = [
            "[Unit]",
            f"Description={self.options.get('description', self.name)}",
            *_section(self.options, _UNIT_SECTION),
            *(
                [f"StartLimitIntervalSec={limit}"]
                if (limit := self.options.get("startLimitIntervalSec")) is not None
                else []
            ),
            "",
            self.service_text(programs, **more),
            *(["[Install]", *install, ""] if install else []),
        ]
        return "\n".join(lines)

    def service_text(self, programs: Mapping[str, str] | None = None, **more: Directive) -> str:
        """Return the [Service] section; `more` replaces directives.

        With `programs` those of the Nix store are sought there by their base name, and in /usr/bin otherwise.
        """
        service = {**self.service, **more}
        if programs is not None:
            for directive in service.keys() & _COMMANDS:
                service[directive] = [_placed(command, programs) for command in _listed(service[directive])]
        environment = {**self.facts.environment, **self.options.get("environment", {})}
        lines = [
            "[Service]",
            *(f'Environment="{name}={value}"' for name, value in environment.items()),
            *(line for directive, value in service.items() for line in _lines(directive, value)),
        ]
        return "\n".join(lines) + "\n"


def example(name: str) -> Mapping[str, Mapping[str, Configured]]:
    """Return what each plugin says of each host of an example."""
    return generate(read_document(ROOT / "hosts" / name / "community.toml"), lock=None, public=None).configured


def effective(host: Mapping[str, Configured]) -> dict[str, Effective]:
    """Return the units of a host, by name."""
    egress = entries(host, "maidan", "egress", "units")
    services = entries(host, "systemd", "services")
    return {
        unit.name: compose(plugin, unit, services.get(unit.name, {}), egress.get(unit.name))
        for plugin, configured in host.items()
        for unit in configured.units
    }


def compose(
    plugin: str, unit: Unit, options: Mapping[str, Any] | None = None, egress: Mapping[str, Any] | None = None
) -> Effective:
    """Return one unit. Raises AssertionError where the module system would refuse a value for want of a priority."""
    of_upstream = facts(plugin, unit.name) or Facts()
    options = options or {}
    base = {**of_upstream.directives}
    for script, directive in (("preStart", "ExecStartPre"), ("script", "ExecStart")):
        if script in options:
            name = f"{unit.name}-{'pre-start' if script == 'preStart' else 'start'}"
            base[directive] = [*_listed(base.get(directive, [])), f"/nix/store/unit-script-{name}/bin/{name}"]
    merged = _merged(unit.name, base, options.get("serviceConfig", {}))
    declared = {} if unit.exempt else _declared(unit, egress)
    return Effective(unit.name, plugin, unit, of_upstream, plain(options), declared, {**merged, **declared})


def entries(host: Mapping[str, Configured], *steps: str) -> dict[str, Any]:
    """Return what all plugins together set below an option that holds one entry per unit."""
    found: dict[str, Any] = {}
    for configured in host.values():
        at: Any = configured.options
        for step in steps:
            at = surface(at.get(step, {}))
        for name, value in at.items():
            table: Any = surface(value)
            found[name] = {**found.get(name, {}), **table}
    return found


@functools.cache
def _module_data(name: str) -> Any:
    return nix_eval(f"import {ROOT}/modules/{name}.nix")


def _declared(unit: Unit, egress: Mapping[str, Any] | None) -> dict[str, Directive]:
    """What modules/sandbox.nix and modules/egress.nix declare for a unit."""
    limits = unit.limits
    assert limits is not None, f"{unit.name} is neither exempt nor limited"
    declared: dict[str, Directive] = {**_module_data("sandbox-profiles")[unit.profile]}
    declared |= {exemption.directive: plain(exemption.value) for exemption in unit.exemptions}
    declared |= {"MemoryHigh": limits.memory_high, "MemoryMax": limits.memory_max, "TasksMax": limits.tasks}
    declared |= {"CPUQuota": limits.cpu} if limits.cpu else {}
    declared |= {"LimitNOFILE": limits.open_files} if limits.open_files else {}
    if egress is not None and unit.profile != "socket":
        entry = plain(egress)
        declared["IPAddressAllow"] = ["localhost", *entry.get("addresses", [])]
        declared["IPAddressDeny"] = _module_data("egress-ranges") if entry["class"] == "internet" else ["any"]
    return declared


def _merged(unit: str, upstream: Mapping[str, Directive], options: Mapping[str, Value]) -> dict[str, Directive]:
    """Merge a plugin's own serviceConfig into upstream's as the module system would."""
    merged = dict(upstream)
    for directive, given in options.items():
        value: Any = _in_store(plain(given))
        overrides = isinstance(given.value if isinstance(given, Noted) else given, Override)
        before = merged.get(directive)
        if before is None or overrides:
            merged[directive] = value
        elif isinstance(before, list) and isinstance(value, list):
            merged[directive] = [*before, *value]
        else:
            assert before == value, f"{unit}: {directive} is {before!r} upstream, {value!r} here, and needs an override"
    return merged


def _in_store(value: Any) -> Any:
    """Write a text that names packages, such as a plugin's own command, with their paths in the Nix store."""
    if not isinstance(value, Text):
        return value
    return "".join(f"/nix/store/{part.steps[-1]}" if isinstance(part, Ref) else str(part) for part in value.parts)


def _section(options: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    return [f"{names[option]}={' '.join(value)}" for option, value in options.items() if option in names and value]


def _listed(value: Directive) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def _placed(command: str, programs: Mapping[str, str]) -> str:
    """Find a program: `+/nix/store/redis/bin/redis-server x` becomes `+/usr/bin/redis-server x`."""

    def place(match: re.Match[str]) -> str:
        name = match[0].rpartition("/")[2]
        return programs.get(name, f"/usr/bin/{name}")

    return re.sub(r"/nix/store/\S+", place, command)


def _lines(directive: str, value: Directive) -> Iterator[str]:
    """Lines of a unit file as NixOS writes them: a list is a repeated directive, the empty list is nothing."""
    for each in value if isinstance(value, list) else [value]:
        assert not isinstance(each, Expression), f"{directive} is Nix code: {each}"
        yield f"{directive}={str(each).lower() if isinstance(each, bool) else each}"
