"""Whole systems for tests: the Debian 13 tree booted under systemd-nspawn, systemd as process 1.

A unit that scores well and does not start proves nothing, so tests start it:

    from live.nspawn import boot

    with boot({"/etc/systemd/system/web.service": text, "/etc/web.toml": settings}) as machine:
        machine.start("web.service")                       # raises LiveError with the unit's journal
        machine.wait_for("curl", "-sf", "http://127.0.0.1:8000/")
        assert machine.show("web.service", "DynamicUser") == "yes"
        assert machine.run("curl", "-sf", "http://192.0.2.1:8000/", check=False).returncode != 0

What the tree holds: systemd 257, nginx 1.26, PostgreSQL 17 (/usr/lib/postgresql/17/bin, no cluster), Redis 8,
OpenSSH 10 (no host keys), nftables, Python 3.13, curl, openssl, logrotate, and Synapse in an environment of its own
(/opt/synapse/bin/python). Nothing is enabled. The network is the machine's own: loopback only, no route;
`machine.run("ip", "address", "add", "192.0.2.1/32", "dev", "lo")` makes an address that is not loopback. Every write
goes to memory and is gone at the end; several machines can run side by side. A boot takes about two seconds.

What bites here and what does not: file system, capability, system call, address and bind restrictions of a unit are
enforced; limits that need a cgroup controller (MemoryMax=, TasksMax=, CPUQuota=) only where the machine that runs the
tests mounts the unified hierarchy alone.

Needs root and the Debian packages systemd-container and util-linux; otherwise a visible skip, or a failure where
``MAIDAN_REQUIRE_JUDGES=1``. A machine ends by itself after `lifetime` seconds, and at once when the test process dies.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from live.tree import OVERLAY, Files, missing, require_root, require_tree, stage

# BPF and its system call are what IPAddressDeny= and SocketBindDeny= are made of: without them systemd drops both
# silently. CAP_SYS_RESOURCE lets a unit raise its limits.
_NSPAWN = (
    "--quiet --boot --private-network --register=no --keep-unit --console=pipe --kill-signal=SIGRTMIN+3"
    " --capability=CAP_BPF,CAP_PERFMON,CAP_SYS_RESOURCE --system-call-filter=bpf"
)

# A machine in a control group of its own, in the unified hierarchy, which a host with the old layout must mount first.
_CGROUP = """
if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then mount -t cgroup2 cgroup2 /sys/fs/cgroup; fi
"""
_BOOT = (
    "set -e"
    + OVERLAY
    + _CGROUP
    + f"""
mkdir "/sys/fs/cgroup/$MACHINE"
echo 0 >"/sys/fs/cgroup/$MACHINE/cgroup.procs"
exec systemd-nspawn --directory="$SCRATCH/root" --machine="$MACHINE" {_NSPAWN}
"""
)
# A killed system takes a moment to go; its groups can be removed when it has.
_REMOVE_CGROUP = f"""{_CGROUP}
for attempt in $(seq 100); do
    find "/sys/fs/cgroup/$MACHINE" -depth -type d -exec rmdir {{}} + && exit
    sleep 0.1
done
exit 1
"""

# systemd reports these when it can carry on without what a unit asked for.
_INERT = re.compile(r"unit configures an IP firewall, but|(bpf-firewall|socket-bind): .*not supported", re.IGNORECASE)


class LiveError(AssertionError):
    """A machine did not boot, a unit did not start, or a command in a machine failed; carries what it printed."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A booted system. `leader` is the process id of its systemd as this machine sees it."""

    leader: int

    @property
    def root(self) -> Path:
        """Return the system's file system as seen from here."""
        return Path(f"/proc/{self.leader}/root")

    def write(self, files: Files, *, owner: str = "root:root") -> None:
        """Write files (see `Files`) into the running system, owned by ``user:group`` of that system."""
        for name in files:
            if (self.root / name.removesuffix("*").lstrip("/")).is_symlink():
                raise LiveError(f"{name} is a symbolic link in the machine; writing through it would leave the machine")
        stage(files, self.root)
        if owner != "root:root":
            self.run("chown", owner, *(name.removesuffix("*") for name in files))

    def run(
        self, *command: str, timeout: float = 30, check: bool = True, user: str = "root"
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the system, outside every unit; standard error is merged into `stdout`.

        Raises `LiveError` when it fails and `check` holds, or when it takes more than `timeout` seconds.
        """
        switch = [] if user == "root" else ["runuser", "--user", user, "--"]
        clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin", "LANG=C.UTF-8"]
        entered = ["nsenter", f"--target={self.leader}", "--all", *clean]
        # Killed from within, where it leaves no orphan behind; the outer limit is for an nsenter that hangs.
        bounded = ["timeout", "--signal=KILL", str(timeout)]
        begin = time.monotonic()
        done = subprocess.run(
            [*entered, *bounded, *switch, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout + 10,
            check=False,
        )
        if done.returncode != 0 and time.monotonic() - begin >= timeout:
            raise LiveError(f"{' '.join(command)}: no answer after {timeout} s\n{done.stdout}")
        if check and done.returncode != 0:
            raise LiveError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}")
        return done

    def wait_for(self, *command: str, timeout: float = 30) -> subprocess.CompletedProcess[str]:
        """Repeat a command until it succeeds; `LiveError` with its last words after `timeout` seconds."""
        end = time.monotonic() + timeout
        while True:
            done = self.run(*command, check=False, timeout=timeout)
            if done.returncode == 0:
                return done
            if time.monotonic() > end:
                raise LiveError(f"{' '.join(command)}: not within {timeout} s\n{done.stdout}")
            time.sleep(0.1)

    def start(self, *units: str, timeout: float = 60) -> None:
        """Load unit files anew and start units, in order; `LiveError` with the journal when one does not come up.

        Also fails when systemd says that it dropped an address or bind restriction that the unit asked for.
        """
        self.run("systemctl", "daemon-reload")
        for unit in units:
            started = self.run("systemctl", "start", unit, check=False, timeout=timeout)
            journal = self.journal(unit)
            if started.returncode != 0:
                raise LiveError(f"{unit} did not start\n{started.stdout}\n{journal}")
            if inert := _INERT.search(journal):
                raise LiveError(f"{unit} runs without a restriction that it asks for: {inert[0]}\n{journal}")

    def stop(self, *units: str) -> None:
        """Stop units."""
        self.run("systemctl", "stop", *units, timeout=120)

    def show(self, unit: str, property_name: str) -> str:
        """Return one property of a unit as systemd has it in force, such as ``ActiveState`` or ``SystemCallFilter``."""
        return self.run("systemctl", "show", "--value", f"--property={property_name}", unit).stdout.strip()

    def journal(self, unit: str) -> str:
        """Return what a unit, and systemd about it, wrote to the journal."""
        self.run("journalctl", "--sync", check=False)
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}", check=False).stdout

    def exposure(self, unit: str) -> float:
        """Return the exposure level of a loaded unit, from 0.0 (best) to 10.0, as systemd-analyze computes it."""
        said = self.run("systemd-analyze", "security", "--no-pager", unit).stdout
        if level := re.search(r"Overall exposure level for \S+: ([0-9.]+)", said):
            return float(level[1])
        raise LiveError(f"systemd-analyze scored nothing:\n{said}")


@contextlib.contextmanager
def boot(files: Files | None = None, *, lifetime: float = 300, timeout: float = 60) -> Iterator[Machine]:
    """Boot the tree with `files` laid into it before systemd starts, and end it with the block.

    Raises `LiveError` with the console when the system is not up within `timeout` seconds.
    """
    tree = require_tree()
    require_root("booting a system")
    for program, package in {"systemd-nspawn": "systemd-container", "nsenter": "util-linux"}.items():
        if shutil.which(program) is None:
            missing(program, f"apt-get install {package}")
    with tempfile.TemporaryDirectory(prefix="maidan-live-") as scratch_name:
        scratch = Path(scratch_name)
        for folder in ("staged", "overlay"):
            (scratch / folder).mkdir()
        stage(files or {}, scratch / "staged")
        environment = {
            **os.environ,
            "TREE": str(tree),
            "STAGED": str(scratch / "staged"),
            "SCRATCH": str(scratch / "overlay"),
            "MACHINE": f"maidan-{uuid.uuid4().hex[:12]}",
        }
        console = scratch / "console"
        with console.open("wb") as output:
            # A process namespace around everything: its end is the end of all that was started in it, and
            # each process before it ends with its parent.
            namespaces = [
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "--propagation=private",
            ]
            ends = ["setpriv", "--pdeathsig=KILL"]
            supervisor = subprocess.Popen(
                [*ends, "timeout", "--signal=KILL", str(lifetime), *ends, *namespaces, "sh", "-c", _BOOT],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield _booted(supervisor, console, timeout)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(supervisor.pid, signal.SIGKILL)
            supervisor.wait(timeout=30)
            remove = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _REMOVE_CGROUP]
            gone = subprocess.run(remove, env=environment, capture_output=True, text=True, timeout=60, check=False)
        if gone.returncode != 0:
            raise LiveError(f"the system does not end:\n{gone.stderr}")


def _booted(supervisor: subprocess.Popen[bytes], console: Path, timeout: float) -> Machine:
    """Wait until the system behind `supervisor` has finished starting."""
    end = time.monotonic() + timeout
    state = "no systemd yet"
    while time.monotonic() < end and supervisor.poll() is None:
        leader = _leader(supervisor.pid)
        if leader is not None:
            machine = Machine(leader)
            state = machine.run("systemctl", "is-system-running", check=False, timeout=timeout).stdout.strip()
            if state == "running":
                return machine
            if state == "degraded":
                failed = machine.run("systemctl", "--failed", "--plain", "--no-legend", check=False).stdout
                raise LiveError(f"booted, but units failed:\n{failed}")
        time.sleep(0.05)
    raise LiveError(f"did not boot within {timeout} s ({state})\n{console.read_text(errors='replace')}")


def _leader(supervisor: int) -> int | None:
    """Return the process id of the systemd that runs as process 1 of the innermost process namespace."""
    children = _descendants(supervisor)
    for process in children:
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{process}/status").read_text()
            ids = re.search(r"^NSpid:\s+(.*)$", status, re.MULTILINE)
            name = Path(f"/proc/{process}/comm").read_text().strip()
            # One id per namespace from here inwards: here, the supervisor's, the system's own.
            if ids and name == "systemd" and ids[1].split()[2:] == ["1"]:
                return process
    return None


def _descendants(process: int) -> list[int]:
    """Return the process ids of all children of a process, and theirs."""
    found: list[int] = []
    parents = [process]
    while parents:
        tasks = Path(f"/proc/{parents.pop()}/task")
        with contextlib.suppress(OSError):
            for listing in tasks.glob("*/children"):
                children = [int(child) for child in listing.read_text().split()]
                found += children
                parents += children
    return found
