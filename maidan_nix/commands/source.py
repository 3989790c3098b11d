"""What a command reads before it can generate: the manifest, and what lies beside it or in the output."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from maidan_nix.commands.console import Console
from maidan_nix.flake.secret_rules import PUBLIC_FILE
from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import read_document
from maidan_nix.plan.lock import LOCK_FILE
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.regular_file import IrregularFileError, read_regular_file
from maidan_nix.tree import File, Tree

MANIFEST = "community.toml"
_LARGEST = 8 * 1024 * 1024
_AGE_HEADERS = (b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----")
_LONGEST_HEADER = max(map(len, _AGE_HEADERS))


@dataclass(frozen=True, slots=True)
class Source:
    """A manifest, the folder of its flake, and what was generated from it."""

    root: Path
    generated: Generated
    tree: Tree


def read_and_generate(
    manifest: Path, out: Path | None, console: Console, progress: Callable[[str], None] = lambda _: None
) -> Source:
    """Read `manifest` and what belongs to its flake in `out` (beside the manifest unless said), and generate."""
    root = out if out is not None else manifest.parent
    console.manifest = str(manifest)
    console.document = document = read_document(manifest)
    generated = generate(
        document,
        lock=_optional(root / LOCK_FILE),
        public=_optional(root / PUBLIC_FILE),
        ciphertexts=_ciphertexts(root / "secrets"),
        progress=lambda host: progress(f"configuring {host}"),
    )
    # A manifest that lies in its own flake is the steward's; elsewhere, the flake gets a copy that follows it.
    own = _same_file(root / MANIFEST, manifest)
    copy = File(document.text.encode(), ownership="once" if own else "generated")
    return Source(root, generated, {**generated.tree, MANIFEST: copy})


def _optional(path: Path) -> bytes | None:
    try:
        content = read_regular_file(path, _LARGEST + 1)
    except FileNotFoundError:
        return None
    except IrregularFileError:
        raise MaidanError(Problem((), f"{path} is not a regular file", hint="move it out of the way")) from None
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(content) > _LARGEST:
        raise MaidanError(Problem((), f"{path} is larger than {_LARGEST // 1024 // 1024} MiB"))
    return content


def _ciphertexts(folder: Path) -> tuple[str, ...]:
    """The names of the secrets that have been encrypted: a file that an editor left empty is none."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  # pathlib leaves out the entries that it may not look at
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _unreadable(folder, error) from error
    encrypted = (name for name in names if name.endswith(".age") and _is_encrypted(folder / name))
    return tuple(sorted(name.removesuffix(".age") for name in encrypted))


def _is_encrypted(path: Path) -> bool:
    try:
        return read_regular_file(path, _LONGEST_HEADER).startswith(_AGE_HEADERS)
    except OSError:
        return False


def _unreadable(path: Path, error: OSError) -> MaidanError:
    return MaidanError(Problem((), f"{path} cannot be read: {(error.strerror or type(error).__name__).lower()}"))


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return False
