"""What a plugin's source may import: the API, its own package, packages of other plugins, and Python's library."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from maidan_nix.messages import say
from maidan_nix.plugins import known
from maidan_nix.problems import Problem
from maidan_nix.testing.subject import Subject

_TESTS = "tests"


def imports(subject: Subject) -> Iterator[Problem]:
    """A plugin that reaches into maidan-nix breaks with its next release; one that needs more, on other machines."""
    root, package = _package(subject)
    files = sorted(root.rglob("*.py")) if root.is_dir() else [root]
    for file in files:
        inside = file.relative_to(root).parts if root.is_dir() else ()
        if _TESTS in inside[:-1]:
            continue
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError) as error:
            yield subject.problem(say("its file {file} cannot be read: {error}", file=file.name, error=error))
            continue
        for line, name in _foreign(tree, package, len(inside)):
            place = f"{'/'.join(inside) or file.name}:{line}"
            message = say("it imports {name} ({place})", name=name, place=place)
            yield subject.problem(message, say("maidan_nix.api, its own package, and Python's own library"))


def _package(subject: Subject) -> tuple[Path, str]:
    """The folder, or the one file, of a plugin, and the name by which it is imported."""
    module = sys.modules[type(subject.plugin).__module__]
    package = module.__spec__.parent if module.__spec__ else ""
    if not package:  # a module on its own
        return subject.module, module.__name__
    file = sys.modules[package].__file__ if package in sys.modules else None
    return (Path(file).parent if file else subject.module.parent), package


def _foreign(tree: ast.AST, package: str, depth: int) -> Iterator[tuple[int, str]]:
    """Yield line and name of each import that is none of ours to make, wherever in the file it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                if each.name != "maidan_nix.api" and not _is_own(each.name, package):
                    yield node.lineno, each.name
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                allowed = node.level <= depth
            elif module == "maidan_nix":
                allowed = all(each.name == "api" for each in node.names)
            else:
                allowed = module == "maidan_nix.api" or _is_own(module, package)
            if not allowed:
                yield node.lineno, f"{'.' * node.level}{module}"


def _is_own(module: str, package: str) -> bool:
    top = module.partition(".")[0]
    return module == package or module.startswith(f"{package}.") or top in sys.stdlib_module_names or top in _others()


def _others() -> set[str]:
    """The packages of other distributions' plugins: their kinds of need are imported from there."""
    return {source.module.partition(".")[0] for source in known().values() if source.distribution}
