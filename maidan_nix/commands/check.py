"""``maidan-nix check``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import click
from click.core import ParameterSource

from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.records import FindingRecord, finding_records
from maidan_nix.messages import phrase, say
from maidan_nix.problems import ExitCode, dotted

if TYPE_CHECKING:
    from maidan_nix.commands.check_nix import EvaluationResult
    from maidan_nix.manifest.resolution import Loosened

_HEADINGS = {
    "refuse": say("Refused:"),
    "missing": say("Missing before the first switch:"),
    "advice": say("Worth a thought:"),
}


class LoosenedRecord(TypedDict):
    """A setting that is looser than its preset: `path` holds its keys, the values are as in the manifest."""

    path: list[str | int]
    value: Any
    preset_value: Any
    reason: str


class CheckResult(TypedDict):
    """What ``maidan-nix check --json`` prints. `up_to_date` says whether generating would change nothing.

    `evaluation` is there with ``--nix``.
    """

    findings: list[FindingRecord]
    loosened: list[LoosenedRecord]
    up_to_date: bool
    evaluation: NotRequired[EvaluationResult]


@click.command("check")
@click.argument("manifest", default="community.toml", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where the flake is; beside MANIFEST unless said.")
@click.option("--nix", "with_nix", is_flag=True, help="Let Nix evaluate every host as it would be generated, too.")
@click.option("--host", default="", help="With --nix: evaluate this host only.")
@click.option(
    "--nixpkgs",
    type=click.Path(path_type=Path),
    envvar="MAIDAN_NIXPKGS",
    help="With --nix: a nixpkgs tree to evaluate with, offline; else what flake.lock pins. Also by MAIDAN_NIXPKGS.",
)
@output_options
@click.pass_context
def command(
    ctx: click.Context, /, *, manifest: Path, out: Path | None, with_nix: bool, host: str, nixpkgs: Path | None
) -> None:
    """Check a manifest and its flake, and say what is still missing.

    Writes nothing. With --json: findings (id, severity, subject, message, way_out),
    loosened (path, value, preset_value, reason) and up_to_date; with --nix also evaluation (nixpkgs, stand_ins,
    hosts), each of its hosts with host, evaluates, derivation, problems and warnings.

    With --nix, Nix evaluates each host down to its system, from a copy of the flake as it would be generated; nothing
    is built. With --nixpkgs the network is not used; the sources of agenix and disko are then named by the variables
    MAIDAN_AGENIX and MAIDAN_DISKO, or something simple stands in for them. It exits with 4 where Nix refuses a host,
    and with 1 where Nix could not be asked.
    """
    if host and not with_nix:
        raise click.UsageError("--host says which host Nix is to evaluate; add --nix.")
    if not with_nix and ctx.get_parameter_source("nixpkgs") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--nixpkgs says what Nix is to evaluate with; add --nix.")
    console: Console = ctx.obj
    with console.reporting():
        from maidan_nix.commands.source import read_and_generate
        from maidan_nix.tree import plan_write

        started = time.monotonic()
        with console.progress() as progress:
            source = read_and_generate(manifest, out, console, progress)
        console.took("checking", started)
        findings = source.generated.findings
        loosened = source.generated.loosened
        up_to_date = plan_write(source.root, source.tree).up_to_date
        evaluated = None
        if with_nix:
            from maidan_nix.commands.check_nix import evaluate

            evaluated = evaluate(console, source, nixpkgs, host)
        if console.json:
            result = CheckResult(
                findings=finding_records(findings), loosened=loosened_records(loosened), up_to_date=up_to_date
            )
            if evaluated is not None:
                result["evaluation"] = evaluated.as_json(console)
            console.result({**result})
        else:
            for severity, heading in _HEADINGS.items():
                chosen = [finding for finding in findings if finding.severity == severity]
                if chosen:
                    console.line(heading)
                for finding in chosen:
                    message, way_out = phrase(finding.message), phrase(finding.way_out)
                    console.line(say("{subject}: {message}", subject=finding.subject, message=message), indent=2)
                    console.line(say("What to do: {way_out}", way_out=way_out), indent=4)
            if loosened:
                console.line("Looser than the preset, for the reason given:")
            for one in loosened:
                console.line(
                    say(
                        "{setting} = {value}, not {preset_value}: {reason}",
                        setting=dotted(one.path),
                        value=one.value,
                        preset_value=one.preset_value,
                        reason=one.reason,
                    ),
                    indent=2,
                )
            console.comment(
                say("{manifest} is valid; the flake in {root} is up to date.", manifest=manifest, root=source.root)
                if up_to_date
                else say(
                    "{manifest} is valid; the flake in {root} is out of date: run 'maidan-nix generate'.",
                    manifest=manifest,
                    root=source.root,
                )
            )
            if evaluated is not None:
                evaluated.report(console)
        if any(finding.severity == "refuse" for finding in findings) or (evaluated is not None and evaluated.problems):
            sys.exit(ExitCode.FINDINGS_REFUSE)


def loosened_records(loosened: Iterable[Loosened]) -> list[LoosenedRecord]:
    """Return loosened settings as data for JSON."""
    return [
        LoosenedRecord(path=list(one.path), value=one.value, preset_value=one.preset_value, reason=one.reason)
        for one in loosened
    ]
