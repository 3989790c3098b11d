"""`init` where nobody can be asked: options, a file with answers, and everything that can be wrong with them."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from commands.runner import MINIMAL, Maidan, process, tree
from maidan_nix.initial.render import SCHEMA_LINE
from maidan_nix.problems import ExitCode
from maidan_nix.schema import render_schema

KEY = MINIMAL.partition('ssh_keys = ["')[2].partition('"')[0]
ENOUGH = (
    "--name", "Commons", "--domain", "example.org", "--contact", "stewards@example.org", "--steward", f"ada={KEY}",
    "--host", "shed", "--disk", "/dev/disk/by-id/shed", "--interface", "enp1s0",
)  # fmt: skip


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "new"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def without(*names: str) -> list[str]:
    pairs = zip(ENOUGH[::2], ENOUGH[1::2], strict=True)
    return [word for name, value in pairs if name not in names for word in (name, value)]


def values_in(folder: Path) -> dict[str, object]:
    return tomllib.loads((folder / "community.toml").read_text("utf-8"))


def test_options_are_enough(maidan: Maidan, empty: Path) -> None:
    done = maidan("init", *ENOUGH, "--service", "vaultwarden", "--set", "services.vaultwarden.domain=p.example.org")
    assert done.code == ExitCode.DONE
    assert done.out == (
        "written: community.toml\nwritten: community.schema.json\nAll checks passed.\nNext: maidan-nix generate\n"
    )
    assert values_in(empty) == {
        "community": {"name": "Commons", "domain": "example.org", "contact": "stewards@example.org"},
        "stewards": {"ada": {"ssh_keys": [KEY]}},
        "hosts": {"shed": {"disk": {"device": "/dev/disk/by-id/shed"}, "network": {"interface": "enp1s0"}}},
        "services": {"vaultwarden": {"domain": "p.example.org"}},
    }
    assert maidan("generate").code == ExitCode.DONE


def test_editors_find_the_schema(maidan: Maidan, empty: Path) -> None:
    assert maidan("init", *ENOUGH).code == ExitCode.DONE
    first = (empty / "community.toml").read_text().splitlines()[0]
    assert first == SCHEMA_LINE == "#:schema ./community.schema.json"
    assert (empty / "community.schema.json").read_bytes() == render_schema()
    assert json.loads((empty / "community.schema.json").read_bytes())["$schema"]


def test_every_setting_is_explained_where_it_stands(maidan: Maidan, empty: Path) -> None:
    maidan("init", *ENOUGH)
    lines = (empty / "community.toml").read_text().splitlines()
    for number, line in enumerate(lines):
        if " = " in line:
            assert lines[number - 1].startswith("# "), line
        assert len(line) <= 120 or " = " in line


def test_all_options_reach_their_setting(maidan: Maidan, empty: Path) -> None:
    done = maidan(
        "init", *ENOUGH, "--time-zone", "Europe/Berlin", "--locale", "de_DE.UTF-8", "--preset", "balanced",
        "--system", "x86_64-linux", "--firmware", "bios", "--ipv4", "192.0.2.10/24", "--ipv4-gateway", "192.0.2.1",
        "--ipv6", "2001:db8::10/64", "--ipv6-gateway", "fe80::1", "--resolver", "192.0.2.53", "--resolver",
        "2001:db8::53", "--set", "privacy.log_retention=3d", "--set", "hosts.shed.disk.swap='8G'",
    )  # fmt: skip
    assert done.code == ExitCode.DONE, done.err
    values = values_in(empty)
    assert values["privacy"] == {"preset": "balanced", "log_retention": "3d"}
    assert values["hosts"] == {
        "shed": {
            "system": "x86_64-linux",
            "boot": {"firmware": "bios"},
            "disk": {"device": "/dev/disk/by-id/shed", "swap": "8G"},
            "network": {
                "interface": "enp1s0",
                "ipv4": "192.0.2.10/24",
                "ipv4_gateway": "192.0.2.1",
                "ipv6": "2001:db8::10/64",
                "ipv6_gateway": "fe80::1",
                "resolvers": ["192.0.2.53", "2001:db8::53"],
            },
        }
    }


def test_a_file_with_answers(maidan: Maidan, empty: Path) -> None:
    (empty / "answers.toml").write_text(MINIMAL)
    done = maidan("init", "sub/folder", "--answers", "answers.toml", "--preset", "open")
    assert done.code == ExitCode.DONE
    assert done.out.endswith("Next: maidan-nix generate sub/folder/community.toml\n")
    assert values_in(empty / "sub/folder") == {**tomllib.loads(MINIMAL), "privacy": {"preset": "open"}}


def test_stewards_with_files_of_keys(maidan: Maidan, empty: Path) -> None:
    (empty / "a.pub").write_text(f"# mine\n{KEY}\n\n")
    options = without("--steward")
    done = maidan("init", *options, "--steward", "ada=a.pub", "--steward", f"ada={KEY} two", "--steward", "bo=a.pub")
    assert done.code == ExitCode.DONE, done.err
    assert values_in(empty)["stewards"] == {"ada": {"ssh_keys": [KEY, f"{KEY} two"]}, "bo": {"ssh_keys": [KEY]}}


def test_everything_that_is_missing_is_named_at_once(maidan: Maidan, empty: Path) -> None:
    done = maidan("init", "--service", "vaultwarden")
    assert done.code == ExitCode.USAGE
    assert done.err == (
        "nobody can be asked, and needed are: --name, --domain, --contact, --steward NAME=KEYFILE, --host, --disk, "
        "--interface, --set services.vaultwarden.domain=VALUE, give them, or a file with --answers\n"
    )
    assert tree(empty) == {}


def test_every_wrong_option_is_named_at_once(maidan: Maidan, empty: Path) -> None:
    (empty / "id_ed25519").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nsecret\n")
    done = maidan(
        "init", "--steward", "ada", "--steward", "bo=id_ed25519", "--steward", "cy=absent.pub", "--service",
        "vaultwadren", "--set", "x", "--set", "a..b=1", "--disk", "/dev/sda",
    )  # fmt: skip
    assert done.code == ExitCode.USAGE
    for said in (
        "--steward: 'ada' is not NAME=KEYFILE",
        "--steward: id_ed25519 is not read: it may be a private key",
        "--steward: absent.pub cannot be read: no such file or directory",
        "--service: no plugin is named 'vaultwadren', did you mean 'vaultwarden'?",
        "--set: 'x' is not KEY=VALUE",
        "--set: 'a..b' is not a key",
        "--disk: of which host?, add --host NAME",
    ):
        assert said in done.err
    assert "secret" not in done.err
    assert len(done.err.splitlines()) == 7


def test_values_that_the_manifest_refuses_are_refused_as_options(maidan: Maidan, empty: Path) -> None:
    done = maidan(
        "init", *without("--domain", "--disk"), "--domain", "Example.org", "--disk", "/dev/sda", "--time-zone",
        "Mars/One",
    )  # fmt: skip
    assert done.code == ExitCode.USAGE
    lines = done.err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["--disk", "--domain", "--time-zone"]
    assert "did you mean 'example.org'?" in lines[1]
    assert tree(empty) == {}


def test_problems_of_the_answers_are_located_in_their_file(maidan: Maidan, empty: Path) -> None:
    (empty / "answers.toml").write_text(MINIMAL.replace('"bios"', '"boos"').replace("passwords.example.org", "x"))
    done = maidan("init", "--answers", "answers.toml")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert [line.rpartition(": ")[0].partition(" ")[0] for line in done.err.splitlines()] == [
        "answers.toml:13:17:",
        "answers.toml:20:10:",
    ]
    assert not (empty / "community.toml").exists()


@pytest.mark.parametrize(
    ("content", "said"), [(None, "there is no such file"), (b"a = ", "answers.toml:1:4:"), (b"\xff", "is not UTF-8")]
)
def test_answers_that_cannot_be_read(maidan: Maidan, empty: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (empty / "answers.toml").write_bytes(content)
    done = maidan("init", "--answers", "answers.toml")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_what_only_the_plan_can_know_is_said_before_anything_is_written(maidan: Maidan, empty: Path) -> None:
    done = maidan("init", *ENOUGH, "--ipv4", "off", "--ipv6", "off")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("[platform/network] --ipv6: IPv4 and IPv6 are both off")
    assert tree(empty) == {}


def test_a_complete_manifest_is_left_alone(maidan: Maidan, folder: Path) -> None:
    before = tree(folder)
    done = maidan("init")
    assert done.code == ExitCode.DONE
    assert done.err.startswith("community.toml is complete: nothing to ask, and nothing was changed.\n")
    assert done.out == "All checks passed.\nNext: maidan-nix generate\n"
    assert tree(folder) == before


def test_what_is_there_is_not_overwritten_by_an_option(maidan: Maidan, folder: Path) -> None:
    before = tree(folder)
    done = maidan("init", "--name", "Other", "--domain", "example.org")
    assert done.code == ExitCode.USAGE
    assert done.err == (
        "--name: the manifest has another community.name already, change it with: maidan-nix set community.name VALUE\n"
    )
    assert tree(folder) == before


def test_a_manifest_with_a_gap_is_completed_by_options(maidan: Maidan, folder: Path) -> None:
    mine = MINIMAL.replace('contact = "stewards@example.org"\n', "")
    (folder / "community.toml").write_text(mine)
    assert maidan("init").err == (
        "nobody can be asked, and needed are: --contact, give them, or a file with --answers\n"
    )
    done = maidan("init", "--contact", "stewards@example.org", "--service", "vaultwarden")
    assert done.code == ExitCode.DONE, done.err
    added = set((folder / "community.toml").read_text().splitlines()) - set(mine.splitlines())
    assert added == {
        'contact = "stewards@example.org"',
        "# Where certificate authorities and members reach the stewards.",
    }
    assert values_in(folder) == tomllib.loads(MINIMAL)


def test_a_manifest_that_is_wrong_is_not_built_upon(maidan: Maidan, folder: Path) -> None:
    for text, said in [
        ("[community", "community.toml:1:11:"),
        (MINIMAL.replace('"bios"', "7"), "community.toml:13:17:"),
    ]:
        (folder / "community.toml").write_text(text)
        done = maidan("init", "--preset", "open")
        assert done.code == ExitCode.MANIFEST_INVALID
        assert done.err.startswith(said)
        assert (folder / "community.toml").read_text() == text


def test_an_empty_file_is_as_good_as_none(maidan: Maidan, empty: Path) -> None:
    (empty / "community.toml").write_text("\n")
    assert maidan("init", *ENOUGH).code == ExitCode.DONE
    assert values_in(empty)["community"]


def test_what_is_no_manifest_stays(maidan: Maidan, empty: Path) -> None:
    (empty / "community.toml").mkdir()
    done = maidan("init", *ENOUGH)
    assert done.code == ExitCode.FAILED
    assert done.err == "community.toml cannot be read: is a directory, move it out of the way\n"
    (empty / "community.toml").rmdir()
    (empty / "community.toml").symlink_to("elsewhere")
    done = maidan("init", *ENOUGH)
    assert done.code == ExitCode.FAILED
    assert done.err.startswith("community.toml is a symbolic link")
    assert not (empty / "elsewhere").exists()


def test_a_folder_that_is_none(maidan: Maidan, empty: Path) -> None:
    (empty / "file").write_text("")
    assert maidan("init", "file", *ENOUGH).err == "file is no folder, name another, or none for this one\n"
    for place in ("file/sub", "/proc/maidan"):
        done = maidan("init", place, *ENOUGH)
        assert done.code == ExitCode.FAILED
        assert len(done.err.splitlines()) == 1
        assert "itself failed" not in done.err


def test_a_schema_of_somebody_else_stays(maidan: Maidan, empty: Path) -> None:
    (empty / "community.schema.json").write_text('{"title": "mine"}')
    done = maidan("init", *ENOUGH)
    assert done.code == ExitCode.DONE
    assert (empty / "community.schema.json").read_text() == '{"title": "mine"}'
    assert "community.schema.json" not in done.out


@pytest.mark.parametrize("hostile", ['"; x = "', "${x} ''${y} $(z)", "\\", "'''", "[a]\u00e4", '"""', "a # b", "= 1"])
def test_hostile_answers_are_data(maidan: Maidan, empty: Path, hostile: str) -> None:
    done = maidan("init", *without("--name"), "--name", hostile)
    assert done.code == ExitCode.DONE
    assert values_in(empty)["community"] == {
        "name": hostile,
        "domain": "example.org",
        "contact": "stewards@example.org",
    }


@pytest.mark.parametrize("hostile", ["a\x1b[31m", "a\nb = 1", "\u202ea", "a\x7f"])
def test_what_could_act_on_a_terminal_is_refused_in_words(maidan: Maidan, empty: Path, hostile: str) -> None:
    done = maidan("init", *without("--name"), "--name", hostile, "--set", f"services.{hostile}=1", "--steward", hostile)
    assert done.code == ExitCode.USAGE
    assert all(line.isprintable() for line in done.err.splitlines())
    assert tree(empty) == {}


def test_json(maidan: Maidan, empty: Path) -> None:
    result = maidan("init", *ENOUGH, "--json").json()
    assert result == {
        "version": 1,
        "manifest": "community.toml",
        "written": ["community.toml", "community.schema.json"],
        "complete": True,
        "problems": [],
    }
    again = maidan("init", "--json")
    assert again.json()["written"] == []
    assert not again.err
    for key in result.keys() - {"version"}:
        assert key in maidan("init", "--help").out
    assert maidan("init", "--name", "Other", "--json").json()["problems"][0]["message"].startswith("--name: ")


def test_a_repository_by_option(maidan: Maidan, empty: Path) -> None:
    assert maidan("init", *ENOUGH, "--git").code == ExitCode.DONE
    assert (empty / ".git").is_dir()
    assert b"/result\n" in (empty / ".gitignore").read_bytes()


def test_git_that_fails_is_a_remark(empty: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "git").write_text("#!/bin/sh\necho no luck >&2\nexit 3\n")
    (programs / "git").chmod(0o755)
    done = process("init", *ENOUGH, "--git", cwd=empty, PATH=f"{programs}:{os.environ['PATH']}")
    assert done.code == ExitCode.DONE
    assert "git made no repository: no luck\n" in done.err


def test_without_a_home_and_without_input(empty: Path) -> None:
    done = process("init", *ENOUGH, cwd=empty, HOME="", LANG="", LC_ALL="C")
    assert done.code == ExitCode.DONE
    assert process("init", "--yes", cwd=empty / "..").code == ExitCode.USAGE
