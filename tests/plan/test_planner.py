"""The planner: who gets what, in one pass, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from maidan_nix import api
from maidan_nix.plan.lock import FIRST_PORT, FIRST_USER_ID, Lock
from maidan_nix.plan.planner import Join, Plan, make_plan
from maidan_nix.problems import ExitCode, MaidanError

Wants = Callable[[], Iterable[api.Need[Any]]]


class Store(api.Platform[api.Settings]):
    """Provides databases; serving one takes a port."""

    name, title, summary, upstream, licence = "store", "Store", "Keeps things", "https://example.org", "MIT"
    settings = api.Settings
    provides = (api.Database,)

    def grant(self, context: api.Context[api.Settings], request: api.Request[api.Database]) -> api.DatabaseGrant:
        return api.DatabaseGrant(name=request.need.name, role=request.need.role, socket="/run/s", unit="s.service")

    def needs_to_serve(self, context: Any, requests: tuple[api.Request[Any], ...]) -> Iterable[api.Need[Any]]:
        return [api.Port(name=f"for-{request.need.name}") for request in requests]

    def configure(self, context: Any, grants: api.Grants) -> Mapping[str, api.Value]:
        return {}


class Gate(api.Hardening[api.Settings]):
    """Provides ports."""

    name, title, summary, upstream, licence = "gate", "Gate", "Opens ports", "https://example.org", "MIT"
    settings = api.Settings
    provides = (api.Port,)

    def grant(self, context: Any, request: api.Request[api.Port]) -> api.PortGrant:
        return api.PortGrant(number=cast(int, request.assigned), address="127.0.0.1")

    def configure(self, context: Any, grants: api.Grants) -> Mapping[str, api.Value]:
        return {}


def service(called: str, wants: Wants = tuple, clashes: tuple[str, ...] = ()) -> api.Plugin[Any]:
    """A service that wants what `wants` returns."""

    class Asking(api.Service[api.Settings]):
        name, title, summary, upstream, licence = called, called, called, "https://example.org", "MIT"
        settings = api.Settings
        conflicts = clashes

        def needs(self, context: Any) -> Iterable[api.Need[Any]]:
            return wants()

        def configure(self, context: Any, grants: api.Grants) -> Mapping[str, api.Value]:
            return {}

        def units(self, context: Any, grants: api.Grants) -> Iterable[api.Unit]:
            return ()

    return Asking()


PROVIDERS = {"database": "platform/store", "port": "hardening/gate"}


def plan(*services: api.Plugin[Any], lock: Lock | None = None, hosts: tuple[str, ...] = ("main",)) -> tuple[Plan, Lock]:
    plugins = {plugin.full_name(): plugin for plugin in (*services, Store(), Gate())}

    def join(host: str, name: str) -> tuple[api.Plugin[Any], api.Context[Any]]:
        context: Any = SimpleNamespace(section=name.replace("/", "."), host=host)
        return plugins[name], context

    members = {host: [plugin.full_name() for plugin in services] for host in hosts}
    return make_plan(members, PROVIDERS, lock or Lock(), cast(Join, join))


DATABASE = api.Database(name="wiki", role="wiki")


def test_a_need_is_granted_and_its_provider_joins_by_itself() -> None:
    planned, _ = plan(service("wiki", lambda: [DATABASE]))
    assert sorted(planned.hosts["main"]) == ["hardening/gate", "platform/store", "services/wiki"]
    assert planned.hosts["main"]["services/wiki"].grants[DATABASE].socket == "/run/s"
    (served,) = planned.hosts["main"]["platform/store"].grants.serves(api.Database)
    assert (served.plugin, served.need) == ("services/wiki", DATABASE)
    assert served.grants[DATABASE].name == "wiki"


def test_without_a_need_no_provider_joins() -> None:
    planned, _ = plan(service("wiki"))
    assert list(planned.hosts["main"]) == ["services/wiki"]


def test_serving_raises_needs_of_its_own() -> None:
    planned, _ = plan(service("wiki", lambda: [DATABASE]))
    port = planned.hosts["main"]["platform/store"].grants[api.Port(name="for-wiki")]
    assert port.number == FIRST_PORT


def test_ports_and_user_ids_are_assigned_once() -> None:
    port, user = api.Port(name="http"), api.UserId(user="ada")
    wants: list[api.Need[Any]] = [port, user]
    _, lock = plan(service("wiki", lambda: wants))
    planned, again = plan(service("aardvark", lambda: [port]), service("wiki", lambda: wants), lock=lock)
    grants = {name: one.grants for name, one in planned.hosts["main"].items()}
    assert grants["services/wiki"][port].number == FIRST_PORT
    assert grants["services/aardvark"][port].number == FIRST_PORT + 1
    assert grants["services/wiki"][user] == FIRST_USER_ID
    _, third = plan(service("aardvark", lambda: [port]), lock=again)
    assert third.hosts["main"].ports["services/wiki http"] == FIRST_PORT, "a removed service keeps its port"


def test_an_assigned_port_avoids_the_fixed_ones() -> None:
    fixed = api.Port(name="fixed", number=FIRST_PORT)
    planned, _ = plan(service("a", lambda: [api.Port(name="http")]), service("z", lambda: [fixed]))
    assert planned.hosts["main"]["services/a"].grants[api.Port(name="http")].number == FIRST_PORT + 1


def test_kept_values_stay_and_permanent_ones_refuse_to_change() -> None:
    _, lock = plan(service("wiki", lambda: [api.Kept(name="major", initial="17")]))
    newer = api.Kept(name="major", initial="18")
    planned, _ = plan(service("wiki", lambda: [newer]), lock=lock)
    assert planned.hosts["main"]["services/wiki"].grants[newer] == "17"

    def named(value: str) -> Wants:
        return lambda: [api.Permanent(name="domain", value=value, consequence="links break", setting="domain")]

    _, lock = plan(service("wiki", named("a.example.org")))
    with pytest.raises(MaidanError) as caught:
        plan(service("wiki", named("b.example.org")), lock=lock)
    (problem,) = caught.value.problems
    assert problem.path == ("services", "wiki", "domain")
    assert "links break" in problem.message
    assert "a.example.org" in problem.hint
    assert caught.value.exit_code is ExitCode.MANIFEST_INVALID


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


def test_every_clash_is_reported_at_once() -> None:
    both: list[api.Need[Any]] = [DATABASE, api.Port(name="p", number=443)]
    with pytest.raises(MaidanError) as caught:
        plan(service("blog", lambda: both), service("wiki", lambda: both))
    assert len(caught.value.problems) == 2


def test_conflicting_plugins_are_refused() -> None:
    with pytest.raises(MaidanError, match="cannot run on one host"):
        plan(service("a", clashes=("services/b",)), service("b"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moonlight(api.Need[None]):
    """A kind that nobody provides."""

    kind: ClassVar[str] = "moonlight"
    rank: ClassVar[int] = 1000


def test_a_kind_that_nobody_provides_is_named() -> None:
    with pytest.raises(MaidanError, match="nobody provides moonlight"):
        plan(service("wiki", lambda: [Moonlight()]))


def test_a_provider_that_does_not_provide_is_named() -> None:
    plugins = {"services/wiki": service("wiki", lambda: [DATABASE]), "hardening/gate": Gate()}

    def join(host: str, name: str) -> tuple[api.Plugin[Any], api.Context[Any]]:
        context: Any = SimpleNamespace(section=name.replace("/", "."))
        return plugins[name], context

    with pytest.raises(MaidanError, match="hardening/gate does not provide database"):
        make_plan({"main": ["services/wiki"]}, {"database": "hardening/gate"}, Lock(), join)


def test_serving_may_not_raise_a_need_of_a_lower_rank() -> None:
    class Backwards(Gate):
        def needs_to_serve(self, context: Any, requests: Any) -> Iterable[api.Need[Any]]:
            return [DATABASE]

    plugins = {"services/wiki": service("wiki", lambda: [api.Port(name="http")]), "hardening/gate": Backwards()}

    def join(host: str, name: str) -> tuple[api.Plugin[Any], api.Context[Any]]:
        context: Any = SimpleNamespace(section=name.replace("/", "."))
        return plugins[name], context

    with pytest.raises(MaidanError) as caught:
        make_plan({"main": ["services/wiki"]}, PROVIDERS, Lock(), join)
    assert caught.value.problems[0].plugin == "hardening/gate"


@pytest.mark.parametrize("rubbish", [None, 7, "wiki", object()])
def test_a_plugin_that_states_rubbish_is_named(rubbish: Any) -> None:
    with pytest.raises(MaidanError) as caught:
        plan(service("wiki", lambda: [rubbish]))
    assert caught.value.problems[0].plugin == "services/wiki"


def test_a_plugin_that_raises_is_named() -> None:
    def explode() -> Iterable[api.Need[Any]]:
        raise ZeroDivisionError("no reason")

    with pytest.raises(MaidanError, match="ZeroDivisionError: no reason") as caught:
        plan(service("wiki", explode))
    assert caught.value.problems[0].plugin == "services/wiki"
    assert caught.value.exit_code is ExitCode.FAILED


def test_the_order_of_services_does_not_matter() -> None:
    port = api.Port(name="http")
    a, b = service("a", lambda: [port, DATABASE]), service("b", lambda: [port])
    (_, one), (_, other) = plan(a, b), plan(b, a)
    assert one == other


def test_a_grant_that_was_never_asked_for_is_a_key_error() -> None:
    planned, _ = plan(service("wiki"))
    with pytest.raises(KeyError, match="never asked"):
        planned.hosts["main"]["services/wiki"].grants[DATABASE]


def test_hosts_are_planned_apart() -> None:
    planned, lock = plan(service("wiki", lambda: [DATABASE, api.Port(name="http")]), hosts=("north", "south"))
    assert list(planned.hosts) == ["north", "south"]
    assert lock.hosts["north"] == lock.hosts["south"]
