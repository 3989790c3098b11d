"""The judges: real programs that read what the project emits, each behind one function.

A judge returns a `Verdict`, true when the program accepts, with all that it said, so that ``assert nft_check(rules)``
shows the program's own words when it fails. A missing program is a skip that names its package, and a failure where
``MAIDAN_REQUIRE_JUDGES=1`` promises it (see `live.tree.missing`). Nothing runs without a limit in time, and nothing
touches the machine: stores, overlays and networks are throwaways. ``test_judges.py`` proves that each can say no.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from live.tree import Files, loader, missing, require_tree, run_in_tree, stage

TIMEOUT: Final = 60.0
"""Seconds after which a judge that does not answer is a failure."""

JUDGES_BIN: Final = str(Path(__file__).parents[1] / ".venv-judges/bin")
"""Where scripts/judges installs the programs of the dependency group ``judges``."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge said; true when it accepts."""

    accepted: bool
    output: str

    def __bool__(self) -> bool:
        return self.accepted


class NixRefusedError(AssertionError):
    """Nix did not evaluate an expression; carries its words."""


def judge(program: str, *, package: str) -> str:
    """Return the path of a program; without it skip, or fail (see above), naming its `package`.

    A package is Debian's unless it ends in ``(PyPI)``: those are found in the environment that scripts/judges makes.
    """
    folders = [os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin", str(Path(sys.executable).parent), JUDGES_BIN]
    path = shutil.which(program, path=os.pathsep.join(folders))
    installer = "pip" if package.endswith(" (PyPI)") else "apt-get"
    return path or missing(program, f"make judges, or {installer} install {package.removesuffix(' (PyPI)')}")


def debian_tree() -> Path:
    """Return the Debian 13 tree, or skip or fail, naming how to make it."""
    return require_tree()


def run(
    command: Sequence[str | Path], *, stdin: str = "", timeout: float = TIMEOUT, env: Mapping[str, str] | None = None
) -> Verdict:
    """Run a command to its end: accepted when it exits 0; the output is standard output, then standard error."""
    done = subprocess.run(
        [str(word) for word in command],
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        env={**os.environ, **(env or {})},
        check=False,
    )
    return Verdict(done.returncode == 0, done.stdout + done.stderr)


# Nix


@functools.cache
def _nix_environment() -> dict[str, str]:
    """Return an environment in which Nix uses a store of this process alone instead of /nix."""
    home = tempfile.mkdtemp(prefix="maidan-nix-store-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    folders = {f"NIX_{name}_DIR": f"{home}/{name.lower()}" for name in ("STORE", "STATE", "LOG", "CONF", "LOCALSTATE")}
    for folder in folders.values():
        Path(folder).mkdir()
    return {**folders, "NIX_REMOTE": "", "NIX_PATH": "", "HOME": home, "XDG_CACHE_HOME": home}


def nix_command(*, recent: bool = False) -> list[str]:
    """Return the start of a ``nix-instantiate`` command line: this machine's (Debian 12 has 2.8).

    `recent` asks for 2.18 or newer, which the module system of nixpkgs.lib needs: this machine's if it is, else the
    Debian 13 tree's 2.26.
    """
    if not recent:
        return [judge("nix-instantiate", package="nix-bin")]
    machine = shutil.which("nix-instantiate")
    if machine is not None and _nix_version(machine) >= (2, 18):
        return [machine]
    return loader(require_tree(), "/usr/bin/nix-instantiate")


@functools.cache
def _nix_version(program: str) -> tuple[int, int]:
    numbers = re.search(r"(\d+)\.(\d+)", run([program, "--version"], env=_nix_environment()).output)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)


def nix_parse(files: Iterable[Path], *, recent: bool = False) -> Verdict:
    """Let Nix parse files; the first that does not parse ends it."""
    names = [str(file) for file in files]
    if not names:
        return Verdict(accepted=False, output="no file was given")
    # In portions that an argument list holds.
    for start in range(0, len(names), 500):
        verdict = run([*nix_command(recent=recent), "--parse", *names[start : start + 500]], env=_nix_environment())
        if not verdict:
            return verdict
    return Verdict(accepted=True, output="")


def nix_eval(
    expression: str,
    *,
    recent: bool = False,
    search_path: Mapping[str, Path] | None = None,
    timeout: float = TIMEOUT,
) -> object:
    """Evaluate an expression deeply and return it as JSON data; `NixRefusedError` with Nix's words when it fails.

    `search_path` names what ``<name>`` means. Functions and cycles have no JSON: Nix refuses them.
    """
    command = [*nix_command(recent=recent), "--eval", "--strict", "--json", "--readonly-mode"]
    for name, path in (search_path or {}).items():
        command += ["-I", f"{name}={path}"]
    done = subprocess.run(
        [*command, "-"],
        input=expression,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **_nix_environment()},
        check=False,
    )
    if done.returncode != 0:
        raise NixRefusedError(done.stderr)
    data: object = json.loads(done.stdout)
    return data


# systemd

_EXEC_LINE = re.compile(r"^Exec\w+=\s*[-@:+!|]*\"?(/[^\s\"%$]+)", re.MULTILINE)


def _systemd_root(units: Mapping[str, str], folder: Path) -> None:
    """Lay out a root directory for systemd-analyze: the units, the distribution's targets, a stub for each program."""
    stage({f"/etc/systemd/system/{name}": text for name, text in units.items()}, folder)
    system = folder / "usr/lib/systemd/system"
    system.mkdir(parents=True)
    for target in (require_tree() / "usr/lib/systemd/system").glob("*.target"):
        (system / target.name).write_bytes(target.read_bytes())
    programs = {program for text in units.values() for program in _EXEC_LINE.findall(text)}
    stage({f"{program}*": "#!/bin/sh\n" for program in sorted(programs)}, folder)


def systemd_verify(units: Mapping[str, str], *, beside: Mapping[str, str] | None = None) -> Verdict:
    """Let systemd 257 load unit files, given as name to text; anything it remarks on refuses.

    `beside` holds units that these ask for; they are loaded but not judged. Unknown units, sections, directives and
    values are all remarks, also where systemd itself would only warn and go on.
    """
    with tempfile.TemporaryDirectory(prefix="maidan-units-") as name:
        folder = Path(name)
        _systemd_root({**(beside or {}), **units}, folder)
        analyze = loader(require_tree(), "/usr/bin/systemd-analyze")
        verdict = run(
            [*analyze, "verify", "--man=no", "--recursive-errors=no", f"--root={folder}", *units],
            env={"SYSTEMD_LOG_LEVEL": "warning", "SYSTEMD_LOG_TARGET": "console"},
        )
    remarks = "\n".join(line for line in verdict.output.splitlines() if line.strip())
    return Verdict(verdict.accepted and not remarks, remarks)


def systemd_exposure(unit: str, *, name: str = "judged.service") -> float:
    """Return the exposure level of a service's text, from 0.0 (best) to 10.0, as systemd 257 computes it offline.

    Raises `AssertionError` with systemd's words when it does not score the unit. A directive that systemd does not
    know is not scored, so a unit needs `systemd_verify` first.
    """
    with tempfile.TemporaryDirectory(prefix="maidan-units-") as folder_name:
        folder = Path(folder_name)
        _systemd_root({name: unit}, folder)
        analyze = loader(require_tree(), "/usr/bin/systemd-analyze")
        said = run([*analyze, "security", "--no-pager", "--offline=true", f"--root={folder}", "--threshold=100", name])
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said.output)
    if not said or level is None:
        raise AssertionError(said.output)
    return float(level[1])


# Servers


def nginx_test(config: str, files: Files | None = None) -> Verdict:
    """Let nginx 1.26 load a whole ``nginx.conf`` with `files` in place; warnings refuse as well as errors.

    Paths mean what they mean on the host: certificates, included files and folders that the configuration names belong
    in `files`. Any address can be bound. Names in ``proxy_pass`` do not resolve: use addresses, sockets or variables.
    """
    script = "mkdir -p /run/nginx /var/log/nginx /var/cache/nginx && exec nginx -t -c /judged/nginx.conf"
    done = run_in_tree(["sh", "-c", script], {**(files or {}), "/judged/nginx.conf": config}, timeout=TIMEOUT)
    said = done.stdout
    return Verdict(done.returncode == 0 and not re.search(r"\[(warn|error|crit|alert|emerg)\]", said), said)


def sshd_test(config: str, files: Files | None = None) -> Verdict:
    """Let OpenSSH 10's sshd read an ``sshd_config``; the output is the effective settings (``sshd -T``) or the errors.

    Default host keys exist; other keys that the configuration names belong in `files`, but sshd wants them mode 0600.
    """
    script = "ssh-keygen -q -A && mkdir -p /run/sshd && sshd -t -f {0} && sshd -T -f {0}".format("/judged/sshd_config")
    done = run_in_tree(["sh", "-c", script], {**(files or {}), "/judged/sshd_config": config}, timeout=TIMEOUT)
    # sshd calls a retired directive "Deprecated option" or "Unsupported option", and goes on without it.
    ignored = re.search(r"(Deprecated|Unsupported) option", done.stdout)
    return Verdict(done.returncode == 0 and not ignored, done.stdout)


def nft_check(ruleset: str) -> Verdict:
    """Let nftables and this kernel check a ruleset, in a network namespace of its own; nothing is loaded."""
    nft = judge("nft", package="nftables")
    alone = [judge("unshare", package="util-linux"), "--user", "--map-root-user", "--net"]
    # What the sandbox refuses must not be taken for what nftables refuses.
    allowed = run([*alone, "true"])
    if not allowed:
        missing("a user namespace", f"this machine does not allow one: {allowed.output.strip()}")
    with tempfile.NamedTemporaryFile("w", prefix="maidan-", suffix=".nft", encoding="utf-8") as file:
        file.write(ruleset)
        file.flush()
        return run([*alone, nft, "-c", "-f", file.name])
