"""How a host starts: systemd-boot on UEFI, GRUB on BIOS, and the first stage of the start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from .loader import grub, systemd_boot
from .settings import Settings

# The kernel takes the one that is for its processor.
_MICROCODE = {"amd": {"updateMicrocode": True}, "intel": {"updateMicrocode": True}}


class Boot(api.Platform[Settings]):
    """The boot loader that the host's firmware needs, closed to whoever merely stands at the console."""

    name = "boot"
    title = "Boot"
    summary = "Starts the machine from UEFI or BIOS, and keeps older generations to go back to"
    upstream = "https://systemd.io/BOOT/"
    licence = "LGPL-2.1-or-later"
    settings = Settings

    def problems(self, context: api.Context[Settings]) -> Iterable[api.Problem]:
        """Firmware that the host's kind of machine does not have."""
        host = context.host
        if host.boot.firmware == "bios" and host.system != "x86_64-linux":
            yield api.Problem(
                ("hosts", host.name, "boot", "firmware"),
                api.say("{system} machines have no BIOS", system=host.system),
                expected="'uefi'",
                plugin=self.full_name(),
            )

    def configure(self, context: api.Context[Settings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The boot loader, the first stage, and ``/tmp``."""
        loader = systemd_boot(context) if context.host.boot.firmware == "uefi" else grub(context)
        boot: dict[str, api.Value] = {
            "loader": loader,
            "initrd": {
                "systemd": {
                    "enable": nix.Noted(
                        True, "The first stage is systemd too: it asks for the disk's passphrase at the console."
                    ),
                },
            },
            "tmp": {
                "useTmpfs": nix.Noted(
                    True, "In memory: nothing in it survives a restart, nothing in it can be a device or gain rights."
                ),
            },
        }
        configuration: dict[str, api.Value] = {"boot": boot}
        if context.settings.microcode and context.host.system == "x86_64-linux":
            configuration["hardware"] = {"cpu": nix.Noted(_MICROCODE, context.cite("microcode"))}
        configuration["systemd"] = {
            "enableEmergencyMode": nix.Noted(
                False,
                "The emergency shell asks for root's password, and root has none. "
                "Without it the start goes on as far as it can, so that a steward can log in and look.",
            ),
        }
        return configuration


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """Return the plugin."""
    return Boot()
