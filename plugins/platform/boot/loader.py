"""The two boot loaders. Neither lets anyone edit the kernel's command line, where ``init=/bin/sh`` makes root."""

from __future__ import annotations

from maidan_nix import api
from maidan_nix.api import nix

from .settings import Settings

# An empty list of superusers leaves nobody who could edit an entry or open the command line; the variable must be
# exported to hold in submenus (GRUB manual, "Authentication and authorisation").
_NOBODY_EDITS = 'set superusers=""\nexport superusers\n'
# Whoever may not edit may still choose: every entry, and the submenu of older generations, is open to all.
_ANYBODY_CHOOSES = "--class nixos --unrestricted"


def systemd_boot(context: api.Context[Settings]) -> dict[str, api.Value]:
    """Options below ``boot.loader`` for a machine with UEFI firmware."""
    return {
        "systemd-boot": {
            "enable": True,
            "editor": nix.Noted(False, "Editing the kernel's command line would make anyone at the console root."),
            "configurationLimit": nix.Noted(context.settings.generations, context.cite("generations")),
        },
        "efi": {
            "canTouchEfiVariables": nix.Noted(
                context.settings.firmware_entry,
                f"{context.cite('firmware_entry')}: with it, the firmware starts this system before the entries "
                "of older ones. The standard path EFI/BOOT is written in any case.",
            ),
        },
    }


def grub(context: api.Context[Settings]) -> dict[str, api.Value]:
    """Options below ``boot.loader`` for a machine with a BIOS. The disk to install to comes with its partitions."""
    return {
        "grub": {
            "enable": nix.Noted(
                True, "Installed to the disk that holds a BIOS boot partition; disko names it (platform/disk)."
            ),
            "configurationLimit": nix.Noted(context.settings.generations, context.cite("generations")),
            "extraConfig": nix.Noted(
                _NOBODY_EDITS, "Editing the kernel's command line would make anyone at the console root."
            ),
            "entryOptions": nix.Noted(
                _ANYBODY_CHOOSES,
                "Choosing an entry stays open: going back to an older generation must need no password.",
            ),
            "subEntryOptions": _ANYBODY_CHOOSES,
        },
    }
