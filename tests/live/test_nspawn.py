"""The live harness itself: a unit's restrictions really bite in it, and its failures are seen."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from live.nspawn import LiveError, Machine, boot
from live.tree import run_in_tree

PAGE = """
[Service]
ExecStart=/usr/bin/python3 -m http.server {port} --directory /srv
DynamicUser=yes
ProtectSystem=strict
{restrictions}
"""

BROKEN = """
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -c 'exit("no settings")'
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    files = {
        "/srv/index.html": "it answers",
        "/etc/systemd/system/guarded.service": PAGE.format(
            port=8001, restrictions="IPAddressDeny=any\nIPAddressAllow=localhost"
        ),
        "/etc/systemd/system/open.service": PAGE.format(port=8002, restrictions=""),
        "/etc/systemd/system/bound.service": PAGE.format(
            port=8003, restrictions="SocketBindDeny=any\nSocketBindAllow=tcp:8004"
        ),
        "/etc/systemd/system/broken.service": BROKEN,
        "/usr/local/bin/greet*": "#!/bin/sh\necho hello from $(id -un)\n",
    }
    with boot(files) as booted:
        booted.run("ip", "address", "add", "192.0.2.1/32", "dev", "lo")
        yield booted


def answers(machine: Machine, url: str) -> bool:
    return machine.run("curl", "-sf", "--max-time", "2", url, check=False).stdout == "it answers"


def test_address_restrictions_are_enforced_and_not_inert(machine: Machine) -> None:
    machine.start("guarded.service", "open.service")
    for port in (8001, 8002):
        machine.wait_for("curl", "-sf", f"http://127.0.0.1:{port}/", timeout=10)
    assert answers(machine, "http://192.0.2.1:8002/"), "the address itself must work, else the next line proves nothing"
    assert not answers(machine, "http://192.0.2.1:8001/")
    assert answers(machine, "http://127.0.0.1:8001/")


def test_bind_restrictions_are_enforced(machine: Machine) -> None:
    machine.run("systemctl", "start", "bound.service", check=False)
    machine.wait_for("systemctl", "is-failed", "bound.service", timeout=10)
    assert "PermissionError" in machine.journal("bound.service")


def test_a_unit_that_fails_is_an_error_with_its_journal(machine: Machine) -> None:
    with pytest.raises(LiveError, match="no settings"):
        machine.start("broken.service")


def test_a_command_that_fails_or_hangs_is_an_error(machine: Machine) -> None:
    with pytest.raises(LiveError, match="exit 3"):
        machine.run("sh", "-c", "exit 3")
    with pytest.raises(LiveError, match="no answer after 1 s"):
        machine.run("sleep", "60", timeout=1)


def test_files_arrive_with_owner_and_mode(machine: Machine) -> None:
    assert machine.run("/usr/local/bin/greet", user="nobody").stdout == "hello from nobody\n"
    machine.write({"/var/tmp/key": "secret"}, owner="nobody:nogroup")  # noqa: S108 - a path inside the machine
    assert machine.run("stat", "--format=%U:%G %a", "/var/tmp/key").stdout.strip() == "nobody:nogroup 644"  # noqa: S108 - same


def test_effective_properties_and_exposure_are_read(machine: Machine) -> None:
    assert machine.show("guarded.service", "ProtectSystem") == "strict"
    assert 0 < machine.exposure("guarded.service") < machine.exposure("broken.service") <= 10


def test_nothing_outlives_a_machine_and_two_do_not_meet(machine: Machine) -> None:
    with boot() as second:
        second.write({"/etc/mark": "second"})
        assert machine.run("test", "-e", "/etc/mark", check=False).returncode != 0
    assert not second.root.exists(), "its systemd is still there"
    assert machine.run("true").returncode == 0


def test_the_tree_has_what_the_live_tests_start() -> None:
    done = run_in_tree(["/opt/synapse/bin/python", "-c", "import synapse, psycopg2, hiredis; print(synapse.__name__)"])
    assert done.stdout == "synapse\n"


def test_a_throwaway_copy_takes_every_write() -> None:
    assert run_in_tree(["sh", "-c", "cat /etc/note; rm -rf /usr/share"], {"/etc/note": "laid in"}).stdout == "laid in"
    assert run_in_tree(["test", "-d", "/usr/share"]).returncode == 0
    with pytest.raises(subprocess.TimeoutExpired):
        run_in_tree(["sleep", "60"], timeout=1)
