"""``maidan-nix generate``."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

import click

from maidan_nix.commands.console import Console, output_options
from maidan_nix.findings import Finding
from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean
from maidan_nix.tree import Change, Mode, Recovery, WritePlan, apply, diff, plan_write, recover

_STYLES = {"create": "green", "change": "yellow", "gone": "red", "yours": "magenta"}
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_OUTCOMES = {"write": "overwritten", "remove": "removed", "keep": "kept", "refuse": "in the way"}
"""What becomes of a file that is the steward's, by the outcome of its change."""


@click.command("generate")
@click.argument("manifest", default="community.toml", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where the flake goes; beside MANIFEST unless said.")
@click.option("--host", default="", help="Leave the files of every other host as they are.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what would change; write nothing.")
@click.option("--check", "check_only", is_flag=True, help="Exit with 6 if something would change; write nothing.")
@click.option("--adopt", is_flag=True, help="Keep files that were changed by hand.")
@click.option("--overwrite", is_flag=True, help="Replace files that were changed by hand.")
@output_options
@click.pass_obj
def command(
    console: Console,
    *,
    manifest: Path,
    out: Path | None,
    host: str,
    show_diff: bool,
    check_only: bool,
    adopt: bool,
    overwrite: bool,
) -> None:
    """Write the flake of a community.

    MANIFEST is ./community.toml unless said. Nothing identical is rewritten, and nothing that was changed by hand is
    overwritten unless you say so. The flake's own commit is yours to make.
    """
    if adopt and overwrite:
        raise click.UsageError("--adopt keeps hand edits and --overwrite replaces them; choose one.")
    mode: Mode = "adopt" if adopt else "overwrite" if overwrite else "refuse"
    writes = not (show_diff or check_only)
    with console.reporting():
        remarks: list[str] = []
        if writes:
            remarks += _recovered(recover(out if out is not None else manifest.parent))
        # What generation needs is imported after recovery: a half-written tree is mended whatever comes next.
        from maidan_nix.commands.source import read_and_generate

        with console.progress() as progress:
            source = read_and_generate(manifest, out, console, progress)
        _known_host(host, source.generated.manifest.hosts)
        _refuse(source.generated.findings)
        plan = plan_write(source.root, source.tree, mode=mode, host=host)
        if writes:
            remarks += _apply(plan)
        if console.json:
            console.result(_as_json(plan, source.generated.findings, remarks, written=writes, show_diff=show_diff))
        else:
            _report(console, plan, source.generated.findings, written=writes, show_diff=show_diff)
            for remark in remarks:
                console.note(remark)
        if check_only and not plan.up_to_date:
            sys.exit(ExitCode.OUT_OF_DATE)


def _recovered(recovery: Recovery) -> list[str]:
    """What to say of a run that was interrupted before this one."""
    said = {"finished": ["An interrupted run was finished first."], "discarded": ["An interrupted run was discarded."]}
    kept = [f"{path} was changed by hand since, and was left alone." for path in recovery.kept]
    return [*said.get(recovery.state, ()), *kept, *recovery.warnings]


def _known_host(host: str, hosts: Collection[str]) -> None:
    if host and host not in hosts:
        expected = f"one of {', '.join(hosts)}"
        problem = Problem((), f"no host is named '{host}'", expected, did_you_mean(host, hosts))
        raise MaidanError(problem, ExitCode.USAGE)


def _refuse(findings: tuple[Finding, ...]) -> None:
    refused = [finding for finding in findings if finding.severity == "refuse"]
    if refused:
        raise MaidanError(
            [Problem((), f"{finding.subject}: {finding.message}", hint=finding.way_out) for finding in refused],
            ExitCode.FINDINGS_REFUSE,
        )


def _apply(plan: WritePlan) -> tuple[str, ...]:
    """Write; a Ctrl-C in between leaves the old tree or the new one."""
    try:
        return apply(plan)
    except KeyboardInterrupt:
        recover(plan.root)
        raise


def _report(
    console: Console, plan: WritePlan, findings: tuple[Finding, ...], *, written: bool, show_diff: bool
) -> None:
    if show_diff:
        lines = list(diff(plan.changes))
        for line in lines:
            console.line(line, style=_DIFF_STYLES.get(line[:1], ""))
        if not lines:
            console.note("Nothing would change.")
        return
    for change in _of_the_community(plan):
        if _worth_a_line(change):
            console.line(f"{change.state:<9} {change.path}{_remark(change)}", style=_STYLES.get(change.state, ""))
    console.line(_summary(plan, written=written))
    missing = sum(finding.severity == "missing" for finding in findings)
    if missing:
        things = "1 thing is" if missing == 1 else f"{missing} things are"
        console.line(f"Before the first switch, {things} missing: 'maidan-nix check' lists what.")


def _of_the_community(plan: WritePlan) -> list[Change]:
    """The changes without those of our own records."""
    return [change for change in plan.changes if not change.path.startswith(".maidan/")]


def _is_the_stewards(change: Change) -> bool:
    """Whether this is the steward's own file, where it should be, of which there is nothing to say."""
    return change.file is not None and change.file.ownership == "once" and change.state == "yours"


def _worth_a_line(change: Change) -> bool:
    return change.state != "identical" and not _is_the_stewards(change)


def _remark(change: Change) -> str:
    if change.outcome == "hold":
        return " (of another host: not written)"
    return f" ({_OUTCOMES[change.outcome]})" if change.state == "yours" else ""


def _summary(plan: WritePlan, *, written: bool) -> str:
    states = [change.state for change in _of_the_community(plan) if not _is_the_stewards(change)]
    counted = ", ".join(
        f"{states.count(state)} {state}"
        for state in ("create", "change", "gone", "yours", "identical")
        if states.count(state)
    )
    return f"{plan.root}: {counted}{'' if written else ' (nothing was written)'}"


def _as_json(
    plan: WritePlan, findings: tuple[Finding, ...], remarks: list[str], *, written: bool, show_diff: bool
) -> dict[str, object]:
    """The result for a program.

    ``root`` is the flake's folder; ``written`` is false with --check and --diff; ``up_to_date`` says whether there was
    nothing to do. ``files`` has a record for each file: ``path``, ``state`` (create, identical, change, yours, gone)
    and ``outcome`` (write, remove, keep; refuse for a hand edit that stops a run; hold for a file of another host).
    ``findings`` have ``id``, ``severity`` (missing, advice), ``subject``, ``message``, ``way_out``. ``remarks`` are
    sentences. ``diff``, with --diff, holds the lines of a unified diff.
    """
    return {
        "root": plan.root,
        "written": written,
        "up_to_date": plan.up_to_date,
        "files": [
            {"path": change.path, "state": change.state, "outcome": change.outcome}
            for change in _of_the_community(plan)
        ],
        "findings": [asdict(finding) for finding in findings],
        "remarks": remarks,
        **({"diff": list(diff(plan.changes))} if show_diff else {}),
    }
