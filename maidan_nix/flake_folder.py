"""Generating for the folder of a flake: what lies in it is read here, and everything else is `generate`'s."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.wording import os_reason
from maidan_nix.messages import say
from maidan_nix.options import LARGEST, OPTIONS_FILE
from maidan_nix.plan.lock import LOCK_FILE
from maidan_nix.plan.public_halves import PUBLIC_FILE
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


def generate_source(
    manifest: Path,
    root: Path,
    document: Document,
    progress: Callable[[str], None] = lambda _: None,
    *,
    own_options: bool = True,
) -> Source:
    """Generate all files of the flake in `root` from a manifest that was read already, see `generate_in`."""
    generated = generate_in(root, document, progress, own_options=own_options)
    # A manifest that lies in its own flake is the steward's; elsewhere, the flake gets a copy that follows it.
    own = _same_file(root / MANIFEST, manifest)
    copy = File(document.text.encode(), ownership="once" if own else "generated")
    return Source(root, generated, {**generated.tree, MANIFEST: copy})


def generate_in(
    root: Path,
    document: Document,
    progress: Callable[[str], None] = lambda _: None,
    *,
    own_options: bool = True,
) -> Generated:
    """Generate from a manifest that was read already, with what belongs to its flake in `root`."""
    return generate(
        document,
        lock=_optional(root / LOCK_FILE),
        public=_optional(root / PUBLIC_FILE),
        ciphertexts=_ciphertexts(root / "secrets"),
        options=_optional(root / OPTIONS_FILE, LARGEST) if own_options else None,
        progress=lambda host: progress(say("configuring {host}", host=host)),
    )


def _optional(path: Path, largest: int = _LARGEST) -> bytes | None:
    try:
        content = read_regular_file(path, largest + 1)
    except FileNotFoundError:
        return None
    except IrregularFileError:
        raise MaidanError(
            Problem((), say("{path} is not a regular file", path=path), hint="move it out of the way")
        ) from None
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(content) > largest:
        raise MaidanError(Problem((), say("{path} is larger than {most} MiB", path=path, most=largest // 1024 // 1024)))
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
    return MaidanError(Problem((), say("{path} cannot be read: {reason}", path=path, reason=os_reason(error))))


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return False
