"""``maidan-nix plugin new``: what it writes works at once, and nothing that is there is touched."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.runner import MINIMAL, ROOT, Maidan, tree
from fake_plugins import fresh
from maidan_nix.plugins import known
from maidan_nix.scaffold.files import plugin_files
from maidan_nix.scaffold.folder import write_folder
from maidan_nix.scaffold.naming import KINDS, LONGEST, Kind, names, problem_of_name
from maidan_nix.testing import conformance

NAMES = ("wiki", "a", "x-2-y", "class", "none", "any", "api", "settings", f"long-{'n' * (LONGEST - 5)}")
FLOORS = {"service": "services", "platform": "platform", "hardening": "hardening"}


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind under every name, each in a folder called KIND-NAME."""
    folder = tmp_path_factory.mktemp("written")
    for kind, name in product(KINDS, NAMES):
        write_folder(folder / f"{kind}-{name}", plugin_files(kind, name))
    return folder


# -- what is written -----------------------------------------------------------------------------------------------


def test_all_of_it_is_formatted_and_without_a_remark_by_its_own_rules(written: Path) -> None:
    run(sys.executable, "-m", "ruff", "check", "--no-cache", ".", cwd=written)
    run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".", cwd=written)


@pytest.mark.parametrize("kind", KINDS)
def test_it_type_checks_strictly(written: Path, kind: Kind, tmp_path: Path) -> None:
    for name in ("wiki", NAMES[-1]):
        mypy = (sys.executable, "-m", "mypy", f"--cache-dir={tmp_path}")
        run(*mypy, cwd=written / f"{kind}-{name}", MYPYPATH=str(ROOT))


@pytest.mark.parametrize(("kind", "name"), list(product(KINDS, NAMES)))
def test_it_keeps_the_contract(kind: Kind, name: str, tmp_path: Path, clean: None) -> None:
    folder = tmp_path / "plugin"
    write_folder(folder, plugin_files(kind, name))
    assert [fault.named().message for fault in conformance.check_place(folder)] == []


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave nothing behind of what a test imports; ask no other process."""
    monkeypatch.setattr(conformance, "digests_elsewhere", lambda names, _: dict.fromkeys(names, ()))
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    with fresh():
        yield
    for name in set(sys.modules) - before:
        if name.startswith("maidan_nix_"):
            del sys.modules[name]


@pytest.mark.parametrize("kind", KINDS)
def test_its_own_tests_pass_before_it_is_installed(written: Path, kind: Kind) -> None:
    out = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=written / f"{kind}-wiki")
    assert "passed" in out


@pytest.mark.parametrize("kind", KINDS)
def test_its_tests_notice_when_the_plugin_breaks(kind: Kind, tmp_path: Path) -> None:
    files = plugin_files(kind, "wiki")
    module = "maidan_nix_wiki/__init__.py"
    write_folder(tmp_path / "plugin", {**files, module: files[module].replace('licence = "', 'licence = "no such ')})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path / "plugin", capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "is no SPDX expression (facts)" in done.stdout


@pytest.mark.parametrize(("kind", "name"), list(product(KINDS, NAMES)))
def test_nothing_is_left_to_be_filled_in(kind: Kind, name: str) -> None:
    files = plugin_files(kind, name)
    called = names(kind, name)
    assert {".gitignore", "README.md", "pyproject.toml", f"{called.package}/py.typed"} <= files.keys()
    for path, text in files.items():
        assert "TODO" not in text, path
        assert "pypi.org" not in text, path
        assert "$" not in text.replace("$ ", ""), path  # prompts of a console alone
        assert text == "" or text.endswith("\n"), path
    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert project["name"] == f"maidan-nix-{name}"
    assert project["entry-points"]["maidan_nix.plugins.v1"] == {f"{FLOORS[kind]}.{name}": called.package}


def test_it_works_when_it_is_installed(written: Path, tmp_path: Path) -> None:
    """As `pip install --editable` leaves it, in an environment that has maidan-nix."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin/python"
    target = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment)}))
    # The dependencies are borrowed, and this checkout.
    (target / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n{ROOT / 'stubs'}\n")
    install = (sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-build-isolation")
    for folder in ("service-wiki", "platform-a", "hardening-class"):
        run(*install, "--no-index", "--editable", written / folder, cwd=tmp_path)

    maidan = (python, "-m", "maidan_nix")
    listed = run(*maidan, "plugin", "list", cwd=tmp_path)
    assert "services/wiki (maidan-nix-wiki 0.1.0): One page that greets whoever opens it" in listed
    assert "platform/a (maidan-nix-a 0.1.0)" in listed
    assert "hardening/class (maidan-nix-class 0.1.0)" in listed
    assert run(*maidan, "plugin", "check", written / "service-wiki", cwd=tmp_path) == "Every check passed.\n"

    sections = '\n[services.wiki]\ndomain = "wiki.example.org"\n\n[hardening.class]\n'
    (tmp_path / "community.toml").write_text(MINIMAL + sections)
    run(*maidan, "generate", "--out", "flake", cwd=tmp_path)
    assert "<h1>Welcome</h1>" in (tmp_path / "flake/hosts/shed/services/wiki.nix").read_text()
    assert '"wiki.example.org"' in (tmp_path / "flake/hosts/shed/platform/nginx.nix").read_text()
    assert "StopIdleSessionSec = 900;" in (tmp_path / "flake/hosts/shed/hardening/class.nix").read_text()
    shown = run(*maidan, "plugin", "show", "wiki", cwd=tmp_path)
    assert "On the host shed, because the manifest names it:" in shown
    assert "Comes from maidan-nix-wiki 0.1.0." in shown


# -- the command ---------------------------------------------------------------------------------------------------


def test_it_says_what_it_wrote_and_what_comes_next(folder: Path, maidan: Maidan) -> None:
    done = maidan("plugin", "new", "wiki", "--kind", "service")
    assert done.code == 0
    assert done.out.splitlines() == [
        "Wrote the plugin services/wiki to maidan-nix-wiki.",
        "Its code is in maidan-nix-wiki/maidan_nix_wiki/__init__.py.",
        "Check it: maidan-nix plugin check maidan-nix-wiki",
        "Install it: pip install --editable maidan-nix-wiki",
    ]
    assert {path: text.encode() for path, text in plugin_files("service", "wiki").items()} == tree(
        folder / "maidan-nix-wiki"
    )


def test_json(folder: Path, maidan: Maidan) -> None:
    document = maidan("plugin", "new", "tea-time", "--kind", "platform", "--out", "here", "--json").json()
    assert document == {
        "version": 1,
        "path": "here",
        "plugin": "platform/tea-time",
        "files": list(plugin_files("platform", "tea-time")),
    }


def test_a_new_folder_is_as_open_as_any_other(folder: Path, maidan: Maidan) -> None:
    before = os.umask(0o027)
    try:
        maidan("plugin", "new", "wiki", "--kind", "service")
    finally:
        os.umask(before)
    assert (folder / "maidan-nix-wiki").stat().st_mode & 0o777 == 0o750
    assert sorted(path.name for path in folder.iterdir()) == ["community.toml", "maidan-nix-wiki"]


def test_an_empty_folder_is_filled(folder: Path, maidan: Maidan) -> None:
    (folder / "empty").mkdir()
    assert maidan("plugin", "new", "wiki", "--kind", "service", "--out", "empty").code == 0
    assert (folder / "empty/README.md").is_file()


@pytest.mark.parametrize("taken", ["file", "folder", "link", "dangling"])
def test_what_is_there_is_left_as_it_is(folder: Path, maidan: Maidan, taken: str) -> None:
    place = folder / "maidan-nix-wiki"
    if taken == "file":
        place.write_text("mine")
    elif taken == "folder":
        place.mkdir()
        (place / "mine").write_text("mine")
    else:
        (folder / "elsewhere").mkdir() if taken == "link" else None
        place.symlink_to(folder / "elsewhere")
    before = tree(folder)
    done = maidan("plugin", "new", "wiki", "--kind", "service")
    assert done.code == 1
    assert done.err == "maidan-nix-wiki is there already, and is left as it is, choose another place with --out\n"
    assert tree(folder) == before
    assert not any((folder / "elsewhere").glob("*"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Wiki", "'Wiki' cannot be the name of a plugin"),
        ("my wiki", "did you mean 'my-wiki'?"),
        ("", "'' cannot be the name of a plugin"),
        ("wiki-", "did you mean 'wiki'?"),
        ("a--b", "did you mean 'a-b'?"),
        ("7up", "beginning with a letter"),
        ("../wiki", "did you mean 'wiki'?"),
        ("services/wiki", "did you mean 'services-wiki'?"),
        ("wi\x1b[31mki\n", "'wi\\u001B[31mki\\u000A' cannot"),
        ("${wiki}", "did you mean 'wiki'?"),
        ("wïki", "cannot be the name"),
        ("w" * 32, "the name has 32 characters, expected at most 31"),
        ("plugins", "'plugins' would be called as a part of maidan-nix is"),
        ("modules", "'modules' would be called as a part of maidan-nix is"),
        ("vaultwarden", "there is a plugin named services/vaultwarden already"),
    ],
)
def test_a_name_that_cannot_be(folder: Path, maidan: Maidan, name: str, said: str) -> None:
    done = maidan("plugin", "new", name, "--kind", "service")
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert list(tree(folder)) == ["community.toml"]


@pytest.mark.parametrize("name", ["\u00c4rger", "w\u00efki", "\u6771\u4eac-wiki"])
def test_no_name_is_proposed_that_lacks_letters(folder: Path, maidan: Maidan, name: str) -> None:
    assert "did you mean" not in maidan("plugin", "new", name, "--kind", "service").err


def test_a_name_may_be_that_of_a_plugin_of_another_kind(folder: Path, maidan: Maidan) -> None:
    assert maidan("plugin", "new", "vaultwarden", "--kind", "hardening").code == 0


@pytest.mark.parametrize("arguments", [(), ("wiki",), ("wiki", "--kind", "cellar")])
def test_wrong_usage(folder: Path, maidan: Maidan, arguments: tuple[str, ...]) -> None:
    assert maidan("plugin", "new", *arguments).code == 2
    assert list(tree(folder)) == ["community.toml"]


def test_a_place_without_its_folder(folder: Path, maidan: Maidan) -> None:
    done = maidan("plugin", "new", "wiki", "--kind", "service", "--out", "no/such")
    assert done.code == 1
    assert done.err == "there is no folder no, make the folder first, or choose another place with --out\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written(folder: Path, maidan: Maidan) -> None:
    folder.chmod(0o500)
    done = maidan("plugin", "new", "wiki", "--kind", "service")
    folder.chmod(0o700)
    assert done.code == 1
    assert "Permission denied" in done.err
    assert list(tree(folder)) == ["community.toml"]


def test_a_disk_that_is_full_leaves_nothing(folder: Path, maidan: Maidan, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    done = maidan("plugin", "new", "wiki", "--kind", "service")
    assert done.code == 1
    assert "no space left on device" in done.err.lower()
    assert [path.name for path in folder.iterdir()] == ["community.toml"]


def test_two_at_once_leave_one_whole_folder(folder: Path) -> None:
    command = [sys.executable, "-m", "maidan_nix", "plugin", "new", "wiki", "--kind", "service"]
    running = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    for process_ in running:
        process_.communicate(timeout=60)
    assert sorted(process_.returncode for process_ in running) == [0, 1, 1]
    assert tree(folder / "maidan-nix-wiki").keys() == plugin_files("service", "wiki").keys()
    assert sorted(path.name for path in folder.iterdir()) == ["community.toml", "maidan-nix-wiki"]


@given(st.sampled_from(KINDS), st.text(alphabet=st.sampled_from("ab0-_. /$AÄ\n"), max_size=8))
def test_a_name_is_refused_or_is_one_that_discovery_accepts(kind: Kind, name: str) -> None:
    from maidan_nix.plugins import _FULL_NAME

    if problem_of_name(kind, name, known()) is None:
        called = names(kind, name)
        assert _FULL_NAME.match(called.full_name)
        assert called.package.isidentifier()
        assert called.kind.isidentifier()
