"""What the flake says of several hosts: which are tested together, where addresses lead, and what crosses."""

from __future__ import annotations

import pytest

from fake_plugins import generated
from maidan_nix.flake.vm_test import vm_tests
from maidan_nix.generation import Generated

COMMUNITY = """
community = { name = "Example", domain = "example.org", contact = "stewards@example.org" }
stewards.ada.ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada"]
"""
VAULT = 'services.vaultwarden = { host = "apps", domain = "passwords.example.org" }\n'
ROOMS = 'services.matrix = { host = "rooms", server_name = "example.org", domain = "matrix.example.org" }\n'


def host(name: str, **served_by: str) -> str:
    kinds = "".join(f'hosts.{name}.served_by.{kind} = "{other}"\n' for kind, other in served_by.items())
    return (
        f'hosts.{name}.disk.device = "/dev/disk/by-id/{name}"\n'
        f'hosts.{name}.network = {{ interface = "enp1s0", reached_at = "{name}.example.org" }}\n{kinds}'
    )


def fleet(*parts: str) -> Generated:
    return generated(COMMUNITY + "".join(parts))


def together(*parts: str) -> dict[str, tuple[str, ...]]:
    return dict(vm_tests(fleet(*parts).plan))


def test_hosts_that_share_nothing_are_tested_alone() -> None:
    assert together(host("apps"), host("store"), VAULT) == {"apps": ("apps",), "store": ("store",)}


def test_hosts_that_serve_one_another_are_tested_together() -> None:
    three = (host("apps", database="store", site="door"), host("door"), host("store"), VAULT)
    assert together(*three) == {"apps_door_store": ("apps", "door", "store")}


def test_hosts_are_joined_through_a_third_one_and_others_are_left_out() -> None:
    parts = (host("apps", site="door"), host("rooms", site="door"), host("door"), host("shed"), VAULT, ROOMS)
    assert together(*parts) == {"apps_door_rooms": ("apps", "door", "rooms"), "shed": ("shed",)}


def test_every_test_has_its_file_and_its_place_in_the_flake() -> None:
    tree = fleet(host("apps", site="door"), host("door"), host("shed"), VAULT).tree
    assert {path for path in tree if path.startswith("tests/")} == {"tests/apps_door.nix", "tests/shed.nix"}
    flake = tree["flake.nix"].content.decode()
    assert "apps_door = ./tests/apps_door.nix;" in flake
    assert "shed = ./tests/shed.nix;" in flake


def readme(*parts: str) -> str:
    return fleet(*parts).tree["README.md"].content.decode()


def test_addresses_lead_to_the_host_that_answers() -> None:
    text = readme(host("apps", site="door"), host("rooms"), host("door"), VAULT, ROOMS)
    assert "| <https://passwords.example.org/> | Vaultwarden | `door` |" in text
    assert "| `matrix.example.org`, for programs | Matrix | `rooms` |" in text


def test_what_crosses_is_listed_with_both_ends() -> None:
    text = readme(host("apps", database="store", site="door"), host("door"), host("store"), VAULT)
    rows = [line for line in text.splitlines() if line.startswith(("| `apps` | `store` |", "| `door` | `apps` |"))]
    vault = "services/vaultwarden: the vault, for the web server in front of it"
    assert rows == [
        "| `apps` | `store` | 5432/tcp | the socket /run/postgresql/.s.PGSQL.5432 | services/vaultwarden |",
        f"| `door` | `apps` | 20000/tcp | {vault} | platform/nginx |",
    ]


def test_each_key_of_the_network_is_made_once_and_its_private_half_is_seen_nowhere() -> None:
    text = readme(host("apps", site="door"), host("door"), VAULT)
    made = text.index("wg genkey | TMPDIR=/dev/shm agenix -e KEY.age")
    assert text.index("openssl rand -hex 32 |") < made < text.index("agenix -d KEY.age | wg pubkey")
    assert (
        made < text.index("       [wireguard]\n") < text.index('git add --all && git commit --message "Add the secrets')
    )
    assert text.count("wg genkey |") == 1


def test_nothing_is_said_of_a_network_where_nothing_crosses() -> None:
    text = readme(host("apps"), VAULT)
    assert "What crosses" not in text
    assert "WireGuard" not in text


TOGETHER = """\
`nix build .#vm-test-apps_door` starts `apps` and `door`, joined by their private network, in virtual machines;
  `nix build .#vm-test-shed` starts `shed` in virtual machines. Each machine takes 4 GB of memory."""


@pytest.mark.parametrize(
    ("parts", "command"),
    [
        ((host("apps"), host("store"), VAULT), "`nix build .#vm-test-HOST` starts it in a virtual machine."),
        ((host("apps", site="door"), host("door"), host("shed"), VAULT), TOGETHER),
    ],
    ids=["alone", "together"],
)
def test_the_command_of_every_vm_test_is_the_right_one(parts: tuple[str, ...], command: str) -> None:
    assert f"  {command}\n" in readme(*parts)


def test_one_door_answers_for_its_own_services_and_for_those_of_another_host() -> None:
    element = 'element_domain = "chat.example.org"'
    parts = (
        host("main"),
        host("rooms", site="main", database="main"),
        'services.vaultwarden = { host = "main", domain = "passwords.example.org" }\n',
        ROOMS.replace(" }", f", {element} }}"),
    )
    tree = fleet(*parts).tree
    nginx = tree["hosts/main/platform/nginx.nix"].content.decode()
    assert 'proxyPass = "http://127.0.0.1:20000";' in nginx
    assert 'proxyPass = "http://unix:/run/relay-site_rooms_matrix_http/socket:";' in nginx
    assert "pkgs.element-web.override" in nginx
    assert "config.services.matrix" not in nginx
    assert "hosts/rooms/platform/nginx.nix" not in tree
    server = tree["hosts/main/platform/postgresql.nix"].content.decode()
    assert server.count("scram-sha-256\n") == 1
    assert 'local "matrix-synapse" "matrix-synapse" scram-sha-256' in server
