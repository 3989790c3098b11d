"""``nixos-options.txt``: the options of a community's own nixpkgs, evaluated by Nix and kept beside the lock.

It is a table like those of the package (see `maidan_nix.options.table`), whose first two lines say the format and the
digest of what follows, so that a hand edit or half a merge is seen at once and costs no reading of every line::

    # maidan-nix options 1
    # sha256 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
    # source 0: nixpkgs 26.05.20261002.774debe

    services.openssh.enable	bool	nixos/modules/services/networking/ssh/sshd.nix

The third field is the file that declares the option, so that a further module adds lines and changes no other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from maidan_nix.messages import say
from maidan_nix.options import LARGEST, OPTIONS_FILE
from maidan_nix.options.names import split
from maidan_nix.options.table import Option, Table, line_of
from maidan_nix.options.types import parse
from maidan_nix.problems import MaidanError, Problem

if TYPE_CHECKING:
    from maidan_nix.options.evaluated import Evaluated

_FORMAT: Final = 1
_HEAD: Final = re.compile(r"# maidan-nix options ([0-9]{1,9})\n# sha256 ([0-9a-f]{64})\n")


def render(evaluated: Evaluated) -> bytes:
    """Write the file: the same options give the same bytes."""
    body = "\n".join([f"# source 0: {evaluated.tree}", "", *_lines(evaluated.options, evaluated.tree), ""]).encode()
    return f"# maidan-nix options {_FORMAT}\n# sha256 {hashlib.sha256(body).hexdigest()}\n".encode() + body


def _lines(options: Iterable[Option], tree: str) -> list[str]:
    return sorted(line_of(option, option.source.removeprefix(tree).strip() or "0") for option in options)


def read(content: bytes, name: str = OPTIONS_FILE) -> EvaluatedTable:
    """Read the file; `name` is what messages call it.

    Raises MaidanError for a file that is not one, was written by a newer maidan-nix, or was changed since. A line that
    cannot be read although the digest is right is an error when it is asked for.
    """
    if len(content) > LARGEST:
        size = LARGEST // 1024 // 1024
        raise _refusal(say("{file} is larger than {size} MiB", file=name, size=size))
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise _refusal(say("{file} is not text in UTF-8", file=name)) from None
    head = _HEAD.match(text)
    if head is None:
        raise _refusal(say("{file} is not a list of options as maidan-nix writes it", file=name))
    if int(head[1]) != _FORMAT:
        message = say(
            "{file} is of format {found}, and this maidan-nix reads {own}", file=name, found=head[1], own=_FORMAT
        )
        raise _refusal(message)
    body = text[head.end() :]
    if hashlib.sha256(body.encode()).hexdigest() != head[2] or "\n\n" not in body:
        raise _refusal(say("{file} was changed since maidan-nix wrote it", file=name))
    return EvaluatedTable(body, name)


class EvaluatedTable(Table):
    """The options of one ``nixos-options.txt``."""

    __slots__ = ("name",)

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name

    @property
    def tree(self) -> str:
        """Which nixpkgs it was made from, for a sentence."""
        return self._source("0")

    def _option(self, line: str) -> Option:
        try:
            option = super()._option(line)
            split(option.name)
            parse(option.type)
        except (ValueError, LookupError):
            message = say("{file} has a line that cannot be read: {line}", file=self.name, line=line[:80])
            raise _refusal(message) from None
        return option


def _refusal(message: str) -> MaidanError:
    hint = say("write it anew with '{command}', or remove it", command="maidan-nix options update --nixpkgs PATH")
    return MaidanError(Problem((), message, hint=hint))
