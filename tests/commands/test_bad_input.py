"""Bad manifests, bad files beside them, bad places: a located error, the documented exit code, the old tree intact."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from commands.bad_manifests import BAD_MANIFESTS, edited
from commands.runner import MINIMAL, Maidan, tree
from maidan_nix.problems import ExitCode


@pytest.mark.parametrize(("text", "said"), BAD_MANIFESTS)
def test_a_bad_manifest(maidan: Maidan, folder: Path, text: str, said: str) -> None:
    (folder / "community.toml").write_text(text, "utf-8")
    before = tree(folder)
    done = maidan("generate")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert said in done.err
    assert all(line.startswith("community.toml:") for line in done.err.splitlines())
    assert not done.out
    assert tree(folder) == before


def test_everything_that_is_wrong_is_said_at_once_in_the_order_of_the_file(maidan: Maidan, folder: Path) -> None:
    text = MINIMAL.replace('"bios"', '"boos"').replace("time_zone", "time_zon").replace("domain =", "domian =")
    (folder / "community.toml").write_text(text)
    lines = maidan("check").err.splitlines()
    places = [int(line.split(":")[1]) for line in lines]
    assert places == sorted(places)
    assert len(set(places)) >= 4


def test_more_than_8_mib(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_bytes(b"#" * (8 * 1024 * 1024 + 1))
    done = maidan("generate")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("community.toml: is larger than 8 MiB")


def _directory(path: Path) -> None:
    path.mkdir(parents=True)


def _pipe(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)


def _socket(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    # The path of a socket is short: bind where it lies, by its name alone.
    before = Path.cwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(before)


def _loop(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(path.name)


def _large(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\n" * (8 * 1024 * 1024 + 1))


@pytest.mark.parametrize("make", [_directory, _pipe, _socket, _loop, _large])
@pytest.mark.parametrize("name", ["maidan.lock", "secrets/public.toml"])
def test_what_is_no_file_beside_the_manifest(
    maidan: Maidan, folder: Path, name: str, make: Callable[[Path], None]
) -> None:
    make(folder / name)
    done = maidan("generate")
    assert done.code == ExitCode.FAILED
    assert done.err.startswith(name)
    assert not (folder / "flake.nix").exists()


@pytest.mark.parametrize("make", [_directory, _pipe, _loop])
def test_what_is_no_manifest(maidan: Maidan, folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "other.toml")
    done = maidan("generate", "other.toml")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("other.toml: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "maidan.lock is not valid JSON"),
        ("[" * 100_000, "maidan.lock is not valid JSON"),
        ("\x00", "maidan.lock is not valid JSON"),
        ("[]", "maidan.lock is not a lock of version 1"),
        ('{"version": 0}', "maidan.lock is not a lock of version 1"),
        ('{"version": 2}', "maidan.lock was written by a newer maidan-nix"),
        ('{"version": 1, "hosts": []}', "hosts is not a table"),
        ('{"version": 1, "hosts": {"shed": {"ports": {"services/vaultwarden http": 22}}}}', "is outside 20000-29999"),
        ('{"version": 1, "hosts": {"shed": {"ports": {"a b": 20000, "c d": 20000}}}}', "given twice"),
        ('{"version": 1, "hosts": {"shed": {"user_ids": {"ada": 0}}}}', "is outside 1000-29999"),
        ('{"version": 1, "hosts": {"shed": {"user_ids": {"ada": true}}}}', "is not an integer"),
        ('{"version": 1, "hosts": {"shed": {"odd": {}}}}', "hosts.shed.odd is unknown"),
        (
            '{"version": 1, "hosts": {"shed": {"kept": {"platform/base stateVersion": "\\ud800"}}}}',
            "surrogates not allowed",
        ),
    ],
)
def test_a_hostile_lock(maidan: Maidan, folder: Path, content: str, said: str) -> None:
    (folder / "maidan.lock").write_text(content)
    done = maidan("generate")
    assert done.code == ExitCode.FAILED
    assert said in done.err
    assert "maidan-nix itself failed" not in done.err
    assert not (folder / "flake.nix").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"[hosts",
        b"hosts = 1",
        b"[hosts]\nshed = 1",
        b'[hosts]\nshed = "no key"',
        b'[hosts]\nshed = "ssh-ed25519 AAAA\\n\\" ]; evil = [ \\""',
        b"a = " + b"[" * 10_000,
    ],
)
def test_hostile_public_halves(maidan: Maidan, folder: Path, content: bytes) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets/public.toml").write_bytes(content)
    done = maidan("generate")
    assert done.code == ExitCode.FAILED
    assert done.err.startswith("secrets/public.toml")
    assert not (folder / "flake.nix").exists()


RSA = f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC{'A' * 511}E="
KEY = MINIMAL.partition('ssh_keys = ["')[2].partition(" ada")[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[hosts\n", "secrets/public.toml:1:7: "),
        ("hosts = 1", "secrets/public.toml:1:9: hosts: this is an integer, expected a table"),
        (f'[host]\nshed = "{KEY}"\n', "secrets/public.toml:1:2: host: unknown table 'host', expected one of"),
        (f'[hosts]\nshad = "{KEY}"\n', "secrets/public.toml:2:1: hosts.shad: no host is named 'shad', expected one"),
        ('[hosts]\nshed = "no key"\n', "secrets/public.toml:2:8: hosts.shed: 'no' is no known type of key"),
        (f'[hosts]\nshed = "{KEY[:-4]}"\n', "secrets/public.toml:2:8: hosts.shed: the key is incomplete"),
        ("[hosts]\nshed = 1\n", "secrets/public.toml:2:8: hosts.shed: this is an integer"),
        ("[wireguard]\nshed = 'x y'\n", "secrets/public.toml:2:8: wireguard.shed: 'x y' is not base64, expected the"),
        (f"[wireguard]\nshed = '{'A' * 42}B='\n", f"secrets/public.toml:2:8: wireguard.shed: '{'A' * 42}B=' is not"),
        (f"[wireguard]\nshed = '{'A' * 43}='\n", "secrets/public.toml:2:8: wireguard.shed: this key is empty"),
        ("[wireguard]\nshed = 'AAAA'\n", "secrets/public.toml:2:8: wireguard.shed: this key has 3 bytes, expected the"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_public_halves_is_placed(maidan: Maidan, folder: Path, content: str, said: str) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets/public.toml").write_text(content)
    done = maidan("check")
    assert done.code == ExitCode.FAILED
    assert said in done.err


def test_a_slip_in_the_public_halves_is_guessed(maidan: Maidan, folder: Path) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets/public.toml").write_text(f'[host]\nshed = "{KEY}"\n\n[hosts]\nshad = "{KEY}"\n')
    lines = maidan("check").err.splitlines()
    assert [line.rpartition(", ")[2] for line in lines] == ["did you mean 'hosts'?", "did you mean 'shed'?"]


def test_the_key_of_a_host_is_of_the_one_kind_that_hosts_have(maidan: Maidan, folder: Path) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets/public.toml").write_text(f'[hosts]\nshed = "{RSA}"\n')
    done = maidan("check")
    assert done.code == ExitCode.FAILED
    assert done.err.startswith("secrets/public.toml:2:8: hosts.shed: this key is of type ssh-rsa")


def test_nothing_in_the_public_halves_yet(maidan: Maidan, folder: Path) -> None:
    (folder / "secrets").mkdir()
    for content in ("", "\n", "# none yet\n", "[hosts]\n"):
        (folder / "secrets/public.toml").write_text(content)
        assert maidan("check").code == ExitCode.DONE


def test_secrets_that_are_no_folder(maidan: Maidan, folder: Path) -> None:
    (folder / "secrets").write_text("")
    done = maidan("generate")
    assert done.code == ExitCode.FAILED
    assert done.err.startswith("secrets")


@pytest.mark.parametrize("out", ["/dev/null", "/proc/maidan", "/dev/full/x", "community.toml"])
def test_a_place_that_takes_no_flake(maidan: Maidan, folder: Path, out: str) -> None:
    before = tree(folder)
    done = maidan("generate", "--out", out)
    assert done.code == ExitCode.FAILED
    assert len(done.err.splitlines()) == 1
    assert "maidan-nix itself failed" not in done.err
    assert tree(folder) == before


def test_a_flake_whose_records_are_damaged(maidan: Maidan, folder: Path) -> None:
    assert maidan("generate").code == ExitCode.DONE
    for name in ("files.json", "journal.json"):
        good = (folder / ".maidan" / name).read_bytes()
        (folder / ".maidan" / name).write_text('{"version": ')
        done = maidan("generate")
        assert done.code == ExitCode.FAILED
        assert name in done.err
        (folder / ".maidan" / name).write_bytes(good)
    assert maidan("generate", "--check").code == ExitCode.DONE


def test_a_clash_in_the_plan_is_located(maidan: Maidan, folder: Path) -> None:
    assert maidan("generate").code == ExitCode.DONE
    before = tree(folder)
    (folder / "community.toml").write_text(edited("passwords.example.org", "vault.example.org"))
    done = maidan("generate")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("community.toml:20:10: [services/vaultwarden] services.vaultwarden.domain: ")
    assert {**tree(folder), "community.toml": b""} == {**before, "community.toml": b""}
