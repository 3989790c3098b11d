"""What Nix says of the options of a nixpkgs tree (see options.nix), in the words of the index."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from maidan_nix.options.names import join
from maidan_nix.options.table import Option
from maidan_nix.options.types import Atom, AttrsOf, Between, Either, Enum, ListOf, NullOr, Type, parse

UNKNOWN: Final = Atom("?")

_ATOMS: Final[Mapping[str, str]] = {
    "attrTag": "submodule",
    "attrs": "attrs",
    "bool": "bool",
    "boolByOr": "bool",
    "float": "float",
    "functionTo": "function",
    "int": "int",
    "nonEmptyStr": "nonEmptyStr",
    "numberNonnegative": "number",
    "numberPositive": "number",
    "package": "package",
    "path": "path",
    "positiveInt": "ints.positive",
    "singleLineStr": "singleLineStr",
    "str": "str",
    "submodule": "submodule",
    "systemd option": "unitOption",
    "unsignedInt": "ints.unsigned",
    "unsignedInt16": "ints.u16",
    "unsignedInt32": "ints.u32",
    "unsignedInt8": "ints.u8",
}
"""Names that ``lib.types`` gives to types without parts. What is not here is taken as a type that is not known."""
_STRINGS: Final = {"\n": "lines", ",": "commas"}
_BOUNDS: Final = re.compile(r"between (-?[0-9]{1,18}) and (-?[0-9]{1,18})\b")
_MEMBERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The options of a tree.

    `version` is as nixpkgs says it, such as ``26.05.20261002.774debe``, `revision` a commit or empty. `unread` names
    the options, in order, whose type Nix could not evaluate.
    """

    version: str
    revision: str
    options: tuple[Option, ...]
    unread: tuple[str, ...]

    @property
    def tree(self) -> str:
        """What the tree is called in a source."""
        revision = f" ({self.revision})" if self.revision else ""
        return f"nixpkgs {self.version or 'of an unknown version'}{revision}"


def read_answer(answer: bytes | str, nixpkgs: str) -> Evaluated:
    """Read the JSON that options.nix gives. `nixpkgs` is the path of the tree, which is left out of sources.

    Raises ValueError for anything else.
    """
    try:
        document = json.loads(answer)
        version, revision = (_line(str(document[key] or "")) for key in ("version", "revision"))
        gathered = tuple(_options(document["options"], nixpkgs.rstrip("/") + "/"))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not what options.nix answers: {type(error).__name__}: {error}") from error
    options: dict[str, Option] = {}
    unread: dict[str, None] = {}
    for option, is_unread in gathered:
        # Where the members of a type cannot be read, the option comes twice: once whole.
        options.setdefault(option.name, option)
        if is_unread:
            unread[option.name] = None
    made = Evaluated(version, revision, (), ())
    sourced = (_with_tree(option, made.tree) for _, option in sorted(options.items()))
    return Evaluated(version, revision, tuple(sourced), tuple(unread))


def _options(records: Any, prefix: str) -> Iterator[tuple[Option, bool]]:
    for record in records:
        name = join(record["name"])
        files = [_line(file.removeprefix(prefix)) for file in record.get("files", ())]
        source = next((file for file in files if "/" in file), "")
        if "renamed" in record:
            target = record["renamed"]
            new = target if isinstance(target, str) else join(target)
            yield Option(name, "?", source, "renamed", replacement=_line(new)), False
        elif "removed" in record:
            yield (
                Option(name, "?", source, "removed", note=_line(record["removed"]) or "nixpkgs gives no reason."),
                False,
            )
        else:
            yield Option(name, str(_type(record.get("type", "?"))), source), bool(record.get("unread"))


def _with_tree(option: Option, tree: str) -> Option:
    source = f"{tree} {option.source}" if option.source else tree
    return Option(option.name, option.type, source, option.status, option.replacement, option.note)


def _line(text: str) -> str:
    """Text on one line, without what a terminal could obey."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _type(shape: Any) -> Type:
    if isinstance(shape, str):
        return _named(shape)
    kind = shape["is"]
    match kind:
        case "listOf" | "nonEmptyListOf":
            return ListOf(_type(shape["of"]), non_empty=kind == "nonEmptyListOf")
        case "attrsOf":
            return AttrsOf(_type(shape["of"]))
        case "loaOf":
            return Either((AttrsOf(_type(shape["of"])), ListOf(_type(shape["of"]))))
        case "nullOr":
            return _null_or(_type(shape["of"]))
        case "either" | "coercedTo":
            return _either([_type(choice) for choice in shape["choices"]])
        case "enum":
            return _enum(shape["members"])
        case "separatedString":
            return Atom(_STRINGS.get(shape["separator"], "str"))
        case "path":
            return Atom("path" if shape["absolute"] else "str")
        case "between":
            bounds = _BOUNDS.search(shape["words"])
            if bounds and int(bounds[1]) <= int(bounds[2]):
                return Between(int(bounds[1]), int(bounds[2]))
            return Atom("number") if "number" in shape["words"] else Atom("int")
    return UNKNOWN


def _named(name: str) -> Type:
    if name in _ATOMS:
        return parse(_ATOMS[name])
    if name.startswith("strMatching"):
        return Atom("str")
    if name.startswith("passwdEntry "):
        return _named(name.removeprefix("passwdEntry "))
    return UNKNOWN


def _null_or(other: Type) -> Type:
    return other if other == UNKNOWN or isinstance(other, NullOr) else NullOr(other)


def _either(choices: list[Type]) -> Type:
    flat: dict[Type, None] = {}
    for choice in choices:
        flat.update(dict.fromkeys(choice.choices if isinstance(choice, Either) else (choice,)))
    if not flat:
        return UNKNOWN
    # "Null or X, or Y" is the same as "null, or X or Y", and reads better.
    if any(isinstance(choice, NullOr) for choice in flat):
        return _null_or(_either([choice.other if isinstance(choice, NullOr) else choice for choice in flat]))
    return next(iter(flat)) if len(flat) == 1 else Either(tuple(flat))


def _enum(members: list[Any]) -> Type:
    named = [member for member in members if member is not None]
    readable = all(
        isinstance(member, bool | int) or (isinstance(member, str) and member.isprintable()) for member in named
    )
    if not named or not readable or len(named) > _MEMBERS:
        return UNKNOWN
    enum = Enum(tuple(dict.fromkeys(named)))
    return enum if len(named) == len(members) else NullOr(enum)
