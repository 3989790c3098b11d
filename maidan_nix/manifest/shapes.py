"""The fields of a class of settings as readers of tables see them: what is nested in which, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias, get_args, get_origin

from maidan_nix.manifest.setting_info import SettingInfo, members
from maidan_nix.manifest.settings import Settings, infos

Container: TypeAlias = Literal["", "array", "table"]
"""How nested settings stand in the manifest: as one table, in an array, or by name in a table."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a reader of settings needs to know of one field. `nested` is the class of settings below it, if any.

    A nested table that stands by itself is read as an empty one when the manifest leaves it out.
    """

    name: str
    annotation: Any
    info: SettingInfo | None
    stands_by_itself: bool
    nested: type[Settings] | None
    container: Container


@cache
def shapes(settings_class: type[Settings]) -> tuple[Shape, ...]:
    """Return what there is to know of each field of a class of settings, in order."""
    known = infos(settings_class)
    return tuple(
        Shape(
            name,
            field.annotation,
            known.get(name),
            # An optional table that is left out stays out, and so do tables in arrays and tables by name.
            isinstance(field.default, Settings),
            *_nested(field.annotation),
        )
        for name, field in settings_class.model_fields.items()
    )


def _nested(annotation: Any) -> tuple[type[Settings] | None, Container]:
    for member in members(annotation):
        if isinstance(member, type) and issubclass(member, Settings):
            return member, ""
        arguments = get_args(member)
        if get_origin(member) is tuple and arguments:
            element, container = _nested(arguments[0])
            if element is not None and container == "":
                return element, "array"
        if get_origin(member) in (dict, Mapping) and len(arguments) == 2:
            element, container = _nested(arguments[1])
            if element is not None and container == "":
                return element, "table"
    return None, ""
