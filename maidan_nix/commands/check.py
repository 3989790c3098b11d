"""``maidan-nix check``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from maidan_nix.commands.console import Console, output_options
from maidan_nix.problems import ExitCode, dotted

_HEADINGS = {"refuse": "Refused", "missing": "Missing before the first switch", "advice": "Worth a thought"}


@click.command("check")
@click.argument("manifest", default="community.toml", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where the flake is; beside MANIFEST unless said.")
@output_options
@click.pass_obj
def command(console: Console, *, manifest: Path, out: Path | None) -> None:
    """Check a manifest and its flake, and say what is still missing.

    Writes nothing. With --json: findings (id, severity, subject, message, way_out),
    loosened (path, value, preset_value, reason) and up_to_date.
    """
    with console.reporting():
        from maidan_nix.commands.source import read_and_generate
        from maidan_nix.tree import plan_write

        with console.progress() as progress:
            source = read_and_generate(manifest, out, console, progress)
        findings = source.generated.findings
        loosened = source.generated.loosened
        up_to_date = plan_write(source.root, source.tree).up_to_date
        if console.json:
            console.result(
                {
                    "findings": [asdict(finding) for finding in findings],
                    "loosened": [asdict(one) for one in loosened],
                    "up_to_date": up_to_date,
                }
            )
        else:
            for severity, heading in _HEADINGS.items():
                chosen = [finding for finding in findings if finding.severity == severity]
                if chosen:
                    console.line(f"{heading}:")
                for finding in chosen:
                    console.line(f"  {finding.subject}: {finding.message}")
                    console.line(f"    -> {finding.way_out}")
            if loosened:
                console.line("Looser than the preset, for the reason given:")
            for one in loosened:
                console.line(f"  {dotted(one.path)} = {one.value}, not {one.preset_value}: {one.reason}")
            state = "up to date" if up_to_date else "out of date: run 'maidan-nix generate'"
            console.line(f"{manifest} is valid; the flake in {source.root} is {state}.")
        if any(finding.severity == "refuse" for finding in findings):
            sys.exit(ExitCode.FINDINGS_REFUSE)
