"""The one layout: partitions, one LUKS2 container, and in it btrfs or ext4. Shapes: disko, lib/types."""

from __future__ import annotations

from typing import Final

from maidan_nix import api
from maidan_nix.api import nix

PASSPHRASE_FILE: Final = "/run/disk.passphrase"
"""Where the installer finds the passphrase. It exists in the installer's memory only; the installed system asks."""

MAPPER: Final = "crypted"

# Nothing on these file systems is ever a device or gains rights by its mode: NixOS keeps its few setuid programs in
# /run/wrappers, which is mounted apart. `noexec` is for places from which nothing is meant to be started.
_PLAIN: Final = ("nodev", "nosuid")
_INERT: Final = (*_PLAIN, "noexec")

_FORMAT: Final = (
    "--type=luks2",
    "--cipher=aes-xts-plain64",
    "--key-size=512",  # XTS splits it in two: AES-256
    "--hash=sha256",
    "--pbkdf=argon2id",
)

_BTRFS: Final = ("compress=zstd:1", "noatime")
_SUBVOLUMES: Final = (
    ("/root", "/", _PLAIN),
    ("/home", "/home", _PLAIN),
    ("/nix", "/nix", _PLAIN),
    ("/var", "/var", _PLAIN),
    ("/log", "/var/log", _INERT),
)


def disk(host: api.Host, *, trim: bool, trim_cited: str) -> dict[str, api.Value]:
    """``disko.devices.disk.main`` of a host. `trim_cited` is the comment for `trim`."""
    cited = f"hosts.{host.name}.disk"
    partitions: dict[str, api.Value] = {}
    if host.boot.firmware == "uefi":
        partitions["ESP"] = _esp()
    else:
        partitions["BIOS"] = nix.Noted({"size": "1M", "type": "EF02"}, "Holds GRUB's core; disko tells GRUB this disk.")
        partitions["boot"] = _boot()
    if host.disk.swap.bytes:
        partitions["swap"] = nix.Noted(
            _swap(host.disk.swap, trim=trim), f"{cited}.swap: encrypted with a new random key at every start."
        )
    partitions["luks"] = _luks(host, trim=trim, trim_cited=trim_cited)
    return {
        "type": "disk",
        "device": nix.Noted(host.disk.device, f"{cited}.device: installing erases everything on it."),
        "content": {"type": "gpt", "partitions": partitions},
    }


def _esp() -> dict[str, api.Value]:
    return {
        "size": "1G",
        "type": "EF00",
        "content": {
            "type": "filesystem",
            "format": "vfat",
            "mountpoint": "/boot",
            "mountOptions": nix.Noted(
                ["umask=0077", *_INERT], "The boot loader's random seed is for root's eyes only."
            ),
        },
    }


def _boot() -> dict[str, api.Value]:
    """Kernels and initrds where GRUB reads them: not encrypted, and without anything secret."""
    return {
        "size": "1G",
        "content": {"type": "filesystem", "format": "ext4", "mountpoint": "/boot", "mountOptions": list(_INERT)},
    }


def _swap(size: api.ByteSize, *, trim: bool) -> dict[str, api.Value]:
    content: dict[str, api.Value] = {"type": "swap", "randomEncryption": True}
    if trim:
        content["discardPolicy"] = "once"
    return {"size": size.suffixed(), "content": content}


def _luks(host: api.Host, *, trim: bool, trim_cited: str) -> dict[str, api.Value]:
    filesystem = _btrfs() if host.disk.filesystem == "btrfs" else _ext4()
    return {
        "size": "100%",
        "content": {
            "type": "luks",
            "name": MAPPER,
            "extraFormatArgs": nix.Noted(
                list(_FORMAT), "cryptsetup picks the sector size that suits the disk and the memory that Argon2 takes."
            ),
            "passwordFile": nix.Noted(
                PASSPHRASE_FILE, "Read by the installer alone. The installed system asks for it at the console."
            ),
            "settings": {"allowDiscards": nix.Noted(trim, trim_cited)},
            "content": nix.Noted(filesystem, f"hosts.{host.name}.disk.filesystem"),
        },
    }


def _btrfs() -> dict[str, api.Value]:
    return {
        "type": "btrfs",
        "subvolumes": {
            name: {"mountpoint": mountpoint, "mountOptions": [*_BTRFS, *options]}
            for name, mountpoint, options in _SUBVOLUMES
        },
    }


def _ext4() -> dict[str, api.Value]:
    return {"type": "filesystem", "format": "ext4", "mountpoint": "/", "mountOptions": ["noatime", *_PLAIN]}
