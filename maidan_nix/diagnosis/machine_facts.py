"""What is known of this machine: programs, Nix and its settings, free space."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from maidan_nix.diagnosis.programs import Answer, ask, environment

PROGRAMS = ("nix", "git", "ssh", "agenix")
STORE = "/nix"


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """`programs` are the paths of those that are here, by name.

    `nix_version` is major and minor, None where Nix would not say; `nix_features` the experimental features that are
    on, None where Nix would not say. `free` is the free space in bytes by place, None where there is no such place.
    """

    programs: Mapping[str, str] = field(default_factory=dict)
    nix_version: tuple[int, int] | None = None
    nix_features: frozenset[str] | None = None
    free: Mapping[str, int | None] = field(default_factory=dict)


def gather(root: Path) -> MachineFacts:
    """Look at this machine, and at the space where the flake in `root` lies."""
    found = {name: path for name in PROGRAMS if (path := shutil.which(name))}
    version, features = None, None
    if "nix" in found:
        version, features = nix_version(found["nix"]), nix_features(found["nix"])
    return MachineFacts(found, version, features, {place: free_space(place) for place in (STORE, str(root.absolute()))})


def nix_version(nix: str) -> tuple[int, int] | None:
    """Ask Nix for its version."""
    said = ask((nix, "--version"), environment()).output.decode("utf-8", "replace")
    numbers = re.search(r"\b([0-9]{1,4})\.([0-9]{1,4})", said)
    return (int(numbers[1]), int(numbers[2])) if numbers else None


def nix_features(nix: str) -> frozenset[str] | None:
    """Ask Nix which experimental features are on: ``nix config show``, or before 2.20 ``nix show-config``."""
    for words in (("config", "show"), ("show-config",)):
        features = features_in(ask((nix, *words), environment()))
        if features is not None:
            return features
    return None


def features_in(answer: Answer) -> frozenset[str] | None:
    """Read the features from Nix's answer; None where it does not tell.

    Without the feature 'nix-command' Nix refuses to answer, and says so: then that feature is known to be missing.
    """
    if answer.trouble:
        return None
    if answer.code == 0:
        line = re.search(r"^experimental-features = ?(.*)$", answer.output.decode("utf-8", "replace"), re.MULTILINE)
        return frozenset(line[1].split()) if line else None
    return frozenset() if "'nix-command' is disabled" in answer.errors else None


def free_space(place: str) -> int | None:
    """Free space in bytes where a place is, or would be; None where there is neither it nor its folder."""
    path = Path(place).absolute()
    for each in (path, path.parent):
        if each == each.parent:
            continue  # the root directory says nothing of what is missing below it
        try:
            return shutil.disk_usage(each).free
        except OSError:
            continue
    return None
