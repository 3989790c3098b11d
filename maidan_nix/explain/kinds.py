"""What a setting takes, in words and with its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maidan_nix.messages import Message, alternatives, phrase, say
from maidan_nix.schema.values import toml_value


def kind_in_words(schema: Mapping[str, Any]) -> str:
    """Say what a setting takes, to follow "Type:"; empty where the schema does not know."""
    if "anyOf" in schema:
        known = [words for each in schema["anyOf"] if (words := kind_in_words(each))]
        return alternatives(known) if known else ""
    if "enum" in schema:
        return alternatives([toml_value(word) for word in schema["enum"]]) if schema["enum"] else ""
    if "x-form" in schema:
        return phrase(schema["x-form"])
    match schema.get("type"):
        case "boolean":
            return say("true or false")
        case "integer":
            return _number(schema, say("a whole number"))
        case "number":
            return _number(schema, say("a number"))
        case "string":
            return _text(schema)
        case "array":
            return _array(schema)
        case "object":
            return say("a table")
    return ""


def _number(schema: Mapping[str, Any], name: Message) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return say("{kind} from {least} to {most}", kind=name, least=least, most=most)
    if least is not None:
        return say("{kind}, {least} or more", kind=name, least=least)
    if most is not None:
        return say("{kind}, at most {most}", kind=name, most=most)
    return name


def _text(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if least is not None and most is not None:
        return say("text of {least} to {most} characters", least=least, most=most)
    if least is not None:
        return say("text of at least {least} characters", least=least)
    return say("text of at most {most} characters", most=most) if most is not None else say("text")


def _array(schema: Mapping[str, Any]) -> str:
    element = kind_in_words(schema.get("items", {}))
    if not element:
        return say("an array")
    if schema.get("minItems"):
        return say("an array with at least {least} elements, each {element}", least=schema["minItems"], element=element)
    return say("an array, each element {element}", element=element)
