"""Keys and values as TOML writes them. Whatever is in a value, it stays one: tomlkit does the escaping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from maidan_nix.manifest.wording import printable

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_WIDTH = 100
"""Characters from which an array takes a line for each element, and a comment goes on in the next line."""


def write_key(steps: Iterable[str]) -> str:
    """Write a key: ``disk.device``, ``"odd name".x``."""
    return ".".join(step if _BARE.match(step) else _string(step) for step in steps)


def write_value(value: Any, *, instead_of: str = "", indent: str = "", newline: str = "\n") -> str:
    """Write a value. `instead_of` is the text that it replaces, whose quotes and lines are kept where that can be."""
    if isinstance(value, str) and instead_of.startswith("'") and not instead_of.startswith("'''"):
        return _string(value, literal="'" not in value and value.isprintable())
    if isinstance(value, list | tuple):
        elements = [write_value(each) for each in value]
        line = f"[{', '.join(elements)}]"
        tall = "\n" in instead_of if instead_of.startswith("[") else len(line) > _WIDTH and len(elements) > 1
        if elements and tall:
            rows = (f"{indent}  {element},{newline}" for element in elements)
            return f"[{newline}{''.join(rows)}{indent}]"
        return line
    if isinstance(value, Mapping):
        pairs = [f"{write_key([str(key)])} = {write_value(each)}" for key, each in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, str):
        return _string(value)
    import tomlkit

    return str(tomlkit.item(value).as_string())


def write_comment(text: str, *, indent: str = "", newline: str = "\n") -> str:
    """Write a sentence as lines of comment, each with its end. Nothing in it can end the comment."""
    import textwrap

    lines = textwrap.wrap(printable(text), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return "".join(f"{indent}# {line}{newline}" for line in lines)


def _string(text: str, *, literal: bool = False) -> str:
    import tomlkit

    return tomlkit.string(text, literal=literal).as_string()
