"""What a steward may choose about names, beyond ``[hosts.NAME.network]``."""

from __future__ import annotations

from typing import Literal

from maidan_nix import api


class Settings(api.Settings):
    """``[platform.network]``: how the hosts look up names."""

    dns_over_tls: Literal["required", "offered"] = api.setting(
        "Whether the resolvers that a host names must be asked over TLS, or only when they offer it; "
        "resolvers that a network announces are always asked over TLS only when they offer it",
        presets=api.Presets(strict="required", balanced="offered", open="offered"),
        looser=("required", "offered"),
    )
    resolver_name: api.Domain | None = api.setting(
        "The name on the resolvers' TLS certificate; without it, the certificate must name their addresses",
        default=None,
        examples=("dns.example.net",),
    )
