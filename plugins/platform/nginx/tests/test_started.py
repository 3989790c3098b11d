"""nginx under systemd, as the unit that results from upstream's directives, the sandbox and the limits."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from live.nspawn import Machine, boot
from maidan_nix_plugins.platform.nginx import Nginx, certificates
from maidan_nix_plugins.platform.nginx.tests.compose import Machine as Facts
from maidan_nix_plugins.platform.nginx.tests.compose import compose
from maidan_nix_plugins.platform.nginx.tests.examples import (
    AWAY,
    RELAY,
    SITES,
    configuration,
    context,
    everything_on,
    grants,
)
from maidan_nix_plugins.platform.nginx.tests.running import make_certificates, temporary
from modules.evaluation import SHIPPED, evaluate

RECORDED = tomllib.loads((Path(certificates.__file__).parent / "upstream.toml").read_text(encoding="utf-8"))["units"]

MOUNT = """
[Mount]
What=tmpfs
Where=/var/log/nginx
Type=tmpfs
Options=mode=0750,size=64m,nodev,noexec,nosuid
"""

# The end of a relay on this host, as its group may use it; behind it, in place of the other host, a web server.
SOCKET = f"""
[Socket]
ListenStream=/run/relay-{RELAY.name}/{RELAY.file}
SocketGroup={RELAY.group}
SocketMode=0660
DirectoryMode=0711
"""
PROXY = f"""
[Unit]
Requires=relay-{RELAY.name}.socket
After=relay-{RELAY.name}.socket

[Service]
ExecStart=/usr/lib/systemd/systemd-socket-proxyd 127.0.0.1:20001
DynamicUser=yes
"""
OTHER_HOST = """
[Service]
ExecStart=/usr/bin/python3 -m http.server --bind 127.0.0.1 --directory /srv/there 20001
DynamicUser=yes
"""

CERTIFICATE_CLIENT = """
set -eu
umask
echo token >/var/lib/acme/acme-challenge/token
echo key >/tmp/out/key.pem
chmod -R u=rwX,g=rX,o= /tmp/out
chown -R acme:nginx /tmp/out
"""


def effective(name: str, commands: dict[str, str]) -> str:
    """The unit as NixOS would write it, with commands of this machine."""
    unit = next(unit for unit in Nginx().units(context(), grants()) if unit.name == name)
    profile = dict(evaluate(f"(import {SHIPPED}/sandbox-profiles.nix).{unit.profile}"))
    directives: dict[str, Any] = dict(RECORDED[name.replace("example.org", "HOST")]["serviceConfig"])
    directives |= profile | {each.directive: each.value for each in unit.exemptions}
    assert unit.limits is not None
    directives |= {"MemoryHigh": unit.limits.memory_high, "MemoryMax": unit.limits.memory_max}
    directives |= {"TasksMax": unit.limits.tasks, "LimitNOFILE": unit.limits.open_files}
    directives = {key: value for key, value in directives.items() if not key.startswith("Exec")} | commands
    lines = [
        f"{key}={str(each).lower() if isinstance(each, bool) else each}"
        for key, value in directives.items()
        for each in (value if isinstance(value, list) else [value])
        if each is not None
    ]
    return "\n".join(["[Service]", *lines, ""]).replace("HOST", "example.org").replace("HASH", "hash")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("started") / "acme"
    make_certificates(folder, [site.hostname for site in (*SITES[:3], AWAY)])
    facts = Facts(before_sites=temporary(Path("/run/nginx")).replace("/temp/", "/temp_"))
    nginx = {"ExecStart": "/usr/sbin/nginx -c /etc/nginx/nginx.conf", "ExecReload": "/bin/kill -HUP $MAINPID"}
    files: dict[str, str | bytes] = {
        "/etc/nginx/nginx.conf": compose(configuration(everything_on(), away=[AWAY]), lambda _: "/srv", facts),
        "/etc/systemd/system/nginx.service": effective("nginx", nginx),
        "/etc/systemd/system/acme-order-renew-example.org.service": effective(
            "acme-order-renew-example.org", {"ExecStart": "/bin/sh /usr/local/bin/client"}
        ),
        "/etc/systemd/system/var-log-nginx.mount": MOUNT,
        "/usr/local/bin/client": CERTIFICATE_CLIENT,
        f"/etc/systemd/system/relay-{RELAY.name}.socket": SOCKET,
        f"/etc/systemd/system/relay-{RELAY.name}.service": PROXY,
        "/etc/systemd/system/other-host.service": OTHER_HOST,
        "/srv/there/page": "the page of the other host",
    }
    files |= {f"/srv/acme/{path.relative_to(folder)}": path.read_bytes() for path in folder.glob("*/*.pem")}
    with boot(files) as booted:
        for user in ("nginx", "acme"):
            booted.run("useradd", "--system", "--user-group", user)
        booted.run(
            "sh", "-c", "mkdir -p /var/lib/acme && cp -r /srv/acme/* /var/lib/acme && chown -R acme:nginx /var/lib/acme"
        )
        booted.run(
            "sh",
            "-c",
            "chmod -R u=rwX,g=rX,o= /var/lib/acme/* && install -d -o acme /var/lib/acme/acme-challenge /run/acme",
        )
        booted.start(f"relay-{RELAY.name}.socket", "nginx.service")
        booted.wait_for("curl", "-s", "-H", "Host: wiki.example.org", "http://127.0.0.1/", timeout=20)
        yield booted


def code(machine: Machine, url: str, *words: str) -> str:
    names = [word for name in ("wiki", "away") for word in ("--resolve", f"{name}.example.org:443:127.0.0.1")]
    where = (*names, "--cacert", "/srv/acme/ca.pem")
    ask = ("curl", "-s", "-k", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}")
    return machine.run(*ask, *where, *words, url, check=False).stdout


def test_it_answers_on_the_privileged_ports_as_an_ordinary_user(machine: Machine) -> None:
    assert code(machine, "https://wiki.example.org/admin") == "404"
    assert code(machine, "http://127.0.0.1/", "-H", "Host: wiki.example.org") == "301"
    assert machine.run("ps", "-C", "nginx", "-o", "user=").stdout.split()[0] == "nginx"
    assert machine.exposure("nginx.service") <= 1.4


def test_requests_are_in_the_journal_and_errors_in_memory_only(machine: Machine) -> None:
    assert code(machine, "https://wiki.example.org/nobody-is-there") == "502"
    machine.wait_for("sh", "-c", "journalctl -u nginx | grep -q /nobody-is-there", timeout=10)
    journal = machine.journal("nginx.service")
    assert '127.0.0.0 wiki.example.org "GET /nobody-is-there HTTP/2.0" 502' in journal
    assert "connect() failed" not in journal
    errors = machine.run("cat", "/var/log/nginx/error.log").stdout
    assert "connect() failed" in errors
    assert "client: 127.0.0.1" in errors
    assert machine.run("stat", "-f", "-c", "%T", "/var/log/nginx").stdout.strip() == "tmpfs"


def test_it_reaches_another_host_through_the_relay_from_its_sandbox(machine: Machine) -> None:
    page = "https://away.example.org/page"
    assert code(machine, page) == "502"
    machine.start("other-host.service")
    machine.wait_for("curl", "-sf", "http://127.0.0.1:20001/page", timeout=10)
    assert code(machine, page) == "200"
    machine.stop("other-host.service")
    # The other host is gone: its sites fail, those of this host and of others do not.
    assert code(machine, page) == "502"
    assert code(machine, "https://wiki.example.org/admin") == "404"


def test_a_relay_that_is_gone_takes_its_own_site_with_it_alone(machine: Machine) -> None:
    before = machine.show("nginx.service", "MainPID")
    machine.stop(f"relay-{RELAY.name}.socket")
    try:
        assert code(machine, "https://away.example.org/page") == "502"
        assert code(machine, "https://wiki.example.org/admin") == "404"
        assert machine.show("nginx.service", "MainPID") == before
    finally:
        machine.start(f"relay-{RELAY.name}.socket")


def test_nobody_else_of_the_host_uses_the_relay(machine: Machine) -> None:
    ask = ("curl", "-s", "--unix-socket", f"/run/relay-{RELAY.name}/{RELAY.file}", "http://away/page")
    assert machine.run(*ask, user="acme", check=False).returncode == 7


def test_a_reload_keeps_it_answering(machine: Machine) -> None:
    before = machine.show("nginx.service", "MainPID")
    machine.run("systemctl", "reload", "nginx.service")
    assert machine.show("nginx.service", "MainPID") == before
    assert code(machine, "https://wiki.example.org/admin") == "404"


def test_the_error_log_is_written_anew_after_a_rotation(machine: Machine) -> None:
    # What NixOS's logrotate does, as the log's owner.
    machine.run("mv", "/var/log/nginx/error.log", "/var/log/nginx/error.log.1", user="nginx")
    machine.run("sh", "-c", "kill -USR1 $(cat /run/nginx/nginx.pid)", user="nginx")
    machine.wait_for("test", "-e", "/var/log/nginx/error.log", timeout=10)
    assert code(machine, "https://wiki.example.org/after") == "502"
    machine.wait_for("grep", "-q", "/after", "/var/log/nginx/error.log", timeout=10)


def test_the_certificate_client_can_hand_over_what_it_has(machine: Machine) -> None:
    machine.start("acme-order-renew-example.org.service")
    assert "0022" in machine.journal("acme-order-renew-example.org.service")
    as_nginx = machine.run(
        "cat", "/var/lib/acme/example.org/key.pem", "/var/lib/acme/acme-challenge/token", user="nginx"
    )
    assert as_nginx.stdout == "key\ntoken\n"
