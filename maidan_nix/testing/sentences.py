"""The sentences that source code says to people, read from the source: for catalogues, and to keep them translatable.

A sentence is a literal, or the literal template of `say` or `count`. Text that is put together in any other way (an
f-string, ``+``, ``%``, ``.format``, ``.join``) is gone for every catalogue, so it is reported wherever it reaches a
place that is shown: a problem, a finding, a line of the console, the help of a command.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from maidan_nix.language import paragraphs

_PLACES = {
    "BadParameter": (("message", 0),),
    "ClickException": (("message", 0),),
    "Exemption": (("reason", 2),),
    "Finding": (("message", 3), ("way_out", 4)),
    "FindingKind": (("means", 2), ("matters", 3), ("way_out", 4)),
    "Form": (("expected", 0),),
    "InvalidValue": (("message", 0), ("expected", 1), ("hint", 2)),
    "Outgoing": (("reason", 9),),
    "Permanent": (("consequence", 9),),
    "Port": (("purpose", 9),),
    "Problem": (("message", 1), ("expected", 2), ("hint", 3)),
    "Refused": (("message", 0), ("hint", 1)),
    "Secret": (("content", 9),),
    "Unit": (("exempt", 9),),
    "UsageError": (("message", 0),),
    "also": (("remark", 1),),
    "answer": (("doing", 2),),
    "argument": (("help", 9),),
    "command": (("short_help", 9), ("epilog", 9), ("help", 9)),
    "group": (("short_help", 9), ("epilog", 9), ("help", 9)),
    "guarded": (("doing", 1),),
    "option": (("help", 9), ("prompt", 9)),
    "progress": (("doing", 0),),
    "replace": (("message", 9), ("expected", 9), ("hint", 9)),
    "setting": (("description", 0), ("unit", 9)),
    "took": (("doing", 0),),
    "trouble": (("doing", 2),),
    "version_option": (("help", 9),),
}
"""Calls that show text: for each such argument its name, and its position, where it has one."""
_OF_THE_CONSOLE = ("ask", "comment", "detail", "explain", "line", "note", "text", "yes")
_SPEAKERS = ("console", "language", "prompt", "self")
_VALUE = re.compile(r"\{[a-z_0-9]+(?:![rs])?(?::[^{}]*)?\}")
_FACTS = ("title", "summary")
_FLOORS = ("Service", "Platform", "Hardening")
_GLUE = ("format", "join", "capitalize", "replace", "lower", "upper", "removesuffix", "removeprefix")

_Scope: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message as a catalogue knows it: `many` is empty where number does not matter. `line` counts from 1."""

    template: str
    many: str
    line: int
    is_name: bool = False
    """Whether it is the title of a plugin, which may be the same in every language."""


@dataclass(frozen=True, slots=True)
class Glued:
    """A place where text is put together that no catalogue can know."""

    line: int
    source: str


def sentences(source: str) -> tuple[list[Sentence], list[Glued]]:
    """Read the source of one module: its sentences in their order, and what should be one and is not."""
    reading = _Reading(ast.parse(source))
    reading.read()
    return list(dict.fromkeys(reading.found)), list(dict.fromkeys(reading.glued))


class _Reading:
    """One pass over a module."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.found: list[Sentence] = []
        self.glued: list[Glued] = []
        self.functions = {
            node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        self.scopes: dict[ast.AST, _Scope] = {}
        self._place(tree, None)
        self.seen: set[ast.expr] = set()
        self.flows: set[tuple[str, str]] = set()
        """Parameters that end up in a place that is shown, each with its function."""

    def _place(self, node: ast.AST, scope: _Scope) -> None:
        self.scopes[node] = scope
        inner = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else scope
        for child in ast.iter_child_nodes(node):
            self._place(child, inner)

    def read(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.FunctionDef):
                self._command(node)
            elif isinstance(node, ast.ClassDef):
                self._facts(node)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                self._constants(node)
        self._follow()

    def _follow(self) -> None:
        """Read what callers of this module hand to functions that show it."""
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call) and _is_own(node.func)]
        followed: set[tuple[str, str]] = set()
        while new := self.flows - followed:
            followed |= new
            for function, parameter in sorted(new):
                for call in calls:
                    if _name(call.func) == function:
                        for argument in _arguments(call, self.functions[function], parameter):
                            self._text(argument)

    def _call(self, call: ast.Call) -> None:
        name = _name(call.func)
        if name in ("say", "count") and _is_ours(call.func):
            self._say(call, name)
        elif isinstance(call.func, ast.Attribute) and name in _OF_THE_CONSOLE and _name(call.func.value) in _SPEAKERS:
            if call.args:
                self._text(call.args[0])
        elif name == "fail" and call.args:
            self._text(call.args[0])
        for argument, position in _PLACES.get(name, ()):
            given = [keyword.value for keyword in call.keywords if keyword.arg == argument]
            if position < len(call.args) and not any(isinstance(each, ast.Starred) for each in call.args):
                given.append(call.args[position])
            for each in given:
                self._text(each)

    def _say(self, call: ast.Call, name: str) -> None:
        wanted = call.args[: 2 if name == "count" else 1]
        texts = [each.value for each in wanted if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if name == "count" and len(texts) == 2:
            self.found.append(Sentence(texts[0], texts[1], call.lineno))
        elif name == "say" and texts and _has_words(texts[0]):
            self.found.append(Sentence(texts[0], "", call.lineno))
        elif wanted and not texts:
            self._glued(call)

    def _command(self, function: ast.FunctionDef) -> None:
        decorators = (each for each in function.decorator_list if isinstance(each, ast.Call))
        if any(_name(each.func) in ("command", "group") for each in decorators):
            for paragraph in paragraphs(ast.get_docstring(function) or ""):
                self._add(paragraph, function.lineno)

    def _facts(self, kind: ast.ClassDef) -> None:
        if not any(_name(base.value if isinstance(base, ast.Subscript) else base) in _FLOORS for base in kind.bases):
            return
        for statement in kind.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                fact = statement.targets[0].id
                if fact in _FACTS and isinstance(statement.value, ast.Constant):
                    self._add(str(statement.value.value), statement.lineno, is_name=fact == "title")

    def _constants(self, node: ast.Assign | ast.AnnAssign) -> None:
        """Tables of the command line, and what a quantity expects."""
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id == "_COMMANDS" and isinstance(node.value, ast.Dict):
            for each in node.value.values:
                self._text(each)
        if isinstance(target, ast.Name) and target.id == "EXPECTED" and node.value is not None:
            self._text(node.value)

    def _text(self, node: ast.expr) -> None:
        """Take the literals that an argument may be; report text that is glued together."""
        if node in self.seen:
            return
        self.seen.add(node)
        match node:
            case ast.Constant(value=str() as text):
                self._add(text, node.lineno)
            case ast.JoinedStr():
                self._glued(node)
            case ast.BinOp(op=ast.Add() | ast.Mod()):
                self._glued(node)
            case ast.IfExp(body=body, orelse=orelse):
                self._text(body)
                self._text(orelse)
            case ast.BoolOp(values=values):
                for each in values:
                    self._text(each)
            case ast.Name(id=name):
                for value in self._assigned(name, self.scopes.get(node)):
                    self._text(value)
            case ast.Subscript(value=ast.Name(id=name)):
                self._table(name, node)
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in _GLUE:
                self._glued(node)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[_, *rest]):
                self._table(name, node)
                for each in rest:
                    self._text(each)
            case ast.Call(func=function) if _name(function) in self.functions:
                if _is_own(function):
                    self._returned(self.functions[_name(function)])
            case _:
                pass

    def _table(self, name: str, node: ast.AST) -> None:
        for value in self._assigned(name, self.scopes.get(node)):
            if isinstance(value, ast.Dict):
                for each in value.values:
                    self._text(each)

    def _returned(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if function.name in ("say", "count", "phrase", "listed", "alternatives", "together"):
            return
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None and self.scopes.get(node) is function:
                self._text(node.value)

    def _assigned(self, name: str, scope: _Scope) -> Iterator[ast.expr]:
        """What a name may stand for: what the function gives it, or else the module."""
        inside = [node for node in ast.walk(scope) if self.scopes.get(node) is scope] if scope is not None else []
        if scope is not None and any(each.arg == name for each in ast.walk(scope.args) if isinstance(each, ast.arg)):
            if not isinstance(scope, ast.Lambda) and self.functions.get(scope.name) is scope:
                self.flows.add((scope.name, name))
            return
        values = [value for node in inside for value in (*_values(node, name), *self._rows(node, name))]
        yield from values or [value for node in self.tree.body for value in _values(node, name)]

    def _rows(self, node: ast.AST, name: str) -> Iterator[ast.expr]:
        """What a name is in ``for pattern, name in TABLE``, where the table is a constant of the module."""
        match node:
            case ast.For(target=ast.Tuple(elts=targets), iter=ast.Name(id=table)):
                names = [target.id if isinstance(target, ast.Name) else "" for target in targets]
                rows = [value for each in self.tree.body for value in _values(each, table)]
                for row in (row for value in rows if isinstance(value, ast.Tuple | ast.List) for row in value.elts):
                    if name in names and isinstance(row, ast.Tuple):
                        yield row.elts[names.index(name)]

    def _add(self, text: str, line: int, *, is_name: bool = False) -> None:
        if _has_words(text):
            self.found.append(Sentence(text, "", line, is_name))

    def _glued(self, node: ast.expr) -> None:
        self.glued.append(Glued(node.lineno, ast.unparse(node)))


def _has_words(text: str) -> bool:
    """Whether there is anything to translate beside the values."""
    return any(character.isalpha() for character in _VALUE.sub("", text))


def _values(node: ast.AST, name: str) -> Iterator[ast.expr]:
    match node:
        case ast.AnnAssign(target=ast.Name(id=given), value=ast.expr() as value) if given == name:
            yield value
        case ast.NamedExpr(target=ast.Name(id=given), value=value) if given == name:
            yield value
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for one, value in zip(target.elts, node.value.elts, strict=False):
                    if isinstance(one, ast.Name) and one.id == name:
                        yield value


def _arguments(call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef, parameter: str) -> Iterator[ast.expr]:
    """What a call hands over as a parameter, where that can be seen."""
    yield from (keyword.value for keyword in call.keywords if keyword.arg == parameter)
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if names[:1] in (["self"], ["cls"]):
        del names[0]
    if parameter in names and not any(isinstance(each, ast.Starred) for each in call.args):
        position = names.index(parameter)
        yield from call.args[position : position + 1]


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _is_ours(function: ast.expr) -> bool:
    """Whether it is ``say`` or ``api.say``, and not a method of that name."""
    return not isinstance(function, ast.Attribute) or _name(function.value) == "api"


def _is_own(function: ast.expr) -> bool:
    """Whether a call is one of a function of the same module, or of a method of the same object."""
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id in ("self", "cls")
    return True
