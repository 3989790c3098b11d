"""Checking the options of a host in process, against Nix evaluating one."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hosts.examples import EXAMPLES, generated
from hosts.module_system import Example
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index
from modules.evaluation import MODULE_SYSTEM_NEEDS, evaluate, nixpkgs_lib

# A host of the same services as hosts/minimal, in options that every release of NixOS knows.
HOST = """
  boot.loader.grub.device = "/dev/vda";
  fileSystems."/" = { device = "/dev/vda1"; fsType = "ext4"; };
  networking = { hostName = "shed"; useNetworkd = true; useDHCP = false; };
  services.nginx.enable = true;
  services.nginx.virtualHosts."passwords.example.org".locations."/".proxyPass = "http://127.0.0.1:8000";
  services.openssh.enable = true;
  services.postgresql.enable = true;
  services.resolved.enable = true;
  users.users.ada = { isNormalUser = true; extraGroups = [ "wheel" ]; };
"""


def seconds(run: Callable[[], object], times: int) -> float:
    """Return the median time of several runs."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def in_process(example: str) -> float:
    """Return the seconds that all option checks of an example take."""
    configured = [item for plugins in generated(example).configured.values() for item in plugins.items()]
    index = Index.load()
    return seconds(lambda: [check_options(one.options, index, name) for name, one in configured], 20)


def say(capsys: pytest.CaptureFixture[str], example: str, checked: float, evaluated: float) -> None:
    with capsys.disabled():
        sys.stdout.write(
            f"\n{example}: {checked * 1000:.1f} ms, Nix {evaluated:.2f} s: {evaluated / checked:.0f} times\n"
        )


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_module_system_alone_takes_ten_times_as_long(
    example: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nixpkgs_lib()
    checked, evaluated = in_process(example), seconds(Example(example, tmp_path, {}).evaluate, 3)
    say(capsys, example, checked, evaluated)
    assert evaluated > 10 * checked


@pytest.mark.parametrize("example", EXAMPLES)
def test_evaluating_a_host_takes_a_hundred_times_as_long(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    nixpkgs = os.environ.get("MAIDAN_NIXPKGS")
    if not nixpkgs:
        pytest.skip("a nixpkgs tree is missing: set MAIDAN_NIXPKGS to one")
    host = (
        f'(import {nixpkgs}/nixos {{ system = "x86_64-linux"; configuration = {{ {HOST} }}; }})'
        ".config.system.build.toplevel.drvPath"
    )
    checked = in_process(example)
    evaluated = seconds(lambda: evaluate(host, MODULE_SYSTEM_NEEDS), 3)
    say(capsys, example, checked, evaluated)
    assert evaluated > 100 * checked
