"""Where in the manifest a need comes from: the place of its problems."""

from __future__ import annotations

from typing import Any

from maidan_nix.contract.needs import Need, UserId
from maidan_nix.problems import KeyPath


def place(section: str, need: Need[Any]) -> KeyPath:
    """The key path of a need that the plugin of `section`, such as ``services.wiki``, has stated."""
    if isinstance(need, UserId) and need.path:
        return need.path
    return (*section.split("."), *([need.setting] if need.setting else []))
