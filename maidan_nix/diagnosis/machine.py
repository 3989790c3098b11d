"""Whether this machine can build the flake, and switch to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from maidan_nix.diagnosis.line import Line, State
from maidan_nix.diagnosis.machine_facts import STORE, MachineFacts
from maidan_nix.messages import Message, say

OLDEST_NIX = (2, 18)
"""The oldest Nix that nixpkgs of NixOS 26.05 evaluates with: lib/minver.nix of nixpkgs."""
GIB = 1024**3
_STORE_WRONG, _STORE_LOOK = 2 * GIB, 10 * GIB
_FLAKE_WRONG, _FLAKE_LOOK = 16 * 1024**2, 256 * 1024**2

_PROGRAMS: Mapping[str, tuple[str, str, str]] = {
    "git": (
        "git-present",
        say("git is missing: nobody can see what changed, and when"),
        say("install git"),
    ),
    "ssh": (
        "ssh-present",
        say("ssh is missing: no host can be reached from here"),
        say("install OpenSSH's client"),
    ),
    "agenix": (
        "agenix-present",
        say("agenix is missing: secrets cannot be written from here"),
        say("install agenix, or write 'nix run github:ryantm/agenix --' where a command begins with agenix"),
    ),
}


def check_machine(facts: MachineFacts, now: int, pinned: int | None) -> Iterator[Line]:
    """Look at programs, Nix, free space and the clock.

    `now` is the clock's time, `pinned` that of the youngest input of flake.lock, None where none is known; both in
    seconds since 1970.
    """
    yield from check_nix(facts)
    for name, (id_, missing, way_out) in _PROGRAMS.items():
        if name in facts.programs:
            yield Line(id_, "machine", "ok", name, say("{program} is here", program=name))
        else:
            yield Line(id_, "machine", "look", name, missing, way_out)
    for place, free in facts.free.items():
        yield check_space(place, free)
    yield check_clock(now, pinned)


def check_nix(facts: MachineFacts) -> Iterator[Line]:
    """Whether Nix is here and new enough, and flakes are on."""
    oldest = ".".join(map(str, OLDEST_NIX))
    if "nix" not in facts.programs:
        message = say("nix is missing: this machine can generate the flake, but neither check, build nor install it")
        yield Line("nix-present", "machine", "look", "nix", message, say("install Nix: https://nixos.org/download"))
        reason = say("not looked at: nix is missing")
        yield Line("nix-version", "machine", "skipped", say("version of Nix"), reason)
        yield Line("nix-flakes", "machine", "skipped", say("flakes"), reason)
        return
    yield Line("nix-present", "machine", "ok", "nix", say("nix is here"))
    if facts.nix_version is None:
        yield Line("nix-version", "machine", "skipped", "nix", say("not looked at: nix did not say its version"))
    else:
        version = ".".join(map(str, facts.nix_version))
        if facts.nix_version < OLDEST_NIX:
            message = say(
                "this is Nix {version}, and the flake needs {oldest} or newer", version=version, oldest=oldest
            )
            yield Line(
                "nix-version", "machine", "wrong", "nix", message, say("upgrade Nix: https://nixos.org/download")
            )
        else:
            yield Line("nix-version", "machine", "ok", "nix", say("Nix {version} is new enough", version=version))
    if facts.nix_features is None:
        yield Line(
            "nix-flakes", "machine", "skipped", "nix", say("not looked at: nix did not say which features are on")
        )
    elif {"flakes", "nix-command"} <= facts.nix_features:
        yield Line("nix-flakes", "machine", "ok", "nix", say("flakes are on"))
    else:
        way_out = say(
            "write '{setting}' into {file}", setting="experimental-features = nix-command flakes",
            file="~/.config/nix/nix.conf",
        )  # fmt: skip
        yield Line("nix-flakes", "machine", "wrong", "nix", say("flakes are off"), way_out)


def check_space(place: str, free: int | None) -> Line:
    """Whether there is room for another build, or for the flake's own files."""
    is_store = place == STORE
    id_ = "space-store" if is_store else "space-flake"
    if free is None:
        return Line(id_, "machine", "skipped", place, say("not looked at: there is no {place}", place=place))
    wrong, look = (_STORE_WRONG, _STORE_LOOK) if is_store else (_FLAKE_WRONG, _FLAKE_LOOK)
    state: State = "wrong" if free < wrong else "look" if free < look else "ok"
    message = say("{space} free in {place}", space=_amount(free), place=place)
    if state == "ok":
        return Line(id_, "machine", "ok", place, message)
    if is_store:
        way_out = say("free some: '{command}' removes what nothing uses", command="nix store gc")
    else:
        way_out = say("free some")
    return Line(id_, "machine", state, place, message, way_out)


def check_clock(now: int, pinned: int | None) -> Line:
    """A clock that lags behind what was published already is wrong: certificates would seem to be invalid."""
    today = day(now)
    if pinned is None:
        message = say("it is {today}, by this machine's clock", today=today)
        return Line("clock", "machine", "ok", "clock", message)
    if now < pinned:
        message = say(
            "the clock says {today}, but an input of flake.lock is from {pinned}", today=today, pinned=day(pinned)
        )
        return Line("clock", "machine", "wrong", "clock", message, say("set the clock: certificates depend on it, too"))
    return Line(
        "clock", "machine", "ok", "clock", say("the clock says {today}, after every input of flake.lock", today=today)
    )


def day(seconds: int) -> str:
    """A point in time as the day in UTC: ``2026-11-24``."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def _amount(size: int) -> Message:
    if size < GIB:
        return say("{number} MiB", number=size // 1024**2)
    return say("{number} GiB", number=size // GIB)
