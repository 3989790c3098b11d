"""Gathering the facts that the checks are made on: this machine, the manifest, the flake and its git repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from maidan_nix.diagnosis import flake_facts, git_facts, machine_facts
from maidan_nix.diagnosis.diagnose import Facts, ManifestFacts
from maidan_nix.diagnosis.flake_facts import is_file
from maidan_nix.flake_folder import Source, generate_source
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.positions import located
from maidan_nix.manifest.wording import os_reason
from maidan_nix.messages import say
from maidan_nix.plan.secrets import wanted_secrets
from maidan_nix.plugins import known
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.tree import Change, plan_write
from maidan_nix.tree.journal import JOURNAL
from maidan_nix.tree.record import RECORD


def gather(manifest: Path, root: Path, now: int, read: Callable[[], Document], *, raise_faults: bool = False) -> Facts:
    """Look at everything, for the manifest at `manifest` and the flake in `root`.

    `now` is the clock's time in seconds since 1970; `read` reads the manifest. A fault of this program or of a plugin
    becomes a problem of the manifest, so that the other checks can be made, unless `raise_faults` says otherwise.
    """
    machine = machine_facts.gather(root)
    return Facts(
        machine=machine,
        manifest=_manifest(manifest, root, read, raise_faults=raise_faults),
        flake=flake_facts.gather(root),
        git=git_facts.gather(root, machine.programs.get("git")),
        installed={name: source.version for name, source in known().items() if source.version},
        now=now,
        place=str(root.absolute()),
    )


def _manifest(manifest: Path, root: Path, read: Callable[[], Document], *, raise_faults: bool) -> ManifestFacts:
    """Read the manifest and compare the flake with it; what is wrong becomes part of the facts."""
    document: Document | None = None
    problems: tuple[Problem, ...]
    try:
        document = read()
        source = generate_source(manifest, root, document)
    except MaidanError as error:
        problems = error.problems
    except OSError as error:
        problems = (Problem((), os_reason(error)),)
    except Exception as error:
        if raise_faults:
            raise
        # A fault of ours, or of a plugin, must not keep the other checks from being made.
        kind, hint = type(error).__name__, "run 'maidan-nix check --debug' for the traceback, and report it"
        message = say("maidan-nix itself failed: {kind}: {error}", kind=kind, error=str(error))
        problems = (Problem((), message, hint=hint),)
    else:
        return _compared(manifest, document, source)
    if document is None:
        return ManifestFacts(str(manifest), None, problems)
    return ManifestFacts(str(manifest), document.values, tuple(located(problems, document.text)))


def _compared(manifest: Path, document: Document, source: Source) -> ManifestFacts:
    """The facts of a manifest that is right."""
    changes: tuple[Change, ...] | None = None
    uncompared: tuple[Problem, ...] = ()
    try:
        changes = plan_write(source.root, source.tree).changes
    except MaidanError as error:
        uncompared = error.problems
    generated = source.generated
    return ManifestFacts(
        str(manifest),
        document.values,
        findings=generated.findings,
        hosts=tuple(generated.manifest.hosts),
        tree=source.tree,
        wanted=frozenset(secret.name for secret in wanted_secrets(generated.plan)),
        changes=changes,
        uncompared=uncompared,
        has_record=is_file(source.root / RECORD),
        on_disk=tuple(path for path in (*source.tree, JOURNAL, RECORD) if is_file(source.root / path)),
    )
