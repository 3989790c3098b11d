"""What this very machine says of itself, for proposals: looked at, never changed, and never a secret."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maidan_nix.manifest.forms import InvalidValue
from maidan_nix.manifest.ssh_keys import check_public_key
from maidan_nix.manifest.types import check_disk, check_locale, check_time_zone, check_user_name
from maidan_nix.manifest.wording import os_reason
from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.regular_file import read_regular_file

_LONGEST_KEYS = 64 * 1024
_SECTOR = 512
_GIGABYTE = 10**9
# Names by serial number of the bus say less to a person than those with the maker's.
_OPAQUE = ("wwn-", "nvme-eui.", "nvme-nvme.", "scsi-3", "dm-", "md-", "lvm-")


@dataclass(frozen=True, slots=True)
class Disk:
    """A whole disk: its path by the hardware's name, and its size in bytes (0 where that is unknown)."""

    path: str
    size: int

    @property
    def gigabytes(self) -> int:
        """The size as it is printed on the disk."""
        return round(self.size / _GIGABYTE)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public SSH key and the file that it is from."""

    file: Path
    line: str

    @property
    def kind(self) -> str:
        """Its type, such as ssh-ed25519."""
        return self.line.partition(" ")[0]

    @property
    def comment(self) -> str:
        """What its owner wrote behind it."""
        return self.line.partition(" ")[2].partition(" ")[2]


def public_keys(folder: Path) -> list[PublicKey]:
    """The usable keys in the ``.pub`` files of a folder, by file name. No other file is opened."""
    found = []
    for path in _entries(folder):
        if path.suffix != ".pub":
            continue
        try:
            lines = read_key_file(path)
        except MaidanError:
            continue
        found += [PublicKey(path, line) for line in lines if _is(check_public_key, line)]
    return found


def read_key_file(path: Path) -> list[str]:
    """The lines of a ``.pub`` file that are no comments, not yet checked.

    Raises MaidanError for any other file, which is not opened: it may be the private half.
    """
    if path.suffix != ".pub":
        hint = "name the public half, whose file ends in .pub"
        raise MaidanError(Problem((), say("{path} is not read: it may be a private key", path=path), hint=hint))
    try:
        text = read_regular_file(path.expanduser(), _LONGEST_KEYS).decode()
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: no such user's home
        reason = os_reason(error) if isinstance(error, OSError) else say("it is no text")
        raise MaidanError(Problem((), say("{path} cannot be read: {reason}", path=path, reason=reason))) from None
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise MaidanError(Problem((), say("there is no key in {path}", path=path)))
    return found


def disks(by_id: Path = Path("/dev/disk/by-id"), blocks: Path = Path("/sys/class/block")) -> list[Disk]:
    """The whole disks that are here, one name for each, sorted by name."""
    best: dict[str, Path] = {}
    for path in _entries(by_id):
        device = os.path.realpath(path)
        if not _is(check_disk, f"/dev/disk/by-id/{path.name}") or re.match(r"sr|loop|dm-", Path(device).name):
            continue
        if device not in best or _rank(path.name) < _rank(best[device].name):
            best[device] = path
    found = [
        Disk(f"/dev/disk/by-id/{path.name}", _size(blocks / Path(device).name / "size"))
        for device, path in best.items()
    ]
    return sorted(found, key=lambda disk: disk.path)


def _rank(name: str) -> tuple[bool, int, str]:
    return name.startswith(_OPAQUE), len(name), name


def _size(path: Path) -> int:
    try:
        return int(path.read_text("ascii")) * _SECTOR
    except (OSError, ValueError):
        return 0


def interfaces(net: Path = Path("/sys/class/net"), routes: Path = Path("/proc/net/route")) -> list[str]:
    """The network interfaces of hardware that are here; the one that leads out comes first."""
    names = [path.name for path in _entries(net) if (path / "device").exists()]
    try:
        lines = [line.split() for line in routes.read_text("ascii").splitlines()[1:]]
    except (OSError, ValueError):
        lines = []
    out = [fields[0] for fields in lines if len(fields) > 1 and fields[1] == "00000000"]
    return sorted(names, key=lambda name: (name not in out, name))


def system(machine: str) -> str:
    """The manifest's word for a kind of processor, as ``uname -m`` says it; empty for others."""
    return {"x86_64": "x86_64-linux", "aarch64": "aarch64-linux", "arm64": "aarch64-linux"}.get(machine, "")


def firmware(efi: Path = Path("/sys/firmware/efi")) -> str:
    """What this machine started from."""
    return "uefi" if efi.exists() else "bios"


def time_zone(zone: str | None, localtime: Path = Path("/etc/localtime"), named: Path = Path("/etc/timezone")) -> str:
    """The time zone of this machine, or of `zone` (the variable TZ); empty where it cannot be known."""
    words = [(zone or "").removeprefix(":"), os.path.realpath(localtime).rpartition("zoneinfo/")[2]]
    with suppress(OSError, ValueError):
        words.append(named.read_text("utf-8").strip())
    return next((word for word in words if _is(check_time_zone, word)), "")


def locale(*variables: str | None) -> str:
    """The first of some variables (LC_ALL, LANG) that is a locale which names a language; empty where none is."""
    words = (re.sub(r"\.[Uu][Tt][Ff]-?8\Z", ".UTF-8", word or "") for word in variables)
    return next((word for word in words if _is(check_locale, word) and not word.startswith("C.")), "")


def user_name(*variables: str | None) -> str:
    """The first of some variables (SUDO_USER, USER) that can be a person's account; empty where none is."""
    return next((word for word in variables if word and _is(check_user_name, word)), "")


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is(check: Callable[[str], Any], text: str) -> bool:
    try:
        check(text)
    except InvalidValue:
        return False
    return True
