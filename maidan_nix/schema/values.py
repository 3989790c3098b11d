"""Values as the manifest writes them: as data for JSON, and as the text of TOML."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from typing import Any

from maidan_nix.manifest.quantities import Quantity
from maidan_nix.messages import say
from maidan_nix.problems import dotted


def plain_value(value: Any) -> Any:
    """A default, a preset's value or an example as data: quantities as text, tuples as lists, tables as dicts."""
    if isinstance(value, Quantity):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [plain_value(each) for each in value]
    if isinstance(value, Mapping):
        return {key: plain_value(each) for key, each in value.items()}
    return value


def toml_value(value: Any) -> str:
    """Write a value on one line as TOML does; ``nothing`` for what TOML cannot write."""
    value = plain_value(value)
    match value:
        case None:
            return say("nothing")
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
        case list():
            return f"[{', '.join(map(toml_value, value))}]"
        case dict():
            pairs = ", ".join(f"{dotted((str(key),))} = {toml_value(each)}" for key, each in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case _:
            return str(value)
