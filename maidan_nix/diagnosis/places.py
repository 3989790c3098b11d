"""A time zone and a locale that are of the right form, and that this machine does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from maidan_nix.diagnosis.line import Line
from maidan_nix.messages import say
from maidan_nix.places import unknown_places
from maidan_nix.problems import dotted


def check_places(values: Mapping[str, object]) -> Iterator[Line]:
    """Look at the places that a manifest names, as it was read. NixOS may know one that is newer than this machine."""
    for problem in unknown_places(values):
        way_out = problem.hint or say("write one that exists")
        yield Line("place", "manifest", "look", dotted(problem.path), problem.message, way_out)
