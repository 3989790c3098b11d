"""Is the flake ready to be switched to? Secrets, host keys, whether one person alone holds everything, what is off."""

from __future__ import annotations

from collections.abc import Iterator

from maidan_nix.contract.context import PublicHalves
from maidan_nix.findings import Finding
from maidan_nix.flake.secret_rules import PUBLIC_FILE, WantedSecret
from maidan_nix.manifest.sections import Manifest


def readiness(
    manifest: Manifest, wanted: tuple[WantedSecret, ...], public: PublicHalves, ciphertexts: frozenset[str]
) -> tuple[Finding, ...]:
    """What is missing before a first switch. `ciphertexts` are the names of the secrets that are in the flake."""
    return (
        *_host_keys(manifest, public),
        *_secrets(wanted, ciphertexts),
        *_stewards(manifest),
        *_disabled(manifest),
    )


def _host_keys(manifest: Manifest, public: PublicHalves) -> Iterator[Finding]:
    for host in manifest.hosts:
        if host not in public.hosts:
            yield Finding(
                "host-key-unknown",
                "missing",
                host,
                "the host's public SSH key is unknown, so no secret is encrypted to it",
                f'write [hosts] {host} = "ssh-ed25519 ..." into {PUBLIC_FILE} and generate again',
            )


def _secrets(wanted: tuple[WantedSecret, ...], ciphertexts: frozenset[str]) -> Iterator[Finding]:
    for secret in wanted:
        if secret.name not in ciphertexts:
            yield Finding(
                "secret-missing",
                "missing",
                secret.name,
                f"{secret.plugin} needs this secret: {secret.content}",
                f"in the folder secrets, run 'agenix -e {secret.name}.age'",
            )


def _stewards(manifest: Manifest) -> Iterator[Finding]:
    if len(manifest.stewards) == 1:
        (name,) = manifest.stewards
        yield Finding(
            "single-steward",
            "advice",
            name,
            "one person alone can log in and decrypt the secrets",
            "add a second [stewards.NAME] whom the community trusts",
        )


_WITHOUT = {"hardening/ssh": "nobody can log in over SSH, so every switch is made at the console of a host"}
"""What doing without a part of the baseline takes away, where that is not in its name."""


def _disabled(manifest: Manifest) -> Iterator[Finding]:
    for name, reason in sorted(manifest.disabled.items()):
        yield Finding(
            "baseline-disabled",
            "advice",
            name,
            "; ".join([*([_WITHOUT[name]] if name in _WITHOUT else []), f"no host has this, because: {reason}"]),
            "remove its line from [plugins.disable] as soon as the reason is gone",
        )
