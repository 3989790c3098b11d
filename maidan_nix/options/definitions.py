"""What an option receives once comments, priorities and conditions are taken off a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from maidan_nix.nix.values import Call, Raw, Ref, Value, plain

_CONTENT_POSITION: Final = {
    "mkAfter": 0,
    "mkBefore": 0,
    "mkDefault": 0,
    "mkForce": 0,
    "mkIf": 1,
    "mkOrder": 1,
    "mkOverride": 1,
    "mkVMOverride": 0,
}
"""The ``lib`` functions that wrap one definition, and which of their arguments it is (nixpkgs, lib/modules.nix)."""


def definitions(value: Value) -> Iterator[Value]:
    """Yield each value that `value` may define.

    That is the value itself without `Noted` and `Override`, the content of ``lib.mkIf``, ``lib.mkDefault`` and their
    kin, and every member of ``lib.mkMerge``. Any other call is yielded as it is: only Nix can say what it gives.
    """
    value = plain(value)
    if not isinstance(value, Call) or not isinstance(value.function, Ref):
        yield value
        return
    steps, arguments = value.function.steps, value.arguments
    if len(steps) == 2 and steps[0] == "lib":
        position = _CONTENT_POSITION.get(steps[1])
        if position is not None and position < len(arguments):
            yield from definitions(arguments[position])
            return
        if steps[1] == "mkMerge" and len(arguments) == 1:
            members = plain(arguments[0])
            if isinstance(members, list | tuple):
                for member in members:
                    yield from definitions(member)
                return
    yield value


def is_unknown(value: Value) -> bool:
    """Whether only Nix can say what `value` is.

    A reference to a package and a string with expressions in it are known well enough to be judged.
    """
    if isinstance(value, Ref):
        return not is_package(value)
    return isinstance(value, Raw | Call)


def is_package(value: Value) -> bool:
    """Whether `value` is ``pkgs.NAME``. Deeper selections (``pkgs.stdenv.hostPlatform.system``) may be anything."""
    return isinstance(value, Ref) and len(value.steps) == 2 and value.steps[0] == "pkgs"
