"""The settings of this plugin."""

from __future__ import annotations

from maidan_nix import api


class Settings(api.Settings):
    """``[platform.secrets]``: nothing to choose. A secret is decrypted with the host's own key, or not at all."""
