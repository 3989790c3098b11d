"""Measure ``maidan-nix generate`` against what no program of its kind could do without.

    make bench ARGUMENTS="--rounds 5"

Ratios of medians of alternating runs on the machine at hand; absolute times beside them, and in build/bench.json.

- The floor is the same interpreter importing click, tomllib, pluggy, `pydantic.BaseModel` and the enabled plugins, and
  writing the same bytes with as many fsyncs. With nothing to change nothing is written, by either.
- Checking the options of one host, in process, against Nix evaluating a NixOS host that has nothing but a file system:
  less than any real one. Needs nix-instantiate 2.18 or newer and a nixpkgs tree named by ``MAIDAN_NIXPKGS``.
- What one more host costs: time of `generate` per host between 100 and 1,000 hosts, against 10 to 100.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import parse_document
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "hosts/commons/community.toml"

# Reads one JSON object: the modules to import, then folder, files and fsyncs to write, if any.
FLOOR = """
import importlib, json, os, pathlib, sys
import click, pluggy, tomllib
from pydantic import BaseModel
work = json.loads(pathlib.Path(sys.argv[1]).read_bytes())
for module in work["modules"]:
    importlib.import_module(module)
if len(sys.argv) > 2:
    folders = set()
    for name, text in work["files"].items():
        path = os.path.join(sys.argv[2], name)
        folder = os.path.dirname(path)
        if folder not in folders:
            os.makedirs(folder, exist_ok=True)
            folders.add(folder)
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        os.write(file, text.encode("latin-1"))
        if work["file_syncs"] > 0:
            os.fsync(file)
            work["file_syncs"] -= 1
        os.close(file)
    folder = os.open(sys.argv[2], os.O_RDONLY)
    for _ in range(work["folder_syncs"]):
        os.fsync(folder)
"""

# Runs the command and prints how often it made files and folders durable.
COUNT_SYNCS = """
import json, os, runpy, stat, sys
counts, fsync = {"file_syncs": 0, "folder_syncs": 0}, os.fsync
def counted(descriptor):
    mode = os.fstat(descriptor).st_mode
    counts["folder_syncs" if stat.S_ISDIR(mode) else "file_syncs"] += 1
    fsync(descriptor)
os.fsync = counted
try:
    runpy.run_module("maidan_nix", run_name="__main__", alter_sys=True)
finally:
    print(json.dumps(counts), file=sys.stderr)
"""

EMPTY_HOST = """
(import (builtins.getEnv "MAIDAN_NIXPKGS" + "/nixos") {
  system = "x86_64-linux";
  configuration = {
    boot.loader.grub.enable = false;
    fileSystems."/".device = "/dev/vda";
    system.stateVersion = "26.05";
  };
}).config.system.build.toplevel.drvPath
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio with the two times behind it, in seconds, and the limit it is held to."""

    name: str
    measured: float
    against: float
    ratio: float
    limit: str
    met: bool


def seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """Run a command and return its wall time; its output is shown when it fails."""
    begin = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    took = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:6])} ... failed:\n{done.stdout}{done.stderr}")
    return took


def clock(work: Callable[[], object]) -> float:
    """Return the wall time of a call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def example() -> Generated:
    """Generate the worked example in this process."""
    return generate(parse_document(EXAMPLE.read_bytes(), EXAMPLE.name), lock=None, public=None)


def processes(rounds: int, scratch: Path) -> list[Figure]:
    """Whole runs of the command, from an empty folder and with nothing to change, each against its floor."""
    # Bytecode lies where it is neither missing nor another run's, whatever the caller's environment says.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(scratch / "bytecode"), "PYTHONHASHSEED": "0"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def ours(out: Path) -> list[str]:
        return [sys.executable, "-m", "maidan_nix", "generate", str(EXAMPLE), "--out", str(out)]

    first = scratch / "first"
    counted = subprocess.run(
        [sys.executable, "-c", COUNT_SYNCS, *ours(first)[3:]],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if counted.returncode != 0:
        sys.exit(f"generate failed:\n{counted.stdout}{counted.stderr}")
    enabled = sorted({name for plugins in example().configured.values() for name in plugins})
    work = {
        "modules": ["maidan_nix_plugins." + name.replace("/", ".") for name in enabled],
        "files": {
            str(path.relative_to(first)): path.read_bytes().decode("latin-1")
            for path in sorted(first.rglob("*"))
            if path.is_file()
        },
        **json.loads(counted.stderr.splitlines()[-1]),
    }
    (scratch / "work.json").write_text(json.dumps(work))
    (scratch / "imports.json").write_text(json.dumps({"modules": work["modules"]}))
    (scratch / "floor.py").write_text(FLOOR)
    floor = [sys.executable, str(scratch / "floor.py")]

    times: dict[str, list[float]] = {"cold": [], "cold floor": [], "again": [], "again floor": []}
    for number in range(-1, rounds):
        out, written = scratch / f"ours-{number}", scratch / f"floor-{number}"
        took = {
            "cold": seconds(ours(out), environment),
            "cold floor": seconds([*floor, str(scratch / "work.json"), str(written)], environment),
            "again": seconds(ours(out), environment),
            "again floor": seconds([*floor, str(scratch / "imports.json")], environment),
        }
        shutil.rmtree(out)
        shutil.rmtree(written)
        if number >= 0:  # the first round only writes the bytecode
            for name, one in took.items():
                times[name].append(one)
    medians = {name: statistics.median(all_times) for name, all_times in times.items()}
    return [
        at_most("generate from cold / floor", medians["cold"], medians["cold floor"], 2.0),
        at_most("generate, nothing to change / floor", medians["again"], medians["again floor"], 1.4),
    ]


def at_most(name: str, measured: float, against: float, limit: float) -> Figure:
    """Hold a ratio to an upper limit."""
    ratio = measured / against
    return Figure(name, measured, against, ratio, f"at most {limit}", ratio <= limit)


def options(rounds: int) -> list[Figure]:
    """The option check of the largest host against Nix evaluating an empty one."""
    nixpkgs, program = os.environ.get("MAIDAN_NIXPKGS"), shutil.which("nix-instantiate")
    if not nixpkgs or program is None:
        print("option check / Nix: not measured, needs MAIDAN_NIXPKGS and nix-instantiate (Debian: nix-bin)")
        return []
    index = Index.load()
    host = max(example().configured.values(), key=len)

    def check() -> None:
        for name, configured in host.items():
            check_options(configured.options, index, name)

    with tempfile.TemporaryDirectory(prefix="maidan-bench-") as store:
        folders = {f"NIX_{name}_DIR": f"{store}/{name.lower()}" for name in ("STORE", "STATE", "LOG", "CONF")}
        environment = {**os.environ, **folders, "NIX_REMOTE": "", "HOME": store}
        command = [program, "--eval", "--readonly-mode", "--expr", EMPTY_HOST]
        pairs = [(clock(check), seconds(command, environment)) for _ in range(rounds)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return [Figure("Nix / option check", theirs, ours, theirs / ours, "at least 100", theirs / ours >= 100)]


def scale(rounds: int) -> list[Figure]:
    """What one more host costs among many, against what it costs among few."""
    values = tomllib.loads((ROOT / "hosts/minimal/community.toml").read_text(encoding="utf-8"))
    (name, host), *_ = values["hosts"].items()

    def run(count: int) -> float:
        import tomlkit

        # The first keeps its name, for the services that are placed on it by name.
        many = {**values, "hosts": {name: host, **{f"{name}{number}": host for number in range(1, count)}}}
        for section in many["services"].values():
            section.setdefault("host", name)
        document = parse_document(tomlkit.dumps(many).encode(), "community.toml")
        return clock(lambda: generate(document, lock=None, public=None))

    run(10)
    times: dict[int, list[float]] = {10: [], 100: [], 1000: []}
    for _ in range(rounds):
        for count, measured in times.items():
            measured.append(run(count))
    few, some, many = (statistics.median(times[count]) for count in (10, 100, 1000))
    above, below = (many - some) / 900, (some - few) / 90
    ratio = above / below
    return [
        Figure("cost of a host, 100 to 1,000 / 10 to 100", above, below, ratio, "0.85 to 1.15", 0.85 <= ratio <= 1.15)
    ]


def main() -> int:
    """Measure, print, record; 1 when a limit is not met."""
    parser = argparse.ArgumentParser(description="measure maidan-nix generate")
    parser.add_argument("--rounds", type=int, default=20, help="alternating runs of each, 20 unless said")
    parser.add_argument("--only", choices=("processes", "options", "scale"), help="measure one of the three")
    arguments = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="maidan-bench-") as scratch:
        if arguments.only in {None, "processes"}:
            figures += processes(arguments.rounds, Path(scratch))
    if arguments.only in {None, "options"}:
        figures += options(arguments.rounds)
    if arguments.only in {None, "scale"}:
        figures += scale(min(arguments.rounds, 5))
    for figure in figures:
        print(
            f"{figure.name}: {figure.ratio:.2f} ({figure.measured * 1000:.1f} ms / {figure.against * 1000:.1f} ms),"
            f" {figure.limit}: {'met' if figure.met else 'NOT MET'}"
        )
    record = ROOT / "build/bench.json"
    record.parent.mkdir(exist_ok=True)
    record.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
