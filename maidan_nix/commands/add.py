"""``maidan-nix add``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from maidan_nix.commands.completers import complete_host, complete_plugin
from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.proposal import EditResult
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import phrase, say
from maidan_nix.problems import ExitCode, KeyPath, MaidanError, Problem, dotted


class AddResult(EditResult):
    """What came of `add`."""

    plugin: str
    """The full name of the plugin, such as services/wiki."""


@click.command("add")
@click.argument("name", shell_complete=complete_plugin)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting of it; can be repeated.")
@click.option(
    "--host", default="", shell_complete=complete_host, help="The host that a service runs on, where there are several."
)
@click.option("--manifest", default="community.toml", type=click.Path(path_type=Path), help="The manifest to edit.")
@click.option("--diff", "only_diff", is_flag=True, help="Show what would change; write nothing.")
@click.option("--yes", is_flag=True, help="Write it without asking.")
@output_options
@click.pass_obj
def command(
    console: Console, *, name: str, settings: tuple[str, ...], host: str, manifest: Path, only_diff: bool, yes: bool
) -> None:
    """Add a service to the manifest, or a section for another plugin.

    NAME is that of a plugin, such as wiki or services/wiki; 'maidan-nix plugin list' knows them. The settings that it
    needs come by --set, or are asked for at a terminal. VALUE is a value of TOML; text may do without its quotes. No
    other line changes, and the edit is checked and shown before it is written. It exits with 2 where NAME is there
    already, or is no plugin.

    With --json: manifest, plugin, changed, written, diff, remarks and problems (what is wrong still, as before).
    """
    with console.reporting():
        from maidan_nix.commands.proposal import Agreement, propose
        from maidan_nix.editing.file import open_manifest
        from maidan_nix.initial.naming import plugin_named
        from maidan_nix.initial.setting import required
        from maidan_nix.plugins import known, load

        console.manifest = str(manifest)
        opened, document = open_manifest(manifest)
        console.document = document
        full_name = plugin_named(name, known())
        floor, short = full_name.split("/")
        path: KeyPath = (floor, short)
        _refuse_second(document, path)
        values = _given(document, path, settings, host)
        missing = [each for each in required(load(full_name).settings) if each not in values]
        needs_host = floor == "services" and "host" not in values and len(_hosts(document)) > 1
        if missing or needs_host:
            values = _asked(console, document, path, values, missing, needs_host=needs_host)
        edited = _edited(document, path, values)
        remarks = [say("{plugin}: {summary}.", plugin=full_name, summary=load(full_name).summary)]
        result = propose(console, opened, document, edited, [path], Agreement(yes, only_diff), remarks)
        if console.json:
            console.result({**AddResult(**result, plugin=full_name)})


def _hosts(document: Document) -> list[str]:
    hosts = document.values.get("hosts")
    return list(hosts) if isinstance(hosts, Mapping) else []


def _refuse_second(document: Document, path: KeyPath) -> None:
    from maidan_nix.editing.values import MISSING, value_at

    if value_at(document.values, path) is not MISSING:
        message = say("{section} is there already", section=dotted(path))
        hint = say("change it with: maidan-nix set {section}.KEY VALUE", section=dotted(path))
        raise MaidanError(Problem(path, message, hint=hint), ExitCode.USAGE)


def _given(document: Document, path: KeyPath, settings: tuple[str, ...], host: str) -> dict[str, Any]:
    """The settings from the command line, as a tree. Raises click's usage error for what is no KEY=VALUE."""
    from maidan_nix.editing.judgement import near, problems_of_settings, read_word
    from maidan_nix.editing.keys import parse_key
    from maidan_nix.editing.values import with_value

    values: dict[str, Any] = {"host": host} if host else {}
    for setting in settings:
        key, equals, word = setting.partition("=")
        if not equals:
            raise click.UsageError(say("--set takes KEY=VALUE, and got {given}.", given=quoted(setting)))
        place = parse_key(key.strip())

        def problems_with(value: Any, place: KeyPath = place, known: dict[str, Any] = values) -> list[Problem]:
            tree = with_value(document.values, path, with_value(known, place, value))
            return near(problems_of_settings(tree), (*path, *place))

        try:
            values = with_value(values, place, read_word(word, problems_with).value)
        except LookupError:
            raise click.UsageError(say("--set {given} does not go with the others.", given=quoted(setting))) from None
    return values


def _asked(
    console: Console, document: Document, path: KeyPath, values: dict[str, Any], missing: list[str], *, needs_host: bool
) -> dict[str, Any]:
    """Ask for what is missing, or say which options would have given it."""
    from maidan_nix.commands.prompt import Prompt, can_ask
    from maidan_nix.editing.values import value_at, with_value
    from maidan_nix.initial.interview import Interview, host_question
    from maidan_nix.manifest.settings import infos
    from maidan_nix.plugins import load

    plugin = load("/".join(map(str, path)))
    if not can_ask(console):
        name = plugin.full_name()
        problems = [Problem((), say("{plugin} needs --host NAME", plugin=name))] if needs_host else []
        for each in missing:
            what = phrase(infos(plugin.settings)[each].description)
            told = say("{plugin} needs --set {setting}=VALUE: {what}", plugin=name, setting=each, what=what)
            problems.append(Problem((), told))
        raise MaidanError(problems, ExitCode.USAGE)
    interview = Interview(Prompt(console), with_value(document.values, path, values))
    interview.asks.explain(say("{title}: {summary}.", title=plugin.title, summary=plugin.summary))
    if needs_host:
        host_question(interview, path)
    for name in missing:
        interview.setting((*path, name), plugin.settings, say("{title}: {setting}", title=plugin.title, setting=name))
    found: dict[str, Any] = value_at(interview.values, path)
    return found


def _edited(document: Document, path: KeyPath, values: Mapping[str, Any]) -> str:
    from maidan_nix.editing.place import add_section, set_value
    from maidan_nix.editing.splice import newline_of
    from maidan_nix.initial.render import plugin_body, plugin_heading
    from maidan_nix.manifest.sections import preset_of

    full_name = "/".join(map(str, path))
    newline = newline_of(document.text)
    body = plugin_body(full_name, values, preset_of(document.values)).replace("\n", newline)
    text = add_section(document.text, path, body, plugin_heading(full_name))
    for place, value in _leaves(path, values):
        text = set_value(text, place, value)
    return text


def _leaves(path: KeyPath, values: Mapping[str, Any]) -> list[tuple[KeyPath, Any]]:
    """The values in the tables of a section, which have headers of their own."""
    found: list[tuple[KeyPath, Any]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            for inner, leaf in value.items():
                place = (*path, key, inner)
                found += _leaves((*path, key), {inner: leaf}) if isinstance(leaf, Mapping) else [(place, leaf)]
    return found
