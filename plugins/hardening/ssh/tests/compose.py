"""sshd_config as NixOS would write it from the options that the plugin sets.

Follows nixos/modules/services/networking/ssh/sshd.nix (see ../upstream.toml for the revision).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_COMMAS = {"Ciphers", "KexAlgorithms", "Macs"}
_BLANKS = {"AcceptEnv", "AllowGroups", "AllowUsers", "AuthorizedKeysFile", "DenyGroups", "DenyUsers"}
_DEFAULTS: Mapping[str, Any] = {
    "AuthorizedPrincipalsFile": "none", "GatewayPorts": "no", "KbdInteractiveAuthentication": True, "LogLevel": "INFO",
    "PasswordAuthentication": True, "PermitRootLogin": "prohibit-password", "PrintMotd": False, "StrictModes": True,
    "UseDns": False, "UsePAM": True, "X11Forwarding": False,
}  # fmt: skip
_KNOWN = {"authorizedKeysInHomedir", "enable", "hostKeys", "openFirewall", "ports", "settings"}


def compose(options: Mapping[str, Any], *, sftp: str = "/usr/lib/openssh/sftp-server") -> str:
    """Return the file, from the plugin's options as plain data; `sftp` is where its server is."""
    server = options["services"]["openssh"]
    assert set(server) <= _KNOWN, f"the composition does not know {sorted(set(server) - _KNOWN)}"
    return "\n".join(_lines(server, sftp)) + "\n"


def written(name: str, value: Any) -> str:
    """Return a setting's value as sshd reads it. Raises TypeError for a list that the module refuses to write."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list() if name in _COMMAS:
            return ",".join(value)
        case list() if name in _BLANKS:
            return " ".join(value)
        case list():
            raise TypeError(f"the module writes no list for {name}")
        case _:
            return str(value)


def _lines(server: Mapping[str, Any], sftp: str) -> Iterator[str]:
    for name, value in sorted({**_DEFAULTS, **server["settings"]}.items()):
        yield f"{name} {written(name, value)}"
    yield "AddressFamily any"
    yield from (f"Port {port}" for port in server["ports"])
    yield f"Subsystem sftp {sftp}"
    home = ["%h/.ssh/authorized_keys"] if server.get("authorizedKeysInHomedir", True) else []
    yield f"AuthorizedKeysFile {' '.join([*home, '/etc/ssh/authorized_keys.d/%u'])}"
    yield from (f"HostKey {key['path']}" for key in server["hostKeys"])
