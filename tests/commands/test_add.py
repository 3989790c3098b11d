"""`add`: a service, or the section of another plugin, and no other line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from commands.runner import MINIMAL, TWO_HOSTS, Maidan, tree
from fake_plugins import Install, installed, source
from maidan_nix.problems import ExitCode

__all__ = ["installed"]

WIKI = '''
class Shelf(api.Settings):
    """A table in a table."""

    books: int = api.setting("How many books", default=1)


class Settings(api.Settings):
    """What a steward can choose."""

    domain: api.Domain = api.setting("Where it is\\nname = 1", examples=("wiki.example.org",))
    quota: api.ByteSize = api.setting("How much may be stored", default="5G", examples=("5G",))
    open: bool = api.setting("Whether everybody may write", default=False, looser="true")
    shelf: Shelf = api.setting("A shelf", default=Shelf())
'''
SECTION = """
# Pages that members write together.
[services.wiki]
# Where it is\\u000Aname = 1.
domain = "wiki.example.org"
# How much may be stored.
# quota = "5G"
# It has more settings, each with its default: maidan-nix explain services.wiki
"""


@pytest.fixture
def wiki(installed: Install) -> None:
    empty = 'class Settings(api.Settings):\n    """What a steward can choose."""\n'
    module = source()
    assert empty in module
    installed(module.replace(empty, WIKI.lstrip()))


def written(folder: Path) -> str:
    return (folder / "community.toml").read_bytes().decode()


@pytest.mark.parametrize("name", ["wiki", "services/wiki", "services.wiki"])
@pytest.mark.usefixtures("wiki")
def test_a_service_by_any_of_its_names(maidan: Maidan, folder: Path, name: str) -> None:
    done = maidan("add", name, "--set", "domain=wiki.example.org", "--yes")
    assert done.code == ExitCode.DONE, done.err
    assert written(folder) == MINIMAL + SECTION
    assert done.err.startswith("services/wiki: Pages that members write together.\n")


@pytest.mark.usefixtures("wiki")
def test_line_ends_stay(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_bytes(MINIMAL.replace("\n", "\r\n").encode())
    assert maidan("add", "wiki", "--set", "domain=wiki.example.org", "--yes").code == ExitCode.DONE
    assert written(folder) == (MINIMAL + SECTION).replace("\n", "\r\n")


@pytest.mark.usefixtures("wiki")
def test_added_and_removed_restores_every_byte(maidan: Maidan, folder: Path) -> None:
    before = MINIMAL.replace("[services", "# Keep me.\n\n# Of the vault.\n[services")
    (folder / "community.toml").write_text(before)
    maidan("add", "wiki", "--set", "domain=wiki.example.org", "--set", "shelf.books=3", "--yes")
    assert tomllib.loads(written(folder))["services"]["wiki"] == {"domain": "wiki.example.org", "shelf": {"books": 3}}
    assert maidan("remove", "wiki", "--yes").code == ExitCode.DONE
    assert written(folder) == before


@pytest.mark.usefixtures("wiki")
def test_values_and_reasons(maidan: Maidan, folder: Path) -> None:
    call = ("add", "wiki", "--set", "domain=wiki.example.org", "--set", "open=true", "--set", 'quota="1G"', "--yes")
    done = maidan(*call)
    assert done.code == ExitCode.MANIFEST_INVALID
    assert "true is looser than the preset" in done.err
    assert written(folder) == MINIMAL
    assert maidan(*call, "--set", "reasons.open=everybody is invited").code == ExitCode.DONE
    values: Any = tomllib.loads(written(folder))["services"]["wiki"]
    assert values == {
        "domain": "wiki.example.org",
        "quota": "1G",
        "open": True,
        "reasons": {"open": "everybody is invited"},
    }


@pytest.mark.usefixtures("wiki")
def test_what_is_needed_is_named_with_what_it_is(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(TWO_HOSTS)
    done = maidan("add", "wiki")
    assert done.code == ExitCode.USAGE
    assert done.err == (
        "services/wiki needs --host NAME\nservices/wiki needs --set domain=VALUE: Where it is\\u000Aname = 1\n"
    )
    done = maidan("add", "wiki", "--host", "wset", "--set", "domain=wiki.example.org", "--yes")
    assert "no host is named 'wset', expected one of east, west, did you mean 'west'?" in done.err
    assert maidan("add", "wiki", "--host", "west", "--set", "domain=w.example.org", "--yes").code == ExitCode.DONE
    assert '[services.wiki]\n# The host that it runs on.\nhost = "west"\n' in written(folder)


def test_a_plugin_of_another_floor(maidan: Maidan, folder: Path) -> None:
    done = maidan("add", "kernel", "--set", "wipe_memory=true", "--yes")
    assert done.code == ExitCode.DONE
    assert tomllib.loads(written(folder))["hardening"] == {"kernel": {"wipe_memory": True}}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["vaultwarden"], ExitCode.USAGE, "community.toml:19:1: services.vaultwarden: services.vaultwarden is there"),
        (["vaultwadren"], ExitCode.USAGE, "no plugin is named 'vaultwadren', did you mean 'vaultwarden'?"),
        (["services/kernel"], ExitCode.USAGE, "no plugin is named 'services/kernel'"),
        (["qqqq"], ExitCode.USAGE, "expected one of "),
        (["\x1b[31m"], ExitCode.USAGE, "no plugin is named '\\u001B[31m'"),
        ([""], ExitCode.USAGE, "no plugin is named ''"),
        (["kernel", "--set", "x"], ExitCode.USAGE, "--set takes KEY=VALUE, and got 'x'."),
        (["kernel", "--set", "a..b=1"], ExitCode.USAGE, "'a..b' is not a key"),
        (["kernel", "--set", "a=1", "--set", "a.b=1"], ExitCode.USAGE, "does not go with the others"),
        (["kernel", "--set", "wipe_memry=true", "--yes"], ExitCode.MANIFEST_INVALID, "did you mean 'wipe_memory'?"),
    ],
)
def test_what_cannot_be_added(maidan: Maidan, folder: Path, arguments: list[str], code: ExitCode, said: str) -> None:
    before = tree(folder)
    done = maidan("add", *arguments)
    assert done.code == code
    assert said in done.err
    assert all(line.isprintable() for line in done.err.splitlines())
    assert tree(folder) == before


def test_services_that_are_written_inline_are_left_to_a_person(maidan: Maidan, folder: Path) -> None:
    text = MINIMAL.replace("[services.vaultwarden]\ndomain", "[services]\nvaultwarden.domain")
    (folder / "community.toml").write_text(text)
    assert maidan("add", "matrix", "--set", "server_name=example.org", "--set", "domain=m.example.org",
                  "--yes").code == ExitCode.DONE  # fmt: skip
    text = "services = { vaultwarden = { domain = 'p.example.org' } }\n" + MINIMAL.partition("[services")[0]
    (folder / "community.toml").write_text(text)
    done = maidan("add", "matrix", "--set", "server_name=example.org", "--set", "domain=m.example.org", "--yes")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("community.toml:1:1: services.matrix: services.matrix cannot be edited as it is written")
    assert written(folder) == text


@pytest.mark.usefixtures("wiki")
def test_json(maidan: Maidan, folder: Path) -> None:
    result = maidan("add", "wiki", "--set", "domain=wiki.example.org", "--diff", "--json").json()
    assert result.keys() == {"version", "manifest", "plugin", "changed", "written", "diff", "remarks", "problems"}
    assert (result["plugin"], result["changed"], result["written"]) == ("services/wiki", True, False)
    help_text = maidan("add", "--help").out
    assert all(key in help_text for key in result.keys() - {"version"})
    refused = maidan("add", "wiki", "--json")
    assert refused.json()["problems"][0]["message"].startswith("services/wiki needs --set domain=VALUE")
    assert written(folder) == MINIMAL
