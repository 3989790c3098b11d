"""Whether data is of the shape of a TypedDict. pydantic reads those of `typing` from Python 3.12 on only."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

from maidan_nix.commands.check_nix import EvaluationResult
from maidan_nix.manifest.report import ProblemRecord

UNLOADED: dict[str, Any] = {"EvaluationResult": EvaluationResult, "ProblemRecord": ProblemRecord}
"""Shapes that a command imports for type checkers alone, as they come with modules that it loads late."""


def faults(value: object, shape: Any, place: str = "") -> Iterator[str]:
    """Say where a value, as `json.loads` returns it, is not of its shape; strictly, and without keys too many."""
    origin, arguments = get_origin(shape), get_args(shape)
    if origin in (NotRequired, Required):
        yield from faults(value, arguments[0], place)
    elif is_typeddict(shape):
        yield from _table(value, shape, place)
    elif origin in (Union, types.UnionType):
        if not any(not list(faults(value, each, place)) for each in arguments):
            yield f"{place}: {value!r} is none of {shape}"
    elif origin is Literal:
        if value not in arguments:
            yield f"{place}: {value!r} is none of {arguments}"
    elif origin in (list, tuple):
        if not isinstance(value, list):
            yield f"{place}: {value!r} is no array"
        else:
            for index, each in enumerate(value):
                yield from faults(each, arguments[0], f"{place}[{index}]")
    elif origin in (dict, Mapping):
        if not isinstance(value, dict):
            yield f"{place}: {value!r} is no object"
        else:
            for key, each in value.items():
                yield from faults(each, arguments[1], f"{place}.{key}")
    elif shape is None or shape is type(None):
        if value is not None:
            yield f"{place}: {value!r} is not null"
    elif isinstance(shape, type) and shape not in (Any, object, type(value)) and (shape, type(value)) != (float, int):
        yield f"{place}: {value!r} is no {shape.__name__}"


def _table(value: object, shape: Any, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: {value!r} is no object"
        return
    hints = get_type_hints(shape, localns=UNLOADED, include_extras=True)
    optional = {key for key, hint in hints.items() if get_origin(hint) is NotRequired or not shape.__total__}
    yield from (f"{place}.{key} is missing" for key in hints.keys() - optional - value.keys())
    yield from (f"{place}.{key} is not described" for key in value.keys() - hints.keys())
    for key in value.keys() & hints.keys():
        yield from faults(value[key], hints[key], f"{place}.{key}")


def keys(shape: Any) -> set[str]:
    """Every key that a shape has, and the shapes in it."""
    if is_typeddict(shape):
        hints = get_type_hints(shape, localns=UNLOADED)
        return set(hints).union(*map(keys, hints.values()))
    return set().union(*map(keys, get_args(shape)))
