"""Which names an expression takes from outside."""

from __future__ import annotations

import re
from collections.abc import Mapping

from maidan_nix.nix.inline import is_list
from maidan_nix.nix.values import Call, Function, Noted, Override, Raw, Ref, Text, Value

_GLOBAL = frozenset(
    {
        *("abort", "baseNameOf", "break", "builtins", "derivation", "dirOf", "false", "fetchGit", "fetchTarball"),
        *("fetchTree", "fromTOML", "import", "isNull", "map", "null", "placeholder", "removeAttrs", "scopedImport"),
        *("throw", "toString", "true"),
    }
)
"""What Nix itself puts in scope; source: the Nix manual, "Built-in Functions"."""

_MODULE_ARGUMENT = re.compile(r"(?<![\w.'-])(?:config|lib|pkgs|modulesPath|options)(?![\w'-])")


def free_names(value: Value) -> set[str]:
    """Return the names that `value` needs to have in scope.

    In a `Raw` text only the usual arguments of a module are found, and found too often: inside its strings too.
    """
    names: set[str] = set()
    todo: list[Value] = [value]
    while todo:
        value = todo.pop()
        if value is None or isinstance(value, str | int | float):
            continue
        if isinstance(value, Mapping):
            todo.extend(value.values())
        elif isinstance(value, Ref):
            names.add(value.steps[0])
        elif isinstance(value, Noted):
            todo.append(value.value)
        elif isinstance(value, Override):
            names.add("lib")
            todo.append(value.value)
        elif isinstance(value, Call):
            todo.append(value.function)
            todo.extend(value.arguments)
        elif isinstance(value, Text):
            todo.extend(value.parts)
        elif isinstance(value, Function):
            names |= free_names(value.body) - {*value.arguments, value.bind}
        elif isinstance(value, Raw):
            names.update(_MODULE_ARGUMENT.findall(value.text))
        elif is_list(value):
            todo.extend(value)
    return names - _GLOBAL
