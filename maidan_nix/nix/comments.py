"""Comments: any text as ``# `` lines that neither end early nor deceive the eye."""

from __future__ import annotations

import re

WIDTH = 100
"""Columns of a line, as nixfmt counts them."""

_LEAST = 40
"""What is left for a comment however deep it stands."""

_INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Controls, surrogates, and format characters that hide or reorder what a reviewer reads."""


def comment_lines(text: str, indent: str = "") -> list[str]:
    """Return `text` as comment lines, indented and wrapped; its own line breaks stay.

    Empty text gives no line. White space is made single blanks; characters that cannot be seen are written as
    ``<U+202E>``. Words are never split, so a long one may stand out.
    """
    room = max(WIDTH - len(indent) - 2, _LEAST)
    lines = []
    for paragraph in text.strip().splitlines():
        words = _INVISIBLE.sub(lambda match: f"<U+{ord(match.group()):04X}>", paragraph).split()
        line = ""
        for word in words:
            if line and len(line) + 1 + len(word) > room:
                lines.append(f"{indent}# {line}")
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(f"{indent}# {line}" if line else f"{indent}#")
    return lines
