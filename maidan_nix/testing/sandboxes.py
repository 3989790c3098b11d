"""Every unit that a plugin answers for has a sandbox, and what is looser has its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maidan_nix.messages import say
from maidan_nix.problems import Problem
from maidan_nix.testing.subject import Subject
from maidan_nix.testing.walk import below


def units(subject: Subject) -> Iterator[Problem]:
    """Every unit that the plugin starts is declared, with a sandbox or the reason why it has none."""
    declared: set[str] = set()
    for _, _, configured in subject.configured():
        units = {unit.name for unit in configured.units}
        declared |= units
        if subject.plugin.floor == "services" and not units:
            yield subject.problem(say("it is a service and names no unit"), hint=say("name its units in units()"))
        for unit, definition in below(configured.options, "systemd", "services").items():
            if below({"": definition}, "").keys() & _STARTS and unit not in units:
                message = say("it defines {unit}.service and gives it no sandbox", unit=unit)
                yield subject.problem(message, hint=say("name it in units()"))
        for place in _UNCONFINED:
            for each in below(configured.options, *place):
                message = say("it starts {name} by {option}, where no sandbox is put on it",
                              name=each, option=".".join(place))  # fmt: skip
                yield subject.problem(
                    message, hint=say("make it a service of systemd.services, and name it in units()")
                )
    if declared:
        yield from _unnamed(subject, declared)


_STARTS = frozenset(("script", "serviceConfig"))
"""Attributes that only the definition of a unit has, and not an addition to somebody else's."""
_UNCONFINED = (
    ("systemd", "user", "services"),
    ("virtualisation", "oci-containers", "containers"),
    ("containers",),
)
_PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9])[A-Z]{3,}(?![A-Za-z0-9])")


def _unnamed(subject: Subject, declared: set[str]) -> Iterator[Problem]:
    """What the file upstream.toml beside the plugin describes is what it answers for."""
    import tomllib

    try:
        text = (subject.module.parent / "upstream.toml").read_text("utf-8")
        described = tomllib.loads(text).get("units", {})
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        yield subject.problem(say("its upstream.toml cannot be read: {error}", error=error))
        return
    for unit in described if isinstance(described, dict) else ():
        if not _PLACEHOLDER.search(unit) and unit not in declared:
            message = say("its upstream.toml describes {unit}.service, which is none of its units", unit=unit)
            yield subject.problem(message, hint=say("name it in units()"))


_REASON = 10
"""Characters that a reason has at least."""


def reasons(subject: Subject) -> Iterator[Problem]:
    """What is looser than its profile says why."""
    expected = say("a reason of at least {number} characters", number=_REASON)
    for _, _, configured in subject.configured():
        for unit in configured.units:
            if unit.exempt and len(unit.exempt.strip()) < _REASON:
                message = say("{unit}.service has no sandbox and no reason", unit=unit.name)
                yield subject.problem(message, expected)
            for exemption in unit.exemptions:
                if len(exemption.reason.strip()) < _REASON:
                    message = say("{unit}.service is exempt from {directive} without a reason",
                                  unit=unit.name, directive=exemption.directive)  # fmt: skip
                    yield subject.problem(message, expected)
