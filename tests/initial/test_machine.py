"""What a machine says of itself, as far as it helps to answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from commands.runner import MINIMAL
from maidan_nix.initial import machine
from maidan_nix.initial.machine import Disk, disks, interfaces, public_keys, read_key_file
from maidan_nix.problems import MaidanError
from maidan_nix.regular_file import read_regular_file

KEY = MINIMAL.partition('ssh_keys = ["')[2].partition('"')[0]


def test_disks_have_one_name_each_and_no_partitions(tmp_path: Path) -> None:
    by_id, blocks, dev = tmp_path / "by-id", tmp_path / "block", tmp_path / "dev"
    for folder in (by_id, blocks / "nvme0n1", dev):
        folder.mkdir(parents=True)
    for device in ("nvme0n1", "nvme0n1p1", "sda", "sr0", "dm-0"):
        (dev / device).write_text("")
    (blocks / "nvme0n1/size").write_text("1953525168\n")
    for name, device in {
        "nvme-eui.0025": "nvme0n1",
        "nvme-MAKER_1TB_S1": "nvme0n1",
        "nvme-MAKER_1TB_S1_1": "nvme0n1",
        "nvme-MAKER_1TB_S1-part1": "nvme0n1p1",
        "wwn-0x5": "sda",
        "usb-DVD": "sr0",
        "dm-name-root": "dm-0",
        "bad name": "sda",
    }.items():
        (by_id / name).symlink_to(dev / device)
    found = disks(by_id, blocks)
    assert found == [
        Disk("/dev/disk/by-id/nvme-MAKER_1TB_S1", 1953525168 * 512),
        Disk("/dev/disk/by-id/wwn-0x5", 0),
    ]
    assert found[0].gigabytes == 1000
    assert disks(tmp_path / "absent") == []


def test_the_interface_that_leads_out_comes_first(tmp_path: Path) -> None:
    for name in ("enp1s0", "enp2s0", "lo", "wg0"):
        (tmp_path / "net" / name).mkdir(parents=True)
        if name.startswith("enp"):
            (tmp_path / "net" / name / "device").mkdir()
    (tmp_path / "route").write_text("Iface\tDestination\tGateway\nenp2s0\t00000000\t0100A8C0\nenp1s0\t0000A8C0\t0\n")
    assert interfaces(tmp_path / "net", tmp_path / "route") == ["enp2s0", "enp1s0"]
    assert interfaces(tmp_path / "net", tmp_path / "absent") == ["enp1s0", "enp2s0"]
    assert interfaces(tmp_path / "absent", tmp_path / "absent") == []


def test_private_keys_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "id.pub").write_text(f"{KEY}\n")
    (tmp_path / "old.pub").write_text("ssh-dss AAAA old\n")
    (tmp_path / "latin.pub").write_bytes(b"\xff")
    (tmp_path / "folder.pub").mkdir()
    os.mkfifo(tmp_path / "pipe.pub")
    (tmp_path / "id").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    opened: list[str] = []

    def noted(path: Path, limit: int) -> bytes:
        opened.append(path.name)
        return read_regular_file(path, limit)

    monkeypatch.setattr("maidan_nix.initial.machine.read_regular_file", noted)
    assert [key.line for key in public_keys(tmp_path)] == [KEY]
    assert all(name.endswith(".pub") for name in opened)
    with pytest.raises(MaidanError, match="it may be a private key"):
        read_key_file(tmp_path / "id")
    assert "id" not in opened
    assert public_keys(tmp_path / "absent") == []


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "there is no key"), (b"# only\n", "there is no key"), (b"\xff", "it is no text")]
)
def test_files_without_a_key(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "id.pub").write_bytes(content)
    with pytest.raises(MaidanError, match=said):
        read_key_file(tmp_path / "id.pub")


def test_proposals_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "zoneinfo/Europe").mkdir(parents=True)
    (tmp_path / "zoneinfo/Europe/Berlin").write_text("")
    (tmp_path / "localtime").symlink_to(tmp_path / "zoneinfo/Europe/Berlin")
    (tmp_path / "timezone").write_text("Asia/Tokyo\n")
    absent = tmp_path / "absent"
    assert machine.time_zone(":America/Lima", tmp_path / "localtime", tmp_path / "timezone") == "America/Lima"
    assert machine.time_zone("CET-1", tmp_path / "localtime", tmp_path / "timezone") == "Europe/Berlin"
    assert machine.time_zone(None, absent, tmp_path / "timezone") == "Asia/Tokyo"
    assert machine.time_zone(None, absent, absent) == ""
    assert machine.locale(None, "de_DE.utf8") == "de_DE.UTF-8"
    assert machine.locale("C.UTF-8", "POSIX") == ""
    assert machine.user_name("root", "ada") == "ada"
    assert machine.user_name(None, "") == ""
    assert machine.system("aarch64") == "aarch64-linux"
    assert machine.system("riscv64") == ""
    assert machine.firmware(tmp_path) == "uefi"
    assert machine.firmware(absent) == "bios"
