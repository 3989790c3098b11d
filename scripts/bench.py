"""Measure ``maidan-nix generate`` against what no program of its kind could do without.

    make bench ARGUMENTS="--rounds 5"

Ratios of medians of alternating runs on the machine at hand, and absolute times beside them: wall time, and processor
time (user and system), which tells more where other programs run, too. All of it is recorded in build/bench.json.

- **The floor** is one process of the same interpreter that imports click, tomllib, pluggy, `pydantic.BaseModel` and the
  plugins that the example enables (with what these import themselves: the API and its models), writes the same bytes to
  as many files, and calls fsync as often on files and on folders as `generate` did. It reads no manifest, compares,
  stages and renames nothing, and prints nothing.
- **From cold**: into a folder that does not exist. The bytecode of both is there already.
- **Nothing to change**: the same command again. `generate` then writes nothing, so neither does its floor: imports
  alone. That is the stricter reading; beside a floor that writes all the bytes, the ratio would be smaller.
- **Checking options**: the options of one host in process, the index opened anew each time, against Nix evaluating a
  NixOS host that has nothing but a file system: less than any real one. Needs nix-instantiate 2.18 or newer and a
  nixpkgs tree named by ``MAIDAN_NIXPKGS``.
- **Cost of a host**: processor time of the whole command with nothing to change per additional host, from 100 to 1,000
  hosts against 10 to 100. Writing is left out: what fsync costs depends on what the file system was doing before.
"""

from __future__ import annotations

import argparse
import json
import marshal
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import parse_document
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index
from maidan_nix.options.overlay import Overlay

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "hosts/commons/community.toml"

# Reads (modules, files, fsyncs of files, fsyncs of folders), and writes into the folder it is given.
FLOOR = """
import importlib, itertools, marshal, os, sys
import click, pluggy, tomllib
from pydantic import BaseModel
with open(sys.argv[1], "rb") as work:
    modules, files, file_syncs, folder_syncs = marshal.load(work)
for module in modules:
    importlib.import_module(module)
folders = {}
for name, content in files.items():
    path = os.path.join(sys.argv[2], name)
    folder = os.path.dirname(path)
    if folder not in folders:
        os.makedirs(folder, exist_ok=True)
        folders[folder] = None
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    os.write(file, content)
    if file_syncs > 0:
        os.fsync(file)
        file_syncs -= 1
    os.close(file)
for folder in itertools.islice(itertools.cycle(folders), folder_syncs):
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
"""

# Runs the command and prints how often it made files and folders durable.
COUNT_SYNCS = """
import json, os, runpy, stat, sys
counts, fsync = [0, 0], os.fsync
def counted(descriptor):
    counts[stat.S_ISDIR(os.fstat(descriptor).st_mode)] += 1
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
class Time:
    """What a run took, in seconds: by the clock on the wall, and of the processor (user and system)."""

    wall: float
    cpu: float

    def per(self, before: Time, count: int) -> Time:
        """The slope: what each of `count` more costs, when `before` is the time without them."""
        return Time((self.wall - before.wall) / count, (self.cpu - before.cpu) / count)


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio with the two medians behind it, and the limits it is held to; None is no limit."""

    name: str
    measured: Time
    against: Time
    ratio: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the ratio is within the limits."""
        return (self.at_least or 0.0) <= self.ratio <= (self.at_most or float("inf"))

    def __str__(self) -> str:
        limits = [f"at least {self.at_least}"] if self.at_least else []
        limits += [f"at most {self.at_most}"] if self.at_most else []
        verdict = f"{' and '.join(limits)}: {'met' if self.met else 'NOT MET'}"
        wall = f"{self.measured.wall * 1000:.1f} ms / {self.against.wall * 1000:.1f} ms"
        cpu = f"{self.measured.cpu * 1000:.1f} / {self.against.cpu * 1000:.1f}"
        return f"{self.name}: {self.ratio:.2f} ({wall}; processor {cpu}); {verdict}"


def timed(work: Callable[[], object], who: int = resource.RUSAGE_SELF) -> Time:
    """Return what a call took, in this process or, with ``RUSAGE_CHILDREN``, in the one that it runs."""
    used, begin = resource.getrusage(who), time.perf_counter()
    work()
    wall, after = time.perf_counter() - begin, resource.getrusage(who)
    return Time(wall, after.ru_utime - used.ru_utime + after.ru_stime - used.ru_stime)


def run(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a command and return what it said on standard error; leave, showing its output, when it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:6])} ... failed:\n{done.stdout}{done.stderr}")
    return done.stderr


def timed_run(command: Sequence[str], environment: Mapping[str, str]) -> Time:
    """Return what a command took."""
    return timed(lambda: run(command, environment), resource.RUSAGE_CHILDREN)


def ours(manifest: Path, out: Path) -> list[str]:
    """The command that is measured."""
    return [sys.executable, "-m", "maidan_nix", "generate", str(manifest), "--out", str(out)]


def median(times: Sequence[Time]) -> Time:
    """The median of each of the two times."""
    return Time(statistics.median(each.wall for each in times), statistics.median(each.cpu for each in times))


def example() -> Generated:
    """Generate the worked example in this process."""
    return generate(parse_document(EXAMPLE.read_bytes(), EXAMPLE.name), lock=None, public=None)


def against_the_floor(rounds: int, scratch: Path, environment: Mapping[str, str]) -> list[Figure]:
    """Whole runs of the command, from cold and with nothing to change, each against its floor."""
    first = scratch / "first"
    said = run([sys.executable, "-c", COUNT_SYNCS, *ours(EXAMPLE, first)[3:]], environment)
    enabled = sorted({name for plugins in example().configured.values() for name in plugins})
    modules = ["maidan_nix_plugins." + name.replace("/", ".") for name in enabled]
    files = {str(path.relative_to(first)): path.read_bytes() for path in sorted(first.rglob("*")) if path.is_file()}
    (scratch / "floor.py").write_text(FLOOR)
    (scratch / "all").write_bytes(marshal.dumps((modules, files, *json.loads(said.splitlines()[-1]))))
    (scratch / "nothing").write_bytes(marshal.dumps((modules, {}, 0, 0)))

    times: dict[str, list[Time]] = defaultdict(list)
    for number in range(-1, rounds):
        out, written = scratch / f"ours-{number}", scratch / f"floor-{number}"
        commands = {
            "cold": ours(EXAMPLE, out),
            "cold floor": [sys.executable, str(scratch / "floor.py"), str(scratch / "all"), str(written)],
            "again": ours(EXAMPLE, out),
            "again floor": [sys.executable, str(scratch / "floor.py"), str(scratch / "nothing"), str(written)],
        }
        took = {name: timed_run(command, environment) for name, command in commands.items()}
        shutil.rmtree(out)
        shutil.rmtree(written)
        if number >= 0:  # the first round only writes the bytecode
            for name, one in took.items():
                times[name].append(one)
    cold, again = median(times["cold"]), median(times["again"])
    cold_floor, again_floor = median(times["cold floor"]), median(times["again floor"])
    return [
        Figure("generate from cold / floor", cold, cold_floor, cold.wall / cold_floor.wall, at_most=2.0),
        Figure("generate, nothing to change / floor", again, again_floor, again.wall / again_floor.wall, at_most=1.4),
    ]


def option_check(rounds: int) -> list[Figure]:
    """The option check of the largest host against Nix evaluating an empty one."""
    nixpkgs, program = os.environ.get("MAIDAN_NIXPKGS"), shutil.which("nix-instantiate")
    if not nixpkgs or program is None:
        print("Nix / option check: not measured, needs MAIDAN_NIXPKGS and nix-instantiate (Debian: nix-bin)")
        return []
    host = max(example().configured.values(), key=len)
    overlays = {
        name: file.read_text("utf-8") for name in host if (file := ROOT / "plugins" / name / "options.toml").is_file()
    }

    def check() -> None:
        index = Index.load(Overlay.parse(text, name) for name, text in overlays.items())
        for name, configured in host.items():
            if problems := check_options(configured.options, index, name):
                sys.exit(f"{name}: {problems[0].message}")

    with tempfile.TemporaryDirectory(prefix="maidan-bench-") as store:
        folders = {f"NIX_{name}_DIR": f"{store}/{name.lower()}" for name in ("STORE", "STATE", "LOG", "CONF")}
        environment = {**os.environ, **folders, "NIX_REMOTE": "", "HOME": store}
        command = [program, "--eval", "--readonly-mode", "--expr", EMPTY_HOST]
        pairs = [(timed_run(command, environment), timed(check)) for _ in range(rounds)]
    theirs, our = (median(side) for side in zip(*pairs, strict=True))
    return [Figure("Nix / option check", theirs, our, theirs.wall / our.wall, at_least=100)]


def with_hosts(count: int) -> str:
    """The smaller example's manifest with its host that many times."""
    import tomlkit

    values: dict[str, Any] = tomllib.loads((ROOT / "hosts/minimal/community.toml").read_text("utf-8"))
    ((name, host),) = values["hosts"].items()
    values["hosts"] |= {f"{name}{number}": host for number in range(1, count)}
    for section in values["services"].values():
        section.setdefault("host", name)
    return tomlkit.dumps(values)


def cost_of_a_host(rounds: int, scratch: Path, environment: Mapping[str, str]) -> list[Figure]:
    """What one more host costs among many, against what it costs among few."""
    counts = (10, 100, 1000)
    commands = {}
    for count in counts:
        manifest = scratch / f"{count}.toml"
        manifest.write_text(with_hosts(count), "utf-8")
        commands[count] = ours(manifest, scratch / f"{count}-hosts")
        run(commands[count], environment)
    times: dict[int, list[Time]] = {count: [] for count in counts}
    for _ in range(rounds):
        for count, command in commands.items():
            times[count].append(timed_run(command, environment))
    few, some, many = (median(times[count]) for count in counts)
    above, below = many.per(some, 900), some.per(few, 90)
    name = "cost of a host, 100 to 1,000 / 10 to 100"
    return [Figure(name, above, below, above.cpu / below.cpu, at_least=0.85, at_most=1.15)]


def main() -> int:
    """Measure, print, record; 1 when a limit is not met."""
    parser = argparse.ArgumentParser(description="measure maidan-nix generate")
    parser.add_argument("--rounds", type=int, default=20, help="alternating runs of each, 20 unless said")
    parser.add_argument("--only", choices=("floor", "options", "hosts"), help="measure one of the three")
    arguments = parser.parse_args()
    rounds, only = arguments.rounds, arguments.only
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="maidan-bench-") as folder:
        scratch = Path(folder)
        # Bytecode lies where it is neither missing nor another run's, whatever the caller's environment says.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(scratch / "bytecode"), "PYTHONHASHSEED": "0"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if only in {None, "floor"}:
            figures += against_the_floor(rounds, scratch, environment)
        if only in {None, "options"}:
            figures += option_check(rounds)
        if only in {None, "hosts"}:
            figures += cost_of_a_host(rounds, scratch, environment)
    for figure in figures:
        print(figure)
    record = {
        "python": platform.python_version(),
        "processor": platform.machine(),
        "rounds": rounds,
        "figures": [{**asdict(figure), "met": figure.met} for figure in figures],
    }
    path = ROOT / "build/bench.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n")
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
