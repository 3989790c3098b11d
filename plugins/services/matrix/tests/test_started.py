"""Synapse's units under systemd, where the host of the database is gone when they start, and comes back later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from live.nspawn import Machine, boot
from maidan_nix_plugins.services.matrix.tests.examples import (
    EVERYTHING,
    LISTED,
    community,
    replaces_requirements,
    with_database_elsewhere,
)
from plugin_harness import configuration

MAIN = "matrix-synapse"
UNITS = "/etc/systemd/system"
STORE = "/run/store-answers"


def text(name: str, service: dict[str, Any], *, replaces_requirements: bool) -> str:
    """A unit in the order of the real one, which runs for as long as the other host answers."""
    order = ""
    if name != MAIN:
        # nixos/modules/services/matrix/synapse.nix of nixpkgs 4aa6836a, `genWorkerService`.
        order = f"After={MAIN}.service\n" + ("" if replaces_requirements else f"Requires={MAIN}.service\n")
    assert service["serviceConfig"]["RestartSec"] == 10
    return f"""
[Unit]
StartLimitIntervalSec={service["startLimitIntervalSec"]}
{order}
[Service]
ExecStart=/bin/sh -c "while test -e {STORE}; do sleep 0.1; done; exit 1"
ExecStartPost=/usr/bin/test -e {STORE}
Restart=on-failure
RestartSec=100ms
"""


@pytest.fixture
def machine() -> Iterator[Machine]:
    one = community(EVERYTHING, LISTED)
    grants = with_database_elsewhere(one)
    services = configuration(one, grants)["systemd"]["services"]
    replaces = replaces_requirements(one, grants)
    texts = {name: text(name, service, replaces_requirements=replaces[name]) for name, service in services.items()}
    target = f"[Unit]\nWants={' '.join(f'{name}.service' for name in services)}\n"
    files = {f"{UNITS}/{name}.service": content for name, content in texts.items()}
    with boot({**files, f"{UNITS}/all.target": target}) as booted:
        booted.start("all.target")
        yield booted


def wait_until_all_run(machine: Machine) -> None:
    """Raises LiveError where one of the processes does not."""
    names = [MAIN, *(f"{MAIN}-worker-{worker}" for worker in ("background", "media", "outgoing"))]
    states = f"$(systemctl is-active {' '.join(names)} | sort --unique)"
    machine.wait_for("sh", "-c", f'test "{states}" = active', timeout=20)


def test_all_processes_come_up_however_late_the_database_does(machine: Machine) -> None:
    # More often than systemd lets a unit fail by itself, and no faster than the pause allows.
    begin = time.monotonic()
    restarts = f"$(systemctl show --value --property=NRestarts {MAIN}.service)"
    machine.wait_for("sh", "-c", f"test {restarts} -gt 8", timeout=20)
    assert int(machine.show(f"{MAIN}.service", "NRestarts")) <= (time.monotonic() - begin) / 0.1 + 9
    machine.run("touch", STORE)
    wait_until_all_run(machine)
    machine.run("rm", STORE)
    machine.wait_for("sh", "-c", f"! systemctl is-active {MAIN}.service", timeout=20)
    machine.run("touch", STORE)
    wait_until_all_run(machine)
