"""What a unit can do: a program that tries what the sandboxes forbid, run as the unit would run.

`probe` starts it in place of the unit's own program and returns what it was able to do. A directive that is misspelt,
inert or undone by another shows here, and nowhere in the unit's text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from live.nspawn import LiveError, Machine
from live.tree import Files
from units.composition import Effective
from units.upstream import Directive

Able: TypeAlias = Mapping[str, Any]
"""What the program could do, by name."""

PRIVATE: Final = "10.9.8.7"
"""An address of the machine that is in a private range, as another machine of the local network has."""
PUBLIC: Final = "9.8.7.6"
"""An address of the machine that is in no special range, as a server on the internet has."""
_PORT: Final = 4444

_PROGRAM = f"""\
import ctypes, errno, json, mmap, os, socket, sys

def works(action, *arguments):
    try:
        action(*arguments)
    except (OSError, ValueError):
        return False
    return True

def connect(address):
    socket.create_connection((address, {_PORT}), timeout=1).close()

def bind(port):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", port))

def write(folder):
    path = os.path.join(folder, "probe")
    with open(path, "w"):
        pass
    os.unlink(path)

def call(name, *arguments):
    if ctypes.CDLL(None, use_errno=True)[name](*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)

def capabilities():
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return {{kind: int(lines["Cap" + kind], 16) for kind in ("Bnd", "Eff", "Amb")}}

MACHINE = ["/", "/boot", "/etc", "/opt", "/root", "/home", "/srv", "/usr", "/var", "/var/lib", "/var/log", "/run"]
CLONE_NEWUSER = 0x10000000
code = dict(prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
own = sys.argv[1:]
print(json.dumps({{
    "capabilities": capabilities(),
    "loopback": works(connect, "127.0.0.1"),
    "private": works(connect, "{PRIVATE}"),
    "public": works(connect, "{PUBLIC}"),
    "low port": works(bind, 80),
    "packets": works(socket.socket, socket.AF_PACKET, socket.SOCK_RAW),
    "own folders": [folder for folder in own if works(write, folder)],
    "other folders": [folder for folder in MACHINE if folder not in own and works(write, folder)],
    "homes": [folder for folder in ("/root", "/home") if works(os.listdir, folder) and os.listdir(folder)],
    "processes of others": [name for name in os.listdir("/proc") if name.isdigit()
                            and works(os.stat, "/proc/" + name) and os.stat("/proc/" + name).st_uid != os.getuid()],
    "devices": [name for name in ("/dev/kmsg", "/dev/net/tun") if os.path.exists(name)],
    "kernel settings": os.path.exists("/proc/sys/kernel"),
    "namespaces": works(call, "unshare", CLONE_NEWUSER),
    "code in memory": works(lambda: mmap.mmap(-1, 4096, **code)),
    "no new privileges": "NoNewPrivs:\\t1" in open("/proc/self/status").read(),
}}))
"""

FILES: Final[Files] = {
    "/probe/probe.py": _PROGRAM,
    "/home/ada/diary": "private",
    "/etc/systemd/system/listener.service": f"[Service]\nExecStart=/usr/bin/python3 -m http.server {_PORT}"
    " --directory /srv\n",
}
"""What `boot` needs for probes."""


def prepare(machine: Machine, *users: str) -> None:
    """Make the addresses, the listener and system users with groups of their own."""
    for address in (PRIVATE, PUBLIC):
        machine.run("ip", "address", "add", f"{address}/32", "dev", "lo")
    make_users(machine, *users)
    machine.start("listener.service")
    machine.wait_for("curl", "-sf", f"http://{PUBLIC}:{_PORT}/")


def make_users(machine: Machine, *users: str) -> None:
    """Make system users, each with a group of its own, where there are none yet."""
    lines = "".join(f"u {user} -\n" for user in sorted(set(users)))
    machine.write({"/etc/sysusers.d/tests.conf": lines})
    machine.run("systemd-sysusers")


def probe(machine: Machine, units: Sequence[Effective]) -> dict[str, Able]:
    """Return what each unit can do, by name. The unit's user exists, and so does what its ReadWritePaths= name."""
    machine.write({f"/etc/systemd/system/probe-{unit.name}.service": _text(unit) for unit in units})
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", *(f"probe-{unit.name}.service" for unit in units), check=False)
    return {unit.name: _answer(machine, unit.name) for unit in units}


def own_folders(unit: Effective) -> list[str]:
    """Return the folders that a unit may write to, by its own account."""
    service = unit.service
    places = {
        "StateDirectory": "/var/lib", "CacheDirectory": "/var/cache",
        "LogsDirectory": "/var/log", "RuntimeDirectory": "/run",
    }  # fmt: skip
    named = [f"{place}/{name}" for key, place in places.items() for name in _words(service.get(key, ""))]
    return sorted({*named, *(path.rstrip("/") for path in _words(service.get("ReadWritePaths", "")))})


def _text(unit: Effective) -> str:
    """The unit with the probe as its program; what belongs to the life of the real one is left out."""
    nothing: dict[str, Directive] = {
        name: []
        for name in ("ExecStartPre", "ExecStartPost", "ExecReload", "Restart", "EnvironmentFile", "LoadCredential")
        if name in unit.service
    }
    instead: dict[str, Directive] = {
        "ExecStart": f"/usr/bin/python3 /probe/probe.py {' '.join(own_folders(unit))}",
        "RuntimeDirectoryPreserve": True,  # its neighbours may live there
        "StandardOutput": f"truncate:/probe/{unit.name}.json",
        "Type": "oneshot",
    }
    return unit.service_text({}, **nothing, **instead)


def _answer(machine: Machine, name: str) -> Able:
    answer = machine.root / "probe" / f"{name}.json"
    if not answer.exists() or not answer.read_text():
        raise LiveError(f"the probe of {name} said nothing:\n{machine.journal(f'probe-{name}.service')}")
    able: Able = json.loads(answer.read_text())
    return able


def _words(value: Directive) -> list[str]:
    return " ".join(value if isinstance(value, list) else [str(value)]).split()
