"""Secrets: encrypted files in the flake, decrypted on the host by agenix with the host's own SSH key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from maidan_nix import api
from maidan_nix.api import nix

from .settings import Settings

IDENTITY = "/etc/ssh/ssh_host_ed25519_key"
"""The private key that opens secrets. A string: as a Nix path it would be copied to the store for all to read."""

# A secret's name becomes the name of a file in the flake and below /run/agenix.
_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?\Z")


class Secrets(api.Platform[Settings]):
    """Provides decrypted files. Each can be read by one user, and exists in memory only."""

    name = "secrets"
    title = "Secrets"
    summary = "Decrypts each secret at the start, into memory, for the one user that needs it"
    upstream = "https://github.com/ryantm/agenix"
    licence = "CC0-1.0"
    settings = Settings
    provides = (api.Secret,)

    def grant(self, context: api.Context[Settings], request: api.Request[Any]) -> api.SecretGrant:
        """Where the secret will be. Raises Refused for a name that cannot be a file's."""
        name = request.need.name
        if not _NAME.match(name):
            raise api.Refused(
                api.say("{name!r} cannot be the name of a secret", name=name),
                "a name is up to 63 lower-case letters, digits, - and _, with a letter or digit at either end",
            )
        return api.SecretGrant(path=nix.Ref("config", "age", "secrets", name, "path"), name=name)

    def configure(self, context: api.Context[Settings], grants: api.Grants) -> Mapping[str, api.Value]:
        """What agenix decrypts, and with which key. ``modules/secrets.nix`` asserts that it can do so in time."""
        served = sorted(grants.serves(api.Secret), key=lambda each: each.need.name)
        return {
            "age": {
                "identityPaths": nix.Noted(
                    [IDENTITY], "The host's own key. It must be in place before the first start, or nothing opens."
                ),
                "secrets": {each.need.name: nix.Noted(_secret(each.need), _comment(each)) for each in served},
            },
        }


def _secret(need: api.Secret) -> dict[str, api.Value]:
    """``age.secrets.NAME``. The path is seen from ``hosts/HOST/platform/secrets.nix``."""
    secret: dict[str, api.Value] = {"file": nix.Path(f"../../../secrets/{need.name}.age")}
    if need.owner != "root":
        secret["owner"] = need.owner
    if need.group != "root":
        secret["group"] = need.group
    # A group may read only where it is the one way in: a file of root's for which a group is named.
    secret["mode"] = "0440" if need.owner == "root" and need.group != "root" else "0400"
    return secret


def _comment(served: api.Served[api.Secret]) -> str:
    return f"{served.plugin}: {served.need.content}"


@api.hookimpl
def maidan_plugin() -> api.Plugin[Any]:
    """Return the plugin."""
    return Secrets()
