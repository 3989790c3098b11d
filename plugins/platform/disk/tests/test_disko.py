"""What disko itself makes of the layout, with its source at ``MAIDAN_DISKO`` and nixpkgs' lib (see modules.evaluation).

The types of disko refuse unknown and ill-typed keys, so that each test here is a check of every key as well.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from modules.evaluation import MODULE_SYSTEM_NEEDS, EvaluationError, evaluate, nixpkgs_lib
from plugin_harness import configuration, context, host

WRAPPER = Path(__file__).parent / "disko.nix"


def layout(folder: Path, devices: Any) -> dict[str, Any]:
    disko = os.environ.get("MAIDAN_DISKO") or pytest.skip("disko is missing: set MAIDAN_DISKO to a checkout of it")
    file = folder / "devices.json"
    file.write_text(json.dumps(devices), "utf-8")
    arguments = (
        f"disko = {disko}; nixpkgsLib = {nixpkgs_lib()}; devices = builtins.fromJSON (builtins.readFile {file});"
    )
    made: dict[str, Any] = evaluate(f"import {WRAPPER} {{ {arguments} }}", MODULE_SYSTEM_NEEDS)
    return made


def devices(firmware: str, filesystem: str, swap: str | int = "4G") -> Any:
    on = host(boot={"firmware": firmware}, disk={"filesystem": filesystem, "swap": swap})
    return configuration(context("platform/disk", on=on))["disko"]["devices"]


@pytest.mark.parametrize("firmware", ["uefi", "bios"])
@pytest.mark.parametrize("filesystem", ["btrfs", "ext4"])
def test_nixos_mounts_the_root_from_the_container_that_it_opens(tmp_path: Path, firmware: str, filesystem: str) -> None:
    made = layout(tmp_path, devices(firmware, filesystem))
    assert made["fileSystems"]["/"]["fsType"] == filesystem
    assert made["fileSystems"]["/"]["device"] == "/dev/mapper/crypted"
    opened = made["boot"]["initrd"]["luks"]["devices"]["crypted"]
    assert opened == {"allowDiscards": False, "device": "/dev/disk/by-partlabel/disk-main-luks"}
    assert made["fileSystems"]["/boot"]["fsType"] == ("vfat" if firmware == "uefi" else "ext4")


def test_grub_is_told_the_disk_of_a_bios_machine_and_nothing_on_uefi(tmp_path: Path) -> None:
    assert layout(tmp_path, devices("bios", "ext4"))["boot"]["loader"]["grub"]["devices"] == [
        "/dev/disk/by-id/nvme-EXAMPLE"
    ]
    assert "loader" not in layout(tmp_path, devices("uefi", "ext4"))["boot"]


def test_swap_is_found_by_a_name_that_survives_its_encryption(tmp_path: Path) -> None:
    (swap,) = layout(tmp_path, devices("uefi", "btrfs"))["swapDevices"]
    assert swap["device"] == "/dev/disk/by-partlabel/disk-main-swap"
    assert swap["randomEncryption"] == {"enable": True, "allowDiscards": False}
    assert layout(tmp_path, devices("uefi", "btrfs", 0))["swapDevices"] == []


@pytest.mark.parametrize("filesystem", ["btrfs", "ext4"])
def test_the_script_is_shell_and_formats_as_asked(tmp_path: Path, filesystem: str) -> None:
    script = layout(tmp_path, devices("bios", filesystem))["script"]
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert "--typecode=1:EF02" in script
    assert "luksFormat" in script
    assert "--pbkdf=argon2id" in script
    assert f"mkfs.{filesystem}" in script


def test_disko_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    misspelt = devices("uefi", "btrfs")
    misspelt["disk"]["main"]["content"]["partitions"]["luks"]["content"]["passphraseFile"] = "/run/x"
    with pytest.raises(EvaluationError, match="passphraseFile"):
        layout(tmp_path, misspelt)
