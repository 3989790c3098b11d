"""The names that follow from the name of a new plugin."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.problems import Problem

Kind: TypeAlias = Literal["service", "platform", "hardening"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_FLOORS: Mapping[Kind, str] = {"service": "services", "platform": "platform", "hardening": "hardening"}

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
LONGEST = 31
"""Characters: a plugin's name is also that of a systemd unit, of a host name's part, and often of a system user."""
_OURS = frozenset(("plugins", "modules"))
"""Names whose package would have the name of one of this distribution."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a new plugin is called in each place. `kind` is the beginning of its classes' names."""

    name: str
    floor: str
    full_name: str
    distribution: str
    package: str
    kind: str
    title: str


def names(kind: Kind, name: str) -> Names:
    """Return the names of a new plugin; `name` is one that `problem_of_name` found nothing wrong with."""
    floor = _FLOORS[kind]
    words = name.split("-")
    return Names(
        name=name,
        floor=floor,
        full_name=f"{floor}/{name}",
        distribution=f"maidan-nix-{name}",
        package=f"maidan_nix_{'_'.join(words)}",
        kind="".join(map(str.capitalize, words)),
        title=" ".join(words).capitalize(),
    )


def problem_of_name(kind: Kind, name: str, taken: Collection[str]) -> Problem | None:
    """Say what is wrong with the name of a new plugin. `taken` are the full names of those that are installed."""
    if len(name) > LONGEST:
        message = say("the name has {number} characters", number=len(name))
        return Problem((), message, say("at most {number}", number=LONGEST))
    if not _NAME.match(name):
        message = say("{name} cannot be the name of a plugin", name=quoted(name))
        expected = "small letters and digits, beginning with a letter, and single hyphens between them"
        proposed = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        loses_letters = any(character.isalnum() and not character.isascii() for character in name)
        fits = proposed != name and not loses_letters and _NAME.match(proposed)
        return Problem((), message, expected, say("did you mean '{name}'?", name=proposed) if fits else "")
    if name in _OURS:
        message = say("'{name}' would be called as a part of maidan-nix is", name=name)
        return Problem((), message, hint="choose another name")
    full_name = f"{_FLOORS[kind]}/{name}"
    if full_name in taken:
        message = say("there is a plugin named {name} already", name=full_name)
        hint = say("choose another name, or see 'maidan-nix plugin show {name}'", name=full_name)
        return Problem((), message, hint=hint)
    return None
