"""Which folders are packages; everything else about the distribution is in pyproject.toml.

The sources of plugins and NixOS modules lie in ``plugins/`` and ``modules/``, where a reader looks for them, and are
imported as ``maidan_nix_plugins`` and ``maidan_nix_modules``, names that clash with nobody's. Plugins are found, so a
new one enters unlisted; their tests stay out of the wheel.
"""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
RENAMED = {"maidan_nix_plugins": "plugins", "maidan_nix_modules": "modules"}


def renamed_packages() -> list[str]:
    """Return the names under which the packages in renamed folders are imported, parents first."""
    names: list[str] = []
    for name, folder in RENAMED.items():
        found = find_packages(str(HERE / folder), exclude=("tests", "tests.*", "*.tests", "*.tests.*"))
        names += [name, *(f"{name}.{package}" for package in found)]
    return names


setup(
    packages=[*find_packages(str(HERE), include=("maidan_nix", "maidan_nix.*")), *renamed_packages()],
    package_dir=RENAMED,
)
