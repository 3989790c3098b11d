"""What is known about one setting besides its type: how it is described, what presets say, what counts as looser."""

from __future__ import annotations

import math
import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from maidan_nix.manifest.forms import InvalidValue
from maidan_nix.manifest.quantities import Quantity

Preset: TypeAlias = Literal["strict", "balanced", "open"]
PRESETS: tuple[Preset, ...] = ("strict", "balanced", "open")

Looser: TypeAlias = Literal["true", "false", "higher", "lower"] | tuple[str, ...]
"""What makes a value looser than another: choices in order from strict to loose, or the direction of a value.

With "higher" and "lower", None stands for "without limit": nothing is looser.
"""


@dataclass(frozen=True, slots=True)
class Presets:
    """What a setting is unless the manifest says otherwise, per preset; written as in the manifest (``"30d"``)."""

    strict: Any
    balanced: Any
    open: Any

    def value(self, preset: Preset) -> Any:
        """Return the value of one preset."""
        return getattr(self, preset)


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting, as documents and messages describe it. `presets` is None where all presets say the same."""

    description: str
    unit: str = ""
    presets: Presets | None = None
    looser: Looser | None = None
    examples: tuple[Any, ...] = ()

    def __call__(self, schema: dict[str, Any]) -> None:
        """Add what JSON Schema has no word for; pydantic calls this when it writes the schema of a model."""
        if self.unit:
            schema["x-unit"] = self.unit
        if self.presets is not None:
            schema["x-presets"] = {preset: self.presets.value(preset) for preset in PRESETS}
        if self.examples:
            schema["examples"] = list(self.examples)


def looseness(value: Any, looser: Looser, annotation: Any) -> float | None:
    """Rank a value as the manifest writes it: the higher, the looser. None for a value that has no rank.

    `annotation` is the setting's type; it says how to read a quantity such as ``"30d"``.
    """
    if isinstance(looser, tuple):
        return looser.index(value) if isinstance(value, str) and value in looser else None
    if looser in ("true", "false"):
        return float(value is (looser == "true")) if isinstance(value, bool) else None
    amount = _amount(value, annotation)
    if amount is None or math.isinf(amount):
        return amount
    return amount if looser == "higher" else -amount


def _amount(value: Any, annotation: Any) -> float | None:
    if value is None:
        return math.inf
    if isinstance(value, Quantity):
        return value.amount
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        for member in members(annotation):
            if isinstance(member, type) and issubclass(member, Quantity):
                try:
                    return member.parse(value).amount
                except InvalidValue:
                    return None
    return None


def members(annotation: Any) -> tuple[Any, ...]:
    """Return the alternatives of a type: those of a union, without None and without what Annotated adds."""
    if get_origin(annotation) is Annotated:
        return members(get_args(annotation)[0])
    if is_union(annotation):
        return tuple(member for part in get_args(annotation) if part is not type(None) for member in members(part))
    return (annotation,)


def is_union(annotation: Any) -> bool:
    """Whether a type is a union, however it is written."""
    return get_origin(annotation) in (Union, types.UnionType)
