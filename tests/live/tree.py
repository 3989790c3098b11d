"""The Debian 13 tree that ``scripts/debian-tree`` makes, and programs run in a throwaway copy of it.

`loader` starts one program of the tree on this machine, by the tree's own dynamic loader: no root needed, paths are
this machine's. `run_in_tree` runs a command with the tree as its file system, as root, on its own loopback network: an
overlay in a private mount namespace takes every write and is gone with the command. `require_tree` and `require_root`
decide what a missing tree means: a visible skip, or a failure where ``MAIDAN_REQUIRE_JUDGES=1`` promises one.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias

import pytest

Files: TypeAlias = Mapping[str, str | bytes]
"""What to lay into a tree: absolute path to content. A trailing ``*`` in the path makes the file executable."""

OVERLAY = """
mount -t tmpfs -o size=4G,mode=0755 tmpfs "$SCRATCH"
mkdir "$SCRATCH/upper" "$SCRATCH/work" "$SCRATCH/root"
mount -t overlay overlay -o "lowerdir=$TREE,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work" "$SCRATCH/root"
cp -r --preserve=mode,timestamps "$STAGED/." "$SCRATCH/root"
"""
"""Shell: stacks a writable copy of $TREE at $SCRATCH/root and lays $STAGED into it; for a private mount namespace."""

_RUN = (
    "set -e"
    + OVERLAY
    + """
mount -t proc proc "$SCRATCH/root/proc"
mount --rbind /dev "$SCRATCH/root/dev"
# Addresses that only the real host has can still be bound here.
for family in ipv4 ipv6; do echo 1 >"$SCRATCH/root/proc/sys/net/$family/ip_nonlocal_bind" || true; done
chroot "$SCRATCH/root" ip link set lo up
: >"$STARTED"
exec chroot "$SCRATCH/root" env -i PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 HOME=/root "$@"
"""
)


class TreeError(RuntimeError):
    """No throwaway copy of the tree could be made on this machine; carries the words of what failed."""


def missing(what: str, way_out: str) -> NoReturn:
    """Skip the running test, or fail it where ``MAIDAN_REQUIRE_JUDGES=1``, naming what is missing and the way out."""
    reason = f"{what} is missing: {way_out}"
    if os.environ.get("MAIDAN_REQUIRE_JUDGES") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def require_root(what: str) -> None:
    """Skip (or fail, as `missing`) unless this process may create namespaces and mounts for `what`."""
    if os.geteuid() != 0:
        missing("root", f"{what} needs it; run the tests as root")


def require_tree() -> Path:
    """Return the finished Debian 13 tree: ``MAIDAN_DEBIAN_TREE``, or /var/tmp/maidan/trixie."""
    tree = Path(os.environ.get("MAIDAN_DEBIAN_TREE") or "/var/tmp/maidan/trixie")  # noqa: S108 - a cache that root made
    if not (tree / ".complete").is_file():
        missing(f"the Debian 13 tree {tree}", "as root, scripts/debian-tree (needs the Debian package mmdebstrap)")
    return tree


def loader(tree: Path, program: str) -> list[str]:
    """Return the start of a command line that runs a program of the tree on this machine: the loader, then the file.

    `program` is a path in the tree such as ``/usr/bin/nix-instantiate``; its base name becomes ``argv[0]``.
    """
    interpreter = next((tree / "usr").glob("lib*/ld-linux-*.so.*"))
    libraries = next((tree / "usr/lib").glob("*-linux-gnu"))
    search = f"{libraries}:{libraries / 'systemd'}"
    file = tree / program.lstrip("/")
    return [str(interpreter), "--library-path", search, "--argv0", file.name, str(file)]


def stage(files: Files, folder: Path) -> None:
    """Write `files` below `folder`."""
    for name, content in files.items():
        path = folder / name.removesuffix("*").lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(0o755 if name.endswith("*") else 0o644)


def run_in_tree(
    command: Sequence[str], files: Files | None = None, *, timeout: float = 30
) -> subprocess.CompletedProcess[str]:
    """Run `command` as root in a throwaway copy of the tree with `files` laid into it; output merged into stdout.

    The network is a fresh loopback. Raises `subprocess.TimeoutExpired` after `timeout` seconds, and `TreeError` when
    the copy could not be made, so that nobody takes that for the command's own failure.
    """
    tree = require_tree()
    require_root("running a program in the Debian 13 tree")
    with tempfile.TemporaryDirectory(prefix="maidan-tree-") as scratch_name:
        scratch = Path(scratch_name)
        staged, overlay = scratch / "staged", scratch / "overlay"
        staged.mkdir()
        overlay.mkdir()
        stage(files or {}, staged)
        namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        started = scratch / "started"
        places = {"TREE": tree, "SCRATCH": overlay, "STAGED": staged, "STARTED": started}
        done = subprocess.run(
            [*namespaces, "sh", "-c", _RUN, "sh", *command],
            env={**os.environ, **{name: str(place) for name, place in places.items()}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        if not started.exists():
            raise TreeError(done.stdout)
        return done
