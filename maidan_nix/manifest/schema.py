"""The sections of community.toml that belong to no plugin: the community, its stewards, its privacy policy, its hosts.

Everything here is what several plugins read. What only one plugin reads belongs to that plugin's own settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from maidan_nix.manifest.forms import Form, InvalidValue
from maidan_nix.manifest.settings import Presets, Settings, setting
from maidan_nix.manifest.types import (
    ByteSize,
    DiskById,
    Domain,
    Duration,
    Email,
    HostName,
    IpAddress,
    IpInterface,
    Locale,
    SshPublicKey,
    TimeZone,
    UserName,
)
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say

Federation = Literal["none", "listed", "open"]
"""Whom the community's services talk to: nobody, the listed servers, everybody."""

_LONGEST_NAME = 80
_READ_BY_AGE = ("ssh-ed25519 ", "ssh-rsa ")


def _community_name(text: str) -> str:
    if not 1 <= len(text) <= _LONGEST_NAME:
        raise InvalidValue(say("has {number} characters", number=len(text)))
    if not text.isprintable():
        raise InvalidValue(
            say("{text} has a character that cannot be seen", text=quoted(text)), hint="type the name anew"
        )
    return text


def _age_recipient(text: str) -> str:
    if not re.match(r"age1[0-9a-z]{58}\Z", text):
        raise InvalidValue(say("{text} is no age recipient", text=quoted(text)), "'age1' and 58 letters and digits")
    return text


def _interface_name(text: str) -> str:
    if not re.match(r"[a-zA-Z][a-zA-Z0-9._-]{0,14}\Z", text):
        raise InvalidValue(say("{text} is no name of an interface", text=quoted(text)), "a name such as 'enp1s0'")
    return text


CommunityName = Annotated[
    str, Form(say("a name of 1 to {most} visible characters", most=_LONGEST_NAME), _community_name)
]
AgeRecipient = Annotated[str, Form("an age recipient such as 'age1...'", _age_recipient)]
InterfaceName = Annotated[str, Form("a network interface such as 'enp1s0'", _interface_name)]


class Community(Settings):
    """``[community]``: who runs this, and how they are reached."""

    name: CommunityName = setting("The community's name, as members know it", examples=("Commons",))
    domain: Domain = setting("The domain the community owns; services live below it", examples=("example.org",))
    contact: Email = setting(
        "Where certificate authorities and members reach the stewards", examples=("stewards@example.org",)
    )
    time_zone: TimeZone = setting("Time zone of the hosts, as Area/City", default="UTC", examples=("Europe/Berlin",))
    locale: Locale = setting("Language and formats of the hosts", default="en_US.UTF-8")


class Steward(Settings):
    """``[stewards.NAME]``: a person with an account on every host. NAME is the account's name."""

    name: UserName = setting("The account's name; comes from the table's own name")
    ssh_keys: tuple[SshPublicKey, ...] = setting(
        "Public SSH keys that may log in; those of type ssh-ed25519 and ssh-rsa also decrypt the community's secrets",
        min_length=1,
    )
    age_recipients: tuple[AgeRecipient, ...] = setting("Further age recipients, such as a key kept offline", default=())


def secret_recipients(steward: Steward) -> tuple[str, ...]:
    """Whom a secret is encrypted to so that this steward can read it. A key that signs in hardware cannot decrypt."""
    return (*(key for key in steward.ssh_keys if key.startswith(_READ_BY_AGE)), *steward.age_recipients)


class Privacy(Settings):
    """``[privacy]``: one policy that every service follows."""

    preset: Literal["strict", "balanced", "open"] = setting(
        "What every privacy setting falls back to", default="strict"
    )
    federation: Federation = setting(
        "Whom services may talk to outside: nobody, the listed servers, everybody",
        presets=Presets(strict="none", balanced="listed", open="open"),
        looser=("none", "listed", "open"),
    )
    federation_allow: tuple[Domain, ...] = setting("The servers to talk to when federation is 'listed'", default=())
    log_retention: Duration = setting(
        "How long system logs are kept", presets=Presets(strict="7d", balanced="14d", open="30d"), looser="higher"
    )
    message_retention: Duration = setting(
        "How long messages are kept before they are deleted",
        presets=Presets(strict="180d", balanced="730d", open="3650d"),
        looser="higher",
    )


class Boot(Settings):
    """``[hosts.NAME.boot]``: how the machine starts."""

    firmware: Literal["uefi", "bios"] = setting(
        "What the machine starts from; most since 2012 are 'uefi'", default="uefi"
    )


class Disk(Settings):
    """``[hosts.NAME.disk]``: the one disk that will hold everything, encrypted."""

    device: DiskById = setting(
        "The disk, by a name that follows the hardware and not the order of discovery; everything on it is erased",
        examples=("/dev/disk/by-id/nvme-EXAMPLE_1TB_0123456789",),
    )
    filesystem: Literal["btrfs", "ext4"] = setting(
        "'btrfs' has checksums and snapshots, 'ext4' is the plainest", default="btrfs"
    )
    swap: ByteSize = setting("Size of the encrypted swap area; 0 for none", default="4G")


class Network(Settings):
    """``[hosts.NAME.network]``: the machine's one way to the world."""

    interface: InterfaceName = setting("Name of the network interface, as 'ip link' prints it", examples=("enp1s0",))
    ipv4: Literal["dhcp", "off"] | IpInterface = setting(
        "'dhcp', 'off', or the address with its prefix length", default="dhcp", examples=("192.0.2.10/24",)
    )
    ipv4_gateway: IpAddress | None = setting("The router, where the IPv4 address is fixed", default=None)
    ipv6: Literal["automatic", "off"] | IpInterface = setting(
        "'automatic' (router advertisements), 'off', or the address with its prefix length",
        default="automatic",
        examples=("2001:db8::10/64",),
    )
    ipv6_gateway: IpAddress | None = setting("The router, where the IPv6 address is fixed; often fe80::1", default=None)
    resolvers: tuple[IpAddress, ...] = setting(
        "DNS resolvers to ask; none means those that the network announces", default=()
    )
    reached_at: Domain | IpAddress | None = setting(
        "Where the community's other hosts reach this one; without it, at its fixed address",
        default=None,
        examples=("store.example.org",),
    )


class Host(Settings):
    """``[hosts.NAME]``: one machine."""

    name: HostName = setting("The machine's name; comes from the table's own name")
    system: Literal["x86_64-linux", "aarch64-linux"] = setting(
        "The machine's kind of processor", default="x86_64-linux"
    )
    boot: Boot = setting("How the machine starts", default=Boot())
    disk: Disk = setting("The disk that holds everything")
    network: Network = setting("The machine's way to the world")
    served_by: Mapping[str, str] = setting(
        "Which other host serves a kind of need for this one, by kind, such as 'database'",
        default={},
        examples=({"database": "store"},),
    )
