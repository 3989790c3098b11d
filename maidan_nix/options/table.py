"""The index as text: one option a line, sorted, looked up by bisection.

A file starts with lines of ``#``, ends its heading with an empty line, and then has a line for each option, its fields
separated by tabs: name, type, and where it is not the first, the number of its source; for an option that is gone also
``renamed`` and the new name, or ``removed`` and a sentence::

    # source 0: nixpkgs b40629ef
    # source 1: nixpkgs 4aa6836a nixos/modules/services/networking/ssh/sshd.nix

    services.openssh.banner	?	1	removed	Use services.openssh.settings.Banner.
    services.openssh.enable	bool

A source that is no number is a file of source 0, which is how a list of one tree says where each option is declared.
Lines are cut apart at loading (a millisecond for 15,000) and left unread until one is asked for: bisecting the bytes
needs no cutting, but each of its steps runs in Python, and a host asks hundreds of times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

Status: TypeAlias = Literal["current", "renamed", "removed"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of NixOS or of another flake.

    `name` and `type` are written as in `maidan_nix.options.names` and `maidan_nix.options.types`. `source` says where
    the fact was read: repository, revision and file. A renamed option has its new name in `replacement`; a removed one
    has in `note` a sentence that says what to do instead.
    """

    name: str
    type: str
    source: str = ""
    status: Status = "current"
    replacement: str = ""
    note: str = ""


_STATUSES: Final[Mapping[str, Status]] = {"renamed": "renamed", "removed": "removed"}


class Table:
    """The options of one sorted text."""

    __slots__ = ("_heading", "_lines", "_sources")

    def __init__(self, text: str) -> None:
        self._heading, _, body = text.partition("\n\n")
        self._sources: dict[str, str] = {}
        self._lines = body.split("\n")
        if self._lines[-1] == "":
            self._lines.pop()

    @classmethod
    def read(cls, path: Path) -> Table:
        """Read a file of the package. Raises OSError."""
        return cls(path.read_text(encoding="ascii"))

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Option]:
        return map(self._option, self._lines)

    def find(self, name: str) -> Option | None:
        """Return the option of exactly this name."""
        start = name + "\t"
        position = bisect_left(self._lines, start)
        if position < len(self._lines) and (line := self._lines[position]).startswith(start):
            return self._option(line)
        return None

    def has(self, beginning: str) -> bool:
        """Whether the name of any option begins with this text."""
        position = bisect_left(self._lines, beginning)
        return position < len(self._lines) and self._lines[position].startswith(beginning)

    def containing(self, words: Iterable[str]) -> Iterator[Option]:
        """Yield the options whose line holds every word, given in lower case; the line has also type and source."""
        wanted = tuple(words)
        for line in self._lines:
            low = line.lower()
            if all(word in low for word in wanted):
                yield self._option(line)

    def members(self, name: str) -> Iterator[str]:
        """Yield the first step, as written, of each option below this name; a step may come more than once."""
        start = name + "." if name else ""
        position = bisect_left(self._lines, start)
        while position < len(self._lines) and (line := self._lines[position]).startswith(start):
            first = _first_step(line, len(start))
            yield first
            # Everything below that step lies between "step." and "step/", the character after the full stop.
            below = start + first
            position = bisect_left(self._lines, below + "/") if line.startswith(below + ".") else position + 1

    def _option(self, line: str) -> Option:
        name, type_, *more = line.split("\t")
        source = self._source(more[0] if more else "0")
        if len(more) < 3:
            return Option(name, type_, source)
        status = _STATUSES[more[1]]
        if status == "renamed":
            return Option(name, type_, source, status, replacement=more[2])
        return Option(name, type_, source, status, note=more[2])

    def _source(self, number: str) -> str:
        if not number.isdecimal():
            return f"{self._source('0')} {number}"
        if number not in self._sources:
            _, _, rest = self._heading.partition(f"# source {number}: ")
            self._sources[number] = rest.partition("\n")[0]
        return self._sources[number]


def write(heading: Iterable[str], options: Iterable[Option]) -> str:
    """Write options as a table. The sources are gathered from them; the most frequent one becomes number 0.

    Raises ValueError for a name that comes twice.
    """
    by_name: dict[str, Option] = {}
    counts: dict[str, int] = {}
    for option in options:
        if option.name in by_name:
            raise ValueError(f"the option {option.name} is given twice: {by_name[option.name].source}, {option.source}")
        by_name[option.name] = option
        counts[option.source] = counts.get(option.source, 0) + 1
    sources = sorted(counts, key=lambda source: (-counts[source], source))
    numbers = {source: str(number) for number, source in enumerate(sources)}
    lines = [f"# {line}".rstrip() for line in heading]
    lines += [f"# source {number}: {source}" for source, number in numbers.items()]
    return "\n".join([*lines, "", *sorted(line_of(option, numbers[option.source]) for option in by_name.values()), ""])


def line_of(option: Option, number: str) -> str:
    """Write the line of an option, whose source has this number, or is this file of source 0."""
    fields = [option.name, option.type]
    if option.status != "current":
        fields += [number, option.status, option.replacement or option.note]
    elif number != "0":
        fields.append(number)
    if any("\t" in field or "\n" in field for field in fields):
        raise ValueError(f"a tab or a line end in the option {option.name!r}")
    return "\t".join(fields)


def _first_step(line: str, start: int) -> str:
    if line[start] != '"':
        end = start
        while line[end] not in ".\t":
            end += 1
        return line[start:end]
    end = start + 1
    while line[end] != '"':
        end += 2 if line[end] == "\\" else 1
    return line[start : end + 1]
