"""For the tests of a plugin: ``def test_contract(maidan_conformance): maidan_conformance("services/wiki")``."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def maidan_conformance() -> Callable[[str], None]:
    """Return a function that fails the test with everything in which the named plugin breaks the contract."""

    def check(full_name: str) -> None:
        from maidan_nix.manifest.report import format_problems
        from maidan_nix.testing.conformance import check_plugin

        problems = check_plugin(full_name)
        if problems:
            pytest.fail("\n".join(format_problems(problems, None)), pytrace=False)

    return check
