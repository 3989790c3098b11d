"""Secrets that stand in a plugin's options."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from maidan_nix.messages import say
from maidan_nix.problems import Problem
from maidan_nix.testing.foreign import given
from maidan_nix.testing.subject import Subject
from maidan_nix.testing.walk import Found, texts

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|AGE-SECRET-KEY-1|\bxprv[0-9A-Za-z]{20}")
_TELLING = re.compile(
    r"(?:(?:^|[_.-])(?i:password|passwd|passphrase|secret|token|api_?key|private_?key|secret_?key)"
    r"|[a-z](?:Password|Passphrase|Secret|Token|ApiKey|PrivateKey|SecretKey))\Z"
)
_STATED = re.compile(
    r"(?i)(?<![a-z])(?:password|passwd|passphrase|secret|token|api_?key|private_?key)[\"']?\s*[=:]\s*[\"']?"
    r"(?P<value>[^\s\"';,&]+)"
)
_IN_URL = re.compile(r"://[^\s/:@\"']*:(?P<value>[^\s/@\"']+)@")
_NO_SECRET = re.compile(r"[!*/$%@{<\ufffc]|(?:true|false|null|none|no|yes|required|optional|disabled?|enabled?)\Z")
"""Beginnings of what a secret is given as: a path, a variable, a locked account; and words that are none."""
_RANDOM = re.compile(r"(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/]{24,}={0,2}|[A-Za-z0-9_-]{32,})(?![A-Za-z0-9+/=_-])")
_HEX = re.compile(r"[0-9a-f]{32,}\Z|[0-9A-F]{32,}\Z")
_BITS = 3.8
"""Bits in a character, by how often each occurs: random letters and digits have more, words have less."""
_PUBLIC = re.compile(r"(?:sha(?:1|256|384|512)[-:]|ssh-[a-z0-9-]+ |ecdsa-\S+ |sk-\S+ |[a-z0-9.-]+-[0-9]+:)\Z")
"""What stands before a checksum and a public key."""


def secrets(subject: Subject) -> Iterator[Problem]:
    """Options end in the Nix store, which every program of a host can read: no secret stands in them."""
    for generated, _, configured in subject.configured():
        known = f"{given(generated)}\n{generated.manifest.stewards}"
        for found, text in texts(configured.options):
            message = _secret(found, text, known)
            if message:
                hint = say("state a Secret need, and give the program the path of the file")
                yield subject.problem(message, hint=hint)


def _secret(found: Found, text: str, known: str) -> str:
    """Say what secret a text holds or looks like holding, without repeating it; empty for none."""
    if _PRIVATE_KEY.search(text):
        return say("a private key stands in {option}", option=found.option)
    if _TELLING.search(found.name) and text and not _NO_SECRET.match(text):
        return say("a password or token stands in {option}", option=found.option)
    for pattern in (_STATED, _IN_URL):
        for match in pattern.finditer(text):
            if not _NO_SECRET.match(match["value"]):
                return say("a password or token stands in {option}", option=found.option)
    for match in _RANDOM.finditer(text):
        word = match[0]
        if word not in known and not _PUBLIC.search(text[: match.start()]) and _looks_random(word):
            return say("what looks like a random token stands in {option}", option=found.option)
    return ""


def _looks_random(word: str) -> bool:
    bits = -sum(count / len(word) * math.log2(count / len(word)) for count in Counter(word).values())
    if _HEX.match(word):
        return bits > 3
    kinds = sum(bool(re.search(kind, word)) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return kinds == 3 and bits > _BITS
