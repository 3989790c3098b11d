"""What the plugin asks for, grants, refuses and sets."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.manifest.resolution import resolve
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index
from maidan_nix.plan.lock import Lock
from maidan_nix.plan.planned import Plan
from maidan_nix.plan.planner import make_plan
from maidan_nix.problems import MaidanError
from maidan_nix_plugins.platform.nginx import Nginx, certificates
from maidan_nix_plugins.platform.nginx.settings import Acme, Limits, Settings
from maidan_nix_plugins.platform.nginx.tests.compose import stripped
from maidan_nix_plugins.platform.nginx.tests.examples import PORT, SITES, WIKI, configuration, context, grants

BY_DNS = Acme(challenge="dns-01", dns_provider="desec", dns_credentials=("DESEC_TOKEN", "SECOND_KEY"))


class Empty(api.Settings):
    """Nothing to choose."""


class Ground(api.Hardening[Empty]):
    """Grants everything that the web server needs."""

    name = "ground"
    title = summary = upstream = licence = ""
    provides = (api.Port, api.Outgoing, api.Secret)
    settings = Empty

    def grant(self, context: api.Context[Empty], request: api.Request[Any]) -> object:
        if isinstance(request.need, api.Port):
            return api.PortGrant(number=request.assigned or 0, address="127.0.0.1")
        if isinstance(request.need, api.Secret):
            path = api.nix.Ref("config", "age", "secrets", request.need.name, "path")
            return api.SecretGrant(path=path, name=request.need.name)
        return None

    def configure(self, context: api.Context[Empty], grants: api.Grants) -> Mapping[str, api.Value]:
        return {}


class Asking(api.Platform[Empty]):
    """Asks for sites; a subclass says which."""

    title = summary = upstream = licence = ""
    settings = Empty
    sites: tuple[api.Site, ...] = ()

    def needs(self, context: api.Context[Empty]) -> Iterable[api.Need[Any]]:
        yield PORT
        yield from self.sites

    def configure(self, context: api.Context[Empty], grants: api.Grants) -> Mapping[str, api.Value]:
        return {}


def asking(name: str, sites: Iterable[api.Site]) -> api.Plugin[Any]:
    plugin: api.Plugin[Any] = type(name, (Asking,), {"name": name, "sites": tuple(sites)})()
    return plugin


def plan(settings: Settings, **sites: Iterable[api.Site]) -> Plan:
    """Plan a host on which plugins ask for sites, given by the plugin's name."""
    plugins = {f"platform/{name}": asking(name, wanted) for name, wanted in sites.items()}
    everybody: dict[str, api.Plugin[Any]] = {**plugins, "platform/nginx": Nginx(), "hardening/ground": Ground()}
    providers = {kind.kind: "hardening/ground" for kind in Ground.provides}
    made, _ = make_plan({"main": plugins}, providers, Lock(), lambda _, name: (everybody[name], context(settings)))
    return made


def needs_of_nginx(settings: Settings) -> tuple[api.Need[Any], ...]:
    return plan(settings, first=SITES[:2], second=SITES[2:3]).hosts["main"]["platform/nginx"].needs


def test_a_site_gets_its_address_and_the_way_to_the_client() -> None:
    planned = plan(Settings(), first=SITES[:1]).hosts["main"]["platform/first"]
    assert planned.grants[SITES[0]] == api.SiteGrant(
        origin="https://wiki.example.org", trusted_proxy="127.0.0.1", client_header="X-Real-IP"
    )


@pytest.mark.parametrize(
    ("http3", "open_ports"), [(False, {"80/tcp", "443/tcp"}), (True, {"80/tcp", "443/tcp", "443/udp"})]
)
def test_ports_are_open_to_the_internet_for_a_purpose(http3: bool, open_ports: set[str]) -> None:
    ports = [need for need in needs_of_nginx(Settings(http3=http3)) if isinstance(need, api.Port)]
    assert {f"{port.number}/{port.protocol}" for port in ports} == open_ports
    assert all(port.open_to == "internet" and port.purpose for port in ports)


def test_only_the_certificate_clients_may_call_out() -> None:
    outgoing = [need for need in needs_of_nginx(Settings()) if isinstance(need, api.Outgoing)]
    hosts = ("chat.example.org", "example.org", "wiki.example.org")
    assert [need.unit for need in outgoing] == [f"acme-order-renew-{host}" for host in hosts]
    assert all(need.to == "internet" and need.reason for need in outgoing)


def test_a_dns_challenge_has_a_secret_for_each_variable() -> None:
    made = plan(Settings(acme=BY_DNS), first=SITES[:1]).hosts["main"]["platform/nginx"]
    secrets = [need for need in made.needs if isinstance(need, api.Secret)]
    assert [(need.name, need.owner) for need in secrets] == [("acme-desec-token", "root"), ("acme-second-key", "root")]
    acme = stripped(made.plugin.configure(made.context, made.grants))["security"]["acme"]["defaults"]
    assert acme["dnsProvider"] == "desec"
    path = api.nix.Ref("config", "age", "secrets", "acme-desec-token", "path")
    assert acme["credentialFiles"]["DESEC_TOKEN_FILE"] == path
    hosts = stripped(made.plugin.configure(made.context, made.grants))["services"]["nginx"]["virtualHosts"]
    assert hosts["wiki.example.org"]["acmeRoot"] is None


def test_no_secret_is_asked_for_otherwise() -> None:
    assert not [need for need in needs_of_nginx(Settings()) if isinstance(need, api.Secret)]


@pytest.mark.parametrize(
    ("location", "message"),
    [
        (api.Location(path="/"), "exactly one of"),
        (api.Location(path="/", port=PORT, blocked=True), "exactly one of"),
        (api.Location(path="/a b", port=PORT), "not a path"),
        (api.Location(path="/a;return 200", port=PORT), "not a path"),
        (api.Location(path="/x/../y", blocked=True), "no request would ever match"),
        (api.Location(path="/app", files=api.nix.pkgs("client")), "end with a slash"),
        (api.Location(path="/.well-known/acme-challenge/x", blocked=True), "belongs to the certificates"),
        (api.Location(path="/ws", blocked=True, websocket=True), "no backend"),
        (api.Location(path="/", port=PORT, upload=-1), "upload of -1"),
        (api.Location(path="/", port=PORT, timeout=0), "timeout of 0"),
    ],
)
def test_a_site_that_could_not_be_served_as_meant_is_refused(location: api.Location, message: str) -> None:
    site = api.Site(hostname="wiki.example.org", locations=(location,))
    with pytest.raises(MaidanError, match=rf"platform/first asks for wiki[.]example[.]org: .*{message}"):
        plan(Settings(), first=[site])


@pytest.mark.parametrize(
    "site",
    [
        api.Site(hostname="x; return 200", locations=WIKI.locations),
        api.Site(hostname="wiki.example.org", locations=()),
        api.Site(hostname="wiki.example.org", locations=WIKI.locations, content_security_policy="img-src $host"),
        api.Site(hostname="wiki.example.org", locations=WIKI.locations, content_security_policy="img-src\n'none'"),
    ],
)
def test_a_site_without_a_name_a_path_or_a_policy_that_can_be_written_is_refused(site: api.Site) -> None:
    with pytest.raises(MaidanError, match="platform/first asks for"):
        plan(Settings(), first=[site])


def test_two_plugins_may_share_a_host_name_but_not_a_path() -> None:
    document = api.Location(path="/.well-known/more", exact=True, document="{}")
    more = api.Site(hostname="wiki.example.org", locations=(document,))
    served = plan(Settings(), first=SITES[:1], second=[more]).hosts["main"]["platform/nginx"]
    hosts = stripped(served.plugin.configure(served.context, served.grants))["services"]["nginx"]["virtualHosts"]
    assert {"/", "= /.well-known/more"} <= hosts["wiki.example.org"]["locations"].keys()
    with pytest.raises(MaidanError, match=r"site wiki[.]example[.]org/ is already taken by platform/first"):
        plan(Settings(), first=SITES[:1], second=SITES[:1])


def test_a_host_without_sites_has_no_web_server() -> None:
    assert Nginx().configure(context(), api.Grants({})) == {}
    assert list(Nginx().units(context(), api.Grants({}))) == []


@pytest.mark.parametrize("settings", [Settings(), Settings(http3=True, tls="intermediate", acme=Acme(staging=False))])
def test_every_option_exists_and_has_its_type(settings: Settings) -> None:
    assert check_options(configuration(settings), Index.load(), "platform/nginx") == []


def test_certificates_are_for_trying_first() -> None:
    def server(acme: Acme) -> str:
        return str(stripped(configuration(Settings(acme=acme)))["security"]["acme"]["defaults"]["server"])

    assert "staging" in server(Acme())
    assert server(Acme(staging=False)) == "https://acme-v02.api.letsencrypt.org/directory"


def test_browsers_insist_on_https_only_once_certificates_are_trusted() -> None:
    assert "Strict-Transport-Security $" not in str(stripped(configuration(Settings())))
    assert "Strict-Transport-Security $" in str(stripped(configuration(Settings(acme=Acme(staging=False)))))


def test_one_virtual_host_opens_the_sockets_of_http3() -> None:
    hosts = stripped(configuration(Settings(http3=True)))["services"]["nginx"]["virtualHosts"]
    assert [name for name, host in hosts.items() if host.get("reuseport")] == ["_"]
    assert all(host["quic"] for host in hosts.values())
    hosts = stripped(configuration(Settings()))["services"]["nginx"]["virtualHosts"]
    assert not any("quic" in host or "reuseport" in host for host in hosts.values())


def test_every_host_name_has_an_answer_of_its_own_at_its_root() -> None:
    hosts = stripped(configuration())["services"]["nginx"]["virtualHosts"]
    assert all("/" in host["locations"] for host in hosts.values())
    assert hosts["example.org"]["locations"]["/"] == {"return": 404}


def test_every_set_of_headers_is_whole() -> None:
    hosts = stripped(configuration(Settings(acme=Acme(staging=False))))["services"]["nginx"]["virtualHosts"]
    places = [place for host in hosts.values() for place in (host, *host["locations"].values())]
    texts = [place["extraConfig"] for place in places if "add_header" in str(place.get("extraConfig"))]
    assert len(texts) > 3
    for text in texts:
        for header in ("Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
                       "Content-Security-Policy", "Permissions-Policy", "Cross-Origin-Resource-Policy"):  # fmt: skip
            assert f"add_header {header} " in text


def test_every_unit_is_confined_or_says_why_not() -> None:
    units = {unit.name: unit for unit in Nginx().units(context(), grants(SITES[:1]))}
    assert units.keys() == {
        "nginx", "nginx-config-reload", "acme-setup", "acme-wiki.example.org", "acme-order-renew-wiki.example.org",
        "logrotate", "logrotate-checkconf",
    }  # fmt: skip
    assert units["nginx"].profile == "privileged-port"
    assert units["nginx"].exemptions == ()
    assert {name for name, unit in units.items() if unit.exempt} == {
        "nginx-config-reload", "logrotate", "logrotate-checkconf",
    }  # fmt: skip


def test_the_challenge_is_readable_for_the_web_server_only_where_there_is_one() -> None:
    def loosened(acme: Acme) -> set[str]:
        units = {unit.name: unit for unit in Nginx().units(context(Settings(acme=acme)), grants(SITES[:1]))}
        return {each.directive for each in units["acme-order-renew-wiki.example.org"].exemptions}

    assert loosened(Acme()) - loosened(BY_DNS) == {"UMask"}


def test_what_upstream_says_of_each_confined_unit_is_recorded() -> None:
    recorded = tomllib.loads((Path(certificates.__file__).parent / "upstream.toml").read_text(encoding="utf-8"))[
        "units"
    ]
    units = Nginx().units(context(), grants(SITES[:1]))
    names = {unit.name.replace("wiki.example.org", "HOST") for unit in units if not unit.exempt}
    assert names == recorded.keys()
    assert all({"ExecStart", "User", "SystemCallFilter"} <= unit["serviceConfig"].keys() for unit in recorded.values())


@pytest.mark.parametrize(
    ("acme", "wrong"),
    [
        (Acme(), set()),
        (BY_DNS, set()),
        (Acme(challenge="dns-01"), {"dns_provider", "dns_credentials"}),
        (Acme(challenge="dns-01", dns_provider="desec"), {"dns_credentials"}),
        (Acme(dns_provider="desec"), {"dns_provider"}),
        (Acme(dns_credentials=("DESEC_TOKEN",)), {"dns_credentials"}),
        (Acme(challenge="dns-01", dns_provider="x", dns_credentials=("A_B", "A_B")), {"dns_credentials"}),
    ],
)
def test_settings_of_a_challenge_go_together(acme: Acme, wrong: set[str]) -> None:
    problems = list(Nginx().problems(context(Settings(acme=acme))))
    assert {problem.path for problem in problems} == {("platform", "nginx", "acme", name) for name in wrong}
    assert all(problem.plugin == "platform/nginx" and (problem.hint or problem.expected) for problem in problems)


def resolved(table: Mapping[str, Any], preset: Any = "strict") -> Any:
    return resolve(Settings, table, preset, ("platform", "nginx"), "platform/nginx")


@pytest.mark.parametrize("preset", ["strict", "balanced", "open"])
def test_presets_loosen_step_by_step(preset: str) -> None:
    settings = resolved({}, preset).settings
    assert settings.http3 == (preset != "strict")
    assert settings.tls == ("intermediate" if preset == "open" else "modern")
    assert settings.limits.logins_per_minute == {"strict": 10, "balanced": 20, "open": 30}[preset]
    assert settings.acme == Acme()


def test_looser_than_the_preset_needs_a_reason() -> None:
    loose = {"tls": "intermediate", "limits": {"logins_at_once": 40}}
    assert {problem.path[2:] for problem in resolved(loose).problems} >= {("tls",), ("limits", "logins_at_once")}
    reason = "old tablets are lent out until spring"
    loose = {
        "tls": "intermediate",
        "reasons": {"tls": reason},
        "limits": {"logins_at_once": 40, "reasons": {"logins_at_once": reason}},
    }
    assert resolved(loose).problems == ()


@pytest.mark.parametrize(
    "table",
    [
        {"limits": {"requests_per_second": 0}},
        {"limits": {"logins_per_minute": 10**9}},
        {"acme": {"dns_provider": "a; b"}},
        {"acme": {"dns_credentials": ["lower_case"]}},
        {"acme": {"dns_credentials": ["A-B"]}},
        {"acme": {"staging": "no"}},
        {"basic_auth": {}},
    ],
)
def test_other_values_are_refused(table: Mapping[str, Any]) -> None:
    assert resolved(table).problems


def test_a_burst_is_the_number_that_passes_at_once() -> None:
    def text(logins: int) -> str:
        limits = Limits(logins_at_once=logins)
        return str(stripped(configuration(Settings(limits=limits)))["services"]["nginx"]["virtualHosts"])

    assert "limit_req zone=maidan_logins burst=9 nodelay;" in text(10)
    assert "limit_req zone=maidan_logins;" in text(1)
