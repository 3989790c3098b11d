"""`remove`: a section, and what it does not take with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands.runner import MINIMAL, ROOT, Maidan, tree
from maidan_nix.problems import ExitCode

MATRIX = """
# Rooms.
[services.matrix]
server_name = "example.org"
domain = "matrix.example.org"  # where it is
# presence = true

[services.matrix.reasons]

# The end.
"""


def written(folder: Path) -> str:
    return (folder / "community.toml").read_bytes().decode()


@pytest.mark.parametrize("name", ["matrix", "services/matrix", "services.matrix"])
def test_a_section_goes_with_its_reasons_and_its_comments(maidan: Maidan, folder: Path, name: str) -> None:
    (folder / "community.toml").write_text(MINIMAL + MATRIX)
    done = maidan("remove", name, "--yes")
    assert done.code == ExitCode.DONE, done.err
    assert written(folder) == f"{MINIMAL}\n# The end.\n"


def test_what_stays_is_said(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(MINIMAL + MATRIX)
    assert maidan("generate").code == ExitCode.DONE
    host = json.loads((folder / "maidan.lock").read_bytes())["hosts"]["shed"]
    entries = sum(
        key.startswith("services/matrix ") for table in ("kept", "permanent", "ports") for key in host.get(table, {})
    ) + list(host["claims"].values()).count("services/matrix")
    assert entries > 1
    done = maidan("remove", "matrix", "--diff")
    said = done.err.splitlines()
    assert said[0].startswith("The data of services/matrix stays on shed. Export or delete")
    assert said[1].startswith(f"maidan.lock keeps {entries} entries of it, so that nobody else is given its data")
    assert written(folder) == MINIMAL + MATRIX
    assert maidan("remove", "matrix", "--yes").code == ExitCode.DONE
    assert maidan("generate").code == ExitCode.DONE
    assert not (folder / "hosts/shed/services/matrix.nix").exists()
    assert json.loads((folder / "maidan.lock").read_bytes())["hosts"]["shed"] == host


def test_every_host_with_data_is_named(maidan: Maidan, folder: Path) -> None:
    fleet = ROOT / "hosts/federation"
    for name in ("community.toml", "maidan.lock"):
        (folder / name).write_bytes((fleet / name).read_bytes())
    done = maidan("remove", "matrix", "--diff")
    assert done.code == ExitCode.DONE, done.err
    hosts = json.loads((folder / "maidan.lock").read_bytes())["hosts"]
    (app,) = [name for name, host in hosts.items() if host["claims"].get("secret matrix-form") == "services/matrix"]
    (store,) = [name for name, host in hosts.items() if "database matrix-synapse" in host["claims"]]
    assert app != store
    said = done.err.splitlines()[0]
    assert said.startswith("The data of services/matrix stays where it is: ")
    assert f"files on {app}" in said
    assert f"databases on {store}" in said


def test_before_anything_was_generated_the_host_is_not_known(maidan: Maidan, folder: Path) -> None:
    done = maidan("remove", "vaultwarden", "--diff")
    assert done.err.startswith("The data of services/vaultwarden stays on its host. ")


def test_secrets_that_nobody_else_asks_for_are_named(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(MINIMAL + MATRIX)
    assert maidan("generate").code == ExitCode.DONE
    rules = (folder / "secrets/secrets.nix").read_text()
    names = [
        line.partition('"')[2].partition('"')[0] for line in rules.splitlines() if "matrix" in line and ".age" in line
    ]
    for name in [*names, "steward-ada-password.age"]:
        (folder / "secrets" / name).write_bytes(b"age-encryption.org/v1\n")
    remarks = maidan("remove", "matrix", "--diff", "--json").json()["remarks"]
    assert names
    assert remarks[-1].startswith("Its secrets stay: ")
    assert all(f"secrets/{name}" in remarks[-1] for name in names)
    assert not any("steward-ada" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("vaultwadren", "no plugin is named 'vaultwadren', did you mean 'vaultwarden'?"),
        ("matrix", "services/matrix is not in the manifest: there is nothing to remove"),
        ("platform/nginx", "platform/nginx has no section: a host has it by itself where something needs it, it goes"),
        ("nginx", "platform/nginx has no section: a host has it by itself where something needs it"),
        ("base", "platform/base has no section: every host has it by itself\n"),
        ("kernel", "hardening/kernel has no section: every host has it by itself, to do without it: maidan-nix set "),
        ("\x1b[31m", "'\\u001B[31m'"),
        ("", "no plugin is named ''"),
    ],
)
def test_what_is_not_there(maidan: Maidan, folder: Path, name: str, said: str) -> None:
    before = tree(folder)
    done = maidan("remove", name, "--yes")
    assert done.code == ExitCode.USAGE
    assert said in done.err
    assert tree(folder) == before


def test_the_way_to_do_without_a_hardening_plugin_works(maidan: Maidan, folder: Path) -> None:
    said = maidan("remove", "kernel").err
    key = said.partition("maidan-nix set '")[2].partition("'")[0]
    assert maidan("set", key, "this machine is a container", "--yes").code == ExitCode.DONE
    assert written(folder).endswith('\n[plugins.disable]\n"hardening/kernel" = "this machine is a container"\n')


def test_a_plugin_that_is_not_installed_any_more_can_be_removed(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(f"{MINIMAL}\n[services.gone]\nx = 1\n")
    done = maidan("remove", "gone", "--yes")
    assert done.code == ExitCode.DONE, done.err
    assert written(folder) == MINIMAL


def test_a_section_of_another_floor(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(f"{MINIMAL}\n[hardening.kernel]\nwipe_memory = true\n")
    done = maidan("remove", "kernel", "--yes")
    assert done.code == ExitCode.DONE
    assert done.err.startswith("hardening/kernel goes back to its defaults")
    assert written(folder) == MINIMAL


def test_json(maidan: Maidan, folder: Path) -> None:
    result = maidan("remove", "vaultwarden", "--yes", "--json").json()
    assert result.keys() == {"version", "manifest", "plugin", "changed", "written", "diff", "remarks", "problems"}
    assert (result["plugin"], result["written"]) == ("services/vaultwarden", True)
    help_text = maidan("remove", "--help").out
    assert all(key in help_text for key in result.keys() - {"version"})
    assert "vaultwarden" not in written(folder)
