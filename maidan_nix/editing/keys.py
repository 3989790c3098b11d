"""The place of a setting as people write it: ``services.wiki.domain``, ``stewards.ada.ssh_keys[0]``."""

from __future__ import annotations

import re
import tomllib

from maidan_nix.manifest.tokens import LINE_STRING
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, KeyPath, MaidanError, Problem

_STEP = re.compile(rf"\s*(?P<name>[A-Za-z0-9_-]+|{LINE_STRING})(?P<indices>(?:\[[0-9]{{1,9}}\])*)\s*(?P<dot>\.?)")


def parse_key(text: str) -> KeyPath:
    """Read a dotted key of TOML, with the number of an element in brackets, as messages show it.

    Raises MaidanError (USAGE).
    """
    path: KeyPath = ()
    at = 0
    while True:
        match = _STEP.match(text, at)
        if match is None:
            raise _not_a_key(text)
        path += (_unquoted(match["name"], text), *map(int, re.findall("[0-9]+", match["indices"])))
        at = match.end()
        if not match["dot"]:
            break
    if at != len(text):
        raise _not_a_key(text)
    return path


def _unquoted(name: str, text: str) -> str:
    if name[0] not in "\"'":
        return name
    try:
        return str(tomllib.loads(f"v = {name}")["v"])
    except tomllib.TOMLDecodeError:
        raise _not_a_key(text) from None


def _not_a_key(text: str) -> MaidanError:
    expected = "a key such as privacy.log_retention; a part with other characters needs quotes"
    return MaidanError(Problem((), say("{text} is not a key", text=quoted(text)), expected), ExitCode.USAGE)
