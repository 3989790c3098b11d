"""``maidan-nix set``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from maidan_nix.commands.completers import complete_key
from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.proposal import EditResult
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, KeyPath, MaidanError, Problem, dotted

_STAY = 2
"""Steps of a section whose empty table means something: that a plugin is on, that a host or a steward exists."""


class SetResult(EditResult):
    """What came of `set`."""

    key: list[str | int]
    """The keys and indices that lead to the setting."""
    value: Any
    """The value as it was understood; null with --unset."""
    read_as: str
    """How VALUE was understood: "toml", or "text" as it stands; empty with --unset."""


@click.command("set")
@click.argument("key", shell_complete=complete_key)
@click.argument("value", required=False)
@click.option("--manifest", default="community.toml", type=click.Path(path_type=Path), help="The manifest to edit.")
@click.option("--reason", help="Why it may be looser than the preset; members and auditors will read it.")
@click.option("--unset", is_flag=True, help="Remove the setting, so that its default holds again.")
@click.option("--diff", "only_diff", is_flag=True, help="Show what would change; write nothing.")
@click.option("--yes", is_flag=True, help="Write it without asking.")
@output_options
@click.pass_obj
def command(
    console: Console,
    *,
    key: str,
    value: str | None,
    manifest: Path,
    reason: str | None,
    unset: bool,
    only_diff: bool,
    yes: bool,
) -> None:
    """Set one setting of the manifest, and change no other line.

    KEY is written as messages write it: services.wiki.domain, stewards.ada.ssh_keys[0]. The element after the last of
    an array adds one. VALUE is a value of TOML, such as true, 5, '"text"' or '["a", "b"]'; text may do without its
    quotes. The edit is checked as a whole and shown before it is written.

    With --json: manifest, key, value, read_as (toml, text), changed, written, diff, remarks and problems (what is wrong
    still, as before).
    """
    if unset and (value is not None or reason is not None):
        raise click.UsageError("--unset takes no value and no reason.")
    if not unset and value is None:
        raise click.UsageError("Missing argument 'VALUE', or --unset.")
    with console.reporting():
        from maidan_nix.commands.proposal import Agreement, propose
        from maidan_nix.editing.file import open_manifest
        from maidan_nix.editing.keys import parse_key

        path = parse_key(key)
        console.manifest = str(manifest)
        opened, document = open_manifest(manifest)
        console.document = document
        agreement = Agreement(yes, only_diff)
        if value is None:
            text, remarks = _unset(document.text, path)
            result = propose(console, opened, document, text, [path], agreement, remarks)
            shown = SetResult(**result, key=list(path), value=None, read_as="")
        else:
            given, text, remarks, is_text = _set(document.text, path, value, reason, manifest)
            result = propose(console, opened, document, text, [path], agreement, remarks)
            shown = SetResult(**result, key=list(path), value=given, read_as="text" if is_text else "toml")
        if console.json:
            console.result({**shown})


def _unset(text: str, path: KeyPath) -> tuple[str, list[str]]:
    """Remove a setting, and the reason that was only for it."""
    import tomllib

    from maidan_nix.editing.judgement import reason_path
    from maidan_nix.editing.unset import unset_value
    from maidan_nix.editing.values import MISSING, value_at

    edited = unset_value(text, path, _stays)
    reason = reason_path(path)
    if isinstance(path[-1], str) and value_at(tomllib.loads(edited), reason) is not MISSING:
        return unset_value(edited, reason, _stays), [say("Its reason at {key} goes with it.", key=dotted(reason))]
    return edited, []


def _set(text: str, path: KeyPath, word: str, reason: str | None, manifest: Path) -> tuple[Any, str, list[str], bool]:
    """Return the value, the edited text, remarks, and whether the word was taken as text."""
    import tomllib

    from maidan_nix.editing.judgement import is_loosened, near, problems_of_settings, read_word, reason_path
    from maidan_nix.editing.place import set_value
    from maidan_nix.editing.unset import unset_value
    from maidan_nix.editing.values import MISSING, value_at, with_value

    values = tomllib.loads(text)

    def problems_with(value: Any) -> list[Problem]:
        try:
            return near(problems_of_settings(with_value(values, path, value)), path)
        except LookupError:
            return []

    reading = read_word(word, problems_with)
    remarks: list[str] = []
    if reading.is_text:
        remarks.append(say("Read as text: {value}", value=_shown(reading.value)))
    edited = set_value(text, path, reading.value)
    place = reason_path(path)
    if place == path[: len(place)]:  # a reason itself
        return reading.value, edited, remarks, reading.is_text
    has_reason = value_at(values, place) is not MISSING
    if not is_loosened(tomllib.loads(edited), path):
        if reason is not None:
            remarks.append(say("No reason is needed: this is not looser than the preset."))
        if has_reason and value_at(values, (*place[:-2], place[-1])) is not MISSING:
            edited = unset_value(edited, place, _stays)
            remarks.append(say("The reason at {key} goes: nothing is looser now.", key=dotted(place)))
    elif reason is not None:
        edited = set_value(edited, place, reason)
    elif not has_reason:
        found = _needs_reason(path, word, manifest, problems_with(reading.value))
        raise MaidanError(found, ExitCode.MANIFEST_INVALID)
    return reading.value, edited, remarks, reading.is_text


def _needs_reason(path: KeyPath, word: str, manifest: Path, problems: list[Problem]) -> list[Problem]:
    """What is wrong without a reason, with the command that gives one."""
    from dataclasses import replace

    words = ["maidan-nix", "set", dotted(path), word, "--reason", "WHY"]
    if str(manifest) != "community.toml":
        words += ["--manifest", str(manifest)]
    hint = say("give the reason: {command}", command=shlex.join(words))
    return [replace(each, hint=hint) if each.expected.startswith("a reason at ") else each for each in problems]


def _shown(value: Any) -> str:
    from maidan_nix.editing.fragments import write_value

    return write_value(value)


def _stays(path: KeyPath) -> bool:
    """Whether an empty table at this path means something."""
    return len(path) == _STAY and path[0] not in ("community", "privacy", "plugins") and path[1] != "reasons"
