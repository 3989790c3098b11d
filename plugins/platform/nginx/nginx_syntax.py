"""Text as nginx reads it. Everything that reaches nginx.conf from outside this folder passes through here.

nginx splits its configuration into words at blanks, ``;``, ``{`` and ``}``, and looks for variables in most of them,
quoted or not; a dollar sign cannot be escaped. So a word of foreign text is quoted, and refused if it holds a dollar
sign. Rules of the words: `ngx_conf_read_token` in nginx's ``src/core/ngx_conf_file.c``.
"""

from __future__ import annotations

import re
from typing import NewType

from maidan_nix import api

Word = NewType("Word", str)
"""One word of nginx.conf, as it stands there."""

_BARE = re.compile(r"[A-Za-z0-9$_.:/=@*?~+,\[\]-]+\Z")
_PATH = re.compile(r"/[A-Za-z0-9/._~!*+,:@=-]*\Z")
_SOCKET = re.compile(r"(/[A-Za-z0-9._-]+)+\Z")
_NOT_NORMAL = re.compile(r"//|/\.{1,2}(/|\Z)")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")

LONGEST_WORD = 4000
"""Bytes of a quoted word: nginx reads its configuration through a buffer of 4096 and refuses what does not fit."""

LONGEST_HOST_NAME = 230
"""Characters of a host name: ``acme-order-renew-NAME.service`` has to fit into the 255 of a systemd unit name."""


def bare(text: str) -> Word:
    """Return a word of our own that needs no quotes; variables are read as such. Raises ValueError for others."""
    if not _BARE.match(text):
        raise ValueError(api.say("{text} is not one word of nginx's configuration", text=repr(text)))
    return Word(text)


def quoted(text: str) -> Word:
    """Return foreign text as one word that means exactly itself.

    Raises ValueError for what cannot be written: dollar signs, control characters, and more than `LONGEST_WORD` bytes.
    """
    if "$" in text:
        raise ValueError(api.say("{text} has a dollar sign, which nginx takes for a variable", text=repr(text)))
    return _in_quotes(text)


def with_variables(text: str) -> Word:
    """Return text of our own as one word in which ``$name`` is a variable. Raises as `quoted` does, less dollars."""
    return _in_quotes(text)


def pattern(expression: str) -> Word:
    """Return a regular expression of our own as the left side of a ``map``."""
    return _in_quotes(f"~{expression}")


def _in_quotes(text: str) -> Word:
    if not text.isprintable():
        raise ValueError(
            api.say("{text} has control characters, which nginx's configuration cannot hold", text=repr(text))
        )
    if len(text.encode()) > LONGEST_WORD:
        raise ValueError(
            api.say("a text of more than {number} bytes does not fit into nginx's configuration", number=LONGEST_WORD)
        )
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return Word(f'"{escaped}"')


def directive(name: str, *words: Word) -> str:
    """Return one line: a directive with its words, and the semicolon."""
    return " ".join((bare(name), *words)) + ";"


def mapping(source: str, target: str, *rows: tuple[Word, Word]) -> str:
    """Return a ``map`` block of several lines: `source` decides `target`, by the first row that fits."""
    body = "".join(f"  {left} {right};\n" for left, right in rows)
    return f"map {bare(source)} {bare(target)} {{\n{body}}}"


def location(path: str, *, exact: bool) -> str:
    """Return what stands after ``location``: a prefix, or with `exact` one path.

    Raises ValueError for a path that nginx would compare with nothing (it compares with the decoded, normal form of a
    request's path) or that would have to be quoted.
    """
    if not _PATH.match(path):
        raise ValueError(
            api.say("{path} is not a path of plain letters, digits and -._~!*+,:@= after a slash", path=repr(path))
        )
    if _NOT_NORMAL.search(path):
        raise ValueError(
            api.say("{path} has an empty, '.' or '..' part, so no request would ever match it", path=repr(path))
        )
    return f"= {path}" if exact else path


def host_name(name: str) -> str:
    """Return a host name after checking that it is one: lower-case labels. Raises ValueError."""
    labels = name.split(".")
    if len(labels) < 2 or not all(_LABEL.match(label) for label in labels):
        raise ValueError(api.say("{name} is not a host name", name=repr(name)))
    if len(name) > LONGEST_HOST_NAME:
        raise ValueError(
            api.say(
                "{name} is longer than {number} characters, too long for systemd's unit names",
                name=repr(name),
                number=LONGEST_HOST_NAME,
            )
        )
    return name


def backend(address: str, port: int) -> Word:
    """Return the URL of a local HTTP backend. It has no path: with one, nginx would rewrite the request's own."""
    return bare(f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}")


def socket_backend(path: str) -> Word:
    """Return the URL of an HTTP backend behind a Unix socket at an absolute `path`. Raises ValueError for others.

    What follows the colon would be a path for the request; nothing does, so that the request keeps its own.
    """
    if not _SOCKET.match(path):
        raise ValueError(api.say("{path} is not the path of a socket", path=repr(path)))
    return bare(f"http://unix:{path}:")


def lines(*texts: str) -> str:
    """Join lines and blocks for an option of several lines; a single one stays on its line."""
    return "\n".join(texts) + ("\n" if len(texts) > 1 or "\n" in texts[0] else "")
