"""What plugins answer, held against the types of the contract before anything is made of it.

Python does not check annotations. A plugin that returns something else would fail in core's code, far from its cause,
and without a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from maidan_nix.manifest.setting_info import is_union
from maidan_nix.messages import say
from maidan_nix.plugins import guarded

T = TypeVar("T")


def answer(name: str, method: str, doing: str, call: Callable[[], Iterable[T]], kind: type[T]) -> tuple[T, ...]:
    """Call a method of the plugin `name` and return its answer, each member a whole `kind`.

    `doing` continues "the plugin failed to". Raises MaidanError, which names the plugin, for whatever goes wrong.
    """
    with guarded(name, doing):
        members = tuple(call())
        for member in members:
            check_answer(member, kind, f"{method}()")
    return members


def check_answer(value: object, wanted: Any, said: str) -> None:
    """Raise TypeError, for `guarded` to put a name to, when a plugin's value is not whole.

    It is not when it is no `wanted`, or a field of it, if it is a dataclass, is not of the field's type. `said` begins
    the message: "grant()".
    """
    if not _fits(value, wanted):
        raise TypeError(say("{said} gave {shown}, not {name}", said=said, shown=_shown(value), name=_name(wanted)))
    fault = _fault(value, ())
    if fault:
        raise TypeError(say("{said} gave a {name} whose {fault}", said=said, name=type(value).__name__, fault=fault))


@cache
def granted_type(kind: Any) -> Any:
    """``DatabaseGrant`` of ``class Database(Need[DatabaseGrant])``; Any where the class does not say."""
    for base in getattr(kind, "__orig_bases__", ()):
        arguments = get_args(base)
        if arguments and (arguments[0] is None or isinstance(arguments[0], type)):
            return arguments[0]
    return Any


def _fault(value: object, path: tuple[str, ...]) -> str:
    """Say which field of a dataclass is not of its type, in it or in what it holds; empty when all are."""
    if isinstance(value, tuple):
        return next((fault for each in value if (fault := _fault(each, path))), "")
    if is_dataclass(value):
        kind: Any = type(value)
        for name, wanted in _fields(kind):
            found, here = getattr(value, name, None), (*path, name)
            if not _fits(found, wanted):
                return say(
                    "{field} is {shown}, not {name}",
                    field=".".join(here),
                    shown=_shown(found),
                    name=_name(wanted),
                )
            if isinstance(found, tuple) or is_dataclass(found):
                fault = _fault(found, here)
                if fault:
                    return fault
    return ""


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any], ...]:
    try:
        hints = get_type_hints(kind)
    except NameError:  # a kind of a third party, with names that only a type checker sees
        return ()
    return tuple((name, hints[name]) for name in kind.__dataclass_fields__ if name in hints)


def _fits(value: object, wanted: Any) -> bool:
    """Whether a value is of a type, as far as the contract uses types; any other type is let through."""
    if isinstance(wanted, type):
        if wanted is str:
            return isinstance(value, str) and _is_text(value)
        if wanted in (int, float) and isinstance(value, bool):
            return False
        return isinstance(value, wanted)
    if wanted is None:
        return value is None
    if is_union(wanted):
        return any(_fits(value, part) for part in get_args(wanted))
    match get_origin(wanted):
        case origin if origin is Literal:
            return value in get_args(wanted)
        case origin if origin is tuple:
            element = get_args(wanted)[0]
            return isinstance(value, tuple) and all(_fits(each, element) for each in value)
    return True


def _is_text(text: str) -> bool:
    if text.isascii():
        return "\0" not in text
    try:
        return "\0" not in text and bool(text.encode())
    except UnicodeEncodeError:
        return False


def _shown(value: object) -> str:
    if isinstance(value, str):
        from maidan_nix.manifest.wording import quoted

        return quoted(value)
    return "None" if value is None else say("a value of type {kind}", kind=type(value).__name__)


def _name(wanted: Any) -> str:
    if isinstance(wanted, type):
        return wanted.__name__
    return str(wanted).replace("typing.", "").replace("maidan_nix.contract.", "")
