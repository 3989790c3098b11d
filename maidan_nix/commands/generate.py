"""``maidan-nix generate``."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import NotRequired, TypedDict

import click

from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.records import FindingRecord, finding_records
from maidan_nix.findings import Finding
from maidan_nix.messages import Message, count, listed, phrase, say
from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean
from maidan_nix.tree import Change, Mode, Recovery, WritePlan, apply, diff, plan_write, recover

_STATES = {
    "create": say("create"),
    "identical": say("identical"),
    "change": say("change"),
    "yours": say("yours"),
    "gone": say("gone"),
}
_STYLES = {"create": "green", "change": "yellow", "gone": "red", "yours": "magenta"}
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_OUTCOMES = {
    "write": say("overwritten"),
    "remove": say("removed"),
    "keep": say("kept"),
    "refuse": say("in the way"),
}
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

    With --json: root, written, up_to_date, files (path, state, outcome), findings (id, severity, subject, message,
    way_out), remarks, and with --diff also diff.
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

        started = time.monotonic()
        with console.progress() as progress:
            source = read_and_generate(manifest, out, console, progress)
        console.took("generating", started)
        _known_host(host, source.generated.manifest.hosts)
        _refuse(source.generated.findings)
        plan = plan_write(source.root, source.tree, mode=mode, host=host)
        if writes:
            remarks += _apply(plan)
        remarks += _left_behind(source.root, source.generated.manifest.hosts)
        if console.json:
            result = _as_json(plan, source.generated.findings, remarks, written=writes, show_diff=show_diff)
            console.result({**result})
        else:
            _report(console, plan, source.generated.findings, written=writes, show_diff=show_diff)
            for remark in remarks:
                console.note(remark)
        if check_only and not plan.up_to_date:
            sys.exit(ExitCode.OUT_OF_DATE)


def _recovered(recovery: Recovery) -> list[str]:
    """What to say of a run that was interrupted before this one."""
    said = {"finished": ["An interrupted run was finished first."], "discarded": ["An interrupted run was discarded."]}
    kept = [say("{path} was changed by hand since, and was left alone.", path=path) for path in recovery.kept]
    return [*said.get(recovery.state, ()), *kept, *recovery.warnings]


def _left_behind(root: Path, hosts: Collection[str]) -> list[str]:
    """What to say of files of a steward that belong to no host any more: the host is gone, or has another name."""
    try:
        folders = sorted(path.name for path in (root / "hosts").iterdir() if path.name not in hosts)
    except OSError:  # nothing was generated yet
        return []
    own = [f"hosts/{name}/{file}" for name in folders for file in ("hardware.nix", "local.nix")]
    left = [file for file in own if (root / file).is_file()]
    if not left:
        return []
    files = ", ".join(left)
    return [say("Of no host any more, and yours to move to the new name or to remove: {files}.", files=files)]


def _known_host(host: str, hosts: Collection[str]) -> None:
    if host and host not in hosts:
        expected = say("one of {names}", names=", ".join(hosts))
        problem = Problem((), say("no host is named '{host}'", host=host), expected, did_you_mean(host, hosts))
        raise MaidanError(problem, ExitCode.USAGE)


def _refuse(findings: tuple[Finding, ...]) -> None:
    refused = [finding for finding in findings if finding.severity == "refuse"]
    if refused:
        raise MaidanError(
            [
                Problem(
                    (),
                    say("{subject}: {message}", subject=finding.subject, message=phrase(finding.message)),
                    hint=finding.way_out,
                )
                for finding in refused
            ],
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
            console.verbatim(line, style=_DIFF_STYLES.get(line[:1], ""))
        if not lines:
            console.note("Nothing would change.")
        return
    for change in _of_the_community(plan):
        if _worth_a_line(change) or console.verbose:
            console.line(_of_one(change), style=_STYLES.get(change.state, ""))
    console.comment(_summary(plan, written=written))
    missing = sum(finding.severity == "missing" for finding in findings)
    if missing:
        console.comment(
            count(
                "Before the first switch, 1 thing is missing: 'maidan-nix check' lists what.",
                "Before the first switch, {number} things are missing: 'maidan-nix check' lists what.",
                number=missing,
            )
        )


def _of_the_community(plan: WritePlan) -> list[Change]:
    """The changes without those of our own records."""
    return [change for change in plan.changes if not change.path.startswith(".maidan/")]


def _is_the_stewards(change: Change) -> bool:
    """Whether this is the steward's own file, where it should be, of which there is nothing to say."""
    return change.file is not None and change.file.ownership == "once" and change.state == "yours"


def _worth_a_line(change: Change) -> bool:
    return change.state != "identical" and not _is_the_stewards(change)


def _of_one(change: Change) -> Message:
    """State, path, and what was done about it."""
    state = _STATES[change.state]
    if change.outcome == "hold":
        return say("{state:<9} {path} (of another host: not written)", state=state, path=change.path)
    if change.state == "yours":
        return say("{state:<9} {path} ({outcome})", state=state, path=change.path, outcome=_OUTCOMES[change.outcome])
    return say("{state:<9} {path}", state=state, path=change.path)


def _summary(plan: WritePlan, *, written: bool) -> Message:
    states = [change.state for change in _of_the_community(plan) if not _is_the_stewards(change)]
    counted = listed(
        say("{number} {state}", number=states.count(state), state=_STATES[state])
        for state in ("create", "change", "gone", "yours", "identical")
        if state in states
    )
    if written:
        return say("{root}: {counted}", root=plan.root, counted=counted)
    return say("{root}: {counted} (nothing was written)", root=plan.root, counted=counted)


class FileRecord(TypedDict):
    """One file. `state` is create, identical, change, yours or gone; `outcome` is write, remove, keep, refuse or hold.

    ``refuse`` is a hand edit that stops a run, ``hold`` a file of another host.
    """

    path: str
    state: str
    outcome: str


class GenerateResult(TypedDict):
    """What ``maidan-nix generate --json`` prints.

    `root` is the flake's folder; `written` is false with ``--check`` and ``--diff``; `up_to_date` says whether there
    was nothing to do. `remarks` are sentences. `diff`, with ``--diff``, holds the lines of a unified diff.
    """

    root: str
    written: bool
    up_to_date: bool
    files: list[FileRecord]
    findings: list[FindingRecord]
    remarks: list[str]
    diff: NotRequired[list[str]]


def _as_json(
    plan: WritePlan, findings: tuple[Finding, ...], remarks: list[str], *, written: bool, show_diff: bool
) -> GenerateResult:
    result = GenerateResult(
        root=plan.root,
        written=written,
        up_to_date=plan.up_to_date,
        files=[
            FileRecord(path=change.path, state=change.state, outcome=change.outcome)
            for change in _of_the_community(plan)
        ],
        findings=finding_records(findings),
        remarks=remarks,
    )
    if show_diff:
        result["diff"] = list(diff(plan.changes))
    return result
