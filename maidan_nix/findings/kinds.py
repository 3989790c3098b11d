"""Every finding that there can be: those of core, and those that the installed plugins say they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from maidan_nix.contract.plugin import Plugin
from maidan_nix.findings import Finding, FindingKind
from maidan_nix.messages import say
from maidan_nix.problems import Problem

CORE: tuple[FindingKind, ...] = (
    FindingKind(
        id="baseline-disabled",
        severity="advice",
        means="A plugin that every host has by itself is disabled in the manifest.",
        matters="Each of these plugins protects a host. Without it the hosts are weaker; the reason may be gone.",
        way_out="Remove the plugin's line from [plugins.disable] as soon as the reason is gone, and generate again.",
    ),
    FindingKind(
        id="console-only",
        severity="advice",
        means="No port is open by which a steward could log in to a host over SSH.",
        matters="Every switch is made at the console of the host, so that somebody has to be able to get there.",
        way_out="If that is not meant, remove the plugin that opens SSH from [plugins.disable], and generate again.",
    ),
    FindingKind(
        id="host-key-unknown",
        severity="missing",
        means="The public SSH key of a host is not in secrets/public.toml.",
        matters="Secrets are encrypted to this key. Without it the host can decrypt none, so services do not start.",
        way_out="Write the host's public key into secrets/public.toml, in the table [hosts], and generate again.",
    ),
    FindingKind(
        id="secret-missing",
        severity="missing",
        means="A plugin needs a secret, and the flake has no encrypted file for it.",
        matters="The service that reads the secret does not start without it.",
        way_out="Go to the folder secrets and run 'agenix -e' with the name of the file, which the finding says.",
    ),
    FindingKind(
        id="single-steward",
        severity="advice",
        means="The manifest names one steward only.",
        matters="One person alone can log in and decrypt the secrets. If this person loses the key, is ill or leaves, "
        "nobody can run the servers or restore a backup.",
        way_out="Add a second [stewards.NAME] with the SSH key of a person whom the community trusts.",
    ),
)
"""The findings that core makes itself."""


def kinds_of(plugins: Iterable[Plugin[Any]]) -> dict[str, dict[str, FindingKind]]:
    """Every kind of finding by id, and then by the full name of the plugin that makes it; core's name is empty."""
    kinds = {kind.id: {"": kind} for kind in CORE}
    for plugin in plugins:
        for kind in plugin.finding_kinds:
            kinds.setdefault(kind.id, {})[plugin.full_name()] = kind
    return dict(sorted(kinds.items()))


def kind_faults(plugin: Plugin[Any], found: Iterable[Finding]) -> Iterator[Problem]:
    """Check that a plugin explains its findings: what it made, `found`, and what it says of each kind."""
    name = plugin.full_name()
    of_core = {kind.id for kind in CORE}
    kinds = {kind.id: kind for kind in plugin.finding_kinds}
    for kind in plugin.finding_kinds:
        for text in (kind.means, kind.matters, kind.way_out):
            if not text.strip().endswith(".") or not text.isprintable():
                message = say("the explanation of its finding '{id}' is no whole sentence", id=kind.id)
                yield Problem((), message, plugin=name)
        if kind.id in of_core:
            yield Problem((), say("its finding '{id}' has the name of another", id=kind.id), plugin=name)
    for finding in found:
        known = kinds.get(finding.id)
        if known is None:
            message = say("it makes a finding '{id}' and does not explain it", id=finding.id)
            hint = "add it to finding_kinds, with what it means, why it matters and the way out"
            yield Problem((), message, hint=hint, plugin=name)
        elif known.severity != finding.severity:
            message = say(
                "it makes a finding '{id}' of severity '{found}', and explains it as '{known}'",
                id=finding.id,
                found=finding.severity,
                known=known.severity,
            )
            yield Problem((), message, plugin=name)
