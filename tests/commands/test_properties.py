"""Whatever a manifest holds: problems are located, hostile text stays text, and the same input gives the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import judges
from commands.runner import MINIMAL, TWO_HOSTS, Done, process, tree
from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import Document, parse_document
from maidan_nix.manifest.report import to_json
from maidan_nix.problems import MaidanError

# Everything core reads, so that a change can hit it.
FULL = f"""{MINIMAL}
[services.vaultwarden.reasons]

[privacy]
preset = "balanced"
federation = "listed"
federation_allow = ["chat.example.net"]

[plugins.providers]
database = "platform/postgresql"

[plugins.disable]
"hardening/kernel" = "this machine is a container"
"""

HOSTILE = [
    "plain",
    "${canary}",
    "''${canary}''",
    '"; canary = 1; x = "',
    "*/ canary = 1; /*",
    "# canary",
    "\\",
    "\\${canary}",
    "`canary` [canary](https://canary.example) ![canary](x) <canary>",
    "| canary | canary |",
    "--- canary",
    "{{ canary }} {% canary %}",
    "$(canary) `canary`",
    "\u2028canary = 1;",
    "\u202ecanary",
    "\x85canary = 1;",
    "é ü 漢字 🏳️‍🌈",
    "'; DROP TABLE canary",
    "end }",
]


def generated(text: str, lock: bytes | None = None) -> Generated:
    return generate(parse_document(text.encode(), "community.toml"), lock=lock, public=None)


# -- problems are located ------------------------------------------------------------------------------------------

SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(HOSTILE)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
    | st.just(dt.date(2026, 5, 1))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab."-ü', max_size=4), inner, max_size=3),
    max_leaves=5,
)


PLAUSIBLE: dict[type, list[Any]] = {
    str: ["open", "none", "off", "example.org", "a.example.org", "192.0.2.7/24", "fe80::1", "30d", "0", "9T", *HOSTILE],
    bool: [True, False],
    int: [0, 1, 2**31, 2**63 - 1, -1],
}


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield (*path, key)
        yield from places(inner, (*path, key))


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """The manifest with one to three keys deleted, renamed, given another value, or added.

    Most values stay of their kind: what is wrong at first sight hides what would have been wrong later.
    """
    values = tomllib.loads(FULL)
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        everywhere = list(places(values))
        if not everywhere:
            break
        *above, key = draw(st.sampled_from([path for path in everywhere if len(path) > 2] or everywhere))
        table: Any = values
        for step in above:
            table = table[step]
        match draw(st.sampled_from(["swap", "swap", "swap", "delete", "replace", "rename", "add"])):
            case "swap" if type(table[key]) in PLAUSIBLE:
                table[key] = draw(st.sampled_from(PLAUSIBLE[type(table[key])]))
            case "delete":
                del table[key]
            case "rename" if isinstance(table, dict):
                table[f"{key}{draw(st.sampled_from(['s', '-', '.', ' ']))}"] = table.pop(key)
            case "add" if isinstance(table, dict):
                table[draw(st.sampled_from(["name", "host", "reasons", "enable", "ü", ""]))] = draw(VALUES)
            case _:
                table[key] = draw(VALUES)
    return tomlkit.dumps(values)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(manifests())
def test_a_changed_manifest_generates_or_has_located_problems(text: str) -> None:
    refused = attempt(lambda: parse_document(text.encode(), "community.toml"))
    if refused is not None:
        assert all(problem.line for problem in refused.problems) or not text.strip()
        return
    document = parse_document(text.encode(), "community.toml")
    refused = attempt(lambda: generate(document, lock=None, public=None))
    if refused is not None:
        assert refused.problems
        assert_located(refused, document)


def attempt(call: Callable[[], object]) -> MaidanError | None:
    """Return the only error that may be raised."""
    try:
        call()
    except MaidanError as error:
        return error
    return None


def assert_located(error: MaidanError, document: Document) -> None:
    lines = document.text.split("\n")
    for record in to_json(error.problems, document):
        assert record["message"]
        assert record["path"], record  # what the manifest caused is said of a place in it
        assert 1 <= record["line"] <= len(lines)
        assert 1 <= record["column"] <= len(lines[record["line"] - 1]) + 1
    json.dumps([list(problem.path) for problem in error.problems])


# -- hostile text stays text ---------------------------------------------------------------------------------------


def hostile_manifest(text: str) -> str | None:
    """The manifest with a text in every free place; None where it is refused as a whole."""
    values = tomllib.loads(FULL)
    values["community"]["name"] = text[:80]
    values["plugins"]["disable"]["hardening/kernel"] = f"reason: {text}"
    values["privacy"] |= {"federation": "open", "reasons": {"federation": f"reason: {text}"}}
    del values["privacy"]["federation_allow"]
    values["stewards"]["ada"]["ssh_keys"] = [values["stewards"]["ada"]["ssh_keys"][0].replace(" ada", f" {text}")]
    for drop in ((), ("ssh_keys",), ("ssh_keys", "reasons"), ("ssh_keys", "reasons", "name")):
        if "ssh_keys" in drop:
            values["stewards"]["ada"]["ssh_keys"] = tomllib.loads(FULL)["stewards"]["ada"]["ssh_keys"]
        if "reasons" in drop:
            values["plugins"]["disable"]["hardening/kernel"] = "this is a container"
            values["privacy"]["reasons"] = {"federation": "we like to talk"}
        if "name" in drop:
            return None
        rendered = tomlkit.dumps(values)
        refused = attempt(partial(generated, rendered))
        if refused is None:
            return rendered
        assert_located(refused, parse_document(rendered.encode(), "community.toml"))
    return None


def nix_without_strings(files: list[Path]) -> str:
    """What Nix understands of files: its own print of their syntax trees, without comments and texts."""
    command = [*judges.nix_command(), "--parse", *map(str, files)]
    verdict = judges.run(command, env=judges._nix_environment())
    assert verdict, verdict.output
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', verdict.output)


def test_hostile_text_never_becomes_nix_or_markdown(tmp_path: Path) -> None:
    accepted = 0
    files: list[Path] = []
    for number, text in enumerate(HOSTILE):
        manifest = hostile_manifest(text)
        if manifest is None:
            continue
        accepted += 1
        for path, file in generated(manifest).tree.items():
            if path.endswith((".nix", ".md")):
                target = tmp_path / str(number) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.content)
                files += [target] if path.endswith(".nix") else []
        readme = (tmp_path / str(number) / "README.md").read_text("utf-8")
        for syntax in ("[canary]", "`canary`", "<canary>", "\n---", "| canary |"):
            assert syntax not in readme
    assert accepted > len(HOSTILE) / 2  # the test must not pass because everything was refused
    changed = [file for file in files if "canary" in file.read_text("utf-8")]
    assert "canary" not in nix_without_strings([*changed, *files[:50]])


def test_a_hostile_lock_never_becomes_nix(tmp_path: Path) -> None:
    files = []
    for number, text in enumerate(HOSTILE):
        kept = {"platform/postgresql major": text, "platform/base stateVersion": text}
        lock = json.dumps({"version": 1, "hosts": {"shed": {"kept": kept}}}).encode()
        refused = attempt(partial(generated, MINIMAL, lock))
        if refused is not None:
            assert all(problem.plugin for problem in refused.problems)
            continue
        made = generated(MINIMAL, lock)
        for name in ("base", "postgresql"):
            files.append(tmp_path / f"{number}-{name}.nix")
            files[-1].write_bytes(made.tree[f"hosts/shed/platform/{name}.nix"].content)
    if files:
        assert "canary = " not in nix_without_strings(files)


# -- the same input, the same bytes --------------------------------------------------------------------------------


def test_two_machines_make_the_same_bytes(tmp_path: Path) -> None:
    made: list[tuple[dict[str, bytes], Done]] = []
    for seed, zone, locale in (("1", "Pacific/Kiritimati", "C"), ("4711", "America/Los_Angeles", "C.UTF-8")):
        place = tmp_path / f"somewhere {seed}" / "deep" / ("x" * int(seed[0]))
        place.mkdir(parents=True)
        (place / "community.toml").write_text(TWO_HOSTS)
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "LANG": locale, "HOME": str(place)}
        done = process("generate", cwd=place, **environment)
        assert done.code == 0, done.err
        made.append((tree(place), done))
    assert made[0] == made[1]
