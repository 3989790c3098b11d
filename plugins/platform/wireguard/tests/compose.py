"""The files that NixOS writes for systemd-networkd, from the options that the plugin sets.

Follows nixos/lib/systemd-network-units.nix of nixpkgs 4aa6836a.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NETDEV = {"netdevConfig": "NetDev", "wireguardConfig": "WireGuard", "wireguardPeers": "WireGuardPeer"}
_NETWORK = {
    "matchConfig": "Match", "linkConfig": "Link", "networkConfig": "Network", "address": "Network", "routes": "Route",
}  # fmt: skip


def files(options: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return the ``.netdev`` and ``.network`` files, from the plugin's options as plain data.

    `key` stands in for the path of the decrypted private key.
    """
    network = options["systemd"]["network"]
    made: dict[str, str] = {}
    for name, unit in network["netdevs"].items():
        settled = {**unit, "wireguardConfig": {**unit["wireguardConfig"], "PrivateKeyFile": key}}
        made[f"/etc/systemd/network/{name}.netdev"] = _text(settled, _NETDEV)
    for name, unit in network["networks"].items():
        made[f"/etc/systemd/network/{name}.network"] = _text(unit, _NETWORK)
    return made


def _text(unit: Mapping[str, Any], sections: Mapping[str, str]) -> str:
    assert set(unit) <= set(sections), f"the composition does not know {sorted(set(unit) - set(sections))}"
    lines: list[str] = []
    for part, section in sections.items():
        value = unit.get(part, [])
        if part == "address":
            value = {"Address": value}
        for table in value if isinstance(value, list) else [value]:
            lines += [f"[{section}]", *_keys(table), ""]
    return "\n".join(lines)


def _keys(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        for each in value if isinstance(value, list) else [value]:
            yield f"{key}={str(each).lower() if isinstance(each, bool) else each}"
