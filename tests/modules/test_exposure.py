"""The profiles as plain unit files, judged by systemd: it knows each directive, and little is left exposed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from live.tree import loader, missing, require_tree
from modules.evaluation import SHIPPED, Directives, evaluate

# Overall exposure, from 0 (none) to 10, as systemd 252 and 257 measure it. What remains at 0.2 is the host's root
# directory and unix sockets; network access is charged 0.7, no closed list of addresses 0.2, a capability and the
# host's users 0.3.
EXPOSURE = {"socket": 0.2, "loopback": 0.9, "internet": 1.1, "public": 1.1, "privileged-port": 1.4}

UNIT = "[Unit]\nDescription=A program\n\n[Service]\nType=notify\nExecStart=/usr/bin/program\nUser=daemon\n"


def confined() -> dict[str, Directives]:
    """Return each profile's directives, with what maidan.egress makes of class "internet"."""
    profiles: dict[str, Directives] = evaluate(f"import {SHIPPED}/sandbox-profiles.nix")
    profiles["internet"]["IPAddressDeny"] = evaluate(f"import {SHIPPED}/egress-ranges.nix")
    return profiles


def written(directives: Directives) -> str:
    """Write directives as NixOS does: booleans in words, a list as one line per element."""
    return "".join(
        f"{name}={str(element).lower() if isinstance(element, bool) else element}\n"
        for name, value in directives.items()
        for element in (value if isinstance(value, list) else [value])
    )


@pytest.fixture(params=["this machine", "Debian 13"])
def judge(request: pytest.FixtureRequest) -> list[str]:
    """Return the start of a command line of systemd-analyze, in two releases."""
    if request.param == "Debian 13":
        return loader(require_tree(), "/usr/bin/systemd-analyze")
    return [shutil.which("systemd-analyze") or missing("systemd-analyze", "install the Debian package systemd")]


def call(judge: list[str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*judge, *map(str, arguments)],
        env={**os.environ, "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_every_profile_is_judged() -> None:
    assert confined().keys() == EXPOSURE.keys()


def test_every_profile_states_the_same_directives() -> None:
    assert len({frozenset(directives) for directives in confined().values()}) == 1


@pytest.mark.parametrize("profile", EXPOSURE)
def test_the_exposure_is_as_low_as_measured(profile: str, judge: list[str], tmp_path: Path) -> None:
    unit = tmp_path / f"{profile}.service"
    unit.write_text(UNIT + written(confined()[profile]))
    judged = call(judge, "security", "--offline=true", f"--threshold={round(EXPOSURE[profile] * 10)}", unit)
    overall = re.search(r"Overall exposure level for \S+ (\d+[.]\d)", judged.stdout)
    assert overall, judged.stderr
    assert float(overall.group(1)) <= EXPOSURE[profile], judged.stdout
    assert judged.returncode == 0


@pytest.mark.parametrize("profile", EXPOSURE)
def test_systemd_accepts_every_directive(profile: str, judge: list[str], tmp_path: Path) -> None:
    assert complaints(judge, written(confined()[profile]), tmp_path) == ""


def test_the_judge_would_notice(judge: list[str], tmp_path: Path) -> None:
    assert "ProtectHom" in complaints(judge, "ProtectHom=true\n", tmp_path)
    assert "ENOTANERROR" in complaints(judge, "SystemCallErrorNumber=ENOTANERROR\n", tmp_path)


def complaints(judge: list[str], directives: str, root: Path) -> str:
    """Return what `systemd-analyze verify` says about a unit with `directives`, in a root of its own."""
    units = root / "etc/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    (root / "usr/bin").mkdir(parents=True, exist_ok=True)
    program = root / "usr/bin/program"
    program.touch()
    program.chmod(0o755)
    for target in ("sysinit", "basic", "shutdown"):
        (units / f"{target}.target").write_text("[Unit]\nDescription=A target\nDefaultDependencies=no\n")
    unit = units / "program.service"
    unit.write_text(UNIT + directives)
    return call(judge, "verify", "--man=no", "--recursive-errors=no", f"--root={root}", unit.name).stderr


def test_every_name_in_the_directive_lists_is_a_directive() -> None:
    names: dict[str, list[str]] = evaluate(f"import {SHIPPED}/sandbox-directives.nix")
    assert not set(names["exceptions"]) & set(names["limits"])
    for listed in names.values():
        assert listed == sorted(set(listed))
    profiled = {name for directives in confined().values() for name in directives}
    assert profiled - set(names["exceptions"]) == {"IPAddressAllow", "IPAddressDeny"}
    assert {*names["exceptions"], *names["limits"]} - service_directives() == set()


def service_directives() -> set[str]:
    """Return the names that Debian 13's systemd (257) knows in a [Service] section."""
    command = loader(require_tree(), "/usr/lib/systemd/systemd")
    known = subprocess.run([*command, "--dump-configuration-items"], capture_output=True, text=True, check=False)
    if known.returncode:
        missing("systemd 257", f"the tree's systemd does not start: {known.stderr}")
    section = known.stdout.split("[Service]\n")[1].split("\n[")[0]
    return {line.partition("=")[0] for line in section.splitlines()}
