"""Sentences for people: English text that remembers how it was made, so that it can be said in another language.

Everything down to the tree of files works with English text and knows no language of the process. Only where a line is
shown does `maidan_nix.language` look the template up in a catalogue, put the values in again and say it. A plain string
without values is its own template, so descriptions and fixed sentences need nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Message(str):
    """English text, with the template and the values it was made from. It is that text wherever a string is wanted.

    `template` names its values in braces, ``no host is named '{host}'``; `many` is the template for any number but
    one, and empty where number does not matter. `values` may hold further messages, which are translated too; where
    there are none, braces in the template are only braces.
    """

    __slots__ = ("many", "template", "values")

    template: str
    many: str
    values: dict[str, Any]


def say(template: str, /, **values: Any) -> Message:
    """Make a message; `template` is a literal, since catalogues are made by reading the source."""
    message = Message(template.format(**values) if values else template)
    message.template, message.many, message.values = template, "", values
    return message


def count(one: str, many: str, /, number: int, **values: Any) -> Message:
    """Make a message about a `number` of things: ``count("1 file", "{number} files", number=3)``."""
    values = {"number": number, **values}
    message = Message((one if number == 1 else many).format(**values))
    message.template, message.many, message.values = one, many, values
    return message


def phrase(text: str) -> Message:
    """Return a fixed sentence that a table or another module holds as a message, to stand among another's values.

    A plain string among values is taken for a name or a path, and stays as it is.
    """
    return text if isinstance(text, Message) else say(text)


def listed(parts: Iterable[str], separator: str = ", ") -> Message:
    """Join parts, each of which keeps what it is: a message is translated, a name is not."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return say(separator.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in values), **values)


def alternatives(parts: Iterable[str]) -> str:
    """Join alternatives in the order given: ``'a', 'b' or 'c'``. Raises ValueError where there is none."""
    *most, last = parts
    return say("{most} or {last}", most=listed(most), last=last) if most else last


def together(parts: Iterable[str]) -> str:
    """Join what belongs together, in the order given: ``a, b and c``. Raises ValueError where there is nothing."""
    *most, last = parts
    return say("{most} and {last}", most=listed(most), last=last) if most else last
