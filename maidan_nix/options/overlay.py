"""What is known of options beyond the recorded list: an overlay, written by hand in TOML, each fact with its source.

Facts are grouped by where they were read::

    [[source]]
    from = "nixpkgs 4aa6836a nixos/modules/services/networking/ssh/sshd.nix"
    under = ["services.openssh"]

    [source.options]
    "enableRecommendedAlgorithms" = "bool"

    [source.renamed]
    "permitRootLogin" = "services.openssh.settings.PermitRootLogin"

    [source.removed]
    "banner" = "Use services.openssh.settings.Banner."

With `under`, the names on the left are relative, and the group holds for each place in the list: the options of a unit
are the same for services, sockets and timers. A new name on the right is always whole. What is removed or renamed is
gone with everything below it. A plugin's ``options.toml`` is such a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from maidan_nix.options.names import split
from maidan_nix.options.table import Option
from maidan_nix.options.types import parse

_KINDS = ("options", "renamed", "removed")


@dataclass(frozen=True, slots=True)
class Overlay:
    """The options of one overlay file."""

    options: tuple[Option, ...]

    @classmethod
    def parse(cls, text: str, origin: str) -> Overlay:
        """Read TOML text.

        Raises ValueError, which names `origin`, for a fact without a source, a type or a name that cannot be read, and
        a key that is not known.
        """
        import tomllib

        try:
            document = tomllib.loads(text)
            return cls(tuple(_options(document)))
        except ValueError as error:
            raise ValueError(f"{origin}: {error}") from error


def _options(document: Mapping[str, Any]) -> Iterator[Option]:
    _only(document, ("source",), "the file")
    for group in _tables(document.get("source", [])):
        _only(group, ("from", "under", *_KINDS), "a source")
        source = group.get("from")
        if not isinstance(source, str) or not source:
            raise ValueError("a source without 'from'")
        under = group.get("under", [""])
        if not isinstance(under, list) or not all(isinstance(place, str) for place in under):
            raise ValueError(f"{source}: 'under' is a list of names")
        for kind in _KINDS:
            [facts] = _tables([group.get(kind, {})])
            for place in under:
                for name, fact in facts.items():
                    yield _option(kind, f"{place}.{name}" if place else name, fact, source)


def _option(kind: str, name: str, fact: object, source: str) -> Option:
    split(name)
    if not isinstance(fact, str) or not fact:
        raise ValueError(f"{source}: {name}: a string is expected")
    if kind == "renamed":
        split(fact)
        return Option(name, "?", source, "renamed", replacement=fact)
    if kind == "removed":
        return Option(name, "?", source, "removed", note=fact)
    return Option(name, str(parse(fact)), source)


def _tables(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError("a table is expected: [[source]], and in it [source.options] and its like")
    return value


def _only(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"{where} has the unknown key {key!r}; known are {', '.join(known)}")
