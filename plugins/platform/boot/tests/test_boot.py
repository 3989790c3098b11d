"""How a host starts, seen in the options that are set."""

from __future__ import annotations

from typing import Any

import pytest

from maidan_nix.plugins import load
from plugin_harness import configuration, context, host

NAME = "platform/boot"
UEFI = host()
BIOS = host(boot={"firmware": "bios"})


def boot(on: Any = UEFI, **settings: Any) -> dict[str, Any]:
    return configuration(context(NAME, settings, on=on))


def test_uefi_gets_systemd_boot_and_no_grub() -> None:
    loader = boot()["boot"]["loader"]
    assert loader["systemd-boot"]["enable"] is True
    assert "grub" not in loader


def test_bios_gets_grub_without_naming_a_disk_which_disko_does() -> None:
    loader = boot(BIOS)["boot"]["loader"]
    assert loader.keys() == {"grub"}
    assert loader["grub"]["enable"] is True
    assert not loader["grub"].keys() & {"device", "devices"}


def test_neither_loader_lets_anyone_edit_the_kernel_command_line() -> None:
    assert boot()["boot"]["loader"]["systemd-boot"]["editor"] is False
    assert 'set superusers=""\nexport superusers\n' in boot(BIOS)["boot"]["loader"]["grub"]["extraConfig"]


def test_with_grub_locked_every_generation_and_the_menu_of_older_ones_can_still_be_chosen() -> None:
    grub = boot(BIOS)["boot"]["loader"]["grub"]
    assert "--unrestricted" in grub["entryOptions"].split()
    assert "--unrestricted" in grub["subEntryOptions"].split()


@pytest.mark.parametrize(("on", "loader"), [(UEFI, "systemd-boot"), (BIOS, "grub")])
def test_the_menu_keeps_as_many_generations_as_the_manifest_says(on: Any, loader: str) -> None:
    assert boot(on, generations=3)["boot"]["loader"][loader]["configurationLimit"] == 3


def test_the_firmware_entry_can_be_left_out() -> None:
    assert boot()["boot"]["loader"]["efi"]["canTouchEfiVariables"] is True
    assert boot(firmware_entry=False)["boot"]["loader"]["efi"]["canTouchEfiVariables"] is False


def test_the_first_stage_is_systemd_and_tmp_is_memory() -> None:
    made = boot()
    assert made["boot"]["initrd"]["systemd"]["enable"] is True
    assert made["boot"]["tmp"]["useTmpfs"] is True


def test_no_emergency_shell_waits_for_a_root_password_that_does_not_exist() -> None:
    assert boot()["systemd"]["enableEmergencyMode"] is False


def test_microcode_is_loaded_for_both_makers_when_asked_for_and_only_on_x86() -> None:
    assert "hardware" not in boot()
    asked = boot(microcode=True)["hardware"]["cpu"]
    assert asked == {"amd": {"updateMicrocode": True}, "intel": {"updateMicrocode": True}}
    assert "hardware" not in boot(host(system="aarch64-linux"), microcode=True)


def test_an_arm_machine_with_a_bios_is_a_problem_at_its_firmware() -> None:
    on = host(system="aarch64-linux", boot={"firmware": "bios"})
    (problem,) = load(NAME).problems(context(NAME, on=on))
    assert problem.path == ("hosts", "main", "boot", "firmware")
    assert "aarch64-linux" in problem.message
    assert problem.plugin == NAME


@pytest.mark.parametrize("on", [UEFI, BIOS, host(system="aarch64-linux")])
def test_machines_that_exist_are_no_problem(on: Any) -> None:
    assert list(load(NAME).problems(context(NAME, on=on))) == []
