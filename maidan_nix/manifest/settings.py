"""Settings: a plugin's (or core's) part of the manifest, with presets that a community may loosen for a reason.

A class of settings is a strict, frozen pydantic model whose fields come from `setting`. What the manifest leaves out is
taken from the community's preset. A value looser than the preset stands only with a reason, given beside it:

    [services.example]
    signups = "open"

    [services.example.reasons]
    signups = "a course starts this week"
"""

from __future__ import annotations

from typing import Any, get_origin

from pydantic import BaseModel, ConfigDict, Field

from maidan_nix.manifest.setting_info import Looser, Preset, Presets, SettingInfo, members

__all__ = [
    "Looser",
    "Preset",
    "Presets",
    "SettingInfo",
    "Settings",
    "infos",
    "setting",
]

REASONS = "reasons"
MINIMUM_REASON = 10
MAXIMUM_REASON = 500
"""Characters of a reason: enough to say something, short enough for a notice to members."""

_UNSET: Any = object()


class Settings(BaseModel):
    """Base of all settings: strict (no value is converted, except integers for floats), frozen, no unknown keys.

    Arrays are tuples. Patterns are those of Python's `re`. The key ``reasons`` is reserved, and in the table
    of a service ``host``. Defaults may be written as in the manifest (``"30d"``).
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        validate_default=True,
        regex_engine="python-re",
        allow_inf_nan=False,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a class of settings that could not keep its promises. Raises TypeError."""
        super().__pydantic_init_subclass__(**kwargs)
        for name, field in cls.model_fields.items():
            if name == REASONS:
                raise TypeError(f"{cls.__name__}: '{REASONS}' is reserved for reasons")
            if any((get_origin(each) or each) in (list, set, frozenset) for each in members(field.annotation)):
                raise TypeError(f"{cls.__name__}.{name}: arrays of the manifest are tuples: tuple[str, ...]")


def setting(
    description: str,
    *,
    default: Any = _UNSET,
    unit: str = "",
    presets: Presets | None = None,
    looser: Looser | None = None,
    examples: tuple[Any, ...] = (),
    ge: float | None = None,
    le: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
) -> Any:
    """Declare one setting of a `Settings` class.

    `description` is what a steward reads, without a final stop; `unit` the unit of a plain number. A setting with
    neither `default` nor `presets` must be in the manifest. `presets` gives a value per preset and goes with `looser`,
    which says what counts as looser: ``("closed", "invited", "open")``, "true", "false", "higher" or "lower". With
    `default` and `looser`, every preset has that one value. In ``Annotated[str, setting(...)]`` it declares the
    elements of an array: ``tuple[Annotated[...], ...]``. Raises TypeError for what does not go together.
    """
    if presets is not None and default is not _UNSET:
        raise TypeError("a setting has a default or presets, not both")
    if presets is not None and looser is None:
        raise TypeError("presets need to know what is looser")
    if looser is not None and presets is None:
        if default is _UNSET:
            raise TypeError("what is looser is measured against presets or a default")
        presets = Presets(default, default, default)
    if presets is not None:
        default = presets.strict
    limits: dict[str, Any] = {
        "ge": ge, "le": le, "min_length": min_length, "max_length": max_length, "pattern": pattern,
    }  # fmt: skip
    limits = {name: limit for name, limit in limits.items() if limit is not None}
    if default is not _UNSET:
        limits["default"] = default
    info = SettingInfo(description, unit, presets, looser, tuple(examples))
    return Field(description=description, json_schema_extra=info, **limits)


def infos(settings_class: type[BaseModel]) -> dict[str, SettingInfo]:
    """Return what is known about each setting of a class, in order; a field not made by `setting` is left out."""
    return {
        name: field.json_schema_extra
        for name, field in settings_class.model_fields.items()
        if isinstance(field.json_schema_extra, SettingInfo)
    }
