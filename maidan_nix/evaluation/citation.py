"""From a generated option back to the manifest: comments in generated files cite the key that a value comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maidan_nix.citation import leading_key
from maidan_nix.nix.values import Noted, Override, Value
from maidan_nix.options.definitions import definitions
from maidan_nix.problems import KeyPath


def cited_at(configuration: Mapping[str, Value], option: Sequence[str]) -> KeyPath | None:
    """Return the key cited nearest above an option, the empty one if none is; None if it is not set there at all."""
    found: KeyPath = ()
    value: Value = configuration
    for step in option:
        below = [each for each in definitions(value) if isinstance(each, Mapping) and step in each]
        if not below:
            # What is set is a part of the option, or the option is a part of what is set: a list, an expression.
            is_part = value is not configuration and not any(isinstance(each, Mapping) for each in definitions(value))
            return found if is_part else None
        value = below[0][step]
        while isinstance(value, Noted | Override):
            found = (leading_key(value.comment) if isinstance(value, Noted) else ()) or found
            value = value.value
    return found


def cited_above(text: str, line: int) -> KeyPath:
    """Return the key cited nearest above a line of a generated file: just above it, or above what it is part of."""
    lines = text.splitlines()
    if not 0 < line <= len(lines):
        return ()
    depth = _depth(lines[line - 1])
    directly = True
    for above in reversed(lines[: line - 1]):
        if not above.strip():
            directly = False
        elif above.lstrip().startswith("#"):
            if directly and _depth(above) == depth and (key := leading_key(above.lstrip().removeprefix("#"))):
                return key
        elif _depth(above) < depth:
            depth, directly = _depth(above), True
        else:
            directly = False
    return ()


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
