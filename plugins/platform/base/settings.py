"""What a steward may choose about the base system."""

from __future__ import annotations

from maidan_nix import api


class Settings(api.Settings):
    """``[platform.base]``: room for logs and generations, and the keyboard at the console."""

    journal_size: api.ByteSize = api.setting(
        "How much of the disk the system log may take; how long it is kept is privacy.log_retention", default="1G"
    )
    old_generations: api.Duration = api.setting(
        "How long a generation that is no longer in use can still be gone back to, before its space is reclaimed",
        default="30d",
    )
    keyboard: str = api.setting(
        "Keyboard layout at the console, where the disk's passphrase is typed; a keymap of the Linux console",
        default="us",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}\Z",
        examples=("de-latin1",),
    )
