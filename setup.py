"""Which folders are packages, and what is made for a wheel; everything else about it is in pyproject.toml.

The sources of plugins and NixOS modules lie in ``plugins/`` and ``modules/``, where a reader looks for them, and are
imported as ``maidan_nix_plugins`` and ``maidan_nix_modules``, names that clash with nobody's. Plugins are found, so a
new one enters unlisted; their tests stay out of the wheel.

The manual page and the shells' completions are made from the commands while a wheel is built, so that they cannot be
older than what they describe. Nothing but click is needed for that.
"""

import sys
from pathlib import Path

from setuptools import Command, find_packages, setup
from setuptools.dist import Distribution

HERE = Path(__file__).parent
RENAMED = {"maidan_nix_plugins": "plugins", "maidan_nix_modules": "modules"}
SHARED = {
    "bash": "share/bash-completion/completions/maidan-nix",
    "fish": "share/fish/vendor_completions.d/maidan-nix.fish",
    "zsh": "share/zsh/site-functions/_maidan-nix",
}
"""Where shells look for the completions of what is installed for everybody."""
MANUAL = "share/man/man1/maidan-nix.1"


def renamed_packages() -> list[str]:
    """Return the names under which the packages in renamed folders are imported, parents first."""
    names: list[str] = []
    for name, folder in RENAMED.items():
        found = find_packages(str(HERE / folder), exclude=("tests", "tests.*", "*.tests", "*.tests.*"))
        names += [name, *(f"{name}.{package}" for package in found)]
    return names


def shared_files() -> dict[str, bytes]:
    """Return the manual page and the completions, by their paths below the prefix of an installation."""
    sys.path.insert(0, str(HERE))  # a build front end does not put the project's own folder there
    try:
        from maidan_nix.commands import group
        from maidan_nix.completion import script
        from maidan_nix.manual import render_manual
    finally:
        sys.path.pop(0)
    return {MANUAL: render_manual(group), **{path: script(shell).encode() for shell, path in SHARED.items()}}


Data: type[Command] = Distribution().get_command_class("install_data")  # setuptools has it from distutils


class MakeData(Data):  # type: ignore[misc, valid-type]  # a class that is known at run time only
    """Writes what is made for a wheel where files of other folders would be copied."""

    def run(self) -> None:
        """Make the files and write them."""
        for path, content in shared_files().items():
            target = Path(self.install_dir) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            self.outfiles.append(str(target))


setup(
    packages=[*find_packages(str(HERE), include=("maidan_nix", "maidan_nix.*")), *renamed_packages()],
    package_dir=RENAMED,
    cmdclass={"install_data": MakeData},
    # Named, so that setuptools knows there is something to install; `MakeData` makes it.
    data_files=[(str(Path(path).parent), []) for path in (MANUAL, *SHARED.values())],
)
