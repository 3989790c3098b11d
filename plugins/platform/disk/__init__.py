"""One disk, by its hardware's name, with everything but the kernel encrypted. Partitioned and mounted by disko."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from .layout import disk
from .settings import Settings

_LEAST_SWAP = 1024**2  # one partition is a whole number of MiB at least, since sgdisk aligns to that


class Disk(api.Platform[Settings]):
    """A host's disk: what the installer writes, and what the system mounts at every start."""

    name = "disk"
    title = "Disk"
    summary = "One LUKS2 container with btrfs or ext4 in it, and swap that forgets everything at a restart"
    upstream = "https://github.com/nix-community/disko"
    licence = "MIT"
    settings = Settings

    def problems(self, context: api.Context[Settings]) -> Iterable[api.Problem]:
        """A swap size that no partition can have."""
        swap = context.host.disk.swap
        if swap.bytes % _LEAST_SWAP:
            yield api.Problem(
                ("hosts", context.host.name, "disk", "swap"),
                api.say("'{swap}' is not a whole number of mebibytes", swap=swap),
                expected="0, or a size such as '4G' or '512M'",
                plugin=self.full_name(),
            )

    def configure(self, context: api.Context[Settings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The partitions for disko, and the care that the file system needs."""
        host, trim = context.host, context.settings.trim
        services: dict[str, api.Value] = {"fstrim": {"enable": nix.Noted(trim, context.cite("trim"))}}
        if host.disk.filesystem == "btrfs":
            services["btrfs"] = {
                "autoScrub": nix.Noted(
                    {"enable": True, "interval": "monthly", "fileSystems": ["/"]},
                    "Reads everything once a month and reports what the disk has corrupted.",
                )
            }
        cited = f"{context.cite('trim')}: whoever reads the raw disk would see which blocks are free."
        return {
            "disko": {"devices": {"disk": {"main": disk(host, trim=trim, trim_cited=cited)}}},
            "services": services,
        }


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """Return the plugin."""
    return Disk()
