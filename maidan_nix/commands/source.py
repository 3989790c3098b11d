"""What a command reads before it can generate: the manifest that it was given, with what the console says of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from maidan_nix.commands.console import Console
from maidan_nix.flake_folder import Source, generate_source
from maidan_nix.manifest.document import BY_OPTION, MANIFEST, Document, Expected, read_document
from maidan_nix.messages import say
from maidan_nix.options import OPTIONS_FILE
from maidan_nix.plan.lock import LOCK_FILE
from maidan_nix.plan.public_halves import PUBLIC_FILE


def read_and_generate(
    manifest: Path,
    out: Path | None,
    console: Console,
    progress: Callable[[str], None] = lambda _: None,
    *,
    own_options: bool = True,
) -> Source:
    """Read `manifest` and what belongs to its flake in `out` (beside the manifest unless said), and generate.

    Options are checked against the flake's own list of them, if it has one and `own_options` does not say otherwise.
    """
    root = out if out is not None else manifest.parent
    document = read_manifest(manifest, root, console)
    return generate_source(manifest, root, document, progress, own_options=own_options)


def read_manifest(manifest: Path, root: Path, console: Console) -> Document:
    """Read `manifest`, for the flake in `root`, so that the console can place problems in it."""
    console.manifest = str(manifest)
    console.document = document = read_document(manifest, _expected())
    console.detail(say("{path} was read", path=manifest))
    for name in (LOCK_FILE, PUBLIC_FILE, OPTIONS_FILE):
        if console.verbose and (root / name).exists():
            console.detail(say("{path} was read", path=root / name))
    return document


def _expected() -> Expected:
    """What is expected of a manifest's path, with the way to give another to the command that runs."""
    context = click.get_current_context(silent=True)
    if context is None:
        return MANIFEST
    parameters = {one.name: one for one in context.command.params}
    if isinstance(parameters.get("manifest"), click.Option):
        return BY_OPTION
    words = [one for one in context.command.params if isinstance(one, click.Argument) and one.name != "manifest"]
    command = " ".join([context.command_path, *(one.metavar or str(one.name).upper() for one in words), "PATH"])
    return Expected(which=say("say which manifest: {command}", command=command))
