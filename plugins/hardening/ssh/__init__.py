"""SSH: the stewards' way in. Keys only, modern algorithms only, nobody else.

Source: nixos/modules/services/networking/ssh/sshd.nix of nixpkgs 4aa6836a; what the keys mean, sshd_config(5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

# A recording of today's traffic must not be readable once a quantum computer exists: both of these combine X25519 with
# a post-quantum method. OpenSSH has the first since 8.5 (2021) and the second since 9.9 (2024).
_KEY_EXCHANGE = ("mlkem768x25519-sha256", "sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com")
_OLDER_KEY_EXCHANGE = ("curve25519-sha256", "curve25519-sha256@libssh.org")
_CIPHERS = ("chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-gcm@openssh.com")
# The ciphers above carry their own authentication; these are for the list's sake, encrypt-then-MAC only.
_MACS = ("hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "umac-128-etm@openssh.com")
_SIGNATURES = "ssh-ed25519,sk-ssh-ed25519@openssh.com,rsa-sha2-512,rsa-sha2-256"


class SshSettings(api.Settings):
    """``[hardening.ssh]``."""

    port: api.PortNumber = api.setting(
        "The port; another than 22 keeps the log quieter and makes nothing safer", default=22
    )
    older_clients: bool = api.setting(
        "Whether programs without a post-quantum key exchange may connect (OpenSSH before 8.5, most phone apps)",
        presets=api.Presets(strict=False, balanced=True, open=True),
        looser="true",
    )


class Ssh(api.Hardening[SshSettings]):
    """Remote access for stewards."""

    name = "ssh"
    title = "SSH"
    summary = "Lets stewards in with their keys, and nobody else with anything"
    upstream = "https://www.openssh.com/"
    licence = "BSD-2-Clause"
    settings = SshSettings

    def needs(self, context: api.Context[SshSettings]) -> Iterable[api.Need[Any]]:
        """A port that is open to everyone, because stewards travel."""
        return (_port(context),)

    def configure(self, context: api.Context[SshSettings], grants: api.Grants) -> Mapping[str, api.Value]:
        """The upstream module, with every choice that matters written out."""
        older = context.settings.older_clients
        settings: dict[str, api.Value] = {
            "AllowUsers": nix.Noted(sorted(context.stewards), "The stewards, and nobody else."),
            "PermitRootLogin": "no",
            "PasswordAuthentication": False,
            "KbdInteractiveAuthentication": False,
            "AuthenticationMethods": "publickey",
            "KexAlgorithms": nix.Noted(
                [*_KEY_EXCHANGE, *(_OLDER_KEY_EXCHANGE if older else ())], context.cite("older_clients")
            ),
            "Ciphers": list(_CIPHERS),
            "Macs": list(_MACS),
            "HostKeyAlgorithms": "ssh-ed25519",
            "PubkeyAcceptedAlgorithms": _SIGNATURES,
            "LoginGraceTime": 30,
            "MaxAuthTries": 3,
            "MaxStartups": "10:30:60",
            "PerSourceMaxStartups": 5,
            "PerSourceNetBlockSize": nix.Noted("32:64", "One household has one IPv4 address, or a /64."),
            "ClientAliveInterval": 60,
            "ClientAliveCountMax": 5,
            "DisableForwarding": nix.Noted(
                True, "No tunnels: whoever holds a steward's key reaches this host, not what it can reach."
            ),
            "X11Forwarding": False,
            "PermitUserEnvironment": False,
            "PermitUserRC": False,
            "UseDns": False,
            "LogLevel": nix.Noted("VERBOSE", "Which key was used: with several keys per steward, that is who it was."),
        }
        return {
            "services": {
                "openssh": {
                    "enable": True,
                    "ports": [grants[_port(context)].number],
                    "openFirewall": nix.Noted(False, "The firewall plugin opens the port, with its purpose."),
                    "authorizedKeysInHomedir": nix.Noted(
                        False, "Keys come from community.toml alone: nobody adds one unseen."
                    ),
                    "hostKeys": nix.Noted(
                        [{"type": "ed25519", "path": "/etc/ssh/ssh_host_ed25519_key"}],
                        "One key, which also decrypts the secrets of this host.",
                    ),
                    "settings": settings,
                }
            }
        }

    def units(self, context: api.Context[SshSettings], grants: api.Grants) -> Iterable[api.Unit]:
        """The daemon and the maker of its key, neither of which can be confined."""
        yield api.Unit(
            name="sshd",
            exempt="log-in sessions inherit the sandbox of sshd, and a steward must be able to administer the host",
        )
        yield api.Unit(
            name="sshd-keygen", exempt="one call of ssh-keygen as root, which writes to /etc/ssh", oneshot=True
        )


def _port(context: api.Context[SshSettings]) -> api.Port:
    return api.Port(
        name="ssh",
        number=context.settings.port,
        open_to="internet",
        purpose="stewards administer the host",
        setting="port",
    )


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """The plugin of this module."""
    return Ssh()
