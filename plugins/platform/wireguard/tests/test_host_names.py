"""A host whose name is too long for a secret of its own."""

from __future__ import annotations

import pytest

from maidan_nix_plugins.platform.wireguard.checks import LONGEST_HOST_NAME, problems
from plugin_harness import context, host


@pytest.mark.parametrize(("length", "fits"), [(LONGEST_HOST_NAME, True), (LONGEST_HOST_NAME + 1, False)])
def test_the_name_of_a_host_leaves_room_for_that_of_its_secret(length: int, fits: bool) -> None:
    found = list(problems(context("platform/wireguard", on=host(name="x" * length))))
    assert [problem.path for problem in found] == ([] if fits else [("hosts", "x" * length)])
