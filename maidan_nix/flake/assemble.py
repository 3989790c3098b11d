"""Puts the files of the flake together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import maidan_nix_modules
from maidan_nix.contract.context import PublicHalves
from maidan_nix.findings import Finding
from maidan_nix.flake.flake_file import render_flake
from maidan_nix.flake.host import host_files
from maidan_nix.flake.inputs import render_lock
from maidan_nix.flake.readme import render_readme
from maidan_nix.flake.secret_rules import render_rules
from maidan_nix.flake.vm_test import render_tests
from maidan_nix.manifest.sections import Manifest
from maidan_nix.plan.configured import Configured
from maidan_nix.plan.planned import Plan
from maidan_nix.plan.secrets import wanted_secrets
from maidan_nix.tree.file import File


def assemble(
    plan: Plan,
    manifest: Manifest,
    configured: Mapping[str, Mapping[str, Configured]],
    public: PublicHalves,
    findings: Iterable[Finding],
) -> dict[str, File]:
    """Return every generated file of the flake but the lock of the plan, by path. `findings` are what plugins found."""
    wanted = wanted_secrets(plan)
    tests = render_tests(plan, configured)
    files = {
        "flake.nix": File(render_flake({name: host.system for name, host in manifest.hosts.items()}, tests)),
        "flake.lock": File(render_lock(), ownership="once"),
        "secrets/secrets.nix": File(render_rules(wanted, manifest.stewards, public), keys=("stewards",)),
        "README.md": File(render_readme(plan, manifest, wanted, findings)),
    }
    for path, content in maidan_nix_modules.files().items():
        files[f"modules/{path}"] = File(content)
    for host, plugins in configured.items():
        files |= host_files(host, plan.hosts[host], {name: one.options for name, one in plugins.items()})
    for name, content in tests.items():
        files[f"tests/{name}.nix"] = File(content)
    return dict(sorted(files.items()))
