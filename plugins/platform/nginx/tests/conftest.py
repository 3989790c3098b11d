"""A host with sites of every sort, its nginx.conf, and that nginx running with a backend behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maidan_nix_plugins.platform.nginx.tests.running import Nginx, started


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """The examples' nginx, with HTTP/3, trusted certificates and the limits of the strict preset."""
    folder: Path = tmp_path_factory.mktemp("nginx")
    with started(folder) as running:
        yield running
