"""What others think of the nginx.conf that NixOS would make: nginx itself, NixOS's build, and scanners."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import pytest

from judges import Verdict, judge, nginx_test, run
from live.tree import Files
from maidan_nix import api
from maidan_nix.nix.values import Expression
from maidan_nix_plugins.platform.nginx import Nginx as Plugin
from maidan_nix_plugins.platform.nginx import certificates
from maidan_nix_plugins.platform.nginx.settings import Acme, Settings
from maidan_nix_plugins.platform.nginx.tests.compose import compose
from maidan_nix_plugins.platform.nginx.tests.examples import SITES, context, grants
from maidan_nix_plugins.platform.nginx.tests.running import make_certificates, started

VARIANTS = {
    "strict": Settings(),
    "open": Settings(http3=True, tls="intermediate"),
    "in production": Settings(acme=Acme(staging=False)),
    "by DNS": Settings(
        http3=True, acme=Acme(challenge="dns-01", dns_provider="desec", dns_credentials=("DESEC_TOKEN",))
    ),
}
LONG = api.Site(hostname=".".join((*["a" * 54] * 4, "example")), locations=(api.Location(path="/", document="{}"),))


def in_store(expression: Expression) -> str:
    return "/nix/store/package/"


def written(name: str) -> str:
    """The whole nginx.conf of a variant."""
    settings = VARIANTS[name]
    secrets: dict[api.Need[Any], Any] = {
        secret: api.SecretGrant(path=api.nix.Ref("config", "age", "secrets", secret.name, "path"), name=secret.name)
        for secret in certificates.secrets(settings.acme).values()
    }
    return compose(Plugin().configure(context(settings), grants((*SITES, LONG), secrets=secrets)), in_store)


@pytest.fixture(scope="session")
def certificates_files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("acme") / "acme"
    make_certificates(folder, ["one.example.org"])
    return {
        f"/var/lib/acme/{site.hostname}/{file}.pem": (folder / "one.example.org" / f"{file}.pem").read_bytes()
        for site in (*SITES, LONG)
        for file in ("fullchain", "key", "chain")
    }


@pytest.mark.parametrize("name", VARIANTS)
def test_nginx_loads_it_without_a_remark(name: str, certificates_files: Files) -> None:
    assert nginx_test(written(name), certificates_files)


def test_nginx_would_remark_on_a_mistake(certificates_files: Files) -> None:
    broken = written("strict").replace("zone=maidan_logins burst", "zone=maidan_login burst")
    assert not nginx_test(broken, certificates_files)


def as_built(text: str, folder: Path) -> Path:
    """Format it as NixOS does (pkgs/build-support/writers/scripts.nix, writeNginxConfig)."""
    formatted = run([judge("nginxfmt", package="nginxfmt (PyPI)"), "--max-empty-lines", "0", "-"], stdin=text)
    assert formatted, formatted.output
    path = folder / "nginx.conf"
    path.write_text(re.sub(" ;", ";", formatted.output), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", VARIANTS)
def test_the_build_of_nixos_accepts_it(name: str, certificates_files: Files, tmp_path: Path) -> None:
    built = as_built(written(name), tmp_path)
    assert nginx_test(built.read_text(encoding="utf-8"), certificates_files)
    assert gixy(built, staging=VARIANTS[name].acme.staging)


def gixy(path: Path, *, staging: bool) -> Verdict:
    """Let gixy look for mistakes, less what is meant: the newer gixy-ng has these checks, NixOS's own has not."""
    meant = [
        "try_files_is_evil_too",  # it serves the one file of a document
        "worker_rlimit_nofile_vs_connections",  # the limit of open files is the unit's
        "ssl_ecdh_curve",  # the group that old libraries lack is marked as one to skip
    ]
    if staging:
        meant.append("hsts_header")  # nobody is held to a certificate that no browser trusts
    return run([judge("gixy", package="gixy-ng (PyPI)"), "--skips", ",".join(meant), path])


@pytest.mark.parametrize("configuration", ["modern", "intermediate"])
def test_tls_is_what_mozilla_recommends(configuration: Literal["modern", "intermediate"], tmp_path: Path) -> None:
    program = judge("sslyze", package="sslyze (PyPI)")
    with started(tmp_path, Settings(tls=configuration, acme=Acme(staging=False))) as nginx:
        assert run(
            [
                program,
                f"--mozilla_config={configuration}",
                f"--certinfo_ca_file={nginx.certificate}",
                "--sni=wiki.example.org",
                f"127.0.0.1:{nginx.https}",
            ]
        )
