"""The example host as a whole: databases, cache, homeserver with its worker and web server, each in its own sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from live.nspawn import Machine, boot
from live.probe import make_users
from maidan_nix.nix.values import Call, Expression, Text
from maidan_nix_plugins.platform.nginx.tests.compose import Machine as Facts
from maidan_nix_plugins.platform.nginx.tests.compose import compose as nginx_conf
from maidan_nix_plugins.platform.nginx.tests.running import make_certificates
from maidan_nix_plugins.platform.postgresql.tests.compose import files as postgresql_files
from maidan_nix_plugins.platform.redis.tests.compose import files as redis_files
from maidan_nix_plugins.services.matrix.tests.compose import LOG, compose, secrets
from plugin_harness import plain
from units.composition import Effective, effective, example
from units.exposures import EXPOSURES

SYSTEM: Final = "/etc/systemd/system"
POSTGRESQL: Final = "/usr/lib/postgresql/17/bin"
SYNAPSE: Final = "/opt/synapse/bin"
HOMESERVER: Final = "/judged/homeserver.yaml"
GENERATE: Final = f"{SYNAPSE}/synapse_homeserver --config-path {HOMESERVER} --keys-directory /var/lib/matrix-synapse"
OWNERS: Final = ("platform/nginx", "platform/postgresql", "platform/redis", "services/matrix")
LOGGING: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"level": "WARNING", "handlers": ["console"]},
}
# Where the nginx of nixpkgs is built to put these.
TEMPORARY: Final = "".join(
    f"{kind}_temp_path /tmp/nginx_{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)
PASSWORD: Final = "a password of many words"


@pytest.fixture(scope="module")
def units() -> Mapping[str, Effective]:
    (host,) = example("commons").values()
    return {
        name: one
        for name, one in effective(host).items()
        if one.plugin in OWNERS and not one.unit.exempt and not name.startswith("acme-")
    }


@pytest.fixture(scope="module")
def machine(units: Mapping[str, Effective], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    (host,) = example("commons").values()
    options = {name: plain(configured.options) for name, configured in host.items()}
    homeserver = compose(options["services/matrix"]["services"]["matrix-synapse"])
    written: dict[str, str] = {}
    laid: dict[str, str | bytes] = {
        **postgresql_files(options["platform/postgresql"]),
        **redis_files(options["platform/redis"]),
        **homeserver.files(),
        **secrets(homeserver),
        LOG: json.dumps(LOGGING),
        "/usr/bin/matrix-synapse-pre-start*": f"#!/bin/sh\nexec {GENERATE} --generate-keys\n",
        "/usr/bin/matrix-synapse-fix-permissions*": "#!/bin/sh\nchown matrix-synapse: /var/lib/matrix-synapse/*.key\n",
        "/etc/nginx/nginx.conf": nginx_conf(
            options["platform/nginx"], lambda value: resolved(value, written), Facts(before_sites=TEMPORARY)
        ),
        **written,
        "/usr/bin/nginx-pre-start*": "#!/bin/sh\nexec /usr/sbin/nginx -c /etc/nginx/nginx.conf -t\n",
        "/srv/client/index.html": "the client",
        f"{SYSTEM}/postgresql.target": "[Unit]\nRequires=postgresql.service postgresql-setup.service\n",
        f"{SYSTEM}/postgresql-setup.service.d/order.conf": "[Unit]\nAfter=postgresql.service\n",
        **{f"{SYSTEM}/{name}.service": text(one) for name, one in units.items()},
        **certificates(tmp_path_factory.mktemp("commons") / "acme", options["platform/nginx"]),
    }
    with boot(laid) as booted:
        make_users(booted, *(str(one.service[key]) for one in units.values() for key in ("User", "Group")))
        booted.run("install", "-d", "-m", "700", "-o", "matrix-synapse", "/var/lib/matrix-synapse")
        booted.run("chgrp", "-R", "nginx", "/var/lib/acme")
        booted.run("systemctl", "enable", *(name for name in units if name.startswith("postgresql-create-")))
        workers = [f"{name}.service" for name in units if "-worker-" in name]
        booted.start("postgresql.target", "redis-matrix-synapse.service", "matrix-synapse.service", *workers)
        booted.start("nginx.service")
        # Upstream's unit counts as started before it listens.
        booted.wait_for("sh", "-c", "ss --tcp --listening --numeric | grep --quiet ':443 '", timeout=20)
        yield booted


def text(unit: Effective) -> str:
    names = ("homeserver.yaml", *(f"worker-{name}.yaml" for name in ("media", "outgoing", "background")))
    programs = {
        "nginx": "/usr/sbin/nginx",
        "postgres": f"{POSTGRESQL}/postgres",
        "synapse_homeserver": f"{SYNAPSE}/synapse_homeserver",
        "synapse_worker": f"{SYNAPSE}/synapse_worker",
        **{name: f"/judged/{name}" for name in names},
    }
    return unit.text(programs, Environment=[f"PATH={POSTGRESQL}:/usr/sbin:/usr/bin", "LANG=C.UTF-8"])


def resolved(value: Expression, written: dict[str, str]) -> str:
    """Stand in for the Nix store: files that the configuration writes, and one package."""
    match value:
        case Text(parts):
            return "".join(part if isinstance(part, str) else resolved(part, written) for part in parts)
        case Call(_, (str(name), str(content))):
            folder = f"/srv/{len(written)}"
            written[f"{folder}/{name}"] = content
            return folder
        case _:
            return "/srv/client"


def certificates(folder: Path, options: Mapping[str, Any]) -> dict[str, bytes]:
    make_certificates(folder, [name for name in options["services"]["nginx"]["virtualHosts"] if "." in name])
    return {f"/var/lib/acme/{file.relative_to(folder)}": file.read_bytes() for file in folder.rglob("*.pem")}


def ask(machine: Machine, url: str, *more: str) -> str:
    """Ask as a member does, over HTTPS with a name and a certificate."""
    host = url.split("/")[2]
    where = ("--cacert", "/var/lib/acme/ca.pem", "--resolve", f"{host}:443:127.0.0.1")
    return machine.run("curl", "--silent", "--show-error", "--max-time", "20", *where, *more, url).stdout


def test_every_unit_is_up_and_keeps_its_restrictions(machine: Machine, units: Mapping[str, Effective]) -> None:
    for name in units:
        assert machine.show(f"{name}.service", "ActiveState") == "active", machine.journal(f"{name}.service")
    assert machine.run("systemctl", "--failed", "--plain", "--no-legend").stdout == ""


def test_members_are_led_to_the_homeserver_and_it_answers(machine: Machine) -> None:
    delegation = json.loads(ask(machine, "https://example.org/.well-known/matrix/server"))
    assert delegation == {"m.server": "matrix.example.org:443"}
    assert "versions" in json.loads(ask(machine, "https://matrix.example.org/_matrix/client/versions"))
    assert ask(machine, "https://chat.example.org/") == "the client"


def test_a_member_logs_in_and_shares_a_file(machine: Machine) -> None:
    listener = json.loads((machine.root / HOMESERVER[1:]).read_text())["listeners"][0]
    place = f"http://127.0.0.1:{listener['port']}"
    register = (f"{SYNAPSE}/register_new_matrix_user", "-c", HOMESERVER, "-u", "ada", "-p", PASSWORD, "--no-admin")
    machine.run(*register, place)
    who = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "ada"}, "password": PASSWORD}
    site = "https://matrix.example.org/_matrix"
    session = json.loads(ask(machine, f"{site}/client/v3/login", "--data", json.dumps(who)))
    assert session["user_id"] == "@ada:example.org"
    token = ("--header", f"Authorization: Bearer {session['access_token']}")
    room = json.loads(ask(machine, f"{site}/client/v3/createRoom", *token, "--data", "{}"))
    assert room["room_id"].startswith("!")
    file = ("--header", "Content-Type: text/plain", "--data-binary", "a note")
    kept = json.loads(ask(machine, f"{site}/media/v3/upload", *token, *file))["content_uri"].removeprefix("mxc://")
    assert ask(machine, f"{site}/client/v1/media/download/{kept}", *token) == "a note"


def test_the_database_is_sorted_as_the_homeserver_insists(machine: Machine) -> None:
    query = "SELECT datcollate FROM pg_database WHERE datname = 'matrix-synapse'"
    asked = machine.run(f"{POSTGRESQL}/psql", "-XAt", "-h/run/postgresql", "-c", query, "postgres", user="postgres")
    assert asked.stdout.strip() == "C"


def test_the_web_server_takes_a_new_configuration_from_within_its_sandbox(machine: Machine) -> None:
    process = machine.show("nginx.service", "MainPID")
    machine.run("systemctl", "reload", "nginx.service")
    assert machine.show("nginx.service", "MainPID") == process
    assert ask(machine, "https://chat.example.org/") == "the client"


def test_visitors_leave_no_address(machine: Machine) -> None:
    ask(machine, "https://chat.example.org/?left=behind")
    lines = [line for line in machine.journal("nginx.service").splitlines() if "chat.example.org" in line]
    assert lines
    assert not [line for line in lines if "127.0.0.1" in line or "behind" in line]


def test_running_processes_hold_no_privilege(machine: Machine, units: Mapping[str, Effective]) -> None:
    for name, one in units.items():
        if one.unit.oneshot:
            continue
        held = f"{1 << 10:016x}" if one.unit.profile == "privileged-port" else f"{0:016x}"
        status = (machine.root / f"proc/{machine.show(f'{name}.service', 'MainPID')}/status").read_text()
        for line in (f"CapEff:\t{held}", f"CapBnd:\t{held}", "NoNewPrivs:\t1", "Seccomp:\t2"):
            assert line in status, name


def test_what_systemd_has_in_force_scores_as_on_record(machine: Machine, units: Mapping[str, Effective]) -> None:
    assert {name: machine.exposure(f"{name}.service") for name in units} == {name: EXPOSURES[name] for name in units}
