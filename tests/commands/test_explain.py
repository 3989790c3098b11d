"""``maidan-nix explain``: keys, findings, options and exit codes, with a community and without one."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from commands.runner import ROOT, TWO_HOSTS, Maidan, tree
from maidan_nix.problems import ExitCode

pytestmark = pytest.mark.usefixtures("folder")


def test_a_key_with_a_community(maidan: Maidan, folder: Path) -> None:
    before = tree(folder)
    said = maidan("explain", "privacy.log_retention").out
    assert "privacy.log_retention belongs to the manifest itself." in said
    assert "How long system logs are kept." in said
    assert "Type: a duration with its unit s, m, h, d or w, such as '30d'." in said
    assert 'Preset strict: "7d".\nPreset balanced: "14d".\nPreset open: "30d".' in said
    assert "It is looser the higher it is." in said
    assert "A value looser than the preset needs a reason, at privacy.reasons.log_retention." in said
    assert 'community.toml does not set privacy.log_retention: the preset strict makes it "7d".' in said
    assert "hosts/shed/platform/base.nix:" in said
    assert "services.journald.extraConfig changes" in said
    assert tree(folder) == before


def test_a_value_is_shown_with_its_place(maidan: Maidan, folder: Path) -> None:
    text = (folder / "community.toml").read_text("utf-8")
    line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith("name ="))
    assert f"community.toml:{line}:1 sets community.name to " in maidan("explain", "community.name").out


def test_a_name_that_stands_for_all_hosts(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    said = maidan("explain", "hosts.NAME.disk.swap").out
    assert 'does not set hosts.east.disk.swap: by default it is "4G".' in said
    assert 'does not set hosts.west.disk.swap: by default it is "4G".' in said
    assert "hosts/east/platform/disk.nix:" in said
    assert "hosts/west/platform/disk.nix:" not in said
    assert "hosts.west.disk.swap" not in maidan("explain", "hosts.east.disk.swap").out


def test_other_plugins_that_use_a_setting_are_named(maidan: Maidan, folder: Path) -> None:
    said = maidan("explain", "services.vaultwarden.domain").out
    own, _, others = said.partition("Other plugins use it, too:")
    assert "maidan.lock keeps it as it is in this flake" in own
    assert "services.vaultwarden.config.DOMAIN becomes" in own
    assert "hosts/shed/platform/nginx.nix:" in others


def test_settings_that_contradict_the_change_are_taken_out_and_named(maidan: Maidan, folder: Path) -> None:
    with (folder / "community.toml").open("a") as manifest:
        manifest.write(
            '[privacy]\nfederation = "listed"\nfederation_allow = ["example.net"]\n'
            '[privacy.reasons]\nfederation = "our neighbours run their own server"\n'
        )
    said = maidan("explain", "privacy.federation").out
    assert "For that, privacy.federation_allow had to be taken out, too." in said
    assert "privacy.reasons.federation had to be taken out" in maidan("explain", "privacy.preset").out


def test_a_section_lists_its_keys(maidan: Maidan) -> None:
    said = maidan("explain", "services.vaultwarden").out
    assert "It is a table with these keys:" in said
    assert "  services.vaultwarden.signups: " in said
    assert "What it sets is in hosts/shed/services/vaultwarden.nix." in said
    assert "NixOS has options of this name, too" in said


def test_a_finding_that_holds_and_one_that_does_not(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    said = maidan("explain", "single-steward").out
    assert "single-steward is a finding of maidan-nix itself." in said
    assert "Severity: advice." in said
    assert "It holds for ada now: one person alone can log in and decrypt the secrets." in said
    assert "It does not hold for community.toml now." in maidan("explain", "baseline-disabled").out
    assert "is a finding of the plugin services/vaultwarden." in maidan("explain", "signups-open").out


def test_an_option_with_who_sets_it(maidan: Maidan) -> None:
    said = maidan("explain", "services.vaultwarden.config.DOMAIN").out
    assert "hosts/shed/services/vaultwarden.nix sets services.vaultwarden.config.DOMAIN to " in said
    assert "  It comes from services.vaultwarden.domain." in said
    assert "hosts/shed/local.nix, which is yours: services.vaultwarden.config.DOMAIN = lib.mkForce ...;" in said
    assert "Nothing that follows from community.toml sets it." in maidan("explain", "services.jitsi-meet.enable").out


def test_exit_codes(maidan: Maidan) -> None:
    said = maidan("explain", "exit-codes").out
    for code in ExitCode:
        assert f"  {int(code)}: " in said


@pytest.mark.parametrize("word", ["privacy.preset", "hosts.main.disk.swap", "single-steward", "services.nginx.enable"])
def test_without_a_manifest_what_holds_for_all_is_said(maidan: Maidan, folder: Path, word: str) -> None:
    (folder / "community.toml").unlink()
    done = maidan("explain", word)
    assert done.code == ExitCode.DONE
    assert len(done.out.splitlines()) >= 3
    assert "There is no community.toml here" in done.out
    assert "manifest" in maidan("explain", word, "--json").json()


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("privacy.log_retension", "privacy.log_retention"),
        ("services.vaultwarden.singups", "services.vaultwarden.signups"),
        ("hosts.shed.dsik", "hosts.shed.disk"),
        ("single-stewards", "single-steward"),
        ("services.nginx.enabel", "services.nginx.enable"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_nearest_of_all_worlds(maidan: Maidan, word: str, hint: str) -> None:
    done = maidan("explain", word)
    assert done.code == ExitCode.USAGE
    assert f"did you mean '{hint}'?" in done.err
    assert not done.out


def test_a_host_that_is_not_there(maidan: Maidan) -> None:
    done = maidan("explain", "hosts.shet.disk.swap")
    assert done.code == ExitCode.USAGE
    assert "did you mean 'shed'?" in done.err


@pytest.mark.parametrize("word", ["", " ", "a\nb", "\x1b[31mred", "${x}", '"', "..", "x" * 10_000, "services..x"])
def test_hostile_words(maidan: Maidan, word: str) -> None:
    done = maidan("explain", word)
    assert done.code == ExitCode.USAGE
    assert len(done.err.splitlines()) == 1
    assert "\x1b" not in done.err
    assert len(done.err) < 1000


def test_a_bad_manifest_does_not_keep_from_explaining(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text("[privacy]\npreset = 3\n")
    done = maidan("explain", "privacy.preset")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert "What every privacy setting falls back to." in done.out
    assert "community.toml:2:10" in done.err


def test_as_json(maidan: Maidan) -> None:
    key = maidan("explain", "services.vaultwarden.attachment", "--json").json()
    assert (key["version"], key["what"], key["manifest"]) == (1, "key", "community.toml")
    assert key["key"]["default"] == "100M"
    assert key["values"] == [
        {
            "path": ["services", "vaultwarden", "attachment"],
            "value": "100M",
            "source": "default",
            "line": 0,
            "column": 0,
        }
    ]
    assert {effect["plugin"] for effect in key["uses"]["tried"]["effects"]} >= {"platform/nginx"}
    finding = maidan("explain", "host-key-unknown", "--json").json()
    assert finding["finding"][0]["severity"] == "missing"
    assert [each["subject"] for each in finding["holds"]] == ["shed"]
    option = maidan("explain", "services.nginx.enable", "--json").json()
    assert option["set_by"][0]["file"] == "hosts/shed/platform/nginx.nix"


def test_a_manifest_elsewhere(maidan: Maidan, folder: Path, tmp_path: Path) -> None:
    os.rename(folder / "community.toml", tmp_path / "other.toml")  # noqa: PTH104  # a move, and nothing else
    assert "other.toml:" in maidan("explain", "community.name", tmp_path / "other.toml").out


def test_a_name_that_no_host_can_have_is_told_beside_those_there_are(maidan: Maidan, folder: Path) -> None:
    done = maidan("explain", "hosts.X.served_by.database")
    assert done.code == ExitCode.USAGE
    assert done.err == "hosts has no 'X', expected NAME, which stands for all, or one of shed\n"
    assert "did you mean 'hosts.NAME.served_by.database'?" in maidan("explain", "hosts.X.served_by.databas").err


@pytest.mark.parametrize(
    "word", ["a.a.a.a.a.a.a", "hosts.X.served_by.databas", "services.openssh.enabl", "hosts.shed.dsk"]
)
def test_what_is_suggested_can_be_explained(maidan: Maidan, folder: Path, word: str) -> None:
    said = maidan("explain", word).err
    for suggested in re.findall(r"did you mean '(.+)'", said):
        assert suggested != word
        assert "is no key, no finding and no NixOS option" not in maidan("explain", suggested).err


def test_files_are_those_of_the_hosts_asked_about(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    assert "What it sets is in hosts/east/platform/nginx.nix." in maidan("explain", "hosts.east.platform.nginx").out
    said = maidan("explain", "hosts.west.platform.nginx").out
    assert "No host that it is about has the plugin platform/nginx." in said
    assert "hosts/east/" not in said
    assert "What it sets is in hosts/east/platform/nginx.nix." in maidan("explain", "hosts.NAME.platform.nginx").out
    assert maidan("explain", "hosts").code == ExitCode.DONE


def test_what_moves_between_hosts_fits_on_two_screens(
    maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "hosts/federation")
    lines = maidan("explain", "hosts.apps.served_by.site").out.splitlines()
    assert len(lines) < 70
    assert sum(line.strip().startswith("and ") for line in lines) > 3
    assert not [line for line in lines if line.strip().startswith(("is ", "becomes "))]


def test_where_a_fact_was_read_is_translated(maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    for words in (("explain",), ("options", "show")):
        said = maidan(*words, "services.openssh.enable").out
        assert re.search(r"NixOS/nixpkgs@\w+ vom [0-9-]+ \(nixos-unstable, vor der Ausgabe 26\.05\)", said)
