"""A manifest made from nothing but what a plugin says of itself: the examples of its required settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maidan_nix.contract.plugin import Plugin
from maidan_nix.manifest.document import Document
from maidan_nix.manifest.settings import Preset, infos
from maidan_nix.plugins import baseline

_ADA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada"


def example_document(plugin: Plugin[Any], preset: Preset = "strict") -> Document:
    """Return a small community that uses `plugin`, with the first example of each setting that has no default.

    `preset` is that of its privacy policy. Raises ValueError when a required setting has no example.
    """
    floor, name = plugin.full_name().split("/")
    values: dict[str, Any] = {
        "community": {"name": "Example", "domain": "example.org", "contact": "stewards@example.org"},
        # The preset in the middle talks to listed servers, and wants to know which.
        "privacy": {"preset": preset, **({"federation_allow": ["example.net"]} if preset == "balanced" else {})},
        "stewards": {"ada": {"ssh_keys": [_ADA]}},
        "hosts": {
            "example": {
                "disk": {"device": "/dev/disk/by-id/example"},
                "network": {"interface": "enp1s0"},
            }
        },
        floor: {name: _required(plugin)},
    }
    if plugin.full_name() in baseline() and not values[floor][name]:
        del values[floor]
    return Document(name="example", text="", values=values)


def _required(plugin: Plugin[Any]) -> Mapping[str, Any]:
    chosen = {}
    for name, field in plugin.settings.model_fields.items():
        if not field.is_required():
            continue
        info = infos(plugin.settings)[name]
        if info.presets is not None:
            continue
        if not info.examples:
            raise ValueError(f"the setting '{name}' is required and has no example")
        chosen[name] = info.examples[0]
    return chosen
