"""Sizes and durations: written with a unit in the manifest, compared as numbers, printed as services want them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from maidan_nix.manifest.forms import InvalidValue
from maidan_nix.manifest.wording import in_toml_words, quoted
from maidan_nix.messages import say

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_WRITTEN = re.compile(r"(?P<number>0|[1-9][0-9]{0,18})(?P<unit>[A-Za-z]{0,16})\Z")
_MAXIMUM = 2**63 - 1


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    """A whole number of base units, at least 0 and within 64 bits."""

    amount: int

    EXPECTED: ClassVar[str]
    UNITS: ClassVar[dict[str, int]]
    """Suffixes from small to large, each with its number of base units."""

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= _MAXIMUM:
            raise InvalidValue("is beyond 64 bits", self.EXPECTED)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number with its unit. Only 0 may go without one. Raises InvalidValue."""
        match = _WRITTEN.match(text)
        if match is None:
            raise InvalidValue(say("{text} is not a number with its unit", text=quoted(text)), cls.EXPECTED)
        number, unit = match["number"], match["unit"]
        if number == "0" and not unit:
            return cls(0)
        if unit not in cls.UNITS:
            raise InvalidValue(
                say("{text} has the unknown unit {unit}", text=quoted(text), unit=quoted(unit))
                if unit
                else say("{text} has no unit", text=quoted(text)),
                cls.EXPECTED,
                cls._suggestion(number, unit),
            )
        return cls(int(number) * cls.UNITS[unit])

    @classmethod
    def _suggestion(cls, number: str, unit: str) -> str:
        for known in cls.UNITS:
            if unit and unit[0].lower() == known.lower():
                return say("did you mean '{word}'?", word=f"{number}{known}")
        return ""

    def _written(self, largest: str) -> str:
        best = next(iter(self.UNITS))
        for unit, size in self.UNITS.items():
            if self.amount % size == 0:
                best = unit
            if unit == largest:
                break
        return f"{self.amount // self.UNITS[best]}{best}"

    @classmethod
    def _validate(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls.parse(value)
        if value == 0 and type(value) is int:
            return cls(0)
        hint = "write the number with its unit, in quotes" if type(value) is int else ""
        raise InvalidValue(say("is {kind}", kind=in_toml_words(value)), cls.EXPECTED, hint)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "description": cls.EXPECTED}


class ByteSize(Quantity):
    """A size in bytes. ``"50M"`` is 50 * 1024 * 1024 bytes: units are powers of 1024, as in systemd and the kernel."""

    __slots__ = ()

    EXPECTED = "a size with its unit K, M, G or T (powers of 1024), such as '50M'"
    UNITS: ClassVar[dict[str, int]] = {"K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}

    @property
    def bytes(self) -> int:
        """The size in bytes."""
        return self.amount

    def suffixed(self, largest: Literal["K", "M", "G", "T"] = "T") -> str:
        """Write it exactly with the largest unit that fits, at most `largest`: ``50M``; bytes without a suffix.

        systemd reads all four; some web servers and their modules stop at G, some at M.
        """
        return self._written(largest) if self.amount and self.amount % 1024 == 0 else str(self.amount)

    def __str__(self) -> str:
        return self.suffixed()


class Duration(Quantity):
    """A span of time in whole seconds. ``"30d"`` is 30 days of 24 hours; m is minutes, w is weeks of 7 days."""

    __slots__ = ()

    EXPECTED = "a duration with its unit s, m, h, d or w, such as '30d'"
    UNITS: ClassVar[dict[str, int]] = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

    @property
    def seconds(self) -> int:
        """The duration in seconds."""
        return self.amount

    @property
    def milliseconds(self) -> int:
        """The duration in milliseconds."""
        return self.amount * 1000

    def in_days(self) -> int:
        """The duration in days, for settings that know no smaller unit; a part of a day counts as a whole one."""
        return -(-self.amount // 86400)

    def suffixed(self, largest: Literal["s", "m", "h", "d", "w"] = "d") -> str:
        """Write it exactly with the largest unit that fits, at most `largest`: ``30d``, ``90m``."""
        return self._written(largest) if self.amount else "0s"

    def __str__(self) -> str:
        return self.suffixed("w")
