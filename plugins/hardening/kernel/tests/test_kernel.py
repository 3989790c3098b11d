"""The kernel: what is emitted exists in a running kernel, is of the form that it reads, and hardens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from maidan_nix.nix.values import Ref, Text
from maidan_nix_plugins.hardening.kernel.tests.modprobe import instructions
from plugin_harness import configuration, context, host

SETTINGS: Final = Path("/proc/sys")

ABSENT: Final[Mapping[str, str]] = {
    "dev.tty.legacy_tiocsti": "new in Linux 6.2",
    "kernel.sysrq": "only where the magic keys are built in",
    "kernel.yama.ptrace_scope": "only where the security module Yama is built in",
    "net.core.bpf_jit_harden": "only where eBPF is compiled, and only in the first network namespace",
    "vm.unprivileged_userfaultfd": "only where userfaultfd is built in",
}
"""Settings that a kernel may lack, or hide from a container, and why."""


def boot(**settings: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = configuration(context("hardening/kernel", settings))["boot"]
    return found


def emitted() -> Mapping[str, int]:
    found: Mapping[str, int] = boot()["kernel"]["sysctl"]
    return found


def place(name: str) -> Path:
    return SETTINGS / name.replace(".", "/")


@pytest.mark.parametrize("name", emitted())
def test_a_setting_exists_in_a_running_kernel(name: str) -> None:
    if not place(name).exists():
        assert name in ABSENT, f"{name} is not a setting of this kernel: misspelt?"
        pytest.skip(f"this kernel has no {name}: {ABSENT[name]}")
    value = place(name)
    try:
        known = value.read_text().split()
    except PermissionError:
        pytest.skip(f"{name} is hidden here")
    assert len(known) == 1
    assert re.fullmatch(r"-?\d+", known[0]), f"{name} is {known} here, and a number is emitted"


def test_what_may_be_absent_is_emitted() -> None:
    assert ABSENT.keys() <= emitted().keys()


def test_a_misspelt_setting_would_be_seen() -> None:
    assert not place("kernel.dmesg_restricted").exists()
    assert place("kernel.dmesg_restrict").exists()


def test_values_are_numbers_in_the_range_of_their_switch() -> None:
    assert all(type(value) is int and 0 <= value <= 3 for value in emitted().values())


def test_every_interface_is_told_and_so_are_those_to_come() -> None:
    names = [name for name in emitted() if ".conf.all." in name]
    assert names
    assert {name.replace(".conf.all.", ".conf.default.") for name in names} <= emitted().keys()


def test_parameters_of_the_kernel_are_single_words() -> None:
    for parameter in boot()["kernelParams"]:
        assert re.fullmatch(r"[a-z0-9_.]+(=[a-z0-9]+)?", parameter), parameter


def test_memory_is_wiped_unless_a_steward_says_why_not() -> None:
    wipes = {"init_on_alloc=1", "init_on_free=1"}
    assert wipes <= set(boot()["kernelParams"])
    reason = {"wipe_memory": False, "reasons": {"wipe_memory": "an old machine"}}
    assert not wipes & set(boot(**reason)["kernelParams"])


def test_what_only_one_architecture_has_is_set_there_alone() -> None:
    arm = context("hardening/kernel", on=host(system="aarch64-linux"))
    assert "vsyscall=none" in boot()["kernelParams"]
    assert "vsyscall=none" not in configuration(arm)["boot"]["kernelParams"]


def test_rare_modules_are_kept_out_of_both_ways_in() -> None:
    kept_out = boot()["blacklistedKernelModules"]
    text = boot()["extraModprobeConfig"]
    assert isinstance(text, Text)
    lines = "".join("/nix/store/coreutils" if isinstance(part, Ref) else str(part) for part in text.parts)
    told = instructions(lines)
    assert {name for command, name, _ in told if command == "install"} == set(kept_out)
    assert {rest for _, _, rest in told} == {"/nix/store/coreutils/bin/false"}


@pytest.mark.parametrize(
    "line", ["instal can /bin/false", "install can", "blacklist can now", "install CAN! /bin/false"]
)
def test_a_line_that_modprobe_would_pass_over_would_be_seen(line: str) -> None:
    with pytest.raises(ValueError, match="pass over"):
        instructions(line)


def test_rare_modules_come_back_with_a_reason() -> None:
    with_them = boot(rare_modules=True, reasons={"rare_modules": "a phone line over X.25"})
    assert not with_them.keys() & {"blacklistedKernelModules", "extraModprobeConfig"}


def test_the_running_kernel_cannot_be_replaced() -> None:
    assert configuration(context("hardening/kernel"))["security"] == {"protectKernelImage": True}
