"""Is the flake ready to be switched to? Secrets, host keys, whether one person alone holds everything, what is off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from maidan_nix.contract.context import PublicHalves
from maidan_nix.findings import Finding
from maidan_nix.manifest.sections import Manifest
from maidan_nix.messages import phrase, say
from maidan_nix.plan.public_halves import PUBLIC_FILE
from maidan_nix.plan.secrets import WantedSecret


def readiness(
    manifest: Manifest,
    wanted: tuple[WantedSecret, ...],
    public: PublicHalves,
    ciphertexts: frozenset[str],
    ssh: Mapping[str, tuple[int, ...]],
) -> tuple[Finding, ...]:
    """What is missing before a first switch.

    `ciphertexts` are the names of the secrets that are in the flake, `ssh` the ports for logging in, by host.
    """
    return (
        *_host_keys(manifest, public),
        *_secrets(wanted, ciphertexts),
        *_stewards(manifest),
        *_without_ssh(ssh),
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
                say(
                    'write [hosts] {host} = "ssh-ed25519 ..." into {file} and generate again',
                    host=host,
                    file=PUBLIC_FILE,
                ),
            )


def _secrets(wanted: tuple[WantedSecret, ...], ciphertexts: frozenset[str]) -> Iterator[Finding]:
    for secret in wanted:
        if secret.name not in ciphertexts:
            yield Finding(
                "secret-missing",
                "missing",
                secret.name,
                say("{plugin} needs this secret: {content}", plugin=secret.plugin, content=phrase(secret.content)),
                say("in the folder secrets, run 'agenix -e {name}.age'", name=secret.name),
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


def _without_ssh(ssh: Mapping[str, tuple[int, ...]]) -> Iterator[Finding]:
    for host, ports in ssh.items():
        if not ports:
            yield Finding(
                "console-only",
                "advice",
                host,
                "nobody can log in over SSH, so every switch is made at the console of the host",
                "if that is not meant, remove the plugin that opens SSH from [plugins.disable]",
            )


def _disabled(manifest: Manifest) -> Iterator[Finding]:
    for name, reason in sorted(manifest.disabled.items()):
        yield Finding(
            "baseline-disabled",
            "advice",
            name,
            say("no host has this, because: {reason}", reason=reason),
            "remove its line from [plugins.disable] as soon as the reason is gone",
        )
