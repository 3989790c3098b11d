"""What is said of options that the index has as text."""

from __future__ import annotations

import re

from maidan_nix.messages import say

_RECORDED = re.compile(
    r"(?P<tree>\S+) of (?P<date>[0-9-]+) \((?P<channel>\S+), before the (?P<release>\S+) release\)\Z"
)
_LISTED = re.compile(r"(?P<file>.+), with the names in the recorded list\Z")


def source_in_words(source: str) -> str:
    """Say where a fact about an option was read, as a sentence that can be translated where it has words."""
    if match := _RECORDED.match(source):
        return say("{tree} of {date} ({channel}, before the {release} release)", **match.groupdict())
    if match := _LISTED.match(source):
        return say("{file}, with the names in the recorded list", **match.groupdict())
    return say("recorded list") if source == "recorded list" else source
