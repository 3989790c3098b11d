"""Time zones and locales that do not exist, as far as this machine knows.

A manifest is valid by its form alone, which is the same on every machine; these are remarks on top of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from maidan_nix.manifest.forms import InvalidValue
from maidan_nix.manifest.types import check_locale, check_time_zone
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.problems import Problem, did_you_mean

TIME_ZONE: Final = ("community", "time_zone")
LOCALE: Final = ("community", "locale")

_SUPPORTED: Final = Path("/usr/share/i18n/SUPPORTED")
"""The list of glibc's locales, where a distribution installs it."""
_FURTHER: Final = ("dsb_DE", "mnw_MM", "rif_MA", "sah_RU")
"""Locales of glibc that Python's own list does not have."""
_WELL_KNOWN: Final = "Europe/Berlin"


def unknown_places(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Find a time zone and a locale in the values of a manifest that are of the right form, and do not exist."""
    community = values.get("community")
    if not isinstance(community, Mapping):
        return
    for path, find in ((TIME_ZONE, unknown_time_zone), (LOCALE, unknown_locale)):
        word = community.get(path[-1])
        problem = find(word) if isinstance(word, str) else None
        if problem is not None:
            yield problem


def unknown_time_zone(word: str) -> Problem | None:
    """Say what is wrong with a time zone that this machine's tz database does not have; None where it has none."""
    try:
        check_time_zone(word)
    except InvalidValue:
        return None  # validation says more
    if _is_zone(word) or not _is_zone(_WELL_KNOWN):
        return None
    import zoneinfo

    message = say("no time zone is named {name}", name=quoted(word))
    hint = did_you_mean(word, zoneinfo.available_timezones())
    return Problem(TIME_ZONE, message, hint=hint or say("'{command}' lists them", command="timedatectl list-timezones"))


def unknown_locale(word: str, supported: Path = _SUPPORTED) -> Problem | None:
    """Say what is wrong with a locale that neither Python nor this machine's list of glibc's locales has."""
    try:
        check_locale(word)
    except InvalidValue:
        return None
    name = word.partition(".")[0]
    if name == "C":
        return None
    known = _locales(supported)
    if name in known:
        return None
    hint = did_you_mean(word, [f"{each}.UTF-8" for each in known])
    return Problem(LOCALE, say("no locale is named {name}", name=quoted(word)), hint=hint)


def _is_zone(name: str) -> bool:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # an area alone is a folder
        return False
    return True


def _locales(supported: Path) -> set[str]:
    import locale

    lines = [*locale.locale_alias.values(), *_FURTHER]
    with suppress(OSError, ValueError):
        lines += supported.read_text("ascii").splitlines()
    return {found[0] for line in lines if (found := re.match(r"[a-z]{2,3}_[A-Z]{2}", line))}
