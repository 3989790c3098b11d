"""Every finding that can be made is explained: by core for its own, by each plugin for its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_plugins import WIKI, Install, installed, source
from maidan_nix.findings import FindingKind
from maidan_nix.findings.kinds import CORE, kind_faults, kinds_of
from maidan_nix.generation import generate
from maidan_nix.manifest.setting_info import PRESETS
from maidan_nix.plugins import known, load
from maidan_nix.testing.example import example_document

__all__ = ["installed"]

ROOT = Path(__file__).parents[2]


def ids_in(path: Path) -> Iterator[str]:
    """The ids of the findings that a file makes, wherever they are made."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Finding", "api.Finding"):
            named = [keyword.value for keyword in node.keywords if keyword.arg == "id"]
            (given,) = named or node.args[:1]
            assert isinstance(given, ast.Constant), f"{path}: the id of a finding is no literal"
            yield str(given.value)


def test_core_explains_what_it_finds() -> None:
    made = {each for path in (ROOT / "maidan_nix").rglob("*.py") for each in ids_in(path)}
    assert made == {kind.id for kind in CORE}


@pytest.mark.parametrize("name", known())
def test_a_plugin_explains_what_it_finds(name: str) -> None:
    folder = ROOT / "plugins" / name
    made = {each for path in folder.rglob("*.py") if "tests" not in path.parts for each in ids_in(path)}
    assert made == {kind.id for kind in load(name).finding_kinds}
    for preset in PRESETS:
        generated = generate(example_document(load(name), preset), lock=None, public=None)
        for members in generated.plan.hosts.values():
            for planned in members.values():
                found = planned.plugin.findings(planned.context)
                assert list(kind_faults(planned.plugin, found)) == []


@pytest.mark.parametrize("kind", CORE, ids=lambda kind: kind.id)
def test_core_speaks_in_whole_sentences(kind: FindingKind) -> None:
    for text in (kind.means, kind.matters, kind.way_out):
        assert text.endswith(".")
        assert text[0].isupper()


def test_two_plugins_may_make_a_finding_of_one_name() -> None:
    vault = load("services/vaultwarden")
    kinds = kinds_of([vault])
    assert list(kinds["signups-open"]) == ["services/vaultwarden"]
    assert list(kinds["single-steward"]) == [""]
    assert list(kinds) == sorted(kinds)


FINDS = """
finding_kinds = ({kinds})

def findings(self, context):
    yield api.Finding(id="pages-open", severity="advice", subject="x", message="all can read", way_out="close them")
"""
WHOLE = """api.FindingKind(
    id="pages-open", severity="{severity}", means="Everybody reads.", matters="{matters}", way_out="Close them.",
),"""


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ("", "it makes a finding 'pages-open' and does not explain it"),
        (WHOLE.format(severity="missing", matters="It tells."), "of severity 'advice', and explains it as 'missing'"),
        (
            WHOLE.format(severity="advice", matters="it tells"),
            "the explanation of its finding 'pages-open' is no whole",
        ),
        (WHOLE.format(severity="advice", matters="It tells."), ""),
    ],
)
def test_a_third_party_is_told_what_lacks(installed: Install, kinds: str, said: str) -> None:
    installed(source(FINDS.format(kinds=kinds)))
    plugin = load(WIKI)
    context = next(iter(generate(example_document(plugin), lock=None, public=None).plan.hosts.values()))[WIKI].context
    messages = [problem.message for problem in kind_faults(plugin, plugin.findings(context))]
    assert said in "".join(messages)
    assert len(messages) == bool(said)
