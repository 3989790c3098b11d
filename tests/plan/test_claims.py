"""Claims: who holds a name on a host, now or through data that is still there, and what a clash says."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.plan.lock import FIRST_PORT, Lock
from maidan_nix.problems import MaidanError, Problem
from plan.planning import DATABASE, Wants, plan, service


def clash(*plugins: api.Plugin[Any], lock: Lock | None = None) -> Problem:
    """Plan what must be refused for one reason."""
    with pytest.raises(MaidanError) as caught:
        plan(*plugins, lock=lock)
    (problem,) = caught.value.problems
    return problem


def test_two_claims_on_one_name_are_reported_with_both_origins() -> None:
    with pytest.raises(MaidanError) as caught:
        plan(service("blog", lambda: [DATABASE]), service("wiki", lambda: [DATABASE]))
    (problem,) = caught.value.problems
    assert problem.plugin == "services/wiki"
    assert "database wiki is already taken by services/blog" in problem.message
    assert "services.blog" in problem.hint
    assert "services.wiki" in problem.hint


def test_two_fixed_ports_of_one_number_clash_but_not_across_protocols() -> None:
    def fixed(protocol: Any) -> Wants:
        return lambda: [api.Port(name="p", number=443, protocol=protocol)]

    plan(service("a", fixed("tcp")), service("b", fixed("udp")))
    with pytest.raises(MaidanError, match="port 443/tcp is already taken"):
        plan(service("a", fixed("tcp")), service("b", fixed("tcp")))


def test_a_removed_service_leaves_its_database_to_nobody() -> None:
    _, lock = plan(service("wiki", lambda: [DATABASE]))
    with pytest.raises(MaidanError, match=r"still holds the data of services/wiki"):
        plan(service("blog", lambda: [DATABASE]), lock=lock)
    plan(service("wiki", lambda: [DATABASE]), lock=lock)
    forgotten = dataclasses.replace(lock.hosts["main"], claims={})
    plan(service("blog", lambda: [DATABASE]), lock=Lock({"main": forgotten}))


def test_every_clash_is_reported_at_once() -> None:
    both: list[api.Need[Any]] = [DATABASE, api.Port(name="p", number=443)]
    with pytest.raises(MaidanError) as caught:
        plan(service("blog", lambda: both), service("wiki", lambda: both))
    assert len(caught.value.problems) == 2


def test_a_database_that_was_renamed_leaves_its_old_name_to_nobody() -> None:
    _, lock = plan(service("wiki", lambda: [DATABASE]), service("zine"))
    other = api.Database(name="pages", role="pages")
    problem = clash(service("wiki", lambda: [other]), service("zine", lambda: [DATABASE]), lock=lock)
    assert problem.plugin == "services/zine"
    assert problem.message == "database wiki still holds the data of services/wiki"
    assert "hosts.main.claims" in problem.hint
    assert "maidan.lock" in problem.hint


def account(user: str) -> api.Plugin[Any]:
    return service("base", lambda: [api.UserId(user=user, path=("stewards", user))], on="platform")


def test_an_account_does_not_inherit_a_database_by_its_name() -> None:
    _, lock = plan(service("wiki", lambda: [DATABASE]))
    problem = clash(account("wiki"), lock=lock)
    assert problem.path == ("stewards", "wiki")
    assert problem.message == "user wiki still holds the data of services/wiki"
    assert problem.hint.startswith("choose another account name")


@pytest.mark.parametrize("called", ["a", "wiki"])
def test_an_account_with_the_name_of_a_system_user_is_told_at_the_account(called: str) -> None:
    on = "hardening" if called == "a" else "services"  # who comes first does not matter
    problem = clash(account("wiki"), service(called, lambda: [DATABASE], on=on))
    assert problem.path == ("stewards", "wiki")
    assert problem.plugin == "platform/base"
    assert problem.message == f"user wiki is already taken by {on}/{called}"
    assert problem.hint == "choose another account name"


def test_a_plugin_that_states_one_path_twice_is_told_so() -> None:
    twice = api.Site(hostname="wiki.example.org", locations=(api.Location(path="/a", blocked=True),) * 2)
    problem = clash(service("wiki", lambda: [twice]))
    assert problem.message == "site wiki.example.org/a is asked for twice"
    assert problem.hint.count("services.wiki") == 1


# -- ports ---------------------------------------------------------------------------------------------------------


def fixed(number: int, protocol: Any = "tcp") -> Wants:
    return lambda: [api.Port(name="fixed", number=number, protocol=protocol, setting="port")]


@pytest.mark.parametrize("called", ["a", "zine"])
def test_a_fixed_port_is_not_one_that_the_lock_assigned(called: str) -> None:
    wiki = service("wiki", lambda: [api.Port(name="http")])
    _, lock = plan(wiki)
    problem = clash(service(called, fixed(FIRST_PORT)), wiki, lock=lock)
    assert problem.path == ("services", called, "port")
    assert problem.plugin == f"services/{called}"
    assert problem.message == f"port {FIRST_PORT}/tcp is already taken by services/wiki"
    assert "maidan.lock" in problem.hint


def test_a_fixed_port_may_be_one_that_nobody_has_now_or_of_another_protocol() -> None:
    wiki = service("wiki", lambda: [api.Port(name="http")])
    _, lock = plan(wiki)
    plan(service("zine", fixed(FIRST_PORT)), lock=lock)
    plan(service("zine", fixed(FIRST_PORT, "udp")), wiki, lock=lock)


# -- host names ----------------------------------------------------------------------------------------------------


def site(*locations: api.Location, hostname: str = "wiki.example.org") -> Wants:
    return lambda: [api.Site(hostname=hostname, locations=locations)]


DOCUMENT = api.Location(path="/.well-known/chat", exact=True, document="{}")
ROOT = api.Location(path="/", blocked=True)


@pytest.mark.parametrize(
    "location",
    [
        api.Location(path="/chat/", blocked=True),
        api.Location(path="/chat", exact=True, document="{}"),
        dataclasses.replace(DOCUMENT, exact=False),
        dataclasses.replace(DOCUMENT, document="", blocked=True),
        dataclasses.replace(DOCUMENT, path="/.well-known"),
    ],
)
@pytest.mark.parametrize("called", ["chat", "zine"])
def test_who_answers_for_a_whole_host_name_shares_it_with_nobody(location: api.Location, called: str) -> None:
    problem = clash(service("wiki", site(ROOT)), service(called, site(location)))
    assert problem.plugin == max("services/wiki", f"services/{called}")
    assert problem.message.startswith("site wiki.example.org is already taken by")
    assert "services.wiki" in problem.hint
    assert f"services.{called}" in problem.hint


def test_documents_may_be_added_to_a_host_name_and_paths_where_nobody_has_the_whole() -> None:
    plan(service("wiki", site(ROOT)), service("chat", site(DOCUMENT)))
    plan(service("wiki", site(ROOT, api.Location(path="/files/", blocked=True))))
    chat = api.Location(path="/chat/", blocked=True)
    plan(service("wiki", site(ROOT)), service("chat", site(chat, hostname="chat.example.org")))
    plan(service("wiki", site(api.Location(path="/wiki/", blocked=True))), service("chat", site(chat)))
