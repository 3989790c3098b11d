"""Finding the plugin that somebody means by a name, with or without its floor."""

from __future__ import annotations

from collections.abc import Iterable

from maidan_nix.contract.plugin import FLOORS
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean


def plugin_named(name: str, names: Iterable[str]) -> str:
    """Return the full name, one of `names`, of ``wiki``, ``services/wiki`` or ``services.wiki``.

    Raises MaidanError (USAGE) where there is none, or more than one.
    """
    listed = tuple(names)
    written = name.replace(".", "/", 1) if name.partition(".")[0] in FLOORS else name
    found = [each for each in listed if written in (each, each.partition("/")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        message = say("{name} is the name of several", name=quoted(name))
        raise MaidanError(Problem((), message, say("one of {names}", names=", ".join(found))), ExitCode.USAGE)
    short = [each.partition("/")[2] for each in listed]
    hint = did_you_mean(written, listed if "/" in written else short)
    known = say("one of {names}", names=", ".join(listed)) if listed and not hint else ""
    raise MaidanError(Problem((), say("no plugin is named {name}", name=quoted(name)), known, hint), ExitCode.USAGE)
