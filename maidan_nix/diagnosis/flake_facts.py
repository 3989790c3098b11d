"""What lies in the folder of a flake, as bytes and names: read with limits, and not judged."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from maidan_nix.plan.lock import LOCK_FILE
from maidan_nix.regular_file import read_regular_file
from maidan_nix.tree.journal import JOURNAL
from maidan_nix.tree.record import RECORD
from maidan_nix.tree.staging import STAGING

FLAKE_LOCK = "flake.lock"
SECRETS = "secrets"
_LARGEST = 8 * 1024 * 1024
_HEAD = 512
_MOST_FILES = 20_000
_DEEPEST = 12
_OTHERS = frozenset({".git", ".maidan", "node_modules", ".direnv"})
"""Folders that hold no file of the steward's own making."""


@dataclass(frozen=True, slots=True)
class FlakeFacts:
    """A flake's folder. Bytes are None where there is no such file, or where it could not be read (see `unreadable`).

    `exists` is whether there is a folder, `has_flake` whether anything of a flake is in it. `is_staging` says that an
    interrupted run left something behind. `secrets` are the first bytes of every file in the folder of secrets, None
    for what is no readable file. `keys` are the files that hold a private key, or are named as if. `is_complete` is
    false where there was too much to look at all of it.
    """

    exists: bool = False
    has_flake: bool = False
    flake_lock: bytes | None = None
    lock: bytes | None = None
    journal: bytes | None = None
    is_staging: bool = False
    hardware: Mapping[str, bytes | None] = field(default_factory=dict)
    secrets: Mapping[str, bytes | None] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    is_complete: bool = True
    unreadable: Mapping[str, str] = field(default_factory=dict)


def gather(root: Path) -> FlakeFacts:
    """Look at the folder of a flake, which need not exist."""
    if not is_directory(root):
        return FlakeFacts()
    trouble: dict[str, str] = {}

    def read(path: str) -> bytes | None:
        try:
            return read_regular_file(root / path, _LARGEST)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            trouble[path] = (getattr(error, "strerror", None) or type(error).__name__).lower()
            return None

    files, is_complete = _walk(root)
    return FlakeFacts(
        exists=True,
        has_flake=any(_mode(root / path) for path in ("flake.nix", FLAKE_LOCK, RECORD, JOURNAL)),
        flake_lock=read(FLAKE_LOCK),
        lock=read(LOCK_FILE),
        journal=read(JOURNAL),
        is_staging=is_directory(root / STAGING),
        hardware={path: read(path) for path in sorted(files) if _is_hardware(path)},
        secrets=_secrets(root),
        keys=tuple(sorted(path for path in files if _holds_a_key(root, path))),
        is_complete=is_complete,
        unreadable=trouble,
    )


def is_directory(path: Path) -> bool:
    """Whether there is a folder; one that may not be looked at counts as none."""
    return stat.S_ISDIR(_mode(path))


def is_file(path: Path) -> bool:
    """Whether there is a regular file; one that may not be looked at counts as none."""
    return stat.S_ISREG(_mode(path))


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def _is_hardware(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 3 and parts[0] == "hosts" and parts[2] == "hardware.nix"


def _secrets(root: Path) -> dict[str, bytes | None]:
    try:
        names = sorted(os.listdir(root / SECRETS))  # noqa: PTH208  # pathlib leaves out what it may not look at
    except OSError:
        return {}
    return {name: _head(root / SECRETS / name) for name in names[:_MOST_FILES]}


def _head(path: Path) -> bytes | None:
    try:
        return read_regular_file(path, _HEAD)
    except (OSError, ValueError):
        return None


def _walk(root: Path) -> tuple[list[str], bool]:
    """Every regular file below a folder, by its path from there, and whether that is all of them."""
    found: list[str] = []
    is_complete = True
    for path in _files(root, "", 0):
        if path is None or len(found) >= _MOST_FILES:
            is_complete = False
            if path is not None:
                break
            continue
        found.append(path)
    return found, is_complete


def _files(folder: Path, prefix: str, depth: int) -> Iterator[str | None]:
    """The files below a folder; None for a folder that was not looked into."""
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError:
        yield None
        return
    for entry in entries:
        path = f"{prefix}{entry.name}"
        try:
            mode = entry.stat(follow_symlinks=False).st_mode
        except OSError:
            continue
        if stat.S_ISREG(mode):
            yield path
        elif stat.S_ISDIR(mode) and entry.name not in _OTHERS:
            if depth < _DEEPEST:
                yield from _files(folder / entry.name, f"{path}/", depth + 1)
            else:
                yield None


_KEY_NAMES = (".pem", ".key", ".p12", ".pfx")
_SSH_NAMES = ("id_rsa", "id_ed25519", "id_ecdsa", "ssh_host_ed25519_key", "ssh_host_rsa_key")
_KEY = re.compile(rb"^(?:-----BEGIN [A-Z ]*PRIVATE KEY-----|AGE-SECRET-KEY-1)", re.MULTILINE)


def _holds_a_key(root: Path, path: str) -> bool:
    name = path.rpartition("/")[2]
    head = _head(root / path) or b""
    if _KEY.search(head) and not name.endswith(".md"):  # a guide may show what a key looks like
        return True
    in_keys = any(part.startswith("keys-") for part in path.split("/")[:-1])
    is_named_so = name.endswith(_KEY_NAMES) or name in _SSH_NAMES
    return (is_named_so and b"PUBLIC KEY" not in head and b"CERTIFICATE" not in head) or (
        in_keys and not name.endswith(".pub")
    )
