"""``maidan-nix plugin``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.group import Group
from maidan_nix.messages import phrase, say
from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean

if TYPE_CHECKING:
    from maidan_nix.generation import Generated
    from maidan_nix.plugin_facts.model import OnHost

MANIFEST = "community.toml"


@click.group("plugin", cls=Group)
def command() -> None:
    """List, show, check and write plugins."""


class PluginRow(TypedDict):
    """One installed plugin."""

    name: str
    """Its full name, such as services/wiki."""
    title: str
    summary: str
    licence: str
    upstream: str
    distribution: str
    """Where it comes from: maidan-nix for the plugins that come along."""
    version: str
    """The version of the distribution, empty for the plugins that come along."""
    baseline: bool
    """Whether every host has it by itself."""


class ListResult(TypedDict):
    """The result of ``plugin list`` for a program."""

    plugins: list[PluginRow]


@command.command("list", short_help="List the installed plugins.")
@output_options
@click.pass_obj
def list_plugins(console: Console) -> None:
    """List the installed plugins: what each is, and whether every host gets it by itself.

    With --json: plugins, each with name, title, summary, licence, upstream, distribution,
    version and baseline. A plugin that cannot be loaded is reported, and the exit code is 1.
    """
    with console.reporting():
        from maidan_nix.plugins import baseline, known, load

        rows: list[PluginRow] = []
        problems: list[Problem] = []
        for name, source in known().items():
            try:
                plugin = load(name)
            except MaidanError as error:
                problems += error.problems
                continue
            rows.append(
                PluginRow(
                    name=name,
                    title=plugin.title,
                    summary=plugin.summary,
                    licence=plugin.licence,
                    upstream=plugin.upstream,
                    distribution=source.distribution or "maidan-nix",
                    version=source.version,
                    baseline=name in baseline(),
                )
            )
        if not console.json:
            for row in rows:
                console.line(_row_line(row))
        if problems:
            raise MaidanError(problems)
        if console.json:
            console.result({**ListResult(plugins=rows)})


def _row_line(row: PluginRow) -> str:
    name = row["name"]
    if row["distribution"] != "maidan-nix":
        name = f"{name} ({row['distribution']} {row['version']})"
    if row["baseline"]:
        return say("{name}: {summary} (every host)", name=name, summary=phrase(row["summary"]))
    return say("{name}: {summary}", name=name, summary=phrase(row["summary"]))


class ShowResult(TypedDict):
    """The result of ``plugin show`` for a program."""

    plugin: dict[str, Any]
    """What it is.

    name, title, summary, upstream, licence, distribution, version, baseline, section, conflicts; `settings`, each with
    name, description, kind, unit, required, default, presets, looser, examples; `provides`, each with kind and
    across_hosts; `findings`, each with id, severity and means.
    """
    manifest: str
    """The manifest that was read; empty for none."""
    hosts: list[dict[str, Any]]
    """Each host of that manifest that has the plugin.

    `host`; `because`, each with reason (baseline, section, need), plugin, kind and host; `needs`, each with kind,
    name, provider and host (empty for this one); `units`, each with name, profile, exempt, exemptions (directive,
    value, reason), memory_high, memory_max and tasks; `secrets`, each with name and content; `ports`, each with
    name, number, protocol, open_to and purpose; `outgoing`, each with unit, to, addresses and reason.
    """
    example: dict[str, Any] | None
    """The same for a host of a small example, where no host of the manifest has the plugin."""


@command.command("show", short_help="Show what a plugin is, can be told, and does to a host.")
@click.argument("name")
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="Say what it is on the hosts of this community; ./community.toml unless said, if there is one.",
)
@output_options
@click.pass_obj
def show_plugin(console: Console, *, name: str, manifest: Path | None) -> None:
    """Show what a plugin is, its settings, and what it needs, starts, opens and contacts.

    NAME is a full name such as services/wiki, or its last part. Where a community.toml is at hand,
    its hosts that have the plugin are shown, and why they have it; otherwise a small example.

    With --json: plugin, manifest, hosts (host, because, needs, units, secrets, ports, outgoing)
    and example, which is the same for a host that is made up, or null.
    """
    with console.reporting():
        from dataclasses import asdict

        from maidan_nix.plugin_facts.facts import on_hosts, plugin_facts
        from maidan_nix.plugin_facts.text import host_lines, plugin_lines
        from maidan_nix.plugins import known, load

        full_name = _full_name(name)
        facts = plugin_facts(load(full_name), known()[full_name])
        generated = _community(console, manifest)
        hosts = on_hosts(full_name, generated) if generated is not None else ()
        example = None if hosts else _example(console, full_name)
        if console.json:
            shown = ShowResult(
                plugin=asdict(facts),
                manifest=console.manifest if generated is not None else "",
                hosts=[asdict(each) for each in hosts],
                example=asdict(example) if example is not None else None,
            )
            console.result({**shown})
            return
        for line in plugin_lines(facts):
            console.line(line)
        if generated is not None and not hosts:
            console.line()
            console.line(say("No host of {manifest} has it.", manifest=console.manifest))
        for one in hosts or ([example] if example else []):
            console.line()
            for line in host_lines(one, is_example=not hosts):
                console.line(line)


def _full_name(name: str) -> str:
    """The full name of an installed plugin, by that name or its last part. Raises MaidanError for any other."""
    from maidan_nix.manifest.wording import quoted
    from maidan_nix.plugins import known

    wanted = name.replace(".", "/", 1)
    found = [each for each in known() if wanted in (each, each.partition("/")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        message = say("several plugins are named {name}", name=quoted(name))
        raise MaidanError(Problem((), message, say("one of {names}", names=", ".join(found))), ExitCode.USAGE)
    nearest = did_you_mean(wanted, [*known(), *(each.partition("/")[2] for each in known())])
    hint = nearest or say("see 'maidan-nix plugin list'")
    raise MaidanError(Problem((), say("no plugin is named {name}", name=quoted(name)), hint=hint), ExitCode.USAGE)


def _community(console: Console, manifest: Path | None) -> Generated | None:
    """The community at hand: the one that was asked for, or the one in this folder, if it is in order."""
    from maidan_nix.commands.source import read_and_generate

    path = manifest or Path(MANIFEST)
    if manifest is None and not path.exists():
        return None
    try:
        return read_and_generate(path, None, console).generated
    except MaidanError:
        if manifest is not None:
            raise
        console.note(say("{path} has faults, so its hosts are left out; see 'maidan-nix check'", path=path))
        console.manifest, console.document = "", None
        return None


def _example(console: Console, full_name: str) -> OnHost | None:
    from maidan_nix.plugin_facts.facts import on_host
    from maidan_nix.plugins import load
    from maidan_nix.testing.example import EXAMPLE_HOST, example_document, trying

    plugin = load(full_name)
    try:
        with trying(plugin) as generate:
            generated = generate(example_document(plugin))
    except (MaidanError, ValueError):
        console.note(say("its example cannot be generated; see 'maidan-nix plugin check'"))
        return None
    if full_name not in generated.plan.hosts[EXAMPLE_HOST]:
        return None
    return on_host(EXAMPLE_HOST, full_name, generated, ())


class NewResult(TypedDict):
    """The result of ``plugin new`` for a program."""

    path: str
    """The folder that was written."""
    plugin: str
    """The full name of the plugin."""
    files: list[str]
    """What is in the folder, by path."""


@command.command("new", short_help="Write the source of a plugin that works, to begin from.")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["service", "platform", "hardening"]),
    required=True,
    help="What members use, what services stand on, or what guards a host.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The new folder; ./maidan-nix-NAME unless said.")
@output_options
@click.pass_obj
def new_plugin(console: Console, *, name: str, kind: Any, out: Path | None) -> None:
    """Write the source of a plugin named NAME: a package of its own, with a README and tests.

    It passes 'maidan-nix plugin check' at once, and works when it is installed. NAME has small
    letters, digits and hyphens. A folder that has something in it is never touched.

    With --json: path, plugin (its full name) and files.
    """
    with console.reporting():
        from maidan_nix.plugins import known
        from maidan_nix.scaffold.files import plugin_files
        from maidan_nix.scaffold.folder import write_folder
        from maidan_nix.scaffold.naming import names, problem_of_name

        problem = problem_of_name(kind, name, known())
        if problem is not None:
            raise MaidanError(problem, ExitCode.USAGE)
        called = names(kind, name)
        folder = out or Path(called.distribution)
        files = plugin_files(kind, name)
        write_folder(folder, files)
        if console.json:
            console.result({**NewResult(path=str(folder), plugin=called.full_name, files=list(files))})
            return
        console.line(say("Wrote the plugin {plugin} to {folder}.", plugin=called.full_name, folder=folder))
        console.line(say("Its code is in {path}.", path=folder / called.package / "__init__.py"))
        console.line(say("Check it: maidan-nix plugin check {folder}", folder=folder))
        console.line(say("Install it: pip install --editable {folder}", folder=folder))


class CheckRow(TypedDict):
    """One check."""

    id: str
    reason: str


class PluginChecksResult(TypedDict):
    """The result of ``plugin check --list`` for a program."""

    checks: list[CheckRow]


class PluginCheckResult(TypedDict):
    """The result of ``plugin check`` for a program."""

    problems: list[dict[str, Any]]
    """Each as every command has them, and `check`, the id of the check that found it. Empty when all passed."""


@command.command("check", short_help="Check that plugins keep the contract.")
@click.argument("path", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--list", "only_list", is_flag=True, help="List the checks, and why each is made.")
@output_options
@click.pass_obj
def check_plugins(console: Console, *, path: Path | None, only_list: bool) -> None:
    """Check that plugins keep the contract: those installed, or the one at PATH.

    PATH is the folder of a plugin's package with its pyproject.toml, or of one plugin below a folder
    named for its floor (services, platform, hardening). It need not be installed. Each problem ends
    with the name of the check that found it.

    With --json: problems, each with check, empty when every check passed; the exit code is 1 otherwise.
    With --list: checks, each with id and reason.
    """
    with console.reporting():
        from maidan_nix.testing.conformance import CHECKS, check_installed, check_place

        if only_list:
            _list_checks(console, [CheckRow(id=check.id, reason=check.reason) for check in CHECKS])
            return
        with console.progress() as progress:
            faults = check_place(path, progress) if path is not None else check_installed(progress)
        if console.json:
            from maidan_nix.manifest.report import to_json

            records = [
                {**record, "check": fault.check} for fault in faults for record in to_json([fault.problem], None)
            ]
            console.result({**PluginCheckResult(problems=records)})
        elif faults:
            console.problems(fault.named() for fault in faults)
        else:
            console.line(say("Every check passed."))
        if faults:
            sys.exit(ExitCode.FAILED)


def _list_checks(console: Console, checks: list[CheckRow]) -> None:
    if console.json:
        console.result({**PluginChecksResult(checks=checks)})
        return
    for check in checks:
        console.line(say("{id}: {reason}", id=check["id"], reason=phrase(check["reason"])))
