"""What each check of a diagnosis looks at, by its id. Findings of a plan have ids of their own."""

from __future__ import annotations

from collections.abc import Mapping

from maidan_nix.messages import say

CHECKS: Mapping[str, str] = {
    "agenix-present": say("Whether agenix, which writes secrets, is installed."),
    "clock": say("Whether this machine's clock is behind the inputs of flake.lock."),
    "findings": say("Whether generation found anything missing; each finding has its own id."),
    "flake-follows": say("Whether the inputs of inputs follow what flake.nix says."),
    "flake-lock": say("Whether flake.lock is there and locks every input."),
    "flake-there": say("Whether there is a flake at all."),
    "generated": say("Whether every file is as it would be generated now."),
    "git-committed": say("Whether tracked files differ from the last commit."),
    "git-present": say("Whether git is installed."),
    "git-pushed": say("Whether commits were not pushed."),
    "git-remote": say("Whether the repository has another place to be pushed to."),
    "git-repository": say("Whether the flake lies in a git repository that can be read."),
    "git-secrets": say("Whether git knows the encrypted files, without which the flake does not have them."),
    "git-tracked": say("Whether git knows the flake's files, without which the flake does not have them."),
    "hand-edits": say("Whether generated files were changed by hand."),
    "hardware": say("Whether hosts' hardware.nix is still as it was created."),
    "journal": say("Whether a run was interrupted."),
    "lock-hosts": say("Whether maidan.lock keeps entries of hosts that the manifest does not have."),
    "manifest": say("Whether the manifest is valid."),
    "nix-flakes": say("Whether Nix has flakes on."),
    "nix-present": say("Whether Nix is installed."),
    "nix-version": say("Whether Nix is new enough for the flake."),
    "nixpkgs-age": say("How old nixpkgs in flake.lock is: worth a look from 14 days, wrong from 42."),
    "place": say("Whether this machine knows the time zone and the locale."),
    "placeholder": say("Whether names, addresses, disks or keys of an example are left in the manifest."),
    "plugin-version": say("Whether plugins of third parties are those that planned the flake."),
    "private-key": say("Whether a private key lies in the flake's folder."),
    "release-end": say("Until when the release of NixOS gets security fixes."),
    "secret-encrypted": say("Whether every file of a secret is encrypted."),
    "secret-plain": say("Whether files that are not encrypted lie among the secrets."),
    "secret-unwanted": say("Whether there are secrets that nothing reads."),
    "space-flake": say("Whether there is room where the flake lies."),
    "space-store": say("Whether there is room for another build."),
    "ssh-present": say("Whether ssh is installed."),
}
