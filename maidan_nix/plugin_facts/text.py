"""The facts of a plugin as lines that can be followed by ear: words, and one thing on each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from maidan_nix.messages import listed, phrase, say, together
from maidan_nix.plugin_facts.facts import OWN
from maidan_nix.plugin_facts.model import (
    Because,
    NeedFacts,
    OnHost,
    OutgoingFacts,
    PluginFacts,
    PortFacts,
    SettingFacts,
    UnitFacts,
)
from maidan_nix.schema.values import toml_value


def plugin_lines(facts: PluginFacts) -> Iterator[str]:
    """What the plugin is, what it provides, its settings and findings."""
    yield say("{name}: {title}", name=facts.name, title=phrase(facts.title))
    yield say("{summary}.", summary=phrase(facts.summary))
    yield say("Software: {upstream}, under {licence}", upstream=facts.upstream, licence=facts.licence)
    if facts.distribution == OWN:
        yield say("Comes with maidan-nix {version}.", version=facts.version)
    else:
        yield say("Comes from {distribution} {version}.", distribution=facts.distribution, version=facts.version)
    if facts.baseline:
        yield say("Every host has it, unless the manifest disables it.")
    for each in facts.provides:
        if each.across_hosts:
            yield say("Provides: {kind}, to other hosts too", kind=each.kind)
        else:
            yield say("Provides: {kind}", kind=each.kind)
    if facts.conflicts:
        yield say("Cannot run beside: {plugins}", plugins=listed(facts.conflicts))
    yield ""
    if facts.settings:
        yield say("Settings, in [{section}]:", section=facts.section)
        for setting in facts.settings:
            is_table = any(each.name.startswith(f"{setting.name}.") for each in facts.settings)
            yield from _setting(setting, is_table=is_table)
    else:
        yield say("It has no settings.")
    if facts.findings:
        yield ""
        yield say("Findings it may raise:")
        for finding in facts.findings:
            yield say("  {id} ({severity}): {means}", id=finding.id, severity=finding.severity,
                      means=phrase(finding.means))  # fmt: skip


def _setting(setting: SettingFacts, *, is_table: bool) -> Iterator[str]:
    yield say("  {name}: {description}", name=setting.name, description=phrase(setting.description))
    if setting.kind and setting.unit:
        yield say("    Type: {kind}, in {unit}", kind=setting.kind, unit=phrase(setting.unit))
    elif setting.kind:
        yield say("    Type: {kind}", kind=setting.kind)
    varies = len({toml_value(value) for value in setting.presets.values()}) > 1
    if setting.required:
        yield say("    It must be given.")
    elif varies:
        said = [say("{value} ({preset})", value=toml_value(value), preset=preset)
                for preset, value in setting.presets.items()]  # fmt: skip
        yield say("    By preset: {values}", values=listed(said))
    else:
        default = next(iter(setting.presets.values())) if setting.presets else setting.default
        if default is not None or not is_table:  # else what its keys are by themselves follows
            yield say("    By itself: {value}", value=toml_value(default))
    if setting.looser:
        yield _looser(setting)
    if setting.examples:
        yield say("    Example: {value}", value=toml_value(setting.examples[0]))


def _looser(setting: SettingFacts) -> str:
    if isinstance(setting.looser, tuple):
        order = listed(map(toml_value, setting.looser))
        return say("    From strict to loose: {order}. Looser than the preset needs a reason.", order=order)
    if setting.looser == "true":
        return say("    true is looser, and needs a reason where the preset says false.")
    if setting.looser == "false":
        return say("    false is looser, and needs a reason where the preset says true.")
    if setting.looser == "higher":
        return say("    Higher is looser. Looser than the preset needs a reason.")
    return say("    Lower is looser. Looser than the preset needs a reason.")


def host_lines(one: OnHost, *, is_example: bool) -> Iterator[str]:
    """What the plugin is on one host."""
    if is_example:
        yield say("In a small example:")
    else:
        yield say("On the host {host}, because {reasons}:", host=one.host, reasons=_reasons(one.because))
    yield from map(_need, one.needs)
    for unit in one.units:
        yield from _unit(unit)
    for secret in one.secrets:
        yield say("  Secret {name}: {content}", name=secret.name, content=phrase(secret.content))
    yield from map(_port, one.ports)
    yield from map(_outgoing, one.outgoing)
    if not (one.needs or one.units):
        yield say("  It needs nothing and starts nothing.")
    elif not one.outgoing:
        yield say("  It connects to nobody beyond this host.")


def _reasons(because: Iterable[Because]) -> str:
    said = [_reason(each) for each in because]
    return together(said) if said else say("it has work there")


def _reason(because: Because) -> str:
    if because.reason == "baseline":
        return say("every host has it")
    if because.reason == "section":
        return say("the manifest names it")
    if because.host:
        return say("{plugin} on {host} needs {kind}", plugin=because.plugin, host=because.host, kind=because.kind)
    return say("{plugin} needs {kind}", plugin=because.plugin, kind=because.kind)


def _need(need: NeedFacts) -> str:
    if not need.provider:
        if need.name:
            return say("  Needs {kind} {name}, from the lock", kind=need.kind, name=need.name)
        return say("  Needs {kind}, from the lock", kind=need.kind)
    who = say("{plugin} on {host}", plugin=need.provider, host=need.host) if need.host else need.provider
    if need.name:
        return say("  Needs {kind} {name}, from {provider}", kind=need.kind, name=need.name, provider=who)
    return say("  Needs {kind}, from {provider}", kind=need.kind, provider=who)


def _port(port: PortFacts) -> str:
    values = {"number": port.number, "protocol": port.protocol, "purpose": phrase(port.purpose or port.name)}
    if port.open_to == "internet":
        return say("  Port {number}/{protocol}, open to the internet: {purpose}", **values)
    return say("  Port {number}/{protocol}, open to this host alone: {purpose}", **values)


def _outgoing(outgoing: OutgoingFacts) -> str:
    if outgoing.to == "listed":
        where, reason = listed(outgoing.addresses), phrase(outgoing.reason)
        return say("  {unit}.service connects to {where}: {reason}", unit=outgoing.unit, where=where, reason=reason)
    return say("  {unit}.service connects to the internet: {reason}", unit=outgoing.unit,
               reason=phrase(outgoing.reason))  # fmt: skip


def _unit(unit: UnitFacts) -> Iterator[str]:
    if unit.exempt:
        yield say("  Unit {name}.service, without a sandbox: {reason}", name=unit.name, reason=phrase(unit.exempt))
        return
    yield say("  Unit {name}.service, in the sandbox '{profile}', with at most {memory} of memory",
              name=unit.name, profile=unit.profile, memory=unit.memory_max)  # fmt: skip
    for each in unit.exemptions:
        yield say("    {directive} is {value} instead: {reason}", directive=each.directive, value=each.value,
                  reason=phrase(each.reason))  # fmt: skip
