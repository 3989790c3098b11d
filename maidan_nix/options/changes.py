"""What changed between two lists of options, and what of it a configuration sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from maidan_nix.nix.values import Value
from maidan_nix.options.definitions import definitions
from maidan_nix.options.names import ANY_ELEMENT, ANY_NAME, split
from maidan_nix.options.table import Option
from maidan_nix.options.types import AttrsOf, Between, Either, Enum, ListOf, NullOr, Type, parse

Kind: TypeAlias = Literal["added", "gone", "removed", "renamed", "retyped"]


@dataclass(frozen=True, slots=True)
class OptionChange:
    """One option that is not what it was.

    `kind` is ``added``; ``removed`` or ``renamed``, where nixpkgs says so; ``gone``, where it says nothing; or
    ``retyped``. `old` is None for one that is added, `new` for one that is gone.
    """

    name: str
    kind: Kind
    old: Option | None
    new: Option | None


def changes(old: Iterable[Option], new: Iterable[Option]) -> list[OptionChange]:
    """Compare two lists of options, by name. A type that either does not know has not changed."""
    before = {option.name: option for option in old}
    after = {option.name: option for option in new}
    found: list[OptionChange] = []
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        kind = _kind(one, other)
        if kind is not None:
            found.append(OptionChange(name, kind, one, other))
    return found


def _kind(old: Option | None, new: Option | None) -> Kind | None:
    was = old is not None and old.status == "current"
    if new is None:
        return "gone" if was else None
    if new.status != "current":
        is_news = was or old is None or old.status != new.status or old.replacement != new.replacement
        return new.status if is_news else None
    if old is None or not was:
        return "added"
    return "retyped" if _differs(parse(old.type), parse(new.type)) else None


_STRINGS = frozenset(("str", "lines", "commas", "singleLineStr", "nonEmptyStr"))
_SETS = frozenset(("attrs", "submodule"))


def _differs(old: Type, new: Type) -> bool:
    """Whether two types are not the same, as far as both are known. The shipped list writes every string as ``str``."""
    match old, new:
        case ListOf(one), ListOf(other):
            return _differs(one, other)
        case AttrsOf(one), AttrsOf(other):
            return _differs(one, other)
        case NullOr(one), NullOr(other):
            return _differs(one, other)
        case (Either(_), _) | (_, Either(_)):
            return str(old) != str(new) and "?" not in f"{old} {new}"
        case (Between(_), _) | (Enum(_), _) | (_, Between(_)) | (_, Enum(_)):
            return old != new and "?" not in {str(old), str(new)}
    names = {str(old), str(new)}
    return len(names) == 2 and "?" not in names and not names <= _STRINGS and not names <= _SETS


def set_options(configuration: Mapping[str, Value]) -> set[tuple[str, ...]]:
    """Return the paths of everything that a configuration sets, from the root, those of groups among them."""
    found: set[tuple[str, ...]] = set()
    waiting: list[tuple[tuple[str, ...], Value]] = [((), configuration)]
    while waiting:
        path, value = waiting.pop()
        if path:
            found.add(path)
        for definition in definitions(value):
            if isinstance(definition, Mapping):
                waiting += [((*path, key), member) for key, member in definition.items()]
            elif isinstance(definition, list | tuple):
                waiting += [((*path, ANY_ELEMENT), member) for member in definition if isinstance(member, Mapping)]
    return found


def touched(found: Iterable[OptionChange], paths: Iterable[tuple[str, ...]]) -> list[OptionChange]:
    """Return the changes of options that are set at one of `paths` (see `set_options`); what was added is not."""
    known = set(paths)
    lengths: dict[int, list[tuple[str, ...]]] = {}
    for path in known:
        lengths.setdefault(len(path), []).append(path)
    return [change for change in found if change.kind != "added" and _is_set(split(change.name), known, lengths)]


def _is_set(name: tuple[str, ...], known: set[tuple[str, ...]], lengths: Mapping[int, list[tuple[str, ...]]]) -> bool:
    if ANY_NAME not in name:
        return name in known
    return any(
        all(step in (ANY_NAME, own) for step, own in zip(name, path, strict=True))
        for path in lengths.get(len(name), ())
    )
