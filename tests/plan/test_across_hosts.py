"""A need that another host serves: what is granted where, what each end takes, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.plan.lock import FIRST_PORT, LAST_PORT, HostLock, Lock
from maidan_nix.plan.planned import Plan
from maidan_nix.problems import MaidanError, Problem
from plan.planning import DATABASE, Store, Wants, Wire, plan_hosts, service

HTTP = api.Port(name="http")


def asks(*needs: api.Need[Any]) -> Wants:
    return lambda: needs


WIKI = service("wiki", asks(DATABASE))
AWAY = {"apps": {"database": "store"}}


def planned(
    hosts: Mapping[str, Iterable[api.Plugin[Any]]],
    served_by: Mapping[str, Mapping[str, str]] | None = None,
    lock: Lock | None = None,
) -> tuple[Plan, Lock]:
    return plan_hosts(hosts, lock, served_by, database="platform/shared")


def refused(
    hosts: Mapping[str, Iterable[api.Plugin[Any]]],
    served_by: Mapping[str, Mapping[str, str]],
    lock: Lock | None = None,
    **providers: str,
) -> tuple[Problem, ...]:
    with pytest.raises(MaidanError) as caught:
        plan_hosts(hosts, lock, served_by, **{"database": "platform/shared", **providers})
    return caught.value.problems


def test_a_database_on_another_host_is_provided_there_alone() -> None:
    plan, _ = planned({"apps": [WIKI], "store": []}, AWAY)
    assert "platform/shared" not in plan.hosts["apps"]
    (served,) = plan.hosts["store"]["platform/shared"].grants.serves(api.Database)
    assert (served.host, served.plugin, served.need) == ("apps", "services/wiki", DATABASE)
    wiki = plan.hosts["apps"]["services/wiki"]
    assert wiki.grants[DATABASE].name == "wiki"
    assert wiki.elsewhere == {DATABASE: "store"}


def test_what_reaching_it_takes_is_granted_to_the_plugin_that_asked() -> None:
    plan, _ = planned({"apps": [WIKI], "store": []}, AWAY)
    wiki = plan.hosts["apps"]["services/wiki"]
    (relay,) = (need for need in wiki.needs if isinstance(need, api.Relay))
    assert wiki.grants[relay] == api.RelayGrant("/run/database-wiki", "database-wiki.socket", 5432)
    secrets = {
        name: [need.name for need in plan.hosts[host][name].needs if isinstance(need, api.Secret)]
        for host, name in (("apps", "services/wiki"), ("store", "platform/shared"))
    }
    assert secrets == {"services/wiki": ["database-wiki"], "platform/shared": ["database-wiki"]}


def test_both_ends_of_a_relay_know_of_it() -> None:
    plan, _ = planned({"apps": [WIKI], "store": []}, AWAY)
    for host in ("apps", "store"):
        wire = plan.hosts[host]["platform/wire"]
        (served,) = wire.grants.serves(api.Relay)
        assert (served.host, served.plugin, served.need.peer) == ("apps", "services/wiki", "store")
        assert served.grants[served.need].number == 5432
        assert [need.number for need in wire.needs if isinstance(need, api.Port)] == [51820]


def test_a_host_of_its_own_serves_itself() -> None:
    plan, _ = planned({"apps": [WIKI], "store": [service("blog", asks(api.Database(name="blog", role="blog")))]}, AWAY)
    both = plan.hosts["store"]["platform/shared"].grants.serves(api.Database)
    assert [(served.host, served.plugin) for served in both] == [
        ("apps", "services/wiki"),
        ("store", "services/blog"),
    ]
    assert plan.hosts["store"]["services/blog"].elsewhere == {}


def test_names_are_claimed_where_the_data_is() -> None:
    other = service("blog", asks(DATABASE))
    planned({"apps": [WIKI], "store": [other]})
    (problem, *_) = refused({"apps": [WIKI], "store": [other]}, AWAY)
    assert problem.message == "database wiki is already taken by services/wiki"


def test_the_system_user_is_claimed_on_both_hosts() -> None:
    cook = service("cook", asks(api.UserId(user="wiki", path=("stewards", "wiki"))))
    (problem,) = refused({"apps": [WIKI, cook], "store": []}, AWAY)
    assert problem.path == ("stewards", "wiki")


def test_data_left_behind_by_a_database_that_moved_is_noticed() -> None:
    _, lock = planned({"apps": [WIKI], "store": []})
    assert "database wiki" in lock.hosts["apps"].claims
    problems = refused({"apps": [WIKI], "store": []}, AWAY, lock)
    assert problems[0].message == "database wiki is still on apps, where services/wiki has left it"
    assert len(problems) == 1
    assert "these lines from hosts.apps.claims to hosts.store.claims: 'database wiki', 'user wiki'" in problems[0].hint
    _, moved = planned({"apps": [WIKI], "store": []}, AWAY)
    planned({"apps": [WIKI], "store": []}, AWAY, moved)
    assert refused({"apps": [WIKI], "store": []}, {}, moved)[0].message.startswith("database wiki is still on store")


def test_a_provider_that_serves_its_own_host_only_says_so() -> None:
    (problem,) = refused({"apps": [WIKI], "store": []}, AWAY, database=Store().full_name())
    assert problem.path == ("hosts", "apps", "served_by", "database")
    assert problem.message == "platform/store serves database to its own host only"


def test_a_kind_that_nothing_asks_for_is_a_slip() -> None:
    (problem,) = refused({"apps": [WIKI], "store": []}, {"apps": {"databse": "store"}})
    assert problem.message == "nothing on apps asks for 'databse'"
    assert problem.hint == "did you mean 'database'?"


def front(to: api.RemotePort) -> api.Plugin[Any]:
    return service("front", asks(api.Relay(name="wiki", to=to, group="web")))


def test_a_relay_leads_to_the_port_that_the_lock_keeps_there() -> None:
    wiki = service("wiki", asks(HTTP))
    hosts = {"apps": [wiki], "door": [front(api.RemotePort("apps", "services/wiki", HTTP))]}
    plan, lock = planned(hosts)
    number = plan.hosts["apps"]["services/wiki"].grants[HTTP].number
    assert lock.hosts["apps"].ports == {"services/wiki http": number}
    (served,) = plan.hosts["apps"]["platform/wire"].grants.serves(api.Relay)
    assert served.grants[served.need].number == number
    assert planned(hosts, lock=lock)[1] == lock


def test_a_relay_to_a_fixed_port_keeps_its_number() -> None:
    fixed = api.Port(name="http", number=8008)
    wiki = service("wiki", asks(fixed))
    plan, _ = planned({"apps": [wiki], "door": [front(api.RemotePort("apps", "services/wiki", fixed))]})
    (served,) = plan.hosts["door"]["platform/wire"].grants.serves(api.Relay)
    assert served.grants[served.need].number == 8008


class Late(Wire):
    """Fixes a number once it has relays to serve, when what these lead to is numbered already."""

    def needs_to_serve(self, context: Any, requests: tuple[api.Request[Any], ...]) -> Iterable[api.Need[Any]]:
        yield api.Port(name="late", number=FIRST_PORT)


def test_a_number_that_was_given_in_this_run_is_not_said_to_be_the_locks() -> None:
    hosts = {
        "apps": [service("wiki", asks(HTTP)), Late()],
        "door": [front(api.RemotePort("apps", "services/wiki", HTTP))],
    }
    (problem,) = refused(hosts, {})
    assert problem.plugin == "platform/wire"
    assert problem.message == f"port {FIRST_PORT}/tcp is already taken by services/wiki"
    assert problem.hint == (
        f"choose a number outside {FIRST_PORT}-{LAST_PORT}: services.wiki was given this one from among them"
    )
    held = Lock({"apps": HostLock(ports={"services/wiki http": FIRST_PORT})})
    (problem,) = refused(hosts, {}, held)
    assert problem.hint == "choose another number; maidan.lock keeps this one for services.wiki"


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (api.RemotePort("door", "services/front", HTTP), "there is no other host 'door' to lead to"),
        (api.RemotePort("nowhere", "services/wiki", HTTP), "there is no other host 'nowhere' to lead to"),
        (api.RemotePort("apps", "services/wiki", HTTP), "services/wiki has no port 'http' on apps"),
        (api.RemotePort("apps", "services/blog", HTTP), "services/blog has no port 'http' on apps"),
    ],
)
def test_a_relay_to_nowhere_is_refused(to: api.RemotePort, said: str) -> None:
    assert [problem.message for problem in refused({"apps": [WIKI], "door": [front(to)]}, {})] == [said]


def test_the_order_of_hosts_and_plugins_changes_nothing() -> None:
    blog = service("blog", asks(api.Database(name="blog", role="blog"), HTTP))
    one = planned({"apps": [WIKI, blog], "store": [], "door": []}, AWAY)
    other = planned({"door": [], "store": [], "apps": [blog, WIKI]}, AWAY)
    assert one[1] == other[1]
    assert [list(members) for members in one[0].hosts.values()] == [list(each) for each in other[0].hosts.values()]


def test_a_secret_that_only_one_end_shares_is_refused() -> None:
    mine = api.Secret(name="key", content="a key", shared_by=("services/wiki", "services/blog"))
    yours = api.Secret(name="key", content="a key")
    planned({"apps": [service("wiki", asks(mine))], "store": [service("blog", asks(mine))]})
    (problem,) = refused({"apps": [service("wiki", asks(mine))], "store": [service("blog", asks(yours))]}, {})
    assert "secret key is already taken" in problem.message


def test_a_shared_secret_is_one_file_whoever_reads_it() -> None:
    both = ("services/wiki", "services/blog")
    mine = api.Secret(name="key", content="a key", owner="wiki", shared_by=both)
    yours = api.Secret(name="key", content="a key", owner="blog", shared_by=both)
    other = api.Secret(name="key", content="another key", owner="blog", shared_by=both)
    planned({"apps": [service("wiki", asks(mine))], "store": [service("blog", asks(yours))]})
    (problem,) = refused({"apps": [service("wiki", asks(mine))], "store": [service("blog", asks(other))]}, {})
    assert "is one file" in problem.message
