"""The planner: who gets what, in one pass, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from maidan_nix import api
from maidan_nix.plan.lock import FIRST_PORT, FIRST_USER_ID, HostLock, Lock
from maidan_nix.plan.planner import make_plan
from maidan_nix.problems import ExitCode, MaidanError
from plan.planning import DATABASE, PROVIDERS, Gate, Wants, plan, service


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sunlight(api.Need[None]):
    """A kind whose provider is not installed."""

    kind: ClassVar[str] = "sunlight"
    rank: ClassVar[int] = 1001
    provider: ClassVar[str] = "platform/window"


def test_a_kind_whose_provider_is_not_installed_is_named_by_everyone_who_asks() -> None:
    with pytest.raises(MaidanError) as caught:
        plan(service("blog", lambda: [Sunlight()]), service("wiki", lambda: [Sunlight()]))
    assert [problem.plugin for problem in caught.value.problems] == ["services/blog", "services/wiki"]
    for problem in caught.value.problems:
        assert problem.message == "nobody provides sunlight"
        assert "platform/window" in problem.hint
        assert "plugins.providers.sunlight" in problem.hint


class Loose(api.Need[None]):
    """No dataclass: printed with the place in memory where it happens to lie."""

    kind: ClassVar[str] = "loose"
    rank: ClassVar[int] = 1002


@dataclass
class Soft(api.Need[None]):
    """Not frozen; hashable all the same."""

    kind: ClassVar[str] = "soft"
    rank: ClassVar[int] = 1003

    def __hash__(self) -> int:
        return 1


@dataclass(frozen=True, repr=False)
class Silent(api.Need[None]):
    """Frozen, and printed as if it were not."""

    kind: ClassVar[str] = "silent"
    rank: ClassVar[int] = 1004


@pytest.mark.parametrize("need", [Loose(), Soft(), Silent()])
def test_a_kind_that_is_no_frozen_dataclass_is_named(need: api.Need[None]) -> None:
    with pytest.raises(MaidanError, match="is not a frozen dataclass") as caught:
        plan(service("wiki", lambda: [need]))
    assert caught.value.problems[0].plugin == "services/wiki"


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


def test_a_kept_value_is_of_its_form() -> None:
    major = api.Kept(name="major", initial="17", pattern="[0-9]{1,3}")
    _, lock = plan(service("wiki", lambda: [major]))
    plan(service("wiki", lambda: [major]), lock=lock)
    for odd in ("", "17.2", "17\n", "latest"):
        kept = HostLock(kept={"services/wiki major": odd})
        with pytest.raises(MaidanError) as caught:
            plan(service("wiki", lambda: [major]), lock=Lock({"main": kept}))
        (problem,) = caught.value.problems
        assert "maidan.lock" in problem.message
        assert "services/wiki major" in problem.message
        assert problem.plugin == "services/wiki"
        assert "[0-9]{1,3}" in problem.expected


@pytest.mark.parametrize(("initial", "pattern"), [("x", "[0-9]"), ("17", "[0-9]"), ("17", "(")])
def test_a_kept_value_that_begins_in_another_form_is_its_plugins_fault(initial: str, pattern: str) -> None:
    with pytest.raises(MaidanError) as caught:
        plan(service("wiki", lambda: [api.Kept(name="major", initial=initial, pattern=pattern)]))
    assert caught.value.problems[0].plugin == "services/wiki"
    assert caught.value.exit_code is ExitCode.FAILED


def test_hosts_are_planned_apart() -> None:
    planned, lock = plan(service("wiki", lambda: [DATABASE, api.Port(name="http")]), hosts=("north", "south"))
    assert list(planned.hosts) == ["north", "south"]
    assert lock.hosts["north"] == lock.hosts["south"]
