"""`set`: one setting of the manifest, and no other line."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from commands.runner import MINIMAL, TWO_HOSTS, Maidan, process, tree
from maidan_nix.problems import ExitCode

DOMAIN = 'domain = "passwords.example.org"\n'


def written(folder: Path) -> str:
    return (folder / "community.toml").read_bytes().decode()


def test_a_setting_is_shown_and_written(maidan: Maidan, folder: Path) -> None:
    done = maidan("set", "hosts.shed.disk.swap", "2G", "--yes")
    assert done.code == ExitCode.DONE
    assert done.out == (
        "--- a/community.toml\n"
        "+++ b/community.toml\n"
        "@@ -13,7 +13,7 @@\n"
        ' boot.firmware = "bios"\n'
        ' disk.device = "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_EXAMPLE"\n'
        ' disk.filesystem = "ext4"\n'
        '-disk.swap = "1G"\n'
        '+disk.swap = "2G"\n'
        ' network.interface = "enp1s0"\n'
        " \n"
        " [services.vaultwarden]\n"
    )
    assert done.err == (
        "Read as text: \"2G\"\nWritten to community.toml. 'maidan-nix generate' makes it the flake's.\n"
    )
    assert written(folder) == MINIMAL.replace('"1G"', '"2G"')


def test_looking_only(maidan: Maidan, folder: Path) -> None:
    done = maidan("set", "hosts.shed.disk.swap", "2G", "--diff")
    assert done.code == ExitCode.DONE
    assert '+disk.swap = "2G"\n' in done.out
    assert written(folder) == MINIMAL


def test_where_nobody_can_be_asked(maidan: Maidan, folder: Path) -> None:
    done = maidan("set", "hosts.shed.disk.swap", "2G")
    assert done.code == ExitCode.USAGE
    assert "Add --yes to write it, or --diff to look only." in " ".join(done.err.split())
    assert written(folder) == MINIMAL


def test_what_is_so_already(maidan: Maidan, folder: Path) -> None:
    done = maidan("set", "hosts.shed.disk.swap", '"1G"')
    assert done.code == ExitCode.DONE
    assert done.err == "Nothing to change: it says so already.\n"
    assert not done.out


@pytest.mark.parametrize(
    ("key", "word", "value", "read_as"),
    [
        ("community.name", "42", "42", "text"),
        ("community.name", "true", "true", "text"),
        ("community.name", "2030-01-01", "2030-01-01", "text"),
        ("community.name", '"quoted"', "quoted", "toml"),
        ("community.name", "two words = 1", "two words = 1", "text"),
        ("community.name", "1\nx = 2", None, ""),
        ("services.vaultwarden.invitations", "false", False, "toml"),
        ("hosts.shed.disk.swap", "0", 0, "toml"),
        ("hosts.shed.network.resolvers", '["192.0.2.53"]', ["192.0.2.53"], "toml"),
        ("stewards.ada.ssh_keys[1]", MINIMAL.partition('ssh_keys = ["')[2].partition('"')[0], ..., "text"),
    ],
)
def test_how_a_value_is_read(maidan: Maidan, folder: Path, key: str, word: str, value: object, read_as: str) -> None:
    done = maidan("set", key, word, "--yes", "--json")
    if value is None:
        assert done.code == ExitCode.MANIFEST_INVALID
        assert written(folder) == MINIMAL
        return
    assert done.code == ExitCode.DONE
    assert done.json()["read_as"] == read_as
    assert done.json()["value"] == (word if value is ... else value)


def test_what_is_looser_needs_its_reason_and_the_command_is_named(maidan: Maidan, folder: Path) -> None:
    done = maidan("set", "services.vaultwarden.signups", "true", "--yes")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert "true is looser than the preset 'strict' (false)" in done.err
    assert "maidan-nix set services.vaultwarden.signups true --reason WHY\n" in done.err
    assert written(folder) == MINIMAL
    done = maidan("set", "services.vaultwarden.signups", "true", "--reason", "a course begins", "--yes")
    assert done.code == ExitCode.DONE
    reasons = '\n[services.vaultwarden.reasons]\nsignups = "a course begins"\n'
    assert written(folder) == MINIMAL.replace(DOMAIN, f"{DOMAIN}signups = true\n{reasons}")


def test_what_one_host_has_otherwise_needs_its_reason_too(maidan: Maidan, folder: Path) -> None:
    key = "hosts.shed.hardening.kernel.wipe_memory"
    done = maidan("set", key, "false", "--yes")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert f"give the reason: maidan-nix set {key} false --reason WHY\n" in done.err
    assert maidan("set", key, "false", "--reason", "a slow old machine", "--yes").code == ExitCode.DONE
    assert maidan("set", "--unset", key, "--yes").code == ExitCode.DONE
    assert written(folder) == MINIMAL


def test_the_reason_goes_with_what_it_was_for(maidan: Maidan, folder: Path) -> None:
    maidan("set", "services.vaultwarden.signups", "true", "--reason", "a course begins", "--yes")
    loosened = written(folder)
    done = maidan("set", "services.vaultwarden.signups", "false", "--yes")
    assert done.code == ExitCode.DONE
    assert "The reason at services.vaultwarden.reasons.signups goes" in done.err
    assert written(folder) == MINIMAL.replace(DOMAIN, f"{DOMAIN}signups = false\n")
    (folder / "community.toml").write_text(loosened)
    assert maidan("set", "--unset", "services.vaultwarden.signups", "--yes").code == ExitCode.DONE
    assert written(folder) == MINIMAL


def test_a_reason_that_is_not_needed_is_not_written(maidan: Maidan, folder: Path) -> None:
    done = maidan("set", "privacy.log_retention", "3d", "--reason", "we are careful people", "--yes")
    assert done.code == ExitCode.DONE
    assert "No reason is needed" in done.err
    assert "reasons" not in written(folder)


def test_a_reason_that_says_nothing(maidan: Maidan, folder: Path) -> None:
    done = maidan("set", "privacy.log_retention", "60d", "--reason", "why not", "--yes")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert "community.toml:26:17: privacy.reasons.log_retention: this has 7 characters" in done.err
    assert done.err.startswith("Nothing was written, since this would not be right. Places are those after the edit.\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("privacy.log_retention", "3d"),
        ("hosts.shed.network.resolvers", '["192.0.2.53"]'),
        ("services.vaultwarden.invitations", "false"),
        ('plugins.disable."hardening/kernel"', "this machine is a container"),
    ],
)
def test_set_and_unset_restores_every_byte(maidan: Maidan, folder: Path, key: str, word: str, newline: str) -> None:
    before = MINIMAL.replace("\n", newline).encode()
    (folder / "community.toml").write_bytes(before)
    assert maidan("set", key, word, "--yes").code == ExitCode.DONE
    after = (folder / "community.toml").read_bytes()
    assert after != before
    assert after.count(b"\r\n") == (after.count(b"\n") if newline == "\r\n" else 0)
    assert maidan("set", "--unset", key, "--yes").code == ExitCode.DONE
    assert (folder / "community.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("key", "word", "said"),
    [
        (
            "services.vaultwarden.domian",
            "x",
            "community.toml:21:1: [services/vaultwarden] services.vaultwarden.domian:",
        ),
        ("communty.name", "x", "did you mean 'community'?"),
        ("community.domain", "Example.org", "did you mean 'example.org'?"),
        ("community", "x", "community is a table, set the settings in it one by one"),
        ("community.name.x", "x", "community.name cannot hold x"),
        ("stewards.ada.ssh_keys[7]", "x", "stewards.ada.ssh_keys has 1 elements, counted from 0"),
        ("services.vaultwarden", "true", "services.vaultwarden is a table"),
        ("hosts.shed.disk.swap", "9" * 5000, "is not a number with its unit"),
        ("hosts.shed.network.ipv4", "off", None),
    ],
)
def test_what_would_not_be_right_is_not_written(
    maidan: Maidan, folder: Path, key: str, word: str, said: str | None
) -> None:
    if said is None:  # right by itself, wrong with what is there
        maidan("set", "hosts.shed.network.ipv6", "off", "--yes")
        said = "IPv4 and IPv6 are both off"
    before = tree(folder)
    done = maidan("set", key, word, "--yes")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert said in done.err
    assert "Written" not in done.err
    assert tree(folder) == before


def test_a_manifest_that_was_wrong_may_get_better(maidan: Maidan, folder: Path) -> None:
    wrong = MINIMAL.replace('"bios"', '"boos"').replace('"Europe/Berlin"', '"Europe/berlin"')
    (folder / "community.toml").write_text(wrong)
    done = maidan("set", "hosts.shed.boot.firmware", "uefi", "--yes")
    assert done.code == ExitCode.DONE
    assert "Still wrong, as before:\ncommunity.toml:7:13: community.time_zone:" in done.err
    assert maidan("set", "community.contact", "x", "--yes").code == ExitCode.MANIFEST_INVALID
    done = maidan("set", "community.time_zone", "UTC", "--yes", "--json")
    assert done.code == ExitCode.DONE
    assert done.json()["problems"] == []


def test_what_comes_to_light_by_solving_something_does_not_stop_it(maidan: Maidan, folder: Path) -> None:
    text = (
        TWO_HOSTS.replace('"east"\ndomain', '"eats"\ndomain') + '\n[plugins.providers]\ndatabase = "platform/redis"\n'
    )
    (folder / "community.toml").write_text(text)
    done = maidan("set", "services.vaultwarden.host", "east", "--yes")
    assert done.code == ExitCode.DONE
    assert "does not provide 'database'" in done.err


@pytest.mark.parametrize("hostile", ['"; x = ', "${x}", "a # b", "[x]\ny = 1", "'''", "\\u0000"])
def test_hostile_values_are_data(maidan: Maidan, folder: Path, hostile: str) -> None:
    done = maidan("set", "community.name", hostile, "--yes")
    if hostile.isprintable():
        assert done.code == ExitCode.DONE
        assert tomllib.loads(written(folder))["community"]["name"] == hostile
    else:
        assert done.code == ExitCode.MANIFEST_INVALID
        assert written(folder) == MINIMAL
    assert all(line.isprintable() for line in (done.out + done.err).splitlines())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["privacy.preset"], "Missing argument 'VALUE', or --unset."),
        (["privacy.preset", "open", "--unset"], "--unset takes no value and no reason."),
        (["--unset", "privacy.preset", "--reason", "x"], "--unset takes no value and no reason."),
        (["a..b", "1"], "'a..b' is not a key"),
        (["\x1b[31m", "1"], "'\\u001B[31m' is not a key"),
        ([], "Missing argument 'KEY'"),
    ],
)
def test_a_call_that_is_wrong(maidan: Maidan, folder: Path, arguments: list[str], said: str) -> None:
    done = maidan("set", *arguments)
    assert done.code == ExitCode.USAGE
    assert said in done.err
    assert written(folder) == MINIMAL


def test_what_is_not_set_cannot_be_unset(maidan: Maidan, folder: Path) -> None:
    done = maidan("set", "--unset", "privacy.preset", "--yes")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert "privacy.preset is not set" in done.err


def test_what_is_required_cannot_be_unset(maidan: Maidan, folder: Path) -> None:
    done = maidan("set", "--unset", "community.contact", "--yes")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert "community.contact: this setting is missing" in done.err
    assert written(folder) == MINIMAL


def test_an_empty_section_of_a_service_keeps_it_on(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(f"{MINIMAL}\n[hardening.kernel]\nwipe_memory = true\n")
    assert maidan("set", "--unset", "hardening.kernel.wipe_memory", "--yes").code == ExitCode.DONE
    assert written(folder) == f"{MINIMAL}\n[hardening.kernel]\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "absent.toml: there is no such file"),
        (b"", "absent.toml: is empty"),
        (b"a = ", "absent.toml:1:4: this is not a value"),
        (b"\xff\xfe", "absent.toml:1:1: is UTF-16"),
        (b"a = \x00", "contains a NUL byte"),
        (b"#" * (8 * 1024 * 1024 + 1), "is larger than 8 MiB"),
    ],
)
def test_what_is_no_manifest(maidan: Maidan, folder: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (folder / "absent.toml").write_bytes(content)
    for arguments in (["set", "a.b", "1"], ["add", "vaultwarden"], ["remove", "vaultwarden"]):
        done = maidan(*arguments, "--manifest", "absent.toml")
        assert done.code == ExitCode.MANIFEST_INVALID
        assert said in done.err
        assert len(done.err.splitlines()) == 1


def test_other_kinds_of_files(maidan: Maidan, folder: Path) -> None:
    (folder / "folder.toml").mkdir()
    os.mkfifo(folder / "pipe.toml")
    (folder / "link.toml").symlink_to("community.toml")
    for name, said in (
        ("folder.toml", "is a directory"), ("pipe.toml", "is not a regular file"), ("link.toml", "is a symbolic link"),
    ):  # fmt: skip
        for arguments in (["set", "community.name", "x"], ["add", "vaultwarden"], ["remove", "vaultwarden"]):
            done = maidan(*arguments, "--yes", "--manifest", name)
            assert done.code in {ExitCode.MANIFEST_INVALID, ExitCode.FAILED}
            assert said in done.err
            assert len(done.err.splitlines()) == 1
    assert written(folder) == MINIMAL


def test_mode_and_neighbours_stay(maidan: Maidan, folder: Path) -> None:
    path = folder / "community.toml"
    path.chmod(0o600)
    assert maidan("set", "community.name", "x", "--yes").code == ExitCode.DONE
    assert path.stat().st_mode & 0o7777 == 0o600
    assert list(tree(folder)) == ["community.toml"]


def test_json(maidan: Maidan, folder: Path) -> None:
    result = maidan("set", "hosts.shed.disk.swap", "2G", "--diff", "--json").json()
    assert result.keys() == {
        "version", "manifest", "key", "value", "read_as", "changed", "written", "diff", "remarks", "problems",
    }  # fmt: skip
    assert result["key"] == ["hosts", "shed", "disk", "swap"]
    assert (result["changed"], result["written"]) == (True, False)
    assert '+disk.swap = "2G"' in result["diff"]
    help_text = maidan("set", "--help").out
    assert all(key in help_text for key in result.keys() - {"version"})
    done = maidan("set", "hosts.shed.disk.swap", "2", "--json", "--yes")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert not done.err
    assert done.json()["problems"][0]["line"] == 16


def test_a_closed_or_full_output(folder: Path) -> None:
    done = process("set", "community.name", "x", "--yes", "--manifest", "absent.toml", cwd=folder)
    assert done.code == ExitCode.MANIFEST_INVALID
    with Path("/dev/full").open("w") as full:
        import subprocess
        import sys

        ended = subprocess.run(
            [sys.executable, "-m", "maidan_nix", "set", "community.name", "x", "--diff"],
            cwd=folder, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == ExitCode.FAILED
    assert b"Traceback" not in ended.stderr
    assert written(folder) == MINIMAL
