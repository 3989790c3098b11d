"""A host's disk, seen in the options that are set."""

from __future__ import annotations

from typing import Any

import pytest

from maidan_nix.plugins import load
from plugin_harness import Preset, configuration, context, host

NAME = "platform/disk"
UEFI: dict[str, Any] = {"boot": {"firmware": "uefi"}}
BIOS: dict[str, Any] = {"boot": {"firmware": "bios"}}


def made(disk: dict[str, Any] | None = None, *, preset: Preset = "strict", **more: Any) -> dict[str, Any]:
    return configuration(context(NAME, on=host(disk=disk, **more), preset=preset))


def partitions(disk: dict[str, Any] | None = None, *, preset: Preset = "strict", **more: Any) -> dict[str, Any]:
    devices = made(disk, preset=preset, **more)["disko"]["devices"]
    assert devices.keys() == {"disk"}
    assert devices["disk"].keys() == {"main"}
    found: dict[str, Any] = devices["disk"]["main"]["content"]["partitions"]
    return found


def mounted(disk: dict[str, Any], **more: Any) -> dict[str, list[str]]:
    """Mount options by mount point."""
    found: dict[str, list[str]] = {}

    def look(content: dict[str, Any]) -> None:
        for one in (content, *content.get("subvolumes", {}).values()):
            if "mountpoint" in one:
                found[one["mountpoint"]] = one["mountOptions"]
        if "content" in content:
            look(content["content"])

    for partition in partitions(disk, **more).values():
        look(partition.get("content", {}))
    return found


def test_the_disk_is_the_one_of_the_manifest() -> None:
    main = made()["disko"]["devices"]["disk"]["main"]
    assert main["device"] == "/dev/disk/by-id/nvme-EXAMPLE"
    assert main["content"]["type"] == "gpt"


def test_uefi_starts_from_an_esp_that_only_root_reads() -> None:
    esp = partitions(**UEFI)["ESP"]
    assert esp["type"] == "EF00"
    assert esp["content"]["format"] == "vfat"
    assert esp["content"]["mountpoint"] == "/boot"
    assert "umask=0077" in esp["content"]["mountOptions"]


def test_bios_starts_from_a_bios_boot_partition_and_an_open_boot_file_system() -> None:
    made = partitions(**BIOS)
    assert made["BIOS"] == {"size": "1M", "type": "EF02"}
    assert made["boot"]["content"]["mountpoint"] == "/boot"
    assert "ESP" not in made


@pytest.mark.parametrize("firmware", [UEFI, BIOS])
@pytest.mark.parametrize("filesystem", ["btrfs", "ext4"])
def test_everything_but_boot_and_swap_is_in_the_container(firmware: dict[str, Any], filesystem: str) -> None:
    made = partitions({"filesystem": filesystem}, **firmware)
    assert list(made)[-1] == "luks"
    outside = made.keys() - {"luks", "swap"}
    assert all(made[name].get("content", {}).get("mountpoint", "/boot") == "/boot" for name in outside)
    luks = made["luks"]["content"]
    assert (luks["type"], luks["name"]) == ("luks", "crypted")
    assert luks["content"]["type"] == ("btrfs" if filesystem == "btrfs" else "filesystem")
    assert made["luks"]["size"] == "100%"


def test_the_container_is_aes_256_with_a_memory_hard_passphrase() -> None:
    arguments = partitions()["luks"]["content"]["extraFormatArgs"]
    assert {"--type=luks2", "--cipher=aes-xts-plain64", "--key-size=512", "--pbkdf=argon2id"} <= set(arguments)


def test_the_passphrase_file_is_the_installers_and_never_the_boot_key() -> None:
    luks = partitions()["luks"]["content"]
    assert luks["passwordFile"].startswith("/run/")
    assert "keyFile" not in luks
    assert "keyFile" not in luks["settings"]


def test_btrfs_has_subvolumes_for_what_is_kept_apart() -> None:
    assert mounted({"filesystem": "btrfs"}, **UEFI).keys() == {"/boot", "/", "/home", "/nix", "/var", "/var/log"}


def test_ext4_is_one_file_system() -> None:
    assert mounted({"filesystem": "ext4"}, **UEFI).keys() == {"/boot", "/"}


@pytest.mark.parametrize("filesystem", ["btrfs", "ext4"])
@pytest.mark.parametrize("firmware", [UEFI, BIOS])
def test_no_mounted_file_can_be_a_device_or_gain_rights(firmware: dict[str, Any], filesystem: str) -> None:
    for mountpoint, options in mounted({"filesystem": filesystem}, **firmware).items():
        assert {"nodev", "nosuid"} <= set(options), mountpoint


def test_nothing_starts_from_boot_or_the_logs_and_everything_from_the_store() -> None:
    options = mounted({"filesystem": "btrfs"}, **UEFI)
    assert {mountpoint for mountpoint in options if "noexec" in options[mountpoint]} == {"/boot", "/var/log"}


def test_swap_has_a_new_key_at_every_start_and_lies_outside_the_container() -> None:
    swap = partitions({"swap": "512M"})["swap"]
    assert swap == {"size": "512M", "content": {"type": "swap", "randomEncryption": True}}


def test_no_swap_is_no_partition() -> None:
    assert "swap" not in partitions({"swap": 0})


@pytest.mark.parametrize(("preset", "trim"), [("strict", False), ("balanced", True), ("open", True)])
def test_trim_reaches_every_layer_or_none(preset: Preset, *, trim: bool) -> None:
    found = partitions(preset=preset)
    assert found["luks"]["content"]["settings"]["allowDiscards"] is trim
    assert ("discardPolicy" in found["swap"]["content"]) is trim
    assert made(preset=preset)["services"]["fstrim"]["enable"] is trim


def test_btrfs_is_scrubbed_once_and_not_once_per_subvolume() -> None:
    scrub = made({"filesystem": "btrfs"})["services"]["btrfs"]["autoScrub"]
    assert scrub == {"enable": True, "interval": "monthly", "fileSystems": ["/"]}
    assert "btrfs" not in made({"filesystem": "ext4"})["services"]


@pytest.mark.parametrize("swap", ["4K", "1000K"])
def test_swap_that_no_partition_can_have_is_a_problem(swap: str) -> None:
    (problem,) = load(NAME).problems(context(NAME, on=host(disk={"swap": swap})))
    assert problem.path == ("hosts", "main", "disk", "swap")
    assert swap in problem.message


@pytest.mark.parametrize("swap", [0, "1M", "4G", "2T"])
def test_other_swap_is_none(swap: str | int) -> None:
    assert list(load(NAME).problems(context(NAME, on=host(disk={"swap": swap})))) == []
