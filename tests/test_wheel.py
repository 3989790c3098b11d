"""The built wheel: what is in it, what is not, and that it works where it is installed, away from the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from maidan_nix import api

ROOT = Path(__file__).parents[1]
# What a wheel is made of; copied first, so that a build leaves nothing in the checkout.
SOURCES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "maidan_nix", "plugins", "modules")
FOLDERS = {"maidan_nix": "maidan_nix", "plugins": "maidan_nix_plugins", "modules": "maidan_nix_modules"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the sources, by way of the source distribution as an index would get it."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(built), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a virtual environment of its own, which borrows the dependencies of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin/python"
    target = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    # A folder on a .pth line is only searched for modules: the editable install of this checkout stays out.
    (target / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def run(installed: Path, *arguments: str) -> str:
    done = subprocess.run(
        [installed / "bin/python", "-I", *arguments],
        cwd=installed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_file_of_every_package_is_in_the_wheel_and_no_test(wheel: Path) -> None:
    """A data file of a new kind that no pattern in pyproject.toml covers would be missed only by users."""
    expected = set()
    for folder, package in FOLDERS.items():
        for path in (ROOT / folder).rglob("*"):
            inside = path.relative_to(ROOT / folder)
            if path.is_file() and not {"__pycache__", "tests"} & set(inside.parts) and path.suffix != ".pyc":
                expected.add(f"{package}/{inside}")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name and ".data/" not in name}
    assert packed == expected


def test_the_manual_page_and_completions_are_installed(installed: Path) -> None:
    """They are made while the wheel is built, and are what the installed program prints."""
    for arguments, path in (
        (("man",), "share/man/man1/maidan-nix.1"),
        (("completion", "bash"), "share/bash-completion/completions/maidan-nix"),
        (("completion", "fish"), "share/fish/vendor_completions.d/maidan-nix.fish"),
        (("completion", "zsh"), "share/zsh/site-functions/_maidan-nix"),
    ):
        assert (installed / path).read_text("ascii") == run(installed, "-m", "maidan_nix", *arguments)


def test_an_installed_wheel_imports_from_where_it_is_installed(installed: Path) -> None:
    code = (
        "import maidan_nix, maidan_nix_plugins.services, maidan_nix_modules\n"
        "from importlib.resources import files\n"
        "print(maidan_nix.__file__)\n"
        "print(maidan_nix_plugins.services.__file__)\n"
        "print(*sorted(file.name for file in files(maidan_nix_modules).iterdir() if file.name.endswith('.nix')))\n"
    )
    core, services, modules = run(installed, "-c", code).splitlines()
    assert core.startswith(str(installed))
    assert services.startswith(str(installed))
    assert modules.split() == sorted(path.name for path in (ROOT / "modules").glob("*.nix"))


def test_an_installed_wheel_lists_its_plugins_and_generates(installed: Path) -> None:
    listed = run(installed, "-m", "maidan_nix", "plugin", "list")
    for path in (ROOT / "plugins").glob("*/*/__init__.py"):
        assert f"{path.parent.parent.name}/{path.parent.name}" in listed
    out = installed / "flake"
    run(installed, "-m", "maidan_nix", "generate", str(ROOT / "hosts/minimal/community.toml"), "--out", str(out))
    assert (out / "flake.nix").is_file()


@pytest.fixture(scope="module")
def with_third_party(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of a plugin from a distribution of its own, and install it beside ours."""
    source, built = tmp_path_factory.mktemp("third-party"), tmp_path_factory.mktemp("third-party-built")
    shutil.copytree(ROOT / "tests/third_party", source, dirs_exist_ok=True)
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(built), str(source)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = built.glob("*.whl")
    python = installed / "bin/python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return installed


def test_a_third_party_plugin_is_found_checked_and_generated(with_third_party: Path) -> None:
    listed = run(with_third_party, "-m", "maidan_nix", "plugin", "list")
    assert "services/miniflux (maidan-nix-miniflux 1.2.3): A reader of news feeds" in listed
    assert "Every check passed" in run(with_third_party, "-m", "maidan_nix", "plugin", "check")

    manifest = with_third_party / "community.toml"
    minimal = (ROOT / "hosts/minimal/community.toml").read_text("utf-8")
    manifest.write_text(minimal + '\n[services.miniflux]\ndomain = "news.example.org"\n')
    out = with_third_party / "news"
    run(with_third_party, "-m", "maidan_nix", "generate", str(manifest), "--out", str(out))
    generated = (out / "hosts/shed/services/miniflux.nix").read_text("utf-8")
    assert 'DATABASE_URL = "user=miniflux host=/run/postgresql dbname=miniflux";' in generated
    assert 'profile = "internet";' in generated
    assert '"news.example.org" = {' in (out / "hosts/shed/platform/nginx.nix").read_text("utf-8")
    assert '"miniflux"' in (out / "hosts/shed/platform/postgresql.nix").read_text("utf-8")
    assert '"services/miniflux": "1.2.3"' in (out / "maidan.lock").read_text("utf-8")
    assert '"miniflux-admin.age"' in (out / "secrets/secrets.nix").read_text("utf-8")


def test_a_plugin_type_checks_strictly_against_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    """Every name of the API is exported to type checkers, and a plugin written with it is without a finding."""
    (tmp_path / "every_name.py").write_text(f"from maidan_nix.api import {', '.join(api.__all__)}\n", "utf-8")
    shutil.copytree(ROOT / "tests/third_party/maidan_nix_miniflux", tmp_path / "maidan_nix_miniflux")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable"]
    command += [str(installed / "bin/python"), "every_name.py", "maidan_nix_miniflux"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_installed_wheel_speaks_german(installed: Path) -> None:
    code = (
        "import os; os.environ.update(LANGUAGE='de', LC_ALL='C.UTF-8'); from maidan_nix.commands import main; main({})"
    )
    said = run(installed, "-c", code.format(["--help"]))
    assert said.startswith("Aufruf: maidan-nix")
    assert "Das Flake einer Gemeinschaft schreiben" in said
    # From the catalogue of a plugin, in that plugin's folder.
    assert "Grundsystem" in run(installed, "-c", code.format(["plugin", "show", "platform/base"]))
