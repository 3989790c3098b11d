"""What a check looks at, and what a check is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maidan_nix.contract.plugin import Plugin
from maidan_nix.generation import Generated
from maidan_nix.manifest.settings import Preset
from maidan_nix.plan.configured import Configured
from maidan_nix.plan.planned import Planned
from maidan_nix.problems import Problem
from maidan_nix.testing.example import Try


@dataclass(frozen=True, slots=True)
class Subject:
    """A plugin, and the small communities it was planned in, by preset.

    `generate` makes further ones; `elsewhere` holds the checksums of the files of the example, by path, as other
    processes came to them.
    """

    name: str
    plugin: Plugin[Any]
    by_preset: Mapping[Preset, Generated]
    generate: Try
    elsewhere: Sequence[Mapping[str, str]]

    @property
    def module(self) -> Path:
        """The file of the plugin's module; its README.md stands beside it."""
        return module_file(self.plugin)

    def problem(self, message: str, expected: str = "", hint: str = "") -> Problem:
        """A problem of this plugin."""
        return Problem((), message, expected, hint, self.name)

    def configured(self) -> Iterator[tuple[Generated, Planned, Configured]]:
        """The plugin as it was configured with each preset, on each host that has it."""
        for generated in self.by_preset.values():
            for host, members in generated.configured.items():
                if self.name in members:
                    yield generated, generated.plan.hosts[host][self.name], members[self.name]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that every plugin keeps. `reason` says why, without a final stop."""

    id: str
    reason: str
    find: Callable[[Subject], Iterator[Problem]]


def module_file(plugin: Plugin[Any]) -> Path:
    """The file of a plugin's module."""
    return Path(sys.modules[type(plugin).__module__].__file__ or "")
