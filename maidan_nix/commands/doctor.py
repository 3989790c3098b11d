"""``maidan-nix doctor``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from maidan_nix.commands.console import Console, output_options

if TYPE_CHECKING:
    from maidan_nix.diagnosis.line import Line

_STYLES = {"ok": "green", "look": "yellow", "wrong": "red", "skipped": "cyan"}


class LineResult(TypedDict):
    """One check that was made, or could not be."""

    id: str
    """The check; `doctor --checks` says what each looks at. A finding has the id that `check` gives it."""
    group: str
    """``machine``, ``manifest``, ``flake`` or ``git``."""
    state: str
    """``ok``, ``look`` (worth a look), ``wrong`` (to be mended), ``skipped`` (could not be looked at)."""
    subject: str
    """What was looked at: a file, a program, a key of the manifest."""
    message: str
    """What was found."""
    way_out: str
    """What to do; empty where there is nothing to do."""


class DoctorResult(TypedDict):
    """The result for a program."""

    lines: list[LineResult]
    """Every check, in reading order."""
    wrong: int
    """How many lines are wrong."""
    look: int
    """How many lines are worth a look."""


class DoctorChecksResult(TypedDict):
    """The result for a program, with --checks."""

    checks: dict[str, str]
    """What each check looks at, by its id."""


@click.command("doctor")
@click.argument("manifest", default="community.toml", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where the flake is; beside MANIFEST unless said.")
@click.option("--checks", is_flag=True, help="List the checks by id instead, and what each looks at.")
@output_options
@click.pass_obj
def command(console: Console, *, manifest: Path, out: Path | None, checks: bool) -> None:
    """Look over this machine, the manifest, the flake and its git repository.

    Each line says what was looked at, what was found, and the way out. A line is 'ok', 'look' (worth a look), 'wrong'
    (to be mended) or 'skipped' (could not be looked at, and why). Writes nothing, fetches nothing, and runs nothing
    that the repository brings along. Exits with 0 if nothing is wrong, else with 1.

    With --json: lines (id, group, state, subject, message, way_out), wrong and look; with --checks: checks.
    """
    with console.reporting():
        if checks:
            _list_checks(console)
            return
        from maidan_nix.commands.source import read_manifest
        from maidan_nix.diagnosis.diagnose import diagnose
        from maidan_nix.diagnosis.gather import gather

        root = out if out is not None else manifest.parent
        with console.progress() as progress:
            progress("looking")
            facts = gather(
                manifest, root, now(), lambda: read_manifest(manifest, root, console), raise_faults=console.debug
            )
            lines = diagnose(facts)
        if console.json:
            console.result(_as_json(lines))
        else:
            _report(console, lines)
        if any(line.state == "wrong" for line in lines):
            from maidan_nix.problems import ExitCode

            sys.exit(ExitCode.FAILED)


def _list_checks(console: Console) -> None:
    from maidan_nix.diagnosis.checks import CHECKS
    from maidan_nix.messages import phrase, say

    if console.json:
        console.result({**DoctorChecksResult(checks=dict(CHECKS))})
        return
    for id_, looks_at in CHECKS.items():
        console.line(say("{id}: {looks_at}", id=id_, looks_at=phrase(looks_at)))


def now() -> int:
    """The clock's time, in whole seconds since 1970."""
    import time

    return int(time.time())


def _report(console: Console, lines: tuple[Line, ...]) -> None:
    from maidan_nix.diagnosis.line import GROUPS, STATES
    from maidan_nix.messages import count, phrase, say

    for group, heading in GROUPS.items():
        # With --quiet, what needs nothing is not said.
        shown = [line for line in lines if line.group == group and not (console.quiet and line.state == "ok")]
        if shown:
            console.line(heading)
        for line in shown:
            values = {"state": STATES[line.state], "subject": line.subject, "message": phrase(line.message)}
            console.line(say("{state}: {subject}: {message}", **values), style=_STYLES[line.state], indent=2)
            if line.way_out:
                console.line(say("What to do: {way_out}", way_out=phrase(line.way_out)), indent=4)
    wrong, look = (sum(line.state == state for line in lines) for state in ("wrong", "look"))
    if wrong:
        console.comment(count("1 thing is wrong.", "{number} things are wrong.", wrong))
    else:
        console.comment("Nothing is wrong.")
    if look:
        console.comment(count("1 thing is worth a look.", "{number} things are worth a look.", look))


def _as_json(lines: tuple[Line, ...]) -> dict[str, Any]:
    records = [
        LineResult(
            id=line.id,
            group=line.group,
            state=line.state,
            subject=line.subject,
            message=line.message,
            way_out=line.way_out,
        )
        for line in lines
    ]
    wrong, look = (sum(line.state == state for line in lines) for state in ("wrong", "look"))
    return {**DoctorResult(lines=records, wrong=wrong, look=look)}
