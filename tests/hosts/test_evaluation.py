"""Every generated file is Nix, and evaluates as far as it goes without nixpkgs: with any Nix, from 2.8 on."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hosts.examples import EXAMPLES, generated, hosts, public_halves, write
from judges import NixRefusedError, nix_eval, nix_parse
from maidan_nix.flake.vm_test import vm_tests
from maidan_nix.plan.public_halves import read_public_halves
from maidan_nix.plan.secrets import wanted_secrets

NIX = Path(__file__).parent / "nix"

_REFERENCE = re.compile(r"\bconfig((?:\.(?:[A-Za-z0-9_-]+|\"[^\"\n]+\"))+)")
_PACKAGE = re.compile(r"\bpkgs\.([A-Za-z0-9_-]+)")
_COMMENT_OR_TEXT = re.compile(r"#[^\n]*|''(?:[^']|'(?!')|''['$\\])*?''")


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def flake(example: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(example, tmp_path_factory.mktemp("flake"))


def nix(value: object) -> str:
    """Hand JSON data to Nix."""
    return f"(builtins.fromJSON {nix_string(json.dumps(value))})"


def nix_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${") + '"'


def references(texts: list[str]) -> dict[str, Any]:
    """Return the options that files read of `config`, nested, each with a string for a value."""
    tree: dict[str, Any] = {}
    for text in texts:
        for chain in _REFERENCE.findall(_COMMENT_OR_TEXT.sub("", text)):
            *above, last = (quoted or bare for quoted, bare in re.findall(r'\.(?:"([^"]+)"|([A-Za-z0-9_-]+))', chain))
            place = tree
            for step in above:
                place = place.setdefault(step, {})
            place[last] = f"/config{chain}"
    return tree


def test_every_file_is_nix(flake: Path) -> None:
    files = sorted(flake.rglob("*.nix"))
    assert len(files) > 20
    assert nix_parse(files)
    assert nix_parse(files, recent=True)


def test_every_file_is_as_nixfmt_leaves_it(flake: Path) -> None:
    nixfmt = shutil.which("nixfmt")
    if nixfmt is None:
        pytest.skip("nixfmt is not installed (package nixfmt of nixpkgs, or NixOS/nixfmt; Debian has none)")
    done = subprocess.run(
        [nixfmt, "--check", *sorted(flake.rglob("*.nix"))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_module_evaluates_and_imports_only_what_is_there(example: str, flake: Path) -> None:
    paths = sorted([*flake.glob("hosts/**/*.nix"), *flake.glob("tests/*.nix")])
    texts = [path.read_text("utf-8") for path in paths]
    packages = sorted({name for text in texts for name in _PACKAGE.findall(text)})
    files = " ".join(f'"{path.relative_to(flake)}" = {path};' for path in paths)
    evaluated: Any = nix_eval(
        f"import {NIX}/plain.nix {{ files = {{ {files} }}; references = {nix(references(texts))};"
        f" packages = {nix(packages)}; hosts = {nix({host: {} for host in hosts(example)})}; }}"
    )
    assert set(evaluated) == {str(path.relative_to(flake)) for path in paths}
    imported = {each for one in evaluated.values() for each in one["imports"]}
    assert [each for each in imported if not each.startswith("/nixpkgs/") and not Path(each).exists()] == []
    # A file that nobody imports would be a setting that nobody gets.
    reached = {str(Path(each) / "default.nix" if Path(each).is_dir() else each) for each in imported}
    alone = {f"hosts/{host}/default.nix" for host in hosts(example)}
    alone |= {f"tests/{name}.nix" for name in vm_tests(generated(example).plan)}
    assert {name for name in evaluated if str(flake / name) not in reached} == alone
    # A plugin of every host may have nothing to say on one of them.
    silent = {
        f"hosts/{host}/{plugin}.nix"
        for host, plugins in generated(example).configured.items()
        for plugin, said in plugins.items()
        if not said.options
    }
    assert {name for name, one in evaluated.items() if not one["names"] and not name.endswith("local.nix")} == silent


def test_every_secret_of_a_host_has_its_rule(example: str, flake: Path) -> None:
    rules: Any = nix_eval(f"import {flake}/secrets/secrets.nix")
    stewards = generated(example).manifest.stewards
    keys = [key for _, steward in sorted(stewards.items()) for key in (*steward.ssh_keys, *steward.age_recipients)]
    of_hosts = read_public_halves(public_halves(example), hosts(example)).hosts
    # agenix reads `publicKeys` of the attribute of the file's name, and `armor` at most besides.
    assert rules == {
        f"{secret.name}.age": {"publicKeys": [*keys, *(of_hosts[host] for host in secret.hosts if host in of_hosts)]}
        for secret in wanted_secrets(generated(example).plan)
    }
    for host in hosts(example):
        file = flake / f"hosts/{host}/platform/secrets.nix"
        declared: Any = nix_eval(f"builtins.mapAttrs (_: secret: toString secret.file) (import {file}).age.secrets")
        assert declared == {name: f"{flake}/secrets/{name}.age" for name in declared}
        assert {f"{name}.age" for name in declared} <= set(rules)


def test_the_flake_offers_what_its_readme_says(example: str, flake: Path) -> None:
    outputs: Any = nix_eval(f"import {NIX}/flake.nix {flake}")
    assert outputs["unexpected"] == {}
    assert set(outputs["hosts"]) == set(hosts(example))
    for host, imports in outputs["hosts"].items():
        assert imports == ["agenix", "disko", f"{flake}/modules/default.nix", f"{flake}/hosts/{host}"]
    systems = {name: host.system for name, host in generated(example).manifest.hosts.items()}
    for system in set(systems.values()):
        assert set(outputs["checks"][system]) == {host for host, of in systems.items() if of == system}
        assert outputs["devShells"][system] == ["default"]
        assert system in outputs["formatter"]
    readme = (flake / "README.md").read_text("utf-8")
    named = {name.strip(".") for name in re.findall(r"\.#([A-Za-z0-9_.-]+)", readme)}
    offered = {*hosts(example), *(name for names in outputs["packages"].values() for name in names)}
    offered |= {f"checks.{system}.{check}" for system, checks in outputs["checks"].items() for check in checks}
    assert any("HOST" in name for name in named)
    for host in hosts(example):
        assert {name.replace("HOST", host) for name in named} <= offered


def test_the_formatter_leaves_generated_files_alone(flake: Path) -> None:
    outputs: Any = nix_eval(f"import {NIX}/flake.nix {flake}")
    of_stewards = {"hardware.nix", "local.nix"}
    for excluded in outputs["excluded"].values():
        for file in flake.rglob("*.nix"):
            name = str(file.relative_to(flake))
            left_alone = any(fnmatch.fnmatchcase(name, pattern) for pattern in excluded)
            assert left_alone != (file.name in of_stewards), name


def test_the_lock_pins_exactly_the_inputs(flake: Path) -> None:
    inputs: Any = nix_eval(f"(import {NIX}/flake.nix {flake}).inputs")
    lock = json.loads((flake / "flake.lock").read_text("utf-8"))
    root = lock["nodes"][lock["root"]]
    assert set(root["inputs"]) == set(inputs)
    for name, described in inputs.items():
        node = lock["nodes"][root["inputs"][name]]
        original = node["original"]
        reference = f"/{original['ref']}" if "ref" in original else ""
        assert described["url"] == f"{original['type']}:{original['owner']}/{original['repo']}{reference}"
        assert re.fullmatch(r"[0-9a-f]{40}", node["locked"]["rev"])
        followed = {each: what["follows"] for each, what in described.get("inputs", {}).items()}
        pinned = node.get("inputs", {})
        assert {each: pinned[each] for each in followed if followed[each]} == {
            each: [what] for each, what in followed.items() if what
        }


@pytest.mark.parametrize(
    ("journal", "words"),
    [('{ "pending": [{}], "version": 1 }', "half-written"), (None, "journal.json is missing")],
)
def test_a_flake_that_may_be_half_written_is_refused(
    journal: str | None, words: str, example: str, tmp_path: Path
) -> None:
    flake = write(example, tmp_path)
    place = flake / ".maidan/journal.json"
    place.unlink()
    if journal is not None:
        place.write_text(journal, "utf-8")
    with pytest.raises(NixRefusedError, match=words):
        nix_eval(f"(import {NIX}/flake.nix {flake}).hosts")
