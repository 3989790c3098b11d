"""The option index as one nested tree, for Nix to declare (see nix/options.nix).

The names are nested here: merging 15,000 attribute paths in Nix overflows its stack.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from maidan_nix.options.index import Index
from maidan_nix.options.names import ANY_ELEMENT, ANY_NAME, split
from maidan_nix.options.types import Atom, AttrsOf, Between, Either, Enum, ListOf, NullOr, Type, parse

Json: TypeAlias = Any
"""What ``json.dumps`` takes."""


@dataclass(slots=True)
class _Node:
    """One place: the option that is there, if any, and what lies below."""

    type: Type | None = None
    members: dict[str, _Node] = field(default_factory=dict)

    def below(self, step: str) -> _Node:
        return self.members.setdefault(step, _Node())


def option_tree(index: Index, without: Iterable[str] = ()) -> Json:
    """Return the options of an index that exist, but for `without` and what lies below them.

    A place is ``{"type": ...}`` if it is an option, and has ``members`` by name, ``any`` for names that are free and
    ``element`` for the elements of a list.
    """
    root = _Node()
    for option in index:
        if option.status == "current":
            place = root
            for step in split(option.name):
                place = place.below(step)
            place.type = parse(option.type)
    for name in without:
        *above, last = split(name)
        place = root
        for step in above:
            place = place.below(step)
        place.members.pop(last, None)
    return _place(root)


def _place(node: _Node) -> Json:
    place: dict[str, Json] = {}
    if node.type is not None:
        place["type"] = _type(node.type)
    named = {step: _place(below) for step, below in node.members.items() if step not in (ANY_NAME, ANY_ELEMENT)}
    if named:
        place["members"] = named
    if ANY_NAME in node.members:
        place["any"] = _place(node.members[ANY_NAME])
    if ANY_ELEMENT in node.members:
        place["element"] = _place(node.members[ANY_ELEMENT])
    return place


def _type(type_: Type) -> Json:
    match type_:
        case Atom(name):
            return {"is": name}
        case Between(low, high):
            return {"is": "between", "low": low, "high": high}
        case Enum(members):
            return {"is": "enum", "members": members}
        case ListOf(element, non_empty):
            return {"is": "nonEmptyListOf" if non_empty else "listOf", "of": _type(element)}
        case AttrsOf(element):
            return {"is": "attrsOf", "of": _type(element)}
        case NullOr(other):
            return {"is": "nullOr", "of": _type(other)}
        case Either(choices):
            return {"is": "either", "choices": [_type(choice) for choice in choices]}
