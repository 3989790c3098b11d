"""The parts of the base system, one function each: pure, from the context to the options below one name."""

from __future__ import annotations

from collections.abc import Mapping

from maidan_nix import api
from maidan_nix.api import nix

from .settings import Settings

_GIB = 1024**3
_ADMIN_TOOLS = ("git", "htop", "lsof", "mkpasswd")


def nix_daemon(context: api.Context[Settings]) -> Mapping[str, api.Value]:
    """``nix``: flakes only, root trusted only, space reclaimed every week."""
    days = context.settings.old_generations.in_days()
    return {
        "channel": {"enable": nix.Noted(False, "Everything comes from the flake and its lock file.")},
        "settings": {
            "experimental-features": ["nix-command", "flakes"],
            "trusted-users": nix.Noted(["root"], "Whoever Nix trusts is root in all but name."),
            "allowed-users": ["@wheel"],
            "flake-registry": nix.Noted("", "No list of flakes is fetched from the internet by name."),
            "min-free": nix.Noted(_GIB, "With less than 1 GiB free, a build first makes room, up to 5 GiB."),
            "max-free": 5 * _GIB,
        },
        "gc": {
            "automatic": True,
            "dates": "weekly",
            "randomizedDelaySec": "45min",
            "options": nix.Noted(f"--delete-older-than {days}d", context.cite("old_generations")),
        },
        "optimise": {"automatic": True},
    }


def journald(context: api.Context[Settings]) -> Mapping[str, api.Value]:
    """``services.journald``: kept for as long as the privacy policy says, and no longer.

    journald deletes whole files, by the age of their oldest entry and when it starts a new one. A new file every day
    makes the limit true to the day.
    """
    kept = context.privacy.log_retention
    one_file = min(kept, api.Duration.parse("1d"))
    return {
        "storage": "persistent",
        "extraConfig": nix.Noted(
            f"SystemMaxUse={context.settings.journal_size.suffixed()}\nMaxRetentionSec={kept.suffixed()}\n"
            f"MaxFileSec={one_file.suffixed()}\n",
            f"privacy.log_retention, {context.cite('journal_size')}. "
            "Old entries go file by file, so there is a new file every day at least.",
        ),
    }


def systemd() -> Mapping[str, api.Value]:
    """``systemd``: no dumps of memory on disk, and the machine stays usable when memory runs out."""
    return {
        "coredump": {
            "settings": {
                "Coredump": nix.Noted(
                    {"Storage": "none", "ProcessSizeMax": 0},
                    "The memory of a crashed service holds messages and keys: only the fact of the crash is logged.",
                )
            }
        },
        "oomd": nix.Noted(
            {"enableSystemSlice": True, "enableUserSlices": True},
            "Before the machine stalls for want of memory, the service that holds it up most is stopped.",
        ),
        "sysusers": {
            "enable": nix.Noted(False, "Accounts are made after secrets are decrypted, or stewards have no password.")
        },
    }


def sudo() -> Mapping[str, api.Value]:
    """``security.sudo``: for stewards, with their password."""
    return {
        "wheelNeedsPassword": True,
        "execWheelOnly": nix.Noted(True, "Nobody but a steward can even start sudo, and so use a flaw in it."),
    }


def environment() -> Mapping[str, api.Value]:
    """``environment``: a few tools that a steward reaches for, nothing that only comes along."""
    return {
        "defaultPackages": [],
        "systemPackages": [nix.pkgs(name) for name in _ADMIN_TOOLS],
        "stub-ld": {"enable": False},
    }


def documentation() -> Mapping[str, api.Value]:
    """``documentation``: manual pages stay, the NixOS manual is read elsewhere."""
    return {
        "nixos": {"enable": nix.Noted(False, "Manual pages stay; the NixOS manual would be built on every change.")},
        "doc": {"enable": False},
        "info": {"enable": False},
    }
