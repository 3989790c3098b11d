"""Whole configurations against the index."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from maidan_nix.nix.values import Call, Function, Noted, Override, Path, Raw, Ref, Text, Value, pkgs
from maidan_nix.options.check import check_options
from maidan_nix.options.index import Index
from maidan_nix.options.overlay import Overlay
from maidan_nix.problems import Problem


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.load()


ELSEWHERE = "an option of a module from outside nixpkgs is declared in options.toml of the plugin"

# Every way in which an option can hold others: sets of submodules, lists of them, either of them, and free settings.
HOST: Mapping[str, Value] = {
    "imports": [Path("./hardware.nix"), Path("./local.nix")],
    "networking": Noted(
        {
            "hostName": "main",
            "defaultGateway": "192.0.2.1",
            "defaultGateway6": {"address": "2001:db8::1", "interface": "eth0"},
            "firewall": {"allowedTCPPorts": [80, 443], "interfaces": {"wg0": {"allowedUDPPorts": [5353]}}},
        },
        "the network",
    ),
    "services": {
        "nginx": {
            "virtualHosts": {
                "www.example.org": {
                    "listen": [{"addr": "192.0.2.2", "port": 443, "ssl": True}],
                    "locations": {"/": {"proxyPass": Text("http://", Ref("config", "x")), "return": None}},
                }
            },
            "upstreams": {"app": {"servers": {"127.0.0.1:8000": {"backup": False, "weight": 5}}}},
        },
        "openssh": {
            "settings": {"PermitRootLogin": "no", "MaxAuthTries": 3, "AllowGroups": ["ssh-users"]},
            "listenAddresses": [{"addr": "192.0.2.2", "port": None}],
        },
        "postgresql": {
            "package": pkgs("postgresql_17"),
            "ensureUsers": [{"name": "app", "ensureDBOwnership": True, "ensureClauses": {"login": True}}],
            "settings": {"port": 5432, "max_connections": 100},
            "systemCallFilter": {"~@resources": False, "mincore": {"priority": 2000}},
        },
    },
    "systemd": {
        "services": {
            "app": {
                "wantedBy": ["multi-user.target"],
                "serviceConfig": {"ExecStart": Text(pkgs("app"), "/bin/app"), "MemoryMax": Override("1G")},
                "confinement": {"mode": "chroot-only"},
            }
        },
        "tmpfiles": {"settings": {"10-app": {"/var/lib/app": {"d": {"mode": "0700"}}}}},
        "network": {"networks": {"10-wan": {"matchConfig": {"Name": "eth0"}, "routes": [{"Gateway": "192.0.2.1"}]}}},
    },
    "boot": {
        "kernelModules": ["tun"],
        "kernel": {"sysctl": {"kernel.kptr_restrict": 2}},
        "initrd": {"luks": {"devices": {"root": {"device": "/dev/vda2"}}}, "network": {"ssh": {"port": 2222}}},
    },
    "nix": {"settings": {"experimental-features": ["nix-command", "flakes"], "max-jobs": "auto"}},
    "users": {"users": {"ada": {"isNormalUser": True, "openssh": {"authorizedKeys": {"keys": ["ssh-ed25519 A"]}}}}},
    "security": {"sudo": {"extraRules": [{"users": ["ada"], "commands": ["/bin/x", {"command": "ALL"}]}]}},
    "age": {"secrets": {"app": {"file": Path("./secrets/app.age"), "owner": "app"}}},
    "disko": {
        "devices": {
            "disk": {
                "main": {
                    "device": "/dev/disk/by-id/main",
                    "content": {
                        "type": "gpt",
                        "partitions": {
                            "root": {
                                "size": "100%",
                                "content": {
                                    "type": "luks",
                                    "name": "root",
                                    "settings": {"allowDiscards": True},
                                    "content": {"type": "btrfs", "subvolumes": {"/nix": {"mountpoint": "/nix"}}},
                                },
                            }
                        },
                    },
                }
            }
        }
    },
    "maidan": {
        "sandbox": {"units": {"app": {"profile": "loopback", "limits": {"TasksMax": 64}}}},
        "egress": {"units": {"app": {"class": "none", "addresses": [], "reason": "answers on loopback only"}}},
    },
    "swapDevices": [{"device": "/dev/vda3"}],
    "assertions": [{"assertion": Raw("true", "a test"), "message": "always"}],
    "system": {"stateVersion": "26.05"},
}


def test_a_host_without_fault_has_no_problem(index: Index) -> None:
    assert check_options(HOST, index, "platform/example") == []


def test_the_same_under_config(index: Index) -> None:
    body = {key: value for key, value in HOST.items() if key != "imports"}
    assert check_options({"imports": [], "config": body}, index, "platform/example") == []


def problems(index: Index, configuration: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    found = check_options(configuration, index, "services/example")
    assert all(problem.plugin == "services/example" and problem.path == () for problem in found)
    return [(problem.message, problem.expected, problem.hint) for problem in found]


def test_an_unknown_option_names_the_nearest(index: Index) -> None:
    hosts: Value = {"a.example.org": {"forceSsl": True, "locations": {"/": {"proxyPas": "x"}}}}
    assert problems(index, {"services": {"ngnix": {"enable": True}, "nginx": {"virtualHosts": hosts}}}) == [
        ("unknown option 'services.ngnix'", "", "did you mean 'services.nginx'?"),
        (
            "unknown option 'services.nginx.virtualHosts.\"a.example.org\".forceSsl'",
            "",
            "did you mean 'services.nginx.virtualHosts.\"a.example.org\".forceSSL'?",
        ),
        (
            'unknown option \'services.nginx.virtualHosts."a.example.org".locations."/".proxyPas\'',
            "",
            'did you mean \'services.nginx.virtualHosts."a.example.org".locations."/".proxyPass\'?',
        ),
    ]


def test_nothing_near_no_suggestion(index: Index) -> None:
    assert problems(index, {"qqqqqqqq": 1}) == [("unknown option 'qqqqqqqq'", "", ELSEWHERE)]


def test_an_unknown_option_in_a_list(index: Index) -> None:
    assert problems(index, {"swapDevices": [{"device": "/a"}, {"devise": "/b"}]}) == [
        ("unknown option 'swapDevices[1].devise'", "", "did you mean 'swapDevices[1].device'?")
    ]


def test_a_wrong_value_says_where_and_what_would_be_right(index: Index) -> None:
    assert problems(index, {"services": {"openssh": {"ports": [22, 99999]}}}) == [
        ("the option 'services.openssh.ports[1]' is given the integer 99999", "a port from 0 to 65535", "")
    ]
    assert problems(index, {"networking": {"hostName": Override(7)}}) == [
        ("the option 'networking.hostName' is given the integer 7", "a string", "")
    ]


def test_a_declared_setting_is_judged_by_its_own_type_and_another_by_the_free_one(index: Index) -> None:
    settings: Value = {"PasswordAuthentication": "no", "MaxAuthTries": [3]}
    assert [message for message, _, _ in problems(index, {"services": {"openssh": {"settings": settings}}})] == [
        "the option 'services.openssh.settings.PasswordAuthentication' is given the string 'no'",
        "the option 'services.openssh.settings.MaxAuthTries' is given a list",
    ]


def test_removed_and_renamed(index: Index) -> None:
    assert problems(
        index,
        {
            "services": {"openssh": {"banner": "x", "permitRootLogin": "no"}, "promtail": {"enable": True}},
            "systemd": {"watchdog": {"runtimeTime": "30s"}, "extraConfig": "x"},
            "security": {"acme": {"certs": {"a": {"user": "x"}}}},
        },
    ) == [
        (
            "the option 'services.openssh.banner' has been removed",
            "",
            "Use services.openssh.settings.Banner, the path of a file.",
        ),
        (
            "the option 'services.openssh.permitRootLogin' has been renamed",
            "'services.openssh.settings.PermitRootLogin'",
            "set 'services.openssh.settings.PermitRootLogin' instead",
        ),
        (
            "the option 'services.promtail' has been removed",
            "",
            "It reached its end of life; use services.alloy or services.fluent-bit.",
        ),
        (
            "the option 'systemd.watchdog.runtimeTime' has been renamed",
            "'systemd.settings.Manager.RuntimeWatchdogSec'",
            "set 'systemd.settings.Manager.RuntimeWatchdogSec' instead",
        ),
        ("the option 'systemd.extraConfig' has been removed", "", "Use systemd.settings.Manager."),
        (
            "the option 'security.acme.certs.a.user' has been removed",
            "",
            "The user is always acme; add others to the group of the certificate.",
        ),
    ]


@pytest.mark.parametrize("value", ["x", 1, None, [], True, Function(("lib",), {})])
def test_a_value_where_only_options_can_be(index: Index, value: Value) -> None:
    [(message, expected, _)] = problems(index, {"services": {"openssh": value}})
    assert message.startswith("'services.openssh' is no option and is given ")
    assert expected == "an attribute set of options"


@pytest.mark.parametrize(
    "value",
    [
        Ref("config", "x"),
        Raw("{ }", "a test"),
        Call(Ref("lib", "mkIf"), Ref("config", "x"), {"enable": True}),
        Call(Ref("lib", "mkMerge"), [{"enable": True}, Noted({"ports": [22]}, "why")]),
        Call(Ref("import"), Path("./x.nix")),
    ],
)
def test_expressions_may_stand_for_a_set_of_options(index: Index, value: Value) -> None:
    assert problems(index, {"services": {"openssh": value}}) == []


def test_the_content_of_a_condition_is_checked(index: Index) -> None:
    value = Call(Ref("lib", "mkIf"), Ref("config", "x"), {"enabel": True})
    assert problems(index, {"services": {"openssh": value}}) == [
        ("unknown option 'services.openssh.enabel'", "", "did you mean 'services.openssh.enable'?")
    ]


def test_a_module_that_declares_options_is_refused(index: Index) -> None:
    [(message, _, hint)] = problems(index, {"options": {"x": {}}})
    assert message == "a generated module declares no options"
    assert "options.toml" in hint


def test_free_settings_reach_below_declared_ones() -> None:
    overlay = Overlay.parse(
        """
        [[source]]
        from = "example/flake@12345678 module.nix"
        under = ["services.example"]
        [source.options]
        "open" = "submodule"
        "open.<name>" = "?"
        "open.database.name" = "str"
        "flat" = "submodule"
        "flat.<name>" = "int"
        "flat.database.name" = "str"
        """,
        "options.toml",
    )
    index = Index.load((overlay,))
    value: Value = {"database": {"name": "x", "pool": {"size": 3}}, "depth": 1}
    assert problems(index, {"services": {"example": {"open": value}}}) == []
    assert problems(index, {"services": {"example": {"flat": value}}}) == [
        ("unknown option 'services.example.flat.database.pool'", "", ELSEWHERE)
    ]


def test_a_name_of_its_own_goes_before_the_free_one() -> None:
    overlay = Overlay.parse(
        """
        [[source]]
        from = "example/flake@12345678 module.nix"
        [source.options]
        "systemd.services.example.extra" = "int"
        """,
        "options.toml",
    )
    index = Index.load((overlay,))
    units: Value = {"example": {"extra": 1, "wantedBy": []}, "other": {"extra": 1}}
    assert problems(index, {"systemd": {"services": units}}) == [
        ("unknown option 'systemd.services.other.extra'", "", ELSEWHERE)
    ]


def test_what_the_index_does_not_know_in_depth_is_left_open(index: Index) -> None:
    assert problems(index, {"services": {"fail2ban": {"jails": {"x": {"settings": {"anything": [1]}}}}}}) == []


def test_a_host_is_checked_in_milliseconds() -> None:
    configuration = {
        **HOST,
        "systemd": {"services": {f"app-{n}": HOST["systemd"]["services"]["app"] for n in range(100)}},  # type: ignore[index,call-overload]  # HOST is plain data
    }
    times = []
    for _ in range(5):
        start = time.perf_counter()
        index = Index.load()
        found: list[Problem] = check_options(configuration, index, "platform/example")
        times.append(time.perf_counter() - start)
        assert found == []
    # A few milliseconds in fact. The bound is wide, to fail on a wrong method and not on a busy machine.
    assert min(times) < 0.1
