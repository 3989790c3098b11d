"""Each judge accepts a good artefact and refuses a bad one: a judge that cannot say no proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from judges import (
    NixRefusedError,
    debian_tree,
    judge,
    nft_check,
    nginx_test,
    nix_eval,
    nix_parse,
    run,
    sshd_test,
    systemd_exposure,
    systemd_verify,
)

UNIT = """
[Unit]
After=network.target

[Service]
ExecStart=/nix/store/server/bin/server --port 8000
DynamicUser=yes
{directive}
"""

NGINX = """
user www-data;
pid /run/nginx/nginx.pid;
error_log /var/log/nginx/error.log;
events {{}}
http {{
    server {{
        listen 192.0.2.7:443 ssl;
        http2 on;
        server_name chat.example.org;
        ssl_certificate /var/lib/acme/chat.example.org/fullchain.pem;
        ssl_certificate_key /var/lib/acme/chat.example.org/key.pem;
        {directive}
    }}
}}
"""

RULES = """
table inet filter {{
    chain input {{
        type filter hook input priority filter; policy drop;
        {rule}
    }}
}}
"""


@pytest.mark.parametrize(
    ("package", "words"), [("no-such-package", "apt-get install no-such-"), ("no-such (PyPI)", "pip install no-such$")]
)
def test_a_missing_program_is_a_skip_or_where_judges_are_promised_a_failure(
    monkeypatch: pytest.MonkeyPatch, package: str, words: str
) -> None:
    monkeypatch.delenv("MAIDAN_REQUIRE_JUDGES", raising=False)
    with pytest.raises(pytest.skip.Exception, match=words):
        judge("no-such-program", package=package)
    monkeypatch.setenv("MAIDAN_REQUIRE_JUDGES", "1")
    with pytest.raises(pytest.fail.Exception, match=words):
        judge("no-such-program", package=package)


def test_a_missing_tree_names_the_script_that_makes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAIDAN_DEBIAN_TREE", str(tmp_path))
    monkeypatch.delenv("MAIDAN_REQUIRE_JUDGES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="scripts/debian-tree"):
        debian_tree()


@pytest.mark.parametrize("recent", [False, True])
def test_nix_parses(tmp_path: Path, recent: bool) -> None:
    good, bad = tmp_path / "good.nix", tmp_path / "bad.nix"
    good.write_text("{ lib, ... }: { x = lib.mkIf true 1; }\n")
    bad.write_text("{ x = 1 }\n")
    assert nix_parse([good], recent=recent)
    verdict = nix_parse([good, bad], recent=recent)
    assert not verdict
    assert "bad.nix" in verdict.output
    assert not nix_parse([]), "no file at all must not pass for files that parse"


@pytest.mark.parametrize("recent", [False, True])
def test_nix_evaluates(tmp_path: Path, recent: bool) -> None:
    (tmp_path / "default.nix").write_text("{ value = 42; }")
    assert nix_eval('{ a = [ 1 "zwei" null ]; }', recent=recent) == {"a": [1, "zwei", None]}
    assert nix_eval("(import <given>).value", search_path={"given": tmp_path}, recent=recent) == 42
    with pytest.raises(NixRefusedError, match="undefined variable"):
        nix_eval("{ a = nothing; }", recent=recent)
    with pytest.raises(NixRefusedError, match="given up"):
        nix_eval('{ a.b = throw "given up"; }', recent=recent)


def test_a_recent_nix_has_what_the_module_system_needs() -> None:
    assert nix_eval('builtins.compareVersions builtins.nixVersion "2.18"', recent=True) == 1


def test_systemd_loads_units() -> None:
    assert systemd_verify({"server.service": UNIT.format(directive="ProtectSystem=strict")})
    assert systemd_verify(
        {"server.service": UNIT.format(directive="") + "[Install]\nWantedBy=multi-user.target\n"},
        beside={"other.service": UNIT.format(directive="")},
    )


@pytest.mark.parametrize(
    ("directive", "words"),
    [
        ("ProtectSytem=strict", "Unknown key"),
        ("ProtectSystem=stricter", "Failed to parse"),
        ("SystemCallFilter=@no-such-group", "Unknown system call group"),
        ("[Servce]\nX=1", "Unknown section"),
    ],
)
def test_systemd_refuses_misspelt_units(directive: str, words: str) -> None:
    verdict = systemd_verify({"server.service": UNIT.format(directive=directive)})
    assert not verdict
    assert words in verdict.output


def test_systemd_refuses_a_unit_without_a_program() -> None:
    verdict = systemd_verify({"server.service": "[Service]\nExecStart=\n"})
    assert not verdict
    assert "no ExecStart" in verdict.output


def test_systemd_scores_exposure() -> None:
    bare = systemd_exposure("[Service]\nExecStart=/bin/server\n")
    private = systemd_exposure(
        "[Service]\nExecStart=/bin/server\nDynamicUser=yes\nPrivateNetwork=yes\nPrivateDevices=yes\n"
    )
    assert private < bare <= 10
    with pytest.raises(AssertionError):
        systemd_exposure("[Service]\nExecStart=/bin/server\n", name="no/such/name.service")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("certificate")
    made = run(
        f"{judge('openssl', package='openssl')} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        f" -days 2 -subj /CN=chat.example.org -keyout {folder}/key.pem -out {folder}/fullchain.pem".split()
    )
    assert made
    home = "/var/lib/acme/chat.example.org"
    return {f"{home}/{name}": (folder / name).read_text() for name in ("fullchain.pem", "key.pem")}


def test_nginx_loads_a_configuration(certificate: dict[str, str]) -> None:
    assert nginx_test(NGINX.format(directive="location / { proxy_pass http://127.0.0.1:8000; }"), certificate)


@pytest.mark.parametrize(
    "directive", ["add_heeder X 1;", "listen 443 ssl", "listen 192.0.2.8:443 ssl http2;", "ssl_certificate /none.pem;"]
)
def test_nginx_refuses_a_bad_configuration(certificate: dict[str, str], directive: str) -> None:
    verdict = nginx_test(NGINX.format(directive=directive), certificate)
    assert not verdict
    assert "/judged/nginx.conf" in verdict.output or "/none.pem" in verdict.output


def test_sshd_tells_the_settings_in_force() -> None:
    verdict = sshd_test("PasswordAuthentication no\nPermitRootLogin no\n")
    assert verdict
    assert "permitrootlogin no" in verdict.output.splitlines()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("PasswordAuthentification no", "Bad configuration option"),
        ("Ciphers no-such-cipher", "Bad SSH2 cipher spec"),
        ("PermitRootLogin maybe", "unsupported option"),
        ("UsePrivilegeSeparation yes", "Deprecated option"),
    ],
)
def test_sshd_refuses_a_bad_line(line: str, words: str) -> None:
    verdict = sshd_test(line + "\n")
    assert not verdict
    assert words in verdict.output


def test_nftables_checks_rules() -> None:
    assert nft_check(RULES.format(rule="tcp dport { 22, 443 } ct state new limit rate 10/second accept"))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("tcp dprt 22 accept", "syntax error"),
        ("tcp dport 99999 accept", "out of range"),
        ("jump nowhere", "Could not process rule"),
    ],
)
def test_nftables_refuses_bad_rules(rule: str, words: str) -> None:
    verdict = nft_check(RULES.format(rule=rule))
    assert not verdict
    assert words in verdict.output
