"""A type of a settings class, seen through Annotated, unions, tuples and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from maidan_nix.manifest.setting_info import SettingInfo, is_union


@dataclass(frozen=True, slots=True)
class FieldType:
    """An annotation with what Annotated, or pydantic's field, adds to it."""

    annotation: Any
    metadata: tuple[Any, ...] = ()
    info: SettingInfo | None = None

    def members(self) -> Iterator[FieldType]:
        """The alternatives of a union, or the type itself; without None."""
        if get_origin(self.annotation) is Annotated:
            inner, *added = get_args(self.annotation)
            yield from FieldType(inner, (*self.metadata, *added)).members()
        elif is_union(self.annotation):
            for part in get_args(self.annotation):
                if part is not type(None):
                    yield from FieldType(part, self.metadata).members()
        else:
            yield self

    def models(self) -> list[type[BaseModel]]:
        """The alternatives that are tables with fields."""
        annotations = (member.annotation for member in self.members())
        return [each for each in annotations if isinstance(each, type) and issubclass(each, BaseModel)]

    def below(self, step: str | int) -> FieldType | None:
        """The type of a field, of an element, or of a value in a table of any keys."""
        for model in self.models():
            field = model.model_fields.get(str(step))
            if field is not None:
                extra = field.json_schema_extra
                info = extra if isinstance(extra, SettingInfo) else None
                return FieldType(field.annotation, tuple(field.metadata), info)
        for member in self.members():
            arguments = get_args(member.annotation)
            match get_origin(member.annotation):
                case origin if origin is tuple and isinstance(step, int) and arguments:
                    is_uniform = len(arguments) == 2 and arguments[1] is Ellipsis
                    return FieldType(arguments[0] if is_uniform else arguments[min(step, len(arguments) - 1)])
                case origin if origin in (dict, Mapping) and isinstance(step, str) and len(arguments) == 2:
                    return FieldType(arguments[1])
        return None

    def keys(self) -> FieldType | None:
        """The type of the keys of a table of any keys."""
        for member in self.members():
            if get_origin(member.annotation) in (dict, Mapping):
                return FieldType(get_args(member.annotation)[0])
        return None


ANYTHING = FieldType(Any)
