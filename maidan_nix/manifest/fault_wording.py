"""One finding of pydantic in the words of TOML and of this project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from maidan_nix.manifest.expectation import choices_of, example, expected_of, hint_for
from maidan_nix.manifest.field_type import FieldType
from maidan_nix.manifest.forms import InvalidValue
from maidan_nix.manifest.wording import in_toml_words, printable, quoted
from maidan_nix.messages import Message, say
from maidan_nix.problems import Problem

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Suggest = Callable[[str, Iterable[str]], str]
"""Finds the word nearest to one, among those that are known, and makes a hint of it."""

MISSING = "this setting is missing"
WRONG_KIND = frozenset(
    f"{kind}_type"
    for kind in ("string", "int", "float", "bool", "tuple", "list", "dict", "model", "date", "datetime", "time")
) | {"model_attributes_type", "mapping_type", "none_required", "int_from_float", "is_instance_of"}
"""pydantic's names for a value of another kind than the one that is wanted."""

# pydantic's name for what is wrong, and for the limit in the context.
_LIMITS = {
    "greater_than": "gt",
    "greater_than_equal": "ge",
    "less_than": "lt",
    "less_than_equal": "le",
    "multiple_of": "multiple_of",
    "string_too_short": "min_length",
    "string_too_long": "max_length",
    "string_pattern_mismatch": "pattern",
    "too_short": "min_length",
    "too_long": "max_length",
}


def worded(
    detail: ErrorDetails, wanted: FieldType, parent: FieldType, key: str, known: Sequence[str], suggest: Suggest
) -> Problem:
    """Word one finding of pydantic; the path is put in by the caller.

    `wanted` is the type of what it is about, `parent` that of the table around it, and `key` its name there.
    """
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    expected = expected_of(wanted)
    match kind:
        case "extra_forbidden":
            names = sorted({*known, *(name for model in parent.models() for name in model.model_fields)})
            hint = suggest(key, names)
            rest = "" if hint or not names else say("one of {names}", names=printable(", ".join(names), 200))
            return Problem((), say("unknown setting {key}", key=quoted(key)), rest, hint, at="key")
        case "missing":
            return Problem((), MISSING, expected, "" if "such as" in expected else example(wanted), at="key")
        case "literal_error" | "enum":
            if not isinstance(value, str):
                return Problem((), say("this is {kind}", kind=in_toml_words(value)), expected)
            hint = suggest(value, (word for word in choices_of(wanted) if isinstance(word, str)))
            return Problem((), say("{value} is not a choice here", value=quoted(value)), expected, hint)
        case "union_tag_not_found":
            field = str(context.get("discriminator", "")).strip("'")
            return Problem(
                (), say("{field} is missing, which says what kind of table this is", field=quoted(field)), expected
            )
        case "union_tag_invalid":
            field = str(context.get("discriminator", "")).strip("'")
            tags = str(context.get("expected_tags", ""))
            return Problem(
                (),
                say("{value} is not a choice here", value=f"{field} = {quoted(str(context.get('tag')))}"),
                say("one of {names}", names=tags),
            )
        case "value_error" | "assertion_error":
            cause = context.get("error")
            if isinstance(cause, InvalidValue):
                return Problem((), cause.message, cause.expected or expected, cause.hint)
            return Problem((), _said(cause) or "this is not right", expected)
        case _ if kind in WRONG_KIND:
            return Problem((), say("this is {kind}", kind=in_toml_words(value)), expected, hint_for(value, wanted))
        case _ if kind in _LIMITS:
            limit = printable(str(context.get(_LIMITS[kind])), 100)
            return Problem((), _exceeded(kind, value), _within(_LIMITS[kind], limit), example(wanted))
        case _:
            return Problem((), say("this is not right: {reason}", reason=printable(detail["msg"], 180)), expected)


def _said(cause: object) -> str:
    """What an error of a plugin's own check says, still a message if it was given one."""
    said = cause.args[0] if isinstance(cause, Exception) and len(cause.args) == 1 else str(cause)
    return said if isinstance(said, Message) else printable(str(said), 200)


def _exceeded(kind: str, value: Any) -> str:
    """What is wrong with a value that does not keep to a limit."""
    match kind:
        case "string_too_short" | "string_too_long":
            return say("this has {number} characters", number=len(value))
        case "too_short" | "too_long":
            return say("this has {number} elements", number=len(value))
        case "string_pattern_mismatch":
            return say("{value} does not have the right form", value=quoted(str(value)))
        case _:
            return say("{value} is out of bounds", value=value)


def _within(name: str, limit: str) -> str:
    """What keeps to a limit, by the limit's name."""
    match name:
        case "gt":
            return say("more than {limit}", limit=limit)
        case "ge" | "min_length":
            return say("at least {least}", least=limit)
        case "lt":
            return say("less than {limit}", limit=limit)
        case "le" | "max_length":
            return say("at most {most}", most=limit)
        case "multiple_of":
            return say("a multiple of {limit}", limit=limit)
        case _:
            return say("text that matches {pattern}", pattern=limit)
