"""The keys of the manifest that a comment in a generated file cites: ``services.wiki.domain``, ``stewards."a b"``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maidan_nix.editing.keys import parse_key
from maidan_nix.manifest.sections import SECTIONS
from maidan_nix.problems import KeyPath, MaidanError

# What follows a dot is another's: ``config.services.wiki`` is no key, and ``community.toml`` is the manifest itself.
_CITED = re.compile(
    rf"""(?<![\w."/\]-])(?!community\.toml\b)(?:{"|".join(SECTIONS)})"""
    r"""(?:\.[A-Za-z0-9_-]+|\."(?:[^"\\\n]|\\.)*"|\[[0-9]{1,9}\])+"""
)


def cited_keys(comment: str) -> list[KeyPath]:
    """Return every key that a comment cites, in order."""
    return [key for match in _CITED.finditer(comment) for key in _read(match[0])]


def leading_key(comment: str) -> KeyPath:
    """Return the key that a comment begins with. Empty where it does not."""
    match = _CITED.match(comment.strip())
    return next(_read(match[0]), ()) if match is not None else ()


def _read(text: str) -> Iterator[KeyPath]:
    try:
        yield parse_key(text)
    except MaidanError:  # an escape that TOML does not know
        return
