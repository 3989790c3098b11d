"""What ``--out`` may replace: a file that the same command wrote before, and nothing else that somebody needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from maidan_nix.messages import phrase, say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.regular_file import IrregularFileError, read_regular_file

_HEAD: Final = 4096
"""Bytes of a file that tell what it is."""

SCHEMA: Final = rb'\s*\{\s*"\$schema":\s*"[^"\n]*",\s*"title":\s*"community\.toml"'
OPTIONS: Final = rb"# maidan-nix options [0-9]"
PICTURE: Final = rb'(?:<\?xml[^>]*>\s*)?<svg [^>]*aria-labelledby="title description"'
FLOWCHART: Final = rb"(?:---\n(?:[^\n]*\n)*?---\n)?flowchart LR\n  accTitle: "


def refuse_foreign(path: Path, beginning: bytes, what: str) -> None:
    """Refuse to replace a file whose first bytes do not match `beginning`, a regular expression.

    `what` continues "it is not" and says what the command writes. An empty file is nobody's loss; what is no regular
    file is refused where it would be written. Raises MaidanError, and OSError where the file cannot be read.
    """
    if path.is_symlink():
        return
    try:
        head = read_regular_file(path, _HEAD)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, IrregularFileError):
        return
    except OSError as error:
        error.filename = str(path)
        raise
    if not head.strip() or re.match(beginning, head):
        return
    message = say("{path} is there already, and is not {what}: it is left as it is", path=path, what=phrase(what))
    raise MaidanError(Problem((), message, hint=say("choose another name, or remove the file first")))


def text_of(drawing: str) -> bytes:
    """The beginning of a drawing in sentences: its first line, which names the community."""
    return re.escape(drawing.partition("\n")[0].encode()[: _HEAD // 2])
