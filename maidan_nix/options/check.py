"""Whether a NixOS configuration sets only options that exist, each to a value of its type."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, TypeAlias

from maidan_nix.messages import say
from maidan_nix.nix.values import Value
from maidan_nix.options.accept import accepts, found
from maidan_nix.options.definitions import definitions, is_unknown
from maidan_nix.options.index import Index, below
from maidan_nix.options.names import ANY_ELEMENT, ANY_NAME, step
from maidan_nix.options.table import Option
from maidan_nix.options.types import Atom, AttrsOf, Either, ListOf, NullOr, Type, parse
from maidan_nix.problems import KeyPath, Problem, dotted

_Names: TypeAlias = tuple[str, ...]
"""The names that the index has for one place: its own name, and the ones with ``<name>`` in them."""

_MODULE_KEYS: Final = frozenset(("_class", "_file", "disabledModules", "imports", "key"))
"""What a module may hold besides its configuration (nixpkgs, lib/modules.nix)."""

_ELSEWHERE: Final = "an option of a module from outside nixpkgs is declared in options.toml of the plugin"


def check_options(configuration: Mapping[str, Value], index: Index, origin: str) -> list[Problem]:
    """Return what is wrong with a configuration, in its own order; nothing if all is well.

    `configuration` is the body of a module: nested attribute sets of options, possibly under ``config``. `origin` is
    the plugin that wrote it and becomes `Problem.plugin`. A problem is an option that does not exist, is gone or has
    been renamed, a value that is not of its option's type, and a value where only an attribute set can be.
    """
    walk = _Walk(index, origin)
    for key, value in configuration.items():
        if key == "config":
            walk.attribute_set(value, ("",), None, ())
        elif key == "options":
            walk.report("a generated module declares no options", hint="put the types into options.toml of the plugin")
        elif key not in _MODULE_KEYS:
            walk.member(key, value, ("",), None, ())
    return walk.problems


class _Walk:
    """One pass over one configuration."""

    def __init__(self, index: Index, origin: str) -> None:
        self.index = index
        self.origin = origin
        self.problems: list[Problem] = []

    def report(self, message: str, expected: str = "", hint: str = "") -> None:
        self.problems.append(Problem((), message, expected, hint, self.origin))

    def attribute_set(self, value: Value, names: _Names, rest: Option | None, path: KeyPath) -> None:
        """Check a value at a place that is no option but has options below."""
        for definition in definitions(value):
            if isinstance(definition, Mapping):
                for key, member in definition.items():
                    self.member(key, member, names, rest, path)
            elif not is_unknown(definition):
                self.report(
                    say("'{place}' is no option and is given {found}", place=dotted(path), found=found(definition)),
                    expected="an attribute set of options",
                    hint=self._did_you_mean(path),
                )

    def member(self, key: str, value: Value, names: _Names, rest: Option | None, path: KeyPath) -> None:
        """Check one attribute. `rest` is the option that takes every name not declared (a freeform type)."""
        index, here = self.index, (*path, key)
        own = [below(name, step(key)) for name in names]
        for name in own:
            if (option := index.option(name)) is not None:
                return self.option(option, value, names=own, path=here)
        free = [below(name, ANY_NAME) for name in names]
        freeform = next((option for name in free if (option := index.option(name)) is not None), None)
        declared = [name for name in own if index.has_members(name)]
        if freeform is not None and not declared:
            return self.option(freeform, value, names=[freeform.name], path=here)
        inside = (*declared, *(name for name in free if freeform is None and index.has_members(name)))
        if inside:
            self.attribute_set(value, inside, freeform or rest, here)
        elif rest is None or accepts(rest.type, {key: value}) is not None:
            self.report(
                say("unknown option '{place}'", place=dotted(here)), hint=self._did_you_mean(here) or _ELSEWHERE
            )
        return None

    def option(self, option: Option, value: Value, names: list[str], path: KeyPath) -> None:
        """Check the value of an option, and if it is made of submodules, their options."""
        match option.status:
            case "renamed":
                self.report(
                    say("the option '{place}' has been renamed", place=dotted(path)),
                    expected=say("'{replacement}'", replacement=option.replacement),
                    hint=say("set '{replacement}' instead", replacement=option.replacement),
                )
            case "removed":
                self.report(say("the option '{place}' has been removed", place=dotted(path)), hint=option.note)
            case "current":
                mismatch = accepts(option.type, value)
                if mismatch is not None:
                    where = dotted((*path, *mismatch.path))
                    self.report(
                        say("the option '{where}' is given {found}", where=where, found=mismatch.found),
                        expected=mismatch.expected,
                    )
                elif _has_submodules(option.type) and self.index.has_members(option.name):
                    self._submodules(parse(option.type), value, tuple(names), path)

    def _submodules(self, type_: Type, value: Value, names: _Names, path: KeyPath) -> None:
        for definition in definitions(value):
            match type_:
                case Atom("submodule") if isinstance(definition, Mapping):
                    for key, member in definition.items():
                        self.member(key, member, names, None, path)
                case NullOr(other) if definition is not None:
                    self._submodules(other, definition, names, path)
                case Either(choices):
                    fitting = next((choice for choice in choices if accepts(choice, definition) is None), None)
                    if fitting is not None:
                        self._submodules(fitting, definition, names, path)
                case ListOf(element) if isinstance(definition, list | tuple):
                    elements = tuple(below(name, ANY_ELEMENT) for name in names)
                    for position, item in enumerate(definition):
                        self._submodules(element, item, elements, (*path, position))
                case AttrsOf(element) if isinstance(definition, Mapping):
                    for key, item in definition.items():
                        values = tuple(below(name, one) for name in names for one in (step(key), ANY_NAME))
                        self._submodules(element, item, values, (*path, key))

    def _did_you_mean(self, path: KeyPath) -> str:
        """Name the option nearest to the last step of `path` that could stand in its place."""
        import difflib

        *above, last = path
        known = self.index.siblings(tuple(str(ANY_ELEMENT if isinstance(s, int) else s) for s in path))
        nearest = difflib.get_close_matches(str(last), known, n=1, cutoff=0.6)
        return (
            say("did you mean '{place}'?", place=dotted((*above, nearest[0]))) if nearest and nearest[0] != last else ""
        )


@cache
def _has_submodules(type_: str) -> bool:
    return "submodule" in type_
