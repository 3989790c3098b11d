"""maidan.sandbox under nixpkgs' module system: what wins over what, and what fails the build."""

from __future__ import annotations

import pytest

from modules.evaluation import SHIPPED, EvaluationError, evaluate, host

# As an upstream module defines a unit: at normal priority, with a deny-list and a looser directive.
UPSTREAM = """
{
  systemd.services.web = {
    preStart = "prepare";
    serviceConfig = {
      ExecStart = "/bin/web";
      User = "web";
      StateDirectory = "web";
      ProtectHome = false;
      CapabilityBoundingSet = [ "CAP_SYS_RESOURCE" ];
      LimitNOFILE = "1024";
      SystemCallFilter = [ "~@mount @debug" ];
    };
  };
}
"""
LOOPBACK = '{ maidan.sandbox.units.web.profile = "loopback"; }'


def profiles() -> dict[str, dict[str, object]]:
    value: dict[str, dict[str, object]] = evaluate(f"import {SHIPPED}/sandbox-profiles.nix")
    return value


def test_a_profile_wins_over_upstream_and_leaves_the_rest_alone() -> None:
    result = host(UPSTREAM + LOOPBACK)
    assert result.failed == []
    assert result.services["web"] == {
        **profiles()["loopback"],
        "ExecStart": "/bin/web",
        "ExecStartPre": ["/pre-start"],
        "LimitNOFILE": "1024",
        "StateDirectory": "web",
        "User": "web",
    }


def test_a_filter_replaces_the_upstream_filter() -> None:
    filters = host(UPSTREAM + LOOPBACK).services["web"]["SystemCallFilter"]
    assert filters == ["@system-service", "~@privileged", "~@resources"]


@pytest.mark.parametrize("profile", ["socket", "loopback", "public", "privileged-port"])
def test_every_directive_of_a_profile_arrives(profile: str) -> None:
    result = host(UPSTREAM + f'{{ maidan.sandbox.units.web.profile = "{profile}"; }}')
    assert result.failed == []
    assert profiles()[profile].items() <= result.services["web"].items()


def test_exceptions_and_limits_win_over_the_profile_and_over_upstream() -> None:
    result = host(
        UPSTREAM
        + """{
          maidan.sandbox.units.web = {
            profile = "loopback";
            exceptions.MemoryDenyWriteExecute = { value = false; reason = "compiles at run time"; };
            exceptions.RestrictAddressFamilies = { value = [ "AF_UNIX" ]; reason = "is handed its socket"; };
            limits = { LimitNOFILE = 65536; MemoryMax = "1G"; };
          };
        }"""
    )
    assert result.failed == []
    unit = result.services["web"]
    assert unit["MemoryDenyWriteExecute"] is False
    assert unit["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert (unit["LimitNOFILE"], unit["MemoryMax"]) == (65536, "1G")
    assert unit["ProtectSystem"] == "strict"


def test_an_exception_can_leave_a_directive_out() -> None:
    exception = 'exceptions.SystemCallFilter = { value = [ ]; reason = "starts virtual machines"; };'
    result = host(UPSTREAM + f'{{ maidan.sandbox.units.web = {{ profile = "loopback"; {exception} }}; }}')
    assert result.failed == []
    assert result.services["web"]["SystemCallFilter"] == []


def test_what_a_steward_forces_is_kept_and_noticed() -> None:
    steward = "({ lib, ... }: { systemd.services.web.serviceConfig.ProtectHome = lib.mkForce false; })"
    result = host(UPSTREAM + LOOPBACK + steward)
    assert result.services["web"]["ProtectHome"] is False
    (message,) = result.failed
    assert "web.service would run with ProtectHome = false, declared is true" in message
    assert "systemd.services.web.serviceConfig.ProtectHome" in message
    assert 'maidan.sandbox.units.web.exceptions.ProtectHome = { value = false; reason = "..."; };' in message


def test_the_exception_from_the_message_silences_it() -> None:
    steward = """({ lib, ... }: {
      systemd.services.web.serviceConfig.ProtectHome = lib.mkForce false;
      maidan.sandbox.units.web.exceptions.ProtectHome = { value = false; reason = "serves home pages"; };
    })"""
    assert host(UPSTREAM + LOOPBACK + steward).failed == []


def test_a_directive_forced_away_is_noticed() -> None:
    steward = """({ lib, ... }: {
      systemd.services.web.serviceConfig = lib.mkForce { ExecStart = "/bin/web"; User = "web"; };
    })"""
    failed = host(UPSTREAM + LOOPBACK + steward).failed
    assert len(failed) == len(profiles()["loopback"])
    assert any("PrivateMounts = null, declared is true" in message for message in failed)


def test_a_filter_extended_at_the_same_priority_is_noticed() -> None:
    steward = """({ lib, ... }: {
      systemd.services.web.serviceConfig.SystemCallFilter = lib.mkOverride 90 [ "@mount" ];
    })"""
    (message,) = host(UPSTREAM + LOOPBACK + steward).failed
    assert '"@mount"' in message


def test_a_limit_says_where_limits_are_declared() -> None:
    limits = '{ maidan.sandbox.units.web = { profile = "loopback"; limits.TasksMax = 64; }; }'
    steward = "({ lib, ... }: { systemd.services.web.serviceConfig.TasksMax = lib.mkForce 128; })"
    (message,) = host(UPSTREAM + limits + steward).failed
    assert "maidan.sandbox.units.web.limits.TasksMax = 128;" in message


def test_a_misspelt_unit_fails_and_is_named() -> None:
    (message,) = host(UPSTREAM + '{ maidan.sandbox.units.wbe.profile = "loopback"; }').failed
    assert "nothing defines wbe.service" in message
    assert "Did you mean web?" in message


@pytest.mark.parametrize(
    "said",
    [
        'systemd.services.web.overrideStrategy = "asDropin";',
        'systemd.additionalUpstreamSystemUnits = [ "web.service" ];',
    ],
)
def test_a_unit_that_a_package_brings_can_be_confined(said: str) -> None:
    assert host(f"{{ {said} }}" + LOOPBACK).failed == []


def test_a_unit_made_of_a_script_exists() -> None:
    unit = '{ systemd.services.web = { script = "exec web"; serviceConfig.DynamicUser = true; }; }'
    assert host(unit + LOOPBACK).failed == []


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (
            'exceptions.MemoryDenyWriteExcute = { value = false; reason = "compiles"; };',
            "a systemd directive that exceptions can name. Did you mean MemoryDenyWriteExecute?",
        ),
        ("limits.MemoryMxa = 1;", "limits.MemoryMxa: this is not a systemd directive that limits can name."),
        ("limits.ProtectHome = 1;", "limits.ProtectHome: this is not a systemd directive that limits can name."),
        (
            'exceptions.IPAddressDeny = { value = [ ]; reason = "calls out"; };',
            "exceptions.IPAddressDeny: addresses are declared in maidan.egress.units.web.",
        ),
        (
            'exceptions.ProtectHome = { value = false; reason = " "; };',
            "exceptions.ProtectHome.reason is empty: say why",
        ),
    ],
)
def test_a_declaration_that_means_nothing_fails(declared: str, expected: str) -> None:
    result = host(UPSTREAM + f'{{ maidan.sandbox.units.web = {{ profile = "loopback"; {declared} }}; }}')
    assert any(expected in message for message in result.failed)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ('profile = "lopback";', 'one of "internet", "loopback", "privileged-port", "public", "socket"'),
        ("exceptions.ProtectHome.value = false;", "exceptions.ProtectHome.reason' was accessed but has no value"),
        ('profile = "loopback"; exeptions = { };', "exeptions' does not exist"),
        ('profile = "loopback"; exceptions.UMask = { value = { }; reason = "x"; };', "not of type"),
    ],
)
def test_a_declaration_of_the_wrong_shape_is_refused(declared: str, expected: str) -> None:
    with pytest.raises(EvaluationError, match="(?s)" + expected.replace("(", r"\(")):
        host(UPSTREAM + LOOPBACK + f"{{ maidan.sandbox.units.web = {{ {declared} }}; }}")


@pytest.mark.parametrize("command", ['"+/bin/web"', '"-+/bin/web"', '[ "@+/bin/web web" ]'])
def test_a_program_started_outside_its_sandbox_fails(command: str) -> None:
    unit = f'{{ systemd.services.web.serviceConfig = {{ ExecStart = {command}; User = "web"; }}; }}'
    (message,) = host(unit + LOOPBACK).failed
    assert 'starts its program with "+"' in message


def test_a_start_script_may_need_root() -> None:
    unit = """{ systemd.services.web.serviceConfig = {
      ExecStart = "/bin/web --a+b";
      ExecStartPre = [ "+/bin/prepare" ];
      User = "web";
    }; }"""
    assert host(unit + LOOPBACK).failed == []


@pytest.mark.parametrize("user", ["", 'User = "root";', "User = 0;", "DynamicUser = false;"])
def test_a_confined_unit_does_not_run_as_root(user: str) -> None:
    unit = f'{{ systemd.services.web.serviceConfig = {{ ExecStart = "/bin/web"; {user} }}; }}'
    (message,) = host(unit + LOOPBACK).failed
    assert "runs as root" in message


def test_root_can_be_declared() -> None:
    unit = '{ systemd.services.web.serviceConfig.ExecStart = "/bin/web"; }'
    root = '{ maidan.sandbox.units.web.exceptions.User = { value = "root"; reason = "reads every file"; }; }'
    result = host(unit + LOOPBACK + root)
    assert result.failed == []
    assert result.services["web"]["User"] == "root"
