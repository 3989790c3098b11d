"""Which options exist: the recorded list, the overlay for the pinned release over it, and what plugins add.

Where a community has its own nixpkgs evaluated (see `maidan_nix.options.evaluated_file`), that list takes the place of
the recorded one, and of all else that is said of nixpkgs: what other flakes declare is still taken from overlays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from maidan_nix.options.names import ANY_ELEMENT, ANY_NAME, OptionPath, split, step
from maidan_nix.options.table import Option, Table, write

if TYPE_CHECKING:
    from maidan_nix.options.overlay import Overlay

_OF_NIXPKGS: Final = re.compile(r"(?:^|/)nixpkgs(?:\.lib)?[@ ]|^recorded list")

DATA: Final = Path(__file__).parent / "data"


class Index:
    """Tables of options, one over the other: what an upper table says of a name hides what a lower one says.

    Paths are tuples of attribute names, unquoted. Where the index has ``<name>``, any name fits; a name of its own
    comes first. Look-ups are remembered, since the options of a host share their beginnings.
    """

    def __init__(self, tables: Iterable[Table]) -> None:
        self._tables = tuple(tables)
        self._options: dict[str, Option | None] = {}
        self._begins: dict[str, bool] = {}

    @classmethod
    def load(cls, extra: Iterable[Overlay] = (), evaluated: Table | None = None) -> Index:
        """Open the index of the package, with the overlays of plugins over it; or under what Nix `evaluated`.

        Raises OSError if the package is damaged, and ValueError if two overlays speak of the same option.
        """
        added = [option for overlay in extra for option in overlay.options]
        if evaluated is not None:
            write((), added)  # which refuses what is said twice
            overlay, _ = _shipped()
            below = (Table(write((), lacking(options, evaluated))) for options in (added, overlay))
            return cls((evaluated, *below))
        return cls((Table(write((), added)), *_shipped()) if added else _shipped())

    def find(self, path: OptionPath) -> Option | None:
        """Return the option at `path`, or the removed or renamed one above it, or `None`."""
        option = None
        for names in self._descend(path):
            option = None
            for name in names:
                if (option := self.option(name)) is not None:
                    break
            if not names or (option is not None and option.status != "current"):
                break
        return option

    def has_prefix(self, path: OptionPath) -> bool:
        """Whether options lie below `path`; the empty path is the root."""
        return any(self.has_members(name) for name in self._names(path))

    def siblings(self, path: OptionPath) -> tuple[str, ...]:
        """Return the names that may stand in the place of the last step of `path`, sorted, without what is gone."""
        return tuple(sorted({split(first)[0] for name in self._names(path[:-1]) for first in self._steps(name)}))

    def describe(self, name: str) -> Option | None:
        """Return what is known of an option by its written name. Raises ValueError for text that is no name."""
        return self.find(split(name))

    def option(self, name: str) -> Option | None:
        """Return the option that the index has under exactly this name, ``<name>`` and ``*`` as they are written."""
        if name not in self._options:
            self._options[name] = None
            for table in self._tables:
                if (option := table.find(name)) is not None:
                    self._options[name] = option
                    break
        return self._options[name]

    def has_members(self, name: str) -> bool:
        """Whether the index has options below exactly this name."""
        return self._has(name + "." if name else "")

    def __iter__(self) -> Iterator[Option]:
        """Yield every option once, in the order of the tables. What lies below a removed option is gone with it."""
        for table in self._tables:
            yield from (option for option in table if self.find(split(option.name)) == option)

    def containing(self, words: Iterable[str]) -> Iterator[Option]:
        """Yield every option in whose name, or in what is said of it since it is gone, each word is; in lower case."""
        wanted = tuple(words)
        for table in self._tables:
            for option in table.containing(wanted):
                said = f"{option.name} {option.replacement} {option.note}".lower()
                if all(word in said for word in wanted) and self.find(split(option.name)) == option:
                    yield option

    def steps(self) -> set[str]:
        """Return every step of every name, in lower case."""
        return {step.lower() for table in self._tables for option in table for step in split(option.name)}

    def _names(self, path: OptionPath) -> tuple[str, ...]:
        *_, names = ("",), *self._descend(path)
        return names

    def _descend(self, path: OptionPath) -> Iterator[tuple[str, ...]]:
        """Yield, step by step, the names of the index that fit the path so far, the most particular first."""
        names: tuple[str, ...] = ("",)
        for name in path:
            own, fitting = step(name), []
            for place in names:
                particular, free = below(place, own), below(place, ANY_NAME)
                if self.has_members(particular) or self.option(particular) is not None:
                    fitting.append(particular)
                # No other step begins like this one, so there is no need to ask for the option and for its members.
                if self._has(free) and free != particular:
                    fitting.append(free)
            names = tuple(fitting)
            yield names

    def _has(self, beginning: str) -> bool:
        if beginning not in self._begins:
            self._begins[beginning] = False
            for table in self._tables:
                if table.has(beginning):
                    self._begins[beginning] = True
                    break
        return self._begins[beginning]

    def _steps(self, name: str) -> Iterator[str]:
        for table in self._tables:
            for first in table.members(name):
                option = self.option(below(name, first))
                if first not in (ANY_NAME, ANY_ELEMENT) and (option is None or option.status == "current"):
                    yield first


def below(name: str, first: str) -> str:
    """Return the name one step below `name`, the empty name being the root. The step is as written."""
    return f"{name}.{first}" if name else first


def lacking(options: Iterable[Option], evaluated: Table) -> list[Option]:
    """Return what overlays say that Nix, having evaluated nixpkgs, does not contradict.

    That is what other flakes declare, what nixpkgs takes freely and an overlay knows more closely, and what became of
    options that are gone.
    """
    kept = []
    for option in options:
        if evaluated.find(option.name) is not None or evaluated.has(option.name + "."):
            continue
        if not _is_of_nixpkgs(option) or option.status != "current" or _is_free(option.name, evaluated):
            kept.append(option)
    return kept


def _is_of_nixpkgs(option: Option) -> bool:
    return bool(_OF_NIXPKGS.search(option.source))


def _is_free(name: str, evaluated: Table) -> bool:
    """Whether a name lies in an option whose members Nix does not prescribe."""
    path = split(name)
    for length in range(len(path) - 1, 0, -1):
        place = ".".join(map(step, path[:length]))
        if (option := evaluated.find(place)) is not None:
            return "submodule" not in option.type or evaluated.find(below(place, ANY_NAME)) is not None
    return False


@cache
def _shipped() -> tuple[Table, ...]:
    return Table.read(DATA / "overlay.txt"), Table.read(DATA / "nixpkgs.txt")
