"""``[services.matrix]``."""

from __future__ import annotations

from typing import Literal, TypeAlias

from maidan_nix import api

Worker: TypeAlias = Literal["background", "media", "outgoing"]


class MatrixSettings(api.Settings):
    """What a community decides about its rooms."""

    server_name: api.Domain = api.setting(
        "The name after the colon in every address, @ada:example.org; it can never change", examples=("example.org",)
    )
    domain: api.Domain = api.setting(
        "The address that apps and other servers talk to", examples=("matrix.example.org",)
    )
    delegation: Literal["here", "elsewhere"] = api.setting(
        "Where the documents are that lead from the name to the address: on this host, or on another web server, "
        "because the name's own site is there",
        default="here",
    )
    element_domain: api.Domain | None = api.setting(
        "The address of Element Web, an app in the browser; without it members use apps of their own",
        default=None,
        examples=("chat.example.org",),
    )
    e2ee: Literal["all", "invite", "off"] = api.setting(
        "Which new rooms are end-to-end encrypted by themselves: all, those by invitation, none",
        presets=api.Presets(strict="all", balanced="all", open="invite"),
        looser=("all", "invite", "off"),
    )
    registration: Literal["closed", "token"] = api.setting(
        "Who may open an account: nobody but through a steward, or whoever has a token from a steward",
        presets=api.Presets(strict="closed", balanced="token", open="token"),
        looser=("closed", "token"),
    )
    password_length: int = api.setting(
        "Fewest characters of a password", unit="characters", default=12, looser="lower", ge=8, le=128
    )
    member_search: Literal["shared-rooms", "everybody"] = api.setting(
        "Whom a member finds by name: people in the same rooms, or everybody on this server",
        presets=api.Presets(strict="shared-rooms", balanced="everybody", open="everybody"),
        looser=("shared-rooms", "everybody"),
    )
    presence: bool = api.setting(
        "Whether members see of each other who is online",
        presets=api.Presets(strict=False, balanced=True, open=True),
        looser="true",
    )
    push: bool = api.setting(
        "Whether phones are woken by the push services of their makers, which learn when somebody gets a message",
        presets=api.Presets(strict=False, balanced=True, open=True),
        looser="true",
    )
    upload: api.ByteSize = api.setting("Largest file that can be sent", default="50M")
    remote_media: api.Duration = api.setting(
        "How long copies of other servers' files are kept after somebody last looked at them",
        presets=api.Presets(strict="14d", balanced="30d", open="90d"),
        looser="higher",
    )
    stale_devices: api.Duration = api.setting(
        "After how long without use a device is logged out",
        presets=api.Presets(strict="180d", balanced="365d", open="730d"),
        looser="higher",
    )
    workers: tuple[Worker, ...] = api.setting(
        "What runs in a process of its own: 'background' (clearing up), 'media' (files), "
        "'outgoing' (the one process that reaches the internet)",
        default=(),
        examples=(("outgoing",),),
    )
