"""The settings of ``[platform.wireguard]``."""

from __future__ import annotations

from maidan_nix import api


class WireguardSettings(api.Settings):
    """``[platform.wireguard]``: one network for the whole community."""

    port: api.PortNumber = api.setting(
        "The UDP port on which the community's hosts reach one another; the same on all of them", default=51820
    )
