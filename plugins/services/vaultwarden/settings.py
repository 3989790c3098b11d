"""``[services.vaultwarden]``."""

from __future__ import annotations

from typing import Literal

from maidan_nix import api


class VaultwardenSettings(api.Settings):
    """What a community decides about its password vault."""

    domain: api.Domain = api.setting("The address of the vault", examples=("passwords.example.org",))
    signups: bool = api.setting(
        "Whether anybody may open an account; the first account needs it, for an hour",
        presets=api.Presets(strict=False, balanced=False, open=False),
        looser="true",
    )
    invitations: bool = api.setting(
        "Whether owners of an organisation may invite people who have no account yet", default=True
    )
    organisations: Literal["nobody", "everybody"] = api.setting(
        "Who may found an organisation, in which members share passwords", default="everybody"
    )
    sends: bool = api.setting(
        "Whether members may share a text or a file with people outside by a link",
        presets=api.Presets(strict=False, balanced=True, open=True),
        looser="true",
    )
    emergency_access: bool = api.setting("Whether a member may name somebody who can ask for their vault", default=True)
    trash: api.Duration = api.setting("How long deleted entries can be restored", default="30d")
    events: api.Duration = api.setting(
        "How long the log of an organisation's events is kept; 0 for no such log",
        presets=api.Presets(strict="0", balanced="30d", open="90d"),
        looser="higher",
    )
    attachment: api.ByteSize = api.setting("Largest file that can be attached or sent", default="100M")
