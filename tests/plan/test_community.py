"""What only shows once all hosts are planned: one address, one secret, and data that is on another host."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.plan.lock import Lock
from maidan_nix.problems import MaidanError, Problem
from plan.planning import DATABASE, Wants, plan, plan_hosts, service


def refused(lock: Lock | None = None, **hosts: list[api.Plugin[Any]]) -> tuple[Problem, ...]:
    """Plan hosts that cannot stand together."""
    with pytest.raises(MaidanError) as caught:
        plan_hosts(hosts, lock)
    return caught.value.problems


def site(hostname: str, path: str = "/") -> Wants:
    return lambda: [api.Site(hostname=hostname, locations=(api.Location(path=path, blocked=True),))]


def test_a_host_name_leads_to_one_host() -> None:
    wiki, blog = service("wiki", site("example.org", "/wiki/")), service("blog", site("example.org", "/blog/"))
    plan_hosts({"north": [wiki, blog]})
    (problem,) = refused(north=[wiki], south=[blog])
    assert problem.path == ("services", "blog", "domain")
    assert problem.message == "site example.org is already taken by services/wiki on north"
    assert "services.wiki" in problem.hint
    assert "services.blog" in problem.hint


def test_a_plugin_of_every_host_cannot_have_one_host_name_on_each() -> None:
    status = service("status", site("status.example.org"), on="platform")
    (problem,) = refused(north=[status], south=[status])
    assert "platform/status on north" in problem.message
    assert problem.hint.count("platform.status") == 1


def secret(content: str = "a key") -> Wants:
    return lambda: [api.Secret(name="key", content=content)]


def test_a_secret_of_one_name_is_one_plugins() -> None:
    (problem,) = refused(north=[service("wiki", secret())], south=[service("blog", secret())])
    assert problem.plugin == "services/blog"
    assert problem.message == "secret key is already taken by services/wiki on north"
    assert "services.wiki" in problem.hint
    assert "services.blog" in problem.hint


def test_a_secret_that_one_plugin_has_on_every_host_is_the_same_one() -> None:
    _, lock = plan(service("base", secret(), on="platform"), hosts=("north", "south"))
    base = service("base", secret(), on="platform")
    plan_hosts({"north": [base], "south": [base], "west": [base]}, lock)
    (problem,) = refused(north=[base], south=[service("base", secret("another key"), on="platform")])
    assert "different" in problem.message
    assert problem.message.startswith("secret key ")


def test_a_secret_of_a_removed_plugin_is_given_to_nobody_on_any_host() -> None:
    _, lock = plan_hosts({"north": [service("wiki", secret())], "south": []})
    (problem,) = refused(lock, north=[], south=[service("blog", secret())])
    assert problem.message == "secret key still holds the data of services/wiki"
    assert "hosts.north.claims" in problem.hint


WIKI = service("wiki", lambda: [DATABASE])


def test_a_service_does_not_leave_its_database_behind() -> None:
    _, lock = plan_hosts({"north": [WIKI], "south": []})
    (problem,) = refused(lock, north=[], south=[WIKI])
    assert problem.path == ("services", "wiki")
    both = "database wiki, data of services/wiki are still on north, where services/wiki has left them"
    assert problem.message == both
    assert "'database wiki', 'user wiki', 'data of services/wiki'" in problem.hint
    assert "hosts.north" in problem.hint
    assert "hosts.south" in problem.hint
    north = lock.hosts["north"]
    moved = Lock({"north": dataclasses.replace(north, claims={}), "south": north})
    plan_hosts({"north": [], "south": [WIKI]}, moved)


def test_a_service_that_asks_for_nothing_may_have_files_all_the_same() -> None:
    _, lock = plan_hosts({"north": [service("blog")], "south": []})
    (problem,) = refused(lock, north=[], south=[service("blog")])
    assert problem.message == "data of services/blog is still on north, where services/blog has left it"
    assert problem.path == ("services", "blog")


def test_the_files_of_a_service_whose_database_is_elsewhere_are_noticed_too() -> None:
    hosts: Any = {"a": [WIKI], "b": [], "c": []}
    away = {"database": "c"}
    _, lock = plan_hosts(hosts, None, {"a": away}, database="platform/shared")
    with pytest.raises(MaidanError) as caught:
        plan_hosts({**hosts, "a": [], "b": [WIKI]}, lock, {"b": away}, database="platform/shared")
    (problem,) = caught.value.problems
    assert problem.message == "data of services/wiki is still on a, where services/wiki has left it"


def test_a_host_that_is_renamed_is_renamed_in_the_lock_too() -> None:
    _, lock = plan_hosts({"north": [WIKI]})
    (problem,) = refused(lock, hut=[WIKI])
    assert "if north is now called hut, rename it in maidan.lock too" in problem.hint
    plan_hosts({"hut": [WIKI]}, Lock({"hut": lock.hosts["north"]}))


def test_a_plugin_of_every_host_has_data_on_each() -> None:
    wiki = service("wiki", lambda: [DATABASE], on="platform")
    _, lock = plan_hosts({"north": [wiki]})
    plan_hosts({"north": [wiki], "south": [wiki]}, lock)


def named(value: str) -> api.Plugin[Any]:
    need = api.Permanent(name="domain", value=value, consequence="links break", setting="domain")
    return service("wiki", lambda: [need])


def test_what_must_not_change_does_not_change_on_another_host_either() -> None:
    _, lock = plan_hosts({"north": [named("a.example.org")], "south": []})
    moved = Lock({"north": dataclasses.replace(lock.hosts["north"], claims={})})
    plan_hosts({"north": [], "south": [named("a.example.org")]}, moved)
    for hosts in ({"north": [], "south": [named("b.example.org")]}, {"hut": [named("b.example.org")]}):
        (problem,) = refused(moved, **hosts)
        assert problem.path == ("services", "wiki", "domain")
        assert problem.message == "'b.example.org' was 'a.example.org' on north; links break"
        assert problem.hint == "set it back to 'a.example.org'"
