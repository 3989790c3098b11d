"""Plugins of third parties, made up for a test: distributions in a folder on the path, as pip would have left them."""

from __future__ import annotations

import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from maidan_nix import plugins
from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import parse_document

WIKI = "services/wiki"

MANIFEST = """\
[community]
name = "Allotment Gardens"
domain = "example.org"
contact = "stewards@example.org"

[stewards.ada]
ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada"]

[hosts.shed]
disk.device = "/dev/disk/by-id/shed"
network.interface = "enp1s0"
"""

_MODULE = '''\
"""A plugin made up for a test."""

import time

from maidan_nix import api
from maidan_nix.api import nix


class Settings(api.Settings):
    """What a steward can choose."""


LIMITS = api.Limits(memory_high="64M", memory_max="128M", tasks=16)


class {kind}(api.{base}[Settings]):
    """A wiki."""

    name = "{name}"
    title, summary = "Wiki", "Pages that members write together"
    upstream, licence = "https://example.org/wiki", "MIT"
    settings = Settings

    def configure(self, context, grants):
        return {{"environment": {{"etc": {{"wiki": {{"text": "a wiki"}}}}}}}}

    def units(self, context, grants):
        return (api.Unit(name="{name}", limits=LIMITS),)

{body}

@api.hookimpl
def maidan_plugin():
    return {kind}()
'''

Install: TypeAlias = Callable[..., Path]
_numbers = itertools.count()


def source(body: str = "", *, name: str = "wiki", base: str = "Service") -> str:
    """The module of a plugin; `body` replaces or adds members of its class."""
    members = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return _MODULE.format(name=name, kind=name.capitalize(), base=base, body=members)


@contextmanager
def fresh() -> Iterator[None]:
    """Forget which plugins there are, before and after."""
    try:
        plugins.known.cache_clear()
        plugins.load.cache_clear()
        yield
    finally:
        plugins._added.clear()
        plugins.known.cache_clear()
        plugins.load.cache_clear()


def install(
    folder: Path,
    module: str,
    *,
    point: str = "services.wiki",
    distribution: str = "maidan-nix-wiki",
    api: str = "1",
    entry_points: str | None = None,
) -> Path:
    """Lay a distribution with one plugin into `folder`; return the folder of its package."""
    package = f"fake_plugin_{next(_numbers)}"
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text(module, "utf-8")
    (folder / package / "README.md").write_text("# Wiki\n\nPages that members write together.\n")
    facts = folder / f"{distribution.replace('-', '_')}_{package}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    text = f"[maidan_nix.plugins.v{api}]\n{point} = {{package}}\n" if entry_points is None else entry_points
    (facts / "entry_points.txt").write_text(text.replace("{package}", package))
    return folder / package


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install made-up plugins for one test: ``installed(source(...), point=..., api=...)``."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    with fresh():

        def add(module: str | None = None, **choices: str) -> Path:
            package = install(folder, source() if module is None else module, **choices)
            plugins.known.cache_clear()
            return package

        yield add
    for name in set(sys.modules) - before:
        if name.startswith(("fake_plugin_", "_maidan_nix_folder")):
            del sys.modules[name]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask no other processes in the conformance suite: they cost half a second, and most checks need none."""
    monkeypatch.setattr("maidan_nix.testing.conformance.digests_elsewhere", lambda names, _: dict.fromkeys(names, ()))


def generated(manifest: str = f"{MANIFEST}[{WIKI.replace('/', '.')}]\n") -> Generated:
    """Generate from a manifest, by default the one with a wiki."""
    return generate(parse_document(manifest.encode(), "community.toml"), lock=None, public=None)
