"""How long each release of NixOS gets security fixes, and whether the one that is used still does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from maidan_nix.diagnosis.line import Line
from maidan_nix.messages import count, say

SUPPORTED_UNTIL: Mapping[str, dt.date] = {
    "24.11": dt.date(2025, 6, 30),
    "25.05": dt.date(2025, 12, 31),
    "25.11": dt.date(2026, 6, 30),
    "26.05": dt.date(2026, 12, 31),
}
"""The last day by release. Each gets seven months, one beyond the next release.

Source: https://nixos.org/manual/nixos/stable/release-notes, and https://endoflife.date/nixos for those before 26.05.
"""

_SOON = 60
_NAME = re.compile(r"nixos-([0-9]{2}\.[0-9]{2})(?:-small)?\Z")


def check_release(branch: str, now: int) -> Line:
    """Is the branch of nixpkgs that the flake follows still maintained? `now` in seconds since 1970."""
    release = _NAME.match(branch)
    last = SUPPORTED_UNTIL.get(release[1]) if release else None
    if release is None or last is None:
        message = say("this maidan-nix does not know how long '{branch}' is maintained", branch=branch)
        see = say("see {place}", place="https://endoflife.date/nixos")
        return Line("release-end", "flake", "look", "flake.lock", message, see)
    left = (last - dt.datetime.fromtimestamp(now, dt.UTC).date()).days
    until = {"release": release[1], "last": last.isoformat()}
    way_out = say(
        "update maidan-nix, generate again, and upgrade host by host: each release brings notes on what changed"
    )
    if left < 0:
        message = say("NixOS {release} has had no security fixes since {last}", **until)
        return Line("release-end", "flake", "wrong", "flake.lock", message, way_out)
    if left <= _SOON:
        message = count(
            "NixOS {release} gets security fixes until {last}, for 1 more day",
            "NixOS {release} gets security fixes until {last}, for {number} more days",
            left, **until,
        )  # fmt: skip
        return Line("release-end", "flake", "look", "flake.lock", message, way_out)
    return Line("release-end", "flake", "ok", "flake.lock", say("NixOS {release} is maintained until {last}", **until))
