"""What a steward may choose about how a machine starts, beyond ``[hosts.NAME.boot]``."""

from __future__ import annotations

from maidan_nix import api


class Settings(api.Settings):
    """``[platform.boot]``: the boot menu, and what is loaded before the kernel."""

    generations: int = api.setting(
        "How many generations the boot menu offers, to go back to when an update fails",
        unit="generations",
        default=10,
        ge=2,
        le=50,
        examples=(10,),
    )
    firmware_entry: bool = api.setting(
        "Write the server's entry into the firmware's own list and put it first; "
        "turn it off where the firmware refuses, then the disk is started by its standard path",
        default=True,
    )
    microcode: bool = api.setting(
        "Load the processor maker's security fixes at every start of x86 machines; "
        "a virtual machine has no use for it, since its host does it",
        default=False,
    )
