"""Sites of plugins on other hosts: what the web server asks for, where it leads, and what it cannot take along."""

from __future__ import annotations

from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.api import nix
from maidan_nix_plugins.platform.nginx import Nginx
from maidan_nix_plugins.platform.nginx.settings import Settings
from maidan_nix_plugins.platform.nginx.tests.compose import stripped
from maidan_nix_plugins.platform.nginx.tests.examples import (
    AWAY,
    DOMAIN,
    PACKAGE,
    PORT,
    RELAY,
    WIKI,
    configuration,
    context,
)
from maidan_nix_plugins.platform.nginx.tests.running import Nginx as Running

FILES = api.Port(name="files")


def request(site: api.Site, host: str = "apps", plugin: str = "services/example") -> api.Request[api.Site]:
    return api.Request(site, plugin, host)


def relays(*requests: api.Request[Any]) -> list[api.Relay]:
    return [need for need in Nginx().needs_to_serve(context(), requests) if isinstance(need, api.Relay)]


def site(hostname: str, *locations: api.Location) -> api.Site:
    return api.Site(hostname=hostname, locations=locations)


def test_each_backend_on_another_host_is_reached_by_one_relay() -> None:
    two = site("two.example.org", api.Location(path="/", port=PORT), api.Location(path="/files/", port=FILES))
    found = relays(request(AWAY), request(two), request(WIKI, "main"))
    assert [(each.name, each.to, each.group) for each in found] == [
        ("site_apps_example_web", api.RemotePort(host="apps", plugin="services/example", port=PORT), "nginx"),
        (
            "site_apps_example_files",
            api.RemotePort(host="apps", plugin="services/example", port=FILES),
            "nginx",
        ),
    ]


def test_backends_of_several_hosts_and_plugins_are_told_apart() -> None:
    asking = [("apps", "services/example"), ("more", "services/example"), ("apps", "platform/example")]
    found = relays(*(request(AWAY, host, plugin) for host, plugin in asking))
    assert len({each.name for each in found}) == 3


@pytest.mark.parametrize(
    "two",
    [
        [("a", "services/b-c"), ("a-b", "services/c")],
        [("a", "services/platform-b"), ("a", "platform/b")],
        [("a", "services/b"), ("a-services", "services/b")],
    ],
)
def test_names_that_read_alike_when_joined_stay_apart(two: list[tuple[str, str]]) -> None:
    found = relays(*(request(AWAY, host, plugin) for host, plugin in two))
    assert len({each.name for each in found}) == 2


def test_what_has_no_backend_needs_no_relay() -> None:
    assert relays(request(DOMAIN)) == []


def test_the_certificate_belongs_to_the_host_that_answers() -> None:
    needs = list(Nginx().needs_to_serve(context(), (request(AWAY),)))
    assert "acme-order-renew-away.example.org" in {need.unit for need in needs if isinstance(need, api.Outgoing)}
    assert {need.number for need in needs if isinstance(need, api.Port)} == {80, 443}


def test_sites_of_this_host_and_of_others_stand_side_by_side() -> None:
    options = stripped(configuration(away=[AWAY]))
    hosts = options["services"]["nginx"]["virtualHosts"]
    here = hosts["wiki.example.org"]["locations"]
    there = hosts["away.example.org"]["locations"]
    assert here["/"]["proxyPass"] == "http://127.0.0.1:20000"
    assert there["/"]["proxyPass"] == "http://unix:/run/relay-site_apps_example_web/socket:"
    assert there["/files/"]["alias"] == nix.Text(PACKAGE, "/")
    assert there["/admin"] == {"return": 404}


def test_the_web_server_starts_after_the_sockets_and_without_them_if_need_be() -> None:
    unit = stripped(configuration(away=[AWAY]))["systemd"]["services"]["nginx"]
    assert unit == {"wants": [f"relay-{RELAY.name}.socket"], "after": [f"relay-{RELAY.name}.socket"]}
    assert "systemd" not in stripped(configuration())


def test_requests_arrive_on_the_other_host_from_its_own_loopback_address() -> None:
    grant = Nginx().grant(context(), request(AWAY))
    assert (grant.trusted_proxy, grant.client_header) == ("127.0.0.1", "X-Real-IP")


@pytest.mark.parametrize(
    "files",
    [
        nix.Ref("config", "services", "example", "package"),
        nix.Call(nix.Ref("pkgs", "client", "override"), {"conf": {"key": [nix.Ref("config", "age", "key")]}}),
        nix.Text(nix.pkgs("client"), "/", nix.Ref("config", "networking", "hostName")),
        nix.Call(nix.Ref("config", "lib", "make")),
        nix.Noted(nix.Override(nix.Ref("config", "x")), "a note"),
        nix.Raw("pkgs.client", "tests"),
    ],
)
def test_files_that_depend_on_their_own_host_are_refused_elsewhere(files: nix.Expression) -> None:
    asked = site("chat.example.org", api.Location(path="/", files=files))
    with pytest.raises(api.Refused, match="the configuration of its own host"):
        Nginx().grant(context(), request(asked))
    assert Nginx().grant(context(), request(asked, "main")).origin == "https://chat.example.org"


def test_packages_and_settings_written_out_are_served_from_anywhere() -> None:
    client = nix.Call(
        nix.Ref("pkgs", "client", "override"), {"conf": {"a": [1, None, True, "config"], "b": {"c": 0.5}}}
    )
    asked = site("chat.example.org", api.Location(path="/", files=client))
    assert Nginx().grant(context(Settings()), request(asked)).origin == "https://chat.example.org"


def test_a_request_reaches_the_other_host_as_it_was_asked(nginx: Running) -> None:
    path = "/some%20where/a%2Fb?c=%2e%2e/d&e=//f"
    answer = nginx.ask("away.example.org", path, method="POST", body=b"x" * 70000, headers={"X-Real-IP": "203.0.113.9"})
    assert (answer.status, answer.body) == (200, b"70000")
    seen = nginx.seen[-1]
    assert seen["path"] == path
    assert (seen["host"], seen["x-real-ip"], seen["x-forwarded-proto"]) == ("away.example.org", "127.0.0.1", "https")


def test_what_the_web_server_itself_answers_stays_with_it(nginx: Running) -> None:
    before = len(nginx.seen)
    assert nginx.ask("away.example.org", "/admin").status == 404
    assert b"client" in nginx.ask("away.example.org", "/files/index.html").body
    assert len(nginx.seen) == before


def test_websockets_pass_the_relay(nginx: Running) -> None:
    connection = nginx.tls("away.example.org")
    with connection:
        connection.sendall(
            b"GET /socket HTTP/1.1\r\nHost: away.example.org\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nping"
        )
        received = b""
        while b"PING" not in received and (some := connection.recv(4096)):
            received += some
    assert received.startswith(b"HTTP/1.1 101 ")
    assert received.endswith(b"PING")
