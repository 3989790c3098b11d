"""The flowchart: Mermaid itself reads it, and understands what was meant, whatever a name holds."""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.fleet import ten_hosts, three_hosts
from judges import JUDGES_BIN, TIMEOUT, judge
from live.tree import missing
from maidan_nix.graph.mermaid import quoted, render

PARSER = Path(__file__).with_name("mermaid_parse.mjs")
HOSTILE = [
    'end "]; graph',
    "end",
    "1. one",
    "- one",
    "`**bold**`",
    "#quot;",
    "<script>alert(1)</script>",
    "a --> b",
    "%%{init: {}}%%",
    "$$x$$",
    "x\ny",
    "click n0 call x()",
    "\u202eabc",
    "日本",
    "|",
    " ",
]


def understood(text: str) -> Any:
    """What Mermaid 11 reads in a flowchart, with its entity codes turned back as it does after drawing."""
    node = judge("node", package="nodejs")
    folder = Path(JUDGES_BIN).parent / "mermaid"
    if not (folder / "node_modules/mermaid").is_dir():
        missing("Mermaid", "make judges, with npm installed")
    done = subprocess.run(
        [node, PARSER, str(folder)], input=text, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    turned_back = re.sub("ﬂ°°([0-9]+)¶ß", lambda code: json.dumps(chr(int(code[1])))[1:-1], done.stdout)
    return json.loads(turned_back)


def test_mermaid_reads_every_node_and_every_arrow() -> None:
    graph = three_hosts()
    read = understood(render(graph))
    assert read["title"] == "Allotment Gardens (example.org): 3 hosts, and who connects to what."
    assert sorted(text.partition("<br>")[0] for text in read["nodes"]) == sorted(
        node.title for node in graph.nodes.values()
    )
    assert len(read["arrows"]) == len(graph.connections)
    assert (
        read["groups"]
        == ["Host store (x86_64-linux)", "Host north (x86_64-linux)", "Host east (x86_64-linux)", "The internet"][::-1]
    )


def test_mermaid_reads_hostile_names_as_names() -> None:
    title = " ".join(word for word in HOSTILE if word.isprintable()).strip()
    read = understood(render(ten_hosts(title.replace("{", "{{").replace("}", "}}"))))
    shown = {html.unescape(text).partition("<br>")[0] for text in read["nodes"]}
    assert title in shown
    assert len(read["arrows"]) == len(ten_hosts().connections)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_in_a_label_has_a_meaning(name: str) -> None:
    label = quoted(name)
    assert re.fullmatch(r'"(?:[\w ,.:/\'()-]|#[0-9]+;)+"', label)
    assert not re.match(r'"[0-9]*[-.)+*]', label)


@given(st.text())
def test_a_label_says_what_it_was_given(name: str) -> None:
    label = quoted(name)
    assert re.fullmatch(r'"(?:[^\W_]|[ ,.:/\'()-]|#[0-9]+;)+"', label)
    turned_back = re.sub("#([0-9]+);", lambda code: chr(int(code[1])), label[1:-1])
    if name.isprintable() and name.strip():
        assert turned_back == name.strip()


def test_ids_are_numbers() -> None:
    for line in render(ten_hosts("end")).splitlines():
        assert re.match(r' *(?:n[0-9]+[\[ ]|subgraph (?:internet|host[0-9]+)\["|end$|flowchart LR$|accTitle: )', line)
