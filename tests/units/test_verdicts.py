"""systemd's own verdict on every unit that the examples would run: it understands all of it, and how exposed it is."""

from __future__ import annotations

import re

import pytest

from judges import systemd_exposure, systemd_verify
from maidan_nix import api
from maidan_nix.contract.unit import Profile
from units.composition import EXAMPLES, Effective, compose, effective, example
from units.exposures import ALLOWANCES, EXPOSURES, THRESHOLDS

LIMITS = api.Limits(memory_high="64M", memory_max="128M", tasks=8)


def judged(name: str) -> dict[str, Effective]:
    """The units of an example, but for exempt ones of which upstream's part is not recorded."""
    units = {unit: one for host in example(name).values() for unit, one in effective(host).items()}
    return {unit: one for unit, one in units.items() if one.service or not one.unit.exempt}


def in_table(unit: str) -> str:
    alike = {
        r"(acme|acme-order-renew)-[a-z.]+\.[a-z]+": r"\1-HOST",
        r"relay-.+": "relay-NAME",
        r"relayed-5432-.+": "relayed-5432",
        r"relayed-2\d{4}-.+": "relayed-PORT",  # a number that the lock assigned
    }
    return next((re.sub(form, name, unit) for form, name in alike.items() if re.fullmatch(form, unit)), unit)


@pytest.mark.parametrize("name", EXAMPLES)
def test_systemd_understands_every_unit(name: str) -> None:
    texts = {f"{unit}.service": one.text() for unit, one in judged(name).items()}
    remarks = {unit: systemd_verify({unit: text}, beside=texts).output for unit, text in texts.items()}
    assert {unit: remark for unit, remark in remarks.items() if remark} == {}


@pytest.mark.parametrize("name", EXAMPLES)
def test_exposures_are_those_on_record(name: str) -> None:
    found = {in_table(unit): systemd_exposure(one.text()) for unit, one in judged(name).items()}
    assert found == {unit: EXPOSURES[unit] for unit in found}


def test_the_record_holds_no_unit_that_is_gone() -> None:
    assert {in_table(unit) for name in EXAMPLES for unit in judged(name)} == EXPOSURES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_exceeds_its_profile_is_argued_and_excepted(name: str) -> None:
    for unit, one in judged(name).items():
        exceeds = not one.unit.exempt and EXPOSURES[in_table(unit)] > THRESHOLDS[one.unit.profile]
        assert exceeds == (in_table(unit) in ALLOWANCES), unit
        assert not exceeds or one.unit.exemptions, unit


@pytest.mark.parametrize("profile", THRESHOLDS)
def test_a_unit_without_exceptions_keeps_its_profile(profile: Profile) -> None:
    user = {"serviceConfig": {"User": "web", "Group": "web"}, "script": "exec web"}
    reach = {"class": "internet", "reason": "federates"} if profile == "internet" else None
    unit = compose("services/none", api.Unit(name="web", profile=profile, limits=LIMITS), user, reach)
    assert systemd_exposure(unit.text()) <= THRESHOLDS[profile]


def test_upstream_alone_would_not_do() -> None:
    """The judge tells the composed unit from upstream's: what the sandbox adds is more than words."""
    redis = compose("platform/redis", api.Unit(name="redis-wiki", profile="socket", limits=LIMITS))
    upstream = "[Service]\n" + "\n".join(f"{name}={value}" for name, value in redis.facts.directives.items())
    assert systemd_exposure(upstream) >= 1
    assert systemd_exposure(redis.text()) == 0.2
