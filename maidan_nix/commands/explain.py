"""``maidan-nix explain``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from maidan_nix.commands.completers import complete_word
from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.explain_records import (
    FindingKindRecord,
    KeyRecord,
    OptionRecord,
    SetByRecord,
    UsesRecord,
    ValueRecord,
    finding_kind_records,
    key_record,
    option_record,
    set_by_records,
    uses_record,
    value_records,
)
from maidan_nix.commands.records import FindingRecord, finding_records

if TYPE_CHECKING:
    from maidan_nix.explain.effects import Generate
    from maidan_nix.explain.sentences import Line
    from maidan_nix.explain.words import Meaning
    from maidan_nix.generation import Generated
    from maidan_nix.manifest.document import Document


class ExplainResult(TypedDict, total=False):
    """The result for a program. `what` says which of the other keys are there."""

    what: str
    """``key``, ``finding``, ``check``, ``option`` or ``exit-codes``."""
    word: str
    """What was asked for."""
    manifest: str
    """The manifest, empty where there is none; without one, the last group of keys is left out."""
    key: KeyRecord
    """What a key is."""
    finding: list[FindingKindRecord]
    """What the finding is, for each plugin that makes it."""
    check: str
    """What a check of 'maidan-nix doctor' looks at."""
    option: OptionRecord
    """What an option is."""
    exit_codes: dict[str, str]
    """Each code and what it means."""
    values: list[ValueRecord]
    """Of a key: its values."""
    uses: UsesRecord
    """Of a key: where it ends up."""
    holds: list[FindingRecord]
    """Of a finding: where it holds; empty where it does not."""
    set_by: list[SetByRecord]
    """Of an option: who sets it."""


@click.command("explain")
@click.argument("word", metavar="WHAT", shell_complete=complete_word)
@click.argument("manifest", required=False, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where the flake is; beside MANIFEST unless said.")
@output_options
@click.pass_obj
def command(console: Console, *, word: str, manifest: Path | None, out: Path | None) -> None:
    """Explain a key of the manifest, a finding, or a NixOS option.

    WHAT is a key such as privacy.log_retention or hosts.NAME.disk, the id of a finding such as
    single-steward or of a check that 'maidan-nix doctor' makes, the name of a NixOS option such
    as services.nginx.enable, or exit-codes. MANIFEST is ./community.toml if there is one;
    without a manifest, what holds for every community is said.

    Of a key it says what it is, its type, default and presets, its value in the manifest, and
    which options follow from it: that is tried out with another value. Nothing is written.

    With --json: what, word, manifest; one of key, finding, check, option, exit_codes; and
    with a manifest values and uses of a key, holds of a finding, set_by of an option.
    key: key, plugin, what, kind, unit, required, default, presets, looser, reason, examples
    and settings (key, what). finding: plugin, id, severity, means, matters, way_out.
    option: name, kind, status, replacement, note, source, below, inside. values: path, value,
    source, line, column. uses: tried, cited and sections; tried is null, or has path, before,
    value, without, effects (host, plugin, option, before, after), files and as_new.
    holds: as the findings of 'maidan-nix check' (id, severity, subject, message, way_out).
    set_by: host, plugin, file, option, value, keys.
    """
    with console.reporting():
        from maidan_nix.explain import sentences
        from maidan_nix.explain.words import meaning_of
        from maidan_nix.findings.kinds import kinds_of
        from maidan_nix.messages import say
        from maidan_nix.options.index import Index
        from maidan_nix.plugins import known, load
        from maidan_nix.schema import manifest_schema

        kinds = kinds_of(map(load, known()))
        meaning = meaning_of(word, manifest_schema(), kinds, Index.load())
        result = ExplainResult(what=meaning.world, word=word, manifest="")
        plugin = _plugin(meaning)
        _print(console, _in_general(meaning, word, result), plugin)
        where = _manifest(manifest)
        if meaning.world in ("exit-codes", "check"):
            pass
        elif where is None:
            if meaning.option is not None and meaning.world == "option" and not meaning.option.below:
                _print(console, sentences.of_local((), word))
            if not console.json:
                console.comment(say("There is no community.toml here, so what holds for one community is not known."))
        else:
            result["manifest"] = str(where)
            _print(console, _in_particular(console, meaning, where, out, result), plugin)
        if console.json:
            console.result({**result})


def _print(console: Console, lines: Iterable[str | Line], plugin: str = "") -> None:
    from maidan_nix.explain.sentences import Line

    for each in lines:
        line = each if isinstance(each, Line) else Line(each)
        if not console.json:
            console.line(line.text, indent=line.indent, plugin=plugin)


def _plugin(meaning: Meaning) -> str:
    """The plugin whose catalogue may know what is said; empty for core's."""
    if meaning.place is not None:
        return meaning.place.plugin
    return next(iter(meaning.finding or {}), "")


def _manifest(named: Path | None) -> Path | None:
    """The manifest that was named, else the one of this folder if anything has its name."""
    from maidan_nix.flake_folder import MANIFEST

    here = Path(MANIFEST)
    return named if named is not None else here if here.exists() or here.is_symlink() else None


def _in_general(meaning: Meaning, word: str, result: ExplainResult) -> Iterable[str | Line]:
    """What holds for every community."""
    from maidan_nix.explain import sentences
    from maidan_nix.explain.exit_codes import EXIT_CODES
    from maidan_nix.explain.key import key_facts
    from maidan_nix.messages import phrase, say

    if meaning.place is not None:
        key = key_facts(meaning.place)
        result["key"] = key_record(key)
        yield from sentences.of_key(key)
        if meaning.option is not None:
            yield say("NixOS has options of this name, too: 'maidan-nix options show {name}'.", name=word)
    elif meaning.finding is not None:
        result["finding"] = finding_kind_records(meaning.finding)
        yield from sentences.of_finding(meaning.finding, word)
    elif meaning.check:
        result["check"] = str(meaning.check)
        yield say("{id} is a check of 'maidan-nix doctor'.", id=word)
        yield phrase(meaning.check)
    elif meaning.option is not None:
        result["option"] = option_record(meaning.option)
        yield from sentences.of_option(meaning.option)
    else:
        result["exit_codes"] = {str(int(code)): said for code, said in EXIT_CODES.items()}
        yield from sentences.of_exit_codes()


def _in_particular(
    console: Console, meaning: Meaning, manifest: Path, out: Path | None, result: ExplainResult
) -> Iterable[str | Line]:
    """What holds for one community."""
    from maidan_nix.commands.source import read_and_generate
    from maidan_nix.explain import sentences
    from maidan_nix.explain.option import option_path, set_by

    with console.progress() as progress:
        source = read_and_generate(manifest, out, console, progress)
    document, generated = console.document, source.generated
    if meaning.place is not None and document is not None:
        yield from _of_key(meaning, document, generated, source.root, result)
    elif meaning.finding is not None:
        found = [finding for finding in generated.findings if finding.id in _ids(meaning)]
        result["holds"] = finding_records(found)
        yield from sentences.of_findings_here(found, str(manifest))
    elif meaning.option is not None:
        setters = set_by(option_path(result["word"]) or (), generated)
        result["set_by"] = set_by_records(setters)
        yield from sentences.of_setters(setters, str(manifest))
        if not meaning.option.below:
            hosts = dict.fromkeys(each.host for each in setters)
            yield from sentences.of_local(hosts or generated.configured, result["word"])


def _ids(meaning: Meaning) -> set[str]:
    return {kind.id for kind in (meaning.finding or {}).values()}


def _of_key(
    meaning: Meaning, document: Document, generated: Generated, root: Path, result: ExplainResult
) -> Iterable[str | Line]:
    from maidan_nix.explain import sentences
    from maidan_nix.explain.key import uses, values_given
    from maidan_nix.explain.words import unknown_names
    from maidan_nix.manifest.sections import preset_of

    place = meaning.place
    if place is None:
        return
    unknown_names(place, document.values)
    given = values_given(place, document)
    result["values"] = value_records(given)
    yield from sentences.of_values(given, document.name, preset_of(document.values))
    found = uses(place, document, generated, *_generators(document, generated, root))
    result["uses"] = uses_record(found)
    yield from sentences.of_uses(found, place.plugin, is_table=place.is_table)


def _generators(document: Document, generated: Generated, root: Path) -> tuple[Generate, Generate]:
    """Two ways to generate from changed values, with the same public halves: with the flake's lock, and without."""
    from contextlib import suppress
    from dataclasses import replace

    from maidan_nix.generation import generate
    from maidan_nix.plan.lock import LOCK_FILE
    from maidan_nix.plan.public_halves import PUBLIC_FILE
    from maidan_nix.regular_file import read_regular_file

    public: bytes | None = None
    with suppress(OSError):
        public = read_regular_file(root / PUBLIC_FILE, 8 * 1024 * 1024)
    lock = generated.tree[LOCK_FILE].content

    def with_lock(values: dict[str, Any]) -> Generated:
        return generate(replace(document, values=values), lock=lock, public=public)

    def without_lock(values: dict[str, Any]) -> Generated:
        return generate(replace(document, values=values), lock=None, public=public)

    return with_lock, without_lock
