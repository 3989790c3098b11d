"""What may know of what: core of no service, plugins of the one module that is theirs, core not of that module."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from maidan_nix.plugins import known, load

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "maidan_nix").rglob("*.py"))
TEXTS = [path for path in (ROOT / "maidan_nix").rglob("*") if path.suffix in {".j2", ".json", ".toml", ".nix"}]
PLUGINS = sorted(path for path in (ROOT / "plugins").rglob("*.py") if "tests" not in path.parts)

PRODUCTS = {
    "vaultwarden": ("bitwarden",),
    # "element" alone is a word that core needs, for what lists are made of.
    "matrix": ("synapse", "element-web", "element_web", "element_domain", "elementweb", "element.io", "homeserver"),
}
"""Names of the software behind a service, where it is not called as its plugin is."""


def words_of_services() -> set[str]:
    words: set[str] = set()
    for name in known():
        floor, _, short = name.partition("/")
        if floor == "services" and not known()[name].distribution:
            words |= {short, load(name).title.lower(), *PRODUCTS.get(short, ())}
    return words


def identifiers_and_strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Constant(value=str(text)) | ast.Name(id=text) | ast.Attribute(attr=text) | ast.arg(arg=text):
                yield line, text
            case ast.FunctionDef(name=text) | ast.ClassDef(name=text) | ast.alias(name=text):
                yield line, text
            case ast.keyword(arg=str(text)):
                yield line, text


def named(words: Iterable[str], text: str) -> list[str]:
    return [word for word in words if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text.lower())]


def test_the_words_of_services_are_known() -> None:
    assert {"vaultwarden", "bitwarden", "matrix", "synapse"} <= words_of_services()
    assert named(words_of_services(), "the Matrix room") == ["matrix"]
    assert not named(words_of_services(), "each element of a list")


@pytest.mark.parametrize("path", [*CORE, *TEXTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_core_names_no_service(path: Path) -> None:
    if "data" in path.relative_to(ROOT).parts:
        pytest.skip("the index holds the names of all of NixOS")
    text = path.read_text("utf-8")
    found = identifiers_and_strings(ast.parse(text)) if path.suffix == ".py" else enumerate(text.splitlines(), 1)
    words = words_of_services()
    assert [(line, word) for line, each in found for word in named(words, each)] == []


def imports(tree: ast.AST) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Module, level and names of each import, wherever it stands."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((each.name, 0, ()) for each in names)
            case ast.ImportFrom(module=module, level=level, names=names):
                yield module or "", level, tuple(each.name for each in names)


def foreign(path: Path) -> list[str]:
    """The imports of a plugin's file that reach beyond what a plugin may use."""
    inside = path.relative_to(ROOT / "plugins").parts
    own = ".".join(("maidan_nix_plugins", *inside[:2]))
    depth = len(inside) - 2  # how many folders up the plugin's own folder is, as levels of a relative import
    found = []
    for module, level, names in imports(ast.parse(path.read_text("utf-8"))):
        allowed = (
            0 < level <= depth
            or module == "maidan_nix.api"
            or (module == "maidan_nix" and names == ("api",))
            or (not level and (module == own or module.startswith(f"{own}.")))
            or (not level and module.partition(".")[0] in sys.stdlib_module_names)
        )
        if not allowed:
            found.append(f"{'.' * level}{module} {' '.join(names)}")
    return found


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_plugin_imports_the_api_and_its_own_folder(path: Path) -> None:
    assert foreign(path) == []


def test_reaching_further_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "plugins/services/wiki/pages.py"
    path.parent.mkdir(parents=True)
    refused = [
        "import maidan_nix",
        "from maidan_nix import plugins",
        "from maidan_nix.problems import Problem",
        "from maidan_nix.api.nix import x, y\nimport maidan_nix.plan.planner",
        "import maidan_nix_plugins.services.notes",
        "from .. import notes",
        "from ...platform import base",
        "import jinja2",
        "from pydantic import Field",
        "def late():\n    import requests",
    ]
    for text in refused:
        path.write_text(text)
        assert foreign(path), text
    path.write_text(
        "import json\nfrom maidan_nix import api\nfrom maidan_nix.api import nix\nfrom . import settings\n"
        "from .settings import Settings\nimport maidan_nix_plugins.services.wiki.settings\n"
    )
    assert foreign(path) == []


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_does_not_use_the_module_of_plugins(path: Path) -> None:
    for module, level, names in imports(ast.parse(path.read_text("utf-8"))):
        assert level == 0  # core says where things are from
        assert module != "maidan_nix.api"
        assert not (module == "maidan_nix" and "api" in names)
        assert not module.startswith("maidan_nix_plugins")


def layers() -> list[str]:
    """The layers that the README names, from the bottom."""
    text = (ROOT / "README.md").read_text("utf-8").partition("The layers, from the bottom: ")[2].partition(".")[0]
    return re.findall(r"`([a-z]+)`", text)


def imported_at_run_time(tree: ast.AST) -> Iterator[str]:
    """The modules that are imported, wherever that stands, but for what only types are read from."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module)):
                yield module
        yield from imported_at_run_time(node)


def test_no_layer_imports_one_above_it() -> None:
    order = layers()
    assert len(order) == 11
    upward = []
    for path in CORE:
        layer = path.relative_to(ROOT / "maidan_nix").with_suffix("").parts[0]
        if layer not in order:
            continue
        for module in imported_at_run_time(ast.parse(path.read_text("utf-8"))):
            package, _, rest = module.partition(".")
            other = rest.partition(".")[0]
            if package == "maidan_nix" and other in order and order.index(other) > order.index(layer):
                upward.append(f"{path.relative_to(ROOT)} imports {module}")
    assert upward == []


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_what_starts_or_tests_the_commands_knows_them(path: Path) -> None:
    package = path.relative_to(ROOT / "maidan_nix").parts[0]
    if package in {"commands", "testing", "__main__.py"}:
        return
    modules = [module for module, _, _ in imports(ast.parse(path.read_text("utf-8")))]
    assert [module for module in modules if module.startswith("maidan_nix.commands")] == []
