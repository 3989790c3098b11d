"""What a type wants, in words: to follow "expected", and as ways out."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from maidan_nix.manifest.field_type import FieldType
from maidan_nix.manifest.forms import Form
from maidan_nix.manifest.quantities import Quantity
from maidan_nix.manifest.wording import choices, name_of_type, printable, quoted
from maidan_nix.messages import phrase, say


def hint_for(value: Any, wanted: FieldType) -> str:
    """The way out for a value of the wrong kind; empty where none is to be guessed."""
    annotations = [member.annotation for member in wanted.members()]
    if bool in annotations and isinstance(value, str):
        return say("write true or false, without quotes")
    if int in annotations and isinstance(value, str) and value.isascii() and value.isdigit():
        return say("write the number without quotes")
    if any(get_origin(each) is tuple for each in annotations) and not isinstance(value, Mapping):
        return say("write [ ] around it")
    return ""


def example(wanted: FieldType) -> str:
    """The first of a setting's examples, as a sentence; empty where it has none."""
    if wanted.info is None or not wanted.info.examples:
        return ""
    first = wanted.info.examples[0]
    return say("for example {value}", value=quoted(first) if isinstance(first, str) else printable(str(first), 60))


def choices_of(wanted: FieldType) -> list[Any]:
    """The values that a type names, of its literals and enumerations."""
    words: list[Any] = []
    for member in wanted.members():
        if get_origin(member.annotation) is Literal:
            words += get_args(member.annotation)
        elif isinstance(member.annotation, type) and issubclass(member.annotation, enum.Enum):
            words += [each.value for each in member.annotation]
    return words


def expected_of(wanted: FieldType) -> str:
    """Say what a type wants, to follow "expected": ``an array of strings``, ``'a', 'b' or a domain name ...``."""
    parts: list[str] = []
    for member in wanted.members():
        words = choices_of(member)
        parts += [quoted(word) if isinstance(word, str) else printable(str(word), 60) for word in words]
        if not words and (part := _of_one(member)):
            parts.append(part)
    unique = list(dict.fromkeys(parts))
    if not unique:
        return ""
    if wanted.info is None or not wanted.info.unit:
        return choices(unique)
    return say("{expected}, in {unit}", expected=choices(unique), unit=phrase(wanted.info.unit))


_PLURALS = {
    "a string": say("strings"),
    "an integer": say("integers"),
    "a boolean": say("booleans"),
    "a float": say("floats"),
    "a table": say("tables"),
    "an array": say("arrays"),
}


def _of_one(wanted: FieldType) -> str:
    form = next((each for each in wanted.metadata if isinstance(each, Form)), None)
    if form is not None:
        return phrase(form.expected)
    annotation = wanted.annotation
    origin = get_origin(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Quantity):
        return phrase(annotation.EXPECTED)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return say("a table")
    if origin is tuple:
        element = expected_of(FieldType(get_args(annotation)[0]))
        if element in _PLURALS:
            return say("an array of {elements}", elements=_PLURALS[element])
        return say("an array, each element {element}", element=element) if element else say("an array")
    return name_of_type(origin or annotation)
