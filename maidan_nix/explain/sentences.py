"""An explanation as lines to read: whole sentences, each of which says what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from maidan_nix.explain.effects import Effect, Tried
from maidan_nix.explain.exit_codes import EXIT_CODES
from maidan_nix.explain.key import Given, Key, Uses
from maidan_nix.explain.option import MOST, OptionFacts, SetBy
from maidan_nix.findings import Finding, FindingKind
from maidan_nix.messages import alternatives, count, listed, phrase, say
from maidan_nix.options.wording import source_in_words
from maidan_nix.problems import dotted
from maidan_nix.schema.values import toml_value


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and the number of spaces before it."""

    text: str
    indent: int = 0


_SHOWN = 12
_SHOWN_IN_ALL = 36
"""Options of one file that are named, and about so many of all files; the rest is counted."""
_SEVERITIES = {
    "refuse": say("As long as it holds, nothing is generated."),
    "missing": say("It must be done before the first switch."),
    "advice": say("It is worth a thought, and stops nothing."),
}
_LOOSER = {
    "true": say("It is looser when it is true."),
    "false": say("It is looser when it is false."),
    "higher": say("It is looser the higher it is."),
    "lower": say("It is looser the lower it is."),
}


def of_key(key: Key) -> Iterator[str | Line]:
    """What a key is."""
    if key.plugin:
        yield say("{key} belongs to the plugin {plugin}.", key=key.key, plugin=key.plugin)
    else:
        yield say("{key} belongs to the manifest itself.", key=key.key)
    if key.what:
        yield say("{what}.", what=phrase(key.what))
    if key.settings:
        yield say("It is a table with these keys:")
        for each in key.settings:
            yield Line(say("{key}: {what}.", key=each.key, what=phrase(each.what)), 2)
        return
    if key.kind:
        yield say("Type: {kind}.", kind=key.kind)
    if key.unit:
        yield say("Unit: {unit}.", unit=phrase(key.unit))
    yield from _without(key)
    if isinstance(key.looser, tuple):
        words = listed([toml_value(word) for word in key.looser])
        yield say("From strict to loose, the choices are {words}.", words=words)
    elif key.looser:
        yield _LOOSER[key.looser]
    if key.looser:
        yield say("A value looser than the preset needs a reason, at {key}.", key=key.reason)
    if key.examples:
        yield say("Example: {example}.", example=toml_value(key.examples[0]))


def _without(key: Key) -> Iterator[str | Line]:
    """What holds where the manifest does not say."""
    if key.presets:
        values = list(key.presets.values())
        if all(value == values[0] for value in values):
            yield say("Default: {value}, with every preset.", value=toml_value(values[0]))
            return
        for preset, value in key.presets.items():
            yield say("Preset {preset}: {value}.", preset=preset, value=toml_value(value))
    elif key.default is not None:
        yield say("Default: {value}.", value=toml_value(key.default))
    elif key.required:
        yield say("It has no default: it must be in the manifest.")
    elif not key.key.endswith("]"):
        yield say("It has no default, and can be left out.")


def of_values(given: Iterable[Given], manifest: str, preset: str) -> Iterator[str | Line]:
    """What a community's manifest says at the key."""
    for one in given:
        value, key = toml_value(one.value), dotted(one.path)
        match one.source:
            case "manifest" if isinstance(one.value, dict):
                yield say(
                    "{file}:{line}:{column} begins {key}.", file=manifest, line=one.line, column=one.column, key=key
                )
            case "manifest":
                yield say(
                    "{file}:{line}:{column} sets {key} to {value}.",
                    file=manifest, line=one.line, column=one.column, key=key, value=value,
                )  # fmt: skip
            case "preset":
                yield say(
                    "{file} does not set {key}: the preset {preset} makes it {value}.",
                    file=manifest, key=key, preset=preset, value=value,
                )  # fmt: skip
            case "default":
                yield say("{file} does not set {key}: by default it is {value}.", file=manifest, key=key, value=value)
            case _:
                yield say("{file} does not set {key}.", file=manifest, key=key)


def of_uses(uses: Uses, plugin: str, *, is_table: bool) -> Iterator[str | Line]:
    """Where the key ends up."""
    if uses.sections:
        yield say("What it sets is in {files}.", files=listed(uses.sections))
    elif is_table and plugin:
        yield say("No host that it is about has the plugin {plugin}.", plugin=plugin)
    if is_table:
        if uses.cited:
            yield say("These options name it:")
        yield from (Line(each, 2) for each in uses.cited)
        yield say("What follows from one of its keys is said where that key is explained.")
    elif uses.tried is not None:
        yield from _of_trial(uses.tried, plugin)
    elif uses.cited:
        yield say("No second value is valid here, so what follows from it could not be tried. These options name it:")
        yield from (Line(each, 2) for each in uses.cited)
    else:
        yield say("What follows from it could not be tried: no second value is valid here, and no option names it.")


def _of_trial(tried: Tried, plugin: str) -> Iterator[str | Line]:
    key = dotted(tried.path)
    if tried.value is None:
        yield say("Tried out, without writing anything: taking {key} out of the manifest.", key=key)
    elif tried.before is None:
        yield say("Tried out, without writing anything: {key} = {value}.", key=key, value=toml_value(tried.value))
    else:
        yield say(
            "Tried out, without writing anything: {key} = {value} instead of {before}.",
            key=key, value=toml_value(tried.value), before=toml_value(tried.before),
        )  # fmt: skip
    if tried.as_new:
        yield say("maidan.lock keeps it as it is in this flake, so this is what would follow in a new one.")
    for other in tried.without:
        yield say("For that, {key} had to be taken out, too.", key=dotted(other))
    own = [effect for effect in tried.effects if effect.plugin == plugin or not plugin]
    others = [effect for effect in tried.effects if effect not in own]
    if own:
        yield say("These options follow from it:")
        yield from _effects(own)
    if others:
        yield say("Other plugins use it, too:")
        yield from _effects(others)
    if tried.files:
        yield say("These files of the flake follow from it, too: {files}.", files=listed(tried.files))
    if not tried.effects and not tried.files:
        yield say("Nothing in the flake changed by it.")


def _effects(effects: Iterable[Effect]) -> Iterator[str | Line]:
    by_file: dict[str, list[Effect]] = {}
    for effect in effects:
        by_file.setdefault(f"hosts/{effect.host}/{effect.plugin}.nix", []).append(effect)
    most = max(2, min(_SHOWN, _SHOWN_IN_ALL // max(1, len(by_file))))
    for file, found in by_file.items():
        yield Line(say("{file}:", file=file), 2)
        yield from (Line(_effect(each), 4) for each in found[:most])
        if len(found) > most:
            rest = count("and {number} more option", "and {number} more options", number=len(found) - most)
            yield Line(rest, 4)


def _effect(effect: Effect) -> str:
    option, before, after = effect.option, effect.before, effect.after
    if not before:
        return say("{option} becomes {after}; it was not set", option=option, after=after)
    if not after:
        return say("{option} is no longer set; it was {before}", option=option, before=before)
    if before == after == "...":
        return say("{option} changes", option=option)
    return say("{option} becomes {after}; it was {before}", option=option, before=before, after=after)


def of_finding(kinds: Mapping[str, FindingKind], name: str) -> Iterator[str | Line]:
    """What a finding means, for each plugin that makes it."""
    for plugin, kind in kinds.items():
        if plugin:
            yield say("{id} is a finding of the plugin {plugin}.", id=name, plugin=plugin)
        else:
            yield say("{id} is a finding of maidan-nix itself.", id=name)
        yield phrase(kind.means)
        yield say("Severity: {severity}. {meaning}", severity=kind.severity, meaning=_SEVERITIES[kind.severity])
        yield say("Why it matters: {why}", why=phrase(kind.matters))
        yield say("Way out: {way_out}", way_out=phrase(kind.way_out))


def of_findings_here(found: Iterable[Finding], manifest: str) -> Iterator[str | Line]:
    """Whether a finding holds for a community."""
    here = list(found)
    if not here:
        yield say("It does not hold for {file} now.", file=manifest)
    for finding in here:
        yield say("It holds for {subject} now: {message}.", subject=finding.subject, message=phrase(finding.message))
        yield Line(say("Way out: {way_out}.", way_out=phrase(finding.way_out)), 2)


def of_option(option: OptionFacts) -> Iterator[str | Line]:
    """What an option is."""
    if option.below:
        yield say("{name} is the beginning of NixOS options. One step further there are:", name=option.name)
        yield from (Line(each, 2) for each in option.below)
        return
    if option.inside:
        yield say("{name} is a name inside the NixOS option {option}.", name=option.name, option=option.inside)
    else:
        yield say("{name} is a NixOS option.", name=option.name)
    if option.kind:
        yield say("Type: {kind}.", kind=option.kind)
    else:
        yield say("Type: the index does not know it.")
    if option.status == "removed":
        yield say("It was removed from NixOS.")
    if option.status == "renamed":
        yield say("It was renamed to {name}.", name=option.replacement)
    if option.note:
        yield option.note
    if option.source:
        yield say("This is known from {source}.", source=source_in_words(option.source))


def of_setters(found: list[SetBy], manifest: str) -> Iterator[str | Line]:
    """Who sets an option in a community's flake, and what a steward may do."""
    if not found:
        yield say("Nothing that follows from {file} sets it.", file=manifest)
    for each in found[:MOST]:
        yield say("{file} sets {option} to {value}.", file=each.file, option=each.option, value=each.value)
        if each.keys:
            yield Line(say("It comes from {keys}.", keys=alternatives(each.keys)), 2)
        else:
            yield Line(say("It comes from the plugin {plugin}.", plugin=each.plugin), 2)
    if len(found) > MOST:
        yield count("And {number} more value.", "And {number} more values.", number=len(found) - MOST)


def of_local(hosts: Iterable[str], option: str) -> Iterator[str | Line]:
    """How a steward has the last word."""
    files = [f"hosts/{host}/local.nix" for host in hosts] or ["hosts/NAME/local.nix"]
    yield say(
        "To have it otherwise, set it in {files}, which is yours: {option} = lib.mkForce ...;",
        files=alternatives(files), option=option,
    )  # fmt: skip


def of_exit_codes() -> Iterator[str | Line]:
    """All exit codes."""
    yield say("Every command ends with one of these exit codes:")
    for code, meaning in EXIT_CODES.items():
        yield Line(say("{code}: {meaning}", code=int(code), meaning=phrase(meaning)), 2)
