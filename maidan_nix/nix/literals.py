"""Nix literals: text, numbers and attribute names, each escaped for the place where it stands."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from maidan_nix.nix.values import is_identifier

_SPECIAL = re.compile('[\\\\"\n\r\t\0\ud800-\udfff]|\\$(?=\\{)')
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "$": "\\$"}

EXPRESSION = "\ue000"
"""Stands for an expression where only the shape of a string is looked at."""

_NOT_INDENTED = re.compile(
    "[\0-\b\v-\x1f\x7f\ud800-\udfff]"  # control characters are better seen escaped, or must be refused
    "|[ \t](?:\n|\\Z)"  # editors and git dislike white space at the end of a line
    f"|'\\$[{{{EXPRESSION}]"  # the quote would join the escape that follows it
)
_FLUSH_LINE = re.compile(r"^[^ \n]", re.MULTILINE)

_INT64_MAX = 2**63 - 1
_SMALLEST_NORMAL = 2.0**-1022


def string(text: str) -> str:
    """Quote `text` as a ``"..."`` string. Raises ValueError for what no Nix string can hold."""
    return f'"{escaped(text)}"'


def escaped(text: str, *, before_expression: bool = False) -> str:
    """Escape `text` for the inside of a ``"..."`` string; `before_expression` says that ``${`` follows at once."""
    written = _SPECIAL.sub(_escape, text) if _SPECIAL.search(text) else str.__str__(text)
    if before_expression and written.endswith("$"):
        return written[:-1] + "\\$"  # Nix reads $${ as two plain characters and a brace
    return written


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    try:
        return _ESCAPES[character]
    except KeyError:
        what = "the character NUL" if character == "\0" else f"the lone surrogate U+{ord(character):04X}"
        raise ValueError(f"a Nix string cannot hold {what}") from None


def can_be_indented(text: str) -> bool:
    """Whether ``''...''`` shows `text` exactly and better than ``"..."``: whole lines, at least two of them.

    In a string with expressions, each is to be replaced by `EXPRESSION`.
    """
    return (
        text.endswith("\n")
        and text.count("\n") > 1
        and not _NOT_INDENTED.search(text)
        # Nix strips the indentation that all lines share, so one line must have none of its own.
        and _FLUSH_LINE.search(text) is not None
    )


def escaped_indented(text: str, *, before_expression: bool = False) -> str:
    """Escape `text` for the inside of a ``''...''`` string; see `can_be_indented`."""
    written = text.replace("''", "'''").replace("${", "''${")
    if before_expression and written.endswith("$"):
        return written[:-1] + "''$"
    return written


def integer(value: int) -> str:
    """Write a 64-bit integer. Raises ValueError for any other."""
    if -_INT64_MAX <= value <= _INT64_MAX:
        return int.__repr__(value)
    if value == -_INT64_MAX - 1:
        return f"-{_INT64_MAX} - 1"  # Nix reads the digits first, and 2**63 is one too many
    raise ValueError(f"a Nix integer has 64 bits, which {value:#x} exceeds")


def floating(value: float) -> str:
    """Write a finite float so that Nix reads the same value; the sign of a zero is lost, as Nix itself would."""
    if not math.isfinite(value):
        raise ValueError(f"Nix has no float for {value!r}")
    if value == 0:
        return "0.0"
    if abs(value) < _SMALLEST_NORMAL:
        # Nix refuses to read a subnormal number, but can compute it. Scaling by a power of two is exact.
        return f"{_float_literal(value / _SMALLEST_NORMAL)} * {_float_literal(_SMALLEST_NORMAL)}"
    return _float_literal(value)


def _float_literal(value: float) -> str:
    mantissa, exponent, power = float.__repr__(value).partition("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}{exponent}{power}"


@lru_cache(maxsize=8192)
def attribute(name: str) -> str:
    """Write an attribute name, quoted unless it is an identifier."""
    if not isinstance(name, str):
        raise TypeError(f"an attribute name must be a string, not {type(name).__name__}: {name!r}")
    return name if is_identifier(name) else string(name)
