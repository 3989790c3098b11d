"""From the type of a setting to JSON Schema, by the same reading of types as the validation's messages.

pydantic's own schema loses what matters here: the forms (functions to it), the reasons beside a setting, the presets.
It is asked only for a type that is not known here, and what it cannot say is left open: the schema never refuses what
the validation accepts.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from maidan_nix.manifest.forms import Form
from maidan_nix.manifest.quantities import Quantity
from maidan_nix.manifest.setting_info import SettingInfo, is_union
from maidan_nix.schema.forms import form_limits, quantity_schema
from maidan_nix.schema.values import plain_value

Schema: TypeAlias = dict[str, Any]
Table: TypeAlias = Callable[[type[BaseModel]], Schema]
"""Writes the schema of a class of settings; handed down, as tables and types hold each other."""

_TEXT: Mapping[str, str] = {"min_length": "minLength", "max_length": "maxLength"}
_ARRAY: Mapping[str, str] = {"min_length": "minItems", "max_length": "maxItems"}
_TABLE: Mapping[str, str] = {"min_length": "minProperties", "max_length": "maxProperties"}
_NUMBER: Mapping[str, str] = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}
_PLAIN: tuple[tuple[type, Schema], ...] = (
    # Order matters: a boolean is an int, and a datetime is a date, in Python.
    (bool, {"type": "boolean"}),
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (str, {"type": "string"}),
    (dt.datetime, {"type": "string", "format": "date-time"}),
    (dt.date, {"type": "string", "format": "date"}),
    (dt.time, {"type": "string", "format": "time"}),
)
# What Python's `re` has and others lack, or read otherwise.
_OWN_TO_PYTHON = re.compile(r"\(\?|\\[AZdDwWsSbBN]|\\[0-9]")


def type_schema(annotation: Any, metadata: Iterable[Any], table: Table) -> Schema:
    """Write the schema of a type. `metadata` is what Annotated, or a pydantic field, adds to it."""
    added = tuple(_flattened(metadata))
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return type_schema(inner, (*more, *added), table)
    if is_union(annotation):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return _alternatives([type_schema(part, added, table) for part in parts])
    schema = _of_one(annotation, table)
    for each in added:
        if isinstance(each, Form):
            schema |= {"description": each.expected, "x-form": each.expected, **form_limits(each)}
        elif isinstance(each, SettingInfo):
            schema["description"] = each.description
            each(schema)
            if each.examples:
                schema["examples"] = [plain_value(example) for example in each.examples]
        else:
            schema |= _limits(each, schema)
    return schema


def _flattened(metadata: Iterable[Any]) -> Iterable[Any]:
    """What is said of a type, without the shells of fields that `setting` makes for the elements of an array."""
    for each in metadata:
        if isinstance(each, FieldInfo):
            yield from _flattened(each.metadata)
            if isinstance(each.json_schema_extra, SettingInfo):
                yield each.json_schema_extra
        else:
            yield each


def _alternatives(schemas: list[Schema]) -> Schema:
    if len(schemas) == 1:
        return schemas[0]
    return {"anyOf": schemas}


def _of_one(annotation: Any, table: Table) -> Schema:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return _choice([plain_value(word) for word in arguments])
    if origin is tuple and arguments:
        return _array(arguments, table)
    if origin in (dict, Mapping) and len(arguments) == 2:
        keys = type_schema(arguments[0], (), table)
        named = {} if keys == {"type": "string"} else {"propertyNames": keys}
        return {"type": "object", **named, "additionalProperties": type_schema(arguments[1], (), table)}
    if isinstance(annotation, type):
        if issubclass(annotation, Quantity):
            return {"description": annotation.EXPECTED, "x-form": annotation.EXPECTED, **quantity_schema(annotation)}
        if issubclass(annotation, BaseModel):
            return table(annotation)
        if issubclass(annotation, enum.Enum):
            return _choice([member.value for member in annotation])
        for kind, schema in _PLAIN:
            if annotation is kind:
                return dict(schema)
    return _as_pydantic_says(annotation)


def _choice(words: list[Any]) -> Schema:
    kind = {"type": "string"} if all(isinstance(word, str) for word in words) else {}
    return {**kind, "enum": words}


def _array(arguments: tuple[Any, ...], table: Table) -> Schema:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return {"type": "array", "items": type_schema(arguments[0], (), table)}
    elements = [] if arguments == ((),) else [type_schema(each, (), table) for each in arguments]
    length = len(elements)
    first = {"prefixItems": elements} if elements else {}
    return {"type": "array", **first, "minItems": length, "maxItems": length}


def _as_pydantic_says(annotation: Any) -> Schema:
    """The schema of a type that only its own author knows; open where there is none, or none that stands alone."""
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUserError

    try:
        schema = TypeAdapter(annotation).json_schema()
    except (PydanticInvalidForJsonSchema, PydanticSchemaGenerationError, PydanticUserError):
        return {}
    return {} if "$defs" in schema else schema


def _limits(each: Any, schema: Schema) -> Schema:
    """The limits in one piece of metadata, by the names that annotated_types and pydantic share."""
    kind = schema.get("type")
    names: Mapping[str, str] = {}
    if kind in ("integer", "number"):
        names = _NUMBER
    elif kind in ("string", "array", "object"):
        names = {"string": _TEXT, "array": _ARRAY, "object": _TABLE}[kind]
    found = {word: getattr(each, name) for name, word in names.items() if getattr(each, name, None) is not None}
    pattern = getattr(each, "pattern", None)
    if kind == "string" and isinstance(pattern, str) and "pattern" not in schema:
        found |= _pattern(pattern)
    return found


def _pattern(pattern: str) -> Schema:
    """A pattern that others read as Python does. pydantic looks for it anywhere in the text, as JSON Schema does."""
    ending = "$" if pattern.endswith("\\Z") else ""
    body = pattern.removesuffix("\\Z") if ending else pattern
    if _OWN_TO_PYTHON.search(body):
        return {}
    return {"pattern": f"{body}{ending}"}
