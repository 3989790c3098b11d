"""`check`, `plugin` and `options`: the commands that only answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from commands.runner import MINIMAL, Maidan, tree
from fake_plugins import Install, installed, source
from maidan_nix.plugins import known
from maidan_nix.problems import ExitCode

__all__ = ["installed"]

LOOSENED = '\n[privacy]\nlog_retention = "60d"\n\n[privacy.reasons]\nlog_retention = "an incident of last month"\n'
DISABLED = '\n[plugins.disable]\n"hardening/kernel" = "the machine is a container"\n'


def test_check_says_what_is_missing_and_writes_nothing(maidan: Maidan, folder: Path) -> None:
    before = tree(folder)
    done = maidan("check")
    assert done.code == ExitCode.DONE
    assert "Missing before the first switch:\n  shed: the host's public SSH key is unknown" in done.out
    assert "    What to do: in the folder secrets, run 'agenix -e steward-ada-password.age'\n" in done.out
    assert done.out.endswith("community.toml is valid; the flake in . is out of date: run 'maidan-nix generate'.\n")
    assert tree(folder) == before
    assert maidan("generate").code == ExitCode.DONE
    assert maidan("check").out.endswith("the flake in . is up to date.\n")


def test_check_sees_what_was_supplied(maidan: Maidan, folder: Path) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets/steward-ada-password.age").write_bytes(b"age-encryption.org/v1\n-> ssh-ed25519 ")
    key = MINIMAL.partition('ssh_keys = ["')[2].partition(" ada")[0]
    (folder / "secrets/public.toml").write_text(f'[hosts]\nshed = "{key}"\n')
    findings = maidan("check", "--json").json()["findings"]
    assert not {each["subject"] for each in findings if each["severity"] == "missing"} & {
        "shed",
        "steward-ada-password",
    }


@pytest.mark.parametrize("content", [b"", b"$y$j9T$not-encrypted", b"age-encryption.org/v0\n"])
def test_a_file_that_is_not_encrypted_is_no_secret(maidan: Maidan, folder: Path, content: bytes) -> None:
    (folder / "secrets").mkdir()
    (folder / "secrets/steward-ada-password.age").write_bytes(content)
    assert "steward-ada-password: " in maidan("check").out


def test_a_secret_in_letters_is_one(maidan: Maidan, folder: Path) -> None:
    (folder / "secrets").mkdir()
    armoured = b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl"
    (folder / "secrets/steward-ada-password.age").write_bytes(armoured)
    assert "steward-ada-password: " not in maidan("check").out


def test_a_pipe_beside_the_secrets_is_none(maidan: Maidan, folder: Path) -> None:
    (folder / "secrets").mkdir()
    os.mkfifo(folder / "secrets/steward-ada-password.age")
    assert "steward-ada-password: " in maidan("check").out


def test_check_says_what_goes_with_ssh(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(f'{MINIMAL}\n[plugins.disable]\n"hardening/ssh" = "we have a console"\n')
    assert "  shed: nobody can log in over SSH" in maidan("check").out


def test_check_shows_what_is_looser_or_off(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(MINIMAL + LOOSENED + DISABLED)
    done = maidan("check")
    assert done.code == ExitCode.DONE
    assert "  privacy.log_retention = 60d, not 7d: an incident of last month\n" in done.out
    assert "  hardening/kernel: no host has this, because: the machine is a container\n" in done.out


def test_what_a_plugin_is_allowed_counts_as_looser(maidan: Maidan, folder: Path) -> None:
    reasons = '[services.vaultwarden.reasons]\nsignups = "a course of newcomers starts"\n'
    (folder / "community.toml").write_text(f"{MINIMAL}signups = true\n\n{reasons}")
    (loosened,) = maidan("check", "--json").json()["loosened"]
    assert loosened["path"] == ["services", "vaultwarden", "signups"]
    assert loosened["reason"] == "a course of newcomers starts"


def test_check_as_json(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(MINIMAL + LOOSENED)
    result = maidan("check", "--json").json()
    assert result.keys() == {"version", "findings", "loosened", "up_to_date"}
    assert result["loosened"] == [
        {
            "path": ["privacy", "log_retention"],
            "value": "60d",
            "preset_value": "7d",
            "reason": "an incident of last month",
        }
    ]
    assert result["up_to_date"] is False


def test_plugin_list(maidan: Maidan) -> None:
    done = maidan("plugin", "list")
    assert done.code == ExitCode.DONE
    assert [line.partition(":")[0] for line in done.out.splitlines()] == list(known())
    rows = maidan("plugin", "list", "--json").json()["plugins"]
    assert [row["name"] for row in rows] == list(known())
    for row in rows:
        assert row.keys() == {
            "name", "title", "summary", "licence", "upstream", "distribution", "version", "baseline",
        }  # fmt: skip


def test_plugin_list_shows_the_others_when_one_is_broken(maidan: Maidan, installed: Install) -> None:
    installed("import not_there")
    done = maidan("plugin", "list")
    assert done.code == ExitCode.FAILED
    assert len(done.out.splitlines()) == len(known()) - 1
    assert done.err.startswith("[services/wiki] the plugin failed to be imported: ModuleNotFoundError")
    assert maidan("plugin", "list", "--json").json()["problems"][0]["plugin"] == "services/wiki"


def test_plugin_list_says_where_a_plugin_is_from(maidan: Maidan, installed: Install) -> None:
    installed(source('summary = "Pages\\x1b[31m"'))
    assert "services/wiki (maidan-nix-wiki 1.0): Pages\\u001B[31m\n" in maidan("plugin", "list").out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("services.nginx.enabel", "no option is named 'services.nginx.enabel', did you mean 'services.nginx.enable'?"),
        ("servces.nginx.enable", "did you mean 'services'?"),
        ("services.ngnix.enable", "did you mean 'services.nginx'?"),
        ("services.qqqqqqqq", "no option is named 'services.qqqqqqqq'\n"),
        ("", "'' is not the name of an option, expected a name such as services.nginx.enable"),
        ("a..b", "'a..b' is not the name of an option"),
        ('a."', "is not the name of an option"),
        ("a\x1b[31m", "no option is named 'a\\u001B[31m'"),
    ],
)
def test_an_unknown_option(maidan: Maidan, name: str, said: str) -> None:
    done = maidan("options", "show", name)
    assert done.code == ExitCode.FAILED
    assert said in done.err


def test_an_option_and_what_became_of_it(maidan: Maidan) -> None:
    done = maidan("options", "show", "services.nginx.enable")
    assert done.code == ExitCode.DONE
    assert "type: bool\n" in done.out
    facts = maidan("options", "show", "services.nginx.enable", "--json").json()
    assert facts.keys() == {"version", "name", "type", "status", "replacement", "note", "source"}
    assert facts["status"] == "current"


def test_the_options_below_a_name(maidan: Maidan) -> None:
    done = maidan("options", "show", "services.nginx")
    assert done.code == ExitCode.DONE
    assert "services.nginx.enable\n" in done.out
    result = maidan("options", "show", "services.nginx", "--json").json()
    assert result["name"] == "services.nginx"
    assert result["below"] == done.out.splitlines()
