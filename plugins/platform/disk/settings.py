"""What a steward may choose about the disk, beyond ``[hosts.NAME.disk]``."""

from __future__ import annotations

from maidan_nix import api


class Settings(api.Settings):
    """``[platform.disk]``: what the outside of the encryption shows."""

    trim: bool = api.setting(
        "Tell the disk which blocks are free: a flash disk lasts longer, "
        "and whoever reads the raw disk sees how full it is and where",
        presets=api.Presets(strict=False, balanced=True, open=True),
        looser="true",
    )
