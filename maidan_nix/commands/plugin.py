"""``maidan-nix plugin``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.group import Group
from maidan_nix.problems import ExitCode, MaidanError, Problem


@click.group("plugin", cls=Group)
def command() -> None:
    """List and check plugins."""


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

        rows = []
        problems: list[Problem] = []
        for name, source in known().items():
            try:
                plugin = load(name)
            except MaidanError as error:
                problems += error.problems
                continue
            rows.append(
                {
                    "name": name,
                    "title": plugin.title,
                    "summary": plugin.summary,
                    "licence": plugin.licence,
                    "upstream": plugin.upstream,
                    "distribution": source.distribution or "maidan-nix",
                    "version": source.version,
                    "baseline": name in baseline(),
                }
            )
        if not console.json:
            for row in rows:
                origin = "" if row["distribution"] == "maidan-nix" else f" ({row['distribution']} {row['version']})"
                console.line(f"{row['name']}{origin}: {row['summary']}{' (every host)' if row['baseline'] else ''}")
        if problems:
            raise MaidanError(problems)
        if console.json:
            console.result({"plugins": rows})


@command.command("check", short_help="Check that plugins keep the contract.")
@click.argument("path", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@output_options
@click.pass_obj
def check_plugins(console: Console, *, path: Path | None) -> None:
    """Check that plugins keep the contract: those installed, or the one whose folder is PATH.

    With --json: problems, empty when every check passed; the exit code is 1 otherwise.
    """
    with console.reporting():
        from maidan_nix.testing.conformance import check_folder, check_installed

        with console.progress() as progress:
            problems = check_folder(path) if path is not None else check_installed(progress)
        if problems:
            console.problems(problems)
            sys.exit(ExitCode.FAILED)
        if console.json:
            console.result({"problems": []})
        else:
            console.line("Every check passed.")
