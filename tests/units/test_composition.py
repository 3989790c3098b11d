"""The composition of units agrees with what the shipped modules evaluate to, and leaves nothing to guesses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from maidan_nix import api
from maidan_nix.api import nix
from maidan_nix.nix.printer import module
from maidan_nix.nix.values import Value
from maidan_nix.plan.configured import Configured
from modules.evaluation import MODULE_SYSTEM_NEEDS, SHIPPED, STAND_INS, evaluate, nixpkgs_lib
from units.composition import EXAMPLES, Effective, compose, effective, entries, example
from units.upstream import facts, matching, patterns

LIMITS = api.Limits(memory_high="64M", memory_max="128M", tasks=8)


def units(name: str) -> list[Effective]:
    return [unit for host in example(name).values() for unit in effective(host).values()]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_sandbox_stands_on_recorded_facts(name: str) -> None:
    for unit in units(name):
        is_of_plugin = "script" in unit.options or "ExecStart" in unit.options.get("serviceConfig", {})
        known = facts(unit.plugin, unit.name) or is_of_plugin or unit.unit.exempt
        assert known, f"{unit.plugin} has no upstream facts of {unit.name}"


def test_no_fact_is_about_a_unit_that_nobody_names() -> None:
    found = [unit for name in EXAMPLES for unit in units(name)]
    used = {(unit.plugin, matching(unit.name, patterns(unit.plugin))) for unit in found}
    recorded = {(plugin, unit) for plugin in {unit.plugin for unit in found} for unit in patterns(plugin)}
    assert recorded - used == set()


def test_the_most_particular_fact_counts() -> None:
    of_one = compose("platform/redis", api.Unit(name="redis-wiki", profile="socket", limits=LIMITS))
    assert of_one.facts.directives["StateDirectory"] == "redis-wiki"
    assert of_one.service["ExecStart"] == "/nix/store/redis/bin/redis-server /var/lib/redis-wiki/redis.conf"
    assert matching("acme-order-renew-a.org", {"acme-HOST": 0, "acme-order-renew-HOST": 0}) == "acme-order-renew-HOST"


def test_what_the_module_system_would_refuse_is_refused() -> None:
    unit = api.Unit(name="redis-wiki", profile="socket", limits=LIMITS)
    with pytest.raises(AssertionError, match="needs an override"):
        compose("platform/redis", unit, {"serviceConfig": {"Type": "simple"}})
    noted: Mapping[str, Any] = {"serviceConfig": {"Type": nix.Noted(nix.Override("simple"), "why")}}
    assert compose("platform/redis", unit, noted).service["Type"] == "simple"


def printed(options: Mapping[str, Value], name: str, folder: Path) -> Path:
    file = folder / f"{name.replace('/', '-')}.nix"
    file.write_text(module(options, name), "utf-8")
    return file


def own_part(options: Mapping[str, Any]) -> Mapping[str, Value]:
    """What a plugin says to the modules and to its units; a script is code, and only its presence matters here."""
    services = {
        unit: {key: "true" if key in {"script", "preStart"} else value for key, value in service.items() if key in KEPT}
        for unit, service in entries({"": Configured(options, (), ())}, "systemd", "services").items()
    }
    maidan = {name: options["maidan"][name] for name in ("sandbox", "egress") if name in options.get("maidan", {})}
    return {"systemd": {"services": services}, "maidan": maidan}


KEPT = {"preStart", "script", "serviceConfig"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_modules_evaluate_to_the_same(name: str, tmp_path: Path) -> None:
    lib = nixpkgs_lib()
    for host, configured in example(name).items():
        composed = {unit: one for unit, one in effective(configured).items() if not one.unit.exempt}
        upstream = {unit: {"serviceConfig": dict(one.facts.directives)} for unit, one in composed.items()}
        files = [
            printed({"systemd": {"services": upstream}}, f"{host}-upstream", tmp_path),
            *(printed(own_part(one.options), f"{host}-{plugin}", tmp_path) for plugin, one in configured.items()),
        ]
        shipped = " ".join(f"{SHIPPED}/{each}.nix" for each in ("declared", "egress", "sandbox"))
        modules = f"[ {STAND_INS}/host.nix {shipped} {' '.join(map(str, files))} ]"
        evaluated = evaluate(
            f"let c = (import {lib}).evalModules {{ modules = {modules}; }}; in {{"
            " failed = map (a: a.message) (builtins.filter (a: !a.assertion) c.config.assertions);"
            " services = builtins.mapAttrs (_: s: s.serviceConfig) c.config.systemd.services; }",
            MODULE_SYSTEM_NEEDS,
        )
        assert evaluated["failed"] == []
        assert composed.keys() <= evaluated["services"].keys()
        for unit, one in composed.items():
            assert without_commands(evaluated["services"][unit]) == without_commands(one.service), unit


def without_commands(directives: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stand-in module names scripts otherwise."""
    return {name: value for name, value in directives.items() if name not in {"ExecStart", "ExecStartPre"}}
