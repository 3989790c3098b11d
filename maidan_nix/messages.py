"""Sentences for people: English text that remembers how it was made, so that it can be said in another language.

Everything down to the tree of files works with English text and knows no language of the process. Only where a line is
shown does `maidan_nix.language` look the template up in a catalogue, put the values in again and say it. A plain string
without values is its own template, so descriptions and fixed sentences need nothing.
"""

from __future__ import annotations

from typing import Any


class Message(str):
    """English text, with the template and the values it was made from. It is that text wherever a string is wanted.

    `template` names its values in braces, ``no host is named '{host}'``; `many` is the template for any number but
    one, and empty where number does not matter. `values` may hold further messages.
    """

    __slots__ = ("many", "template", "values")

    template: str
    many: str
    values: dict[str, Any]


def say(template: str, /, **values: Any) -> Message:
    """Make a message; `template` is a literal, since catalogues are made by reading the source."""
    message = Message(template.format(**values))
    message.template, message.many, message.values = template, "", values
    return message


def count(one: str, many: str, /, number: int, **values: Any) -> Message:
    """Make a message about a `number` of things: ``count("1 file", "{number} files", number=3)``."""
    values = {"number": number, **values}
    message = Message((one if number == 1 else many).format(**values))
    message.template, message.many, message.values = one, many, values
    return message
