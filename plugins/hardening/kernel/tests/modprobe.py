"""modprobe.d(5), as far as the plugin uses it, read strictly."""

from __future__ import annotations

import re

_MODULE = re.compile(r"[a-z0-9_-]+\Z")
_COMMANDS = {"install", "blacklist"}


def instructions(text: str) -> list[tuple[str, str, str]]:
    """Return each line as its command, its module and the rest. Raises ValueError for what modprobe would pass over."""
    told = []
    for line in text.splitlines():
        command, _, rest = line.partition(" ")
        module, _, argument = rest.partition(" ")
        is_module = _MODULE.match(module)
        if command not in _COMMANDS or not is_module or bool(argument) != (command == "install"):
            raise ValueError(f"modprobe would pass over {line!r}")
        told.append((command, module, argument))
    return told
