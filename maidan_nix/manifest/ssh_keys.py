"""Public SSH keys: one line of an authorized_keys file without options, checked down to the bytes of the key.

Formats: RFC 4253 section 6.6 (ssh-rsa), RFC 8709 (ssh-ed25519), OpenSSH's PROTOCOL.u2f (sk-ssh-ed25519).
"""

from __future__ import annotations

import binascii

from maidan_nix.manifest.forms import InvalidValue
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.problems import did_you_mean

EXPECTED = "a public SSH key on one line: ssh-ed25519, sk-ssh-ed25519@openssh.com, or ssh-rsa with at least 3072 bits"
MINIMUM_RSA_BITS = 3072
_MAXIMUM_RSA_BITS = 16384  # what OpenSSH accepts
_MAXIMUM_LENGTH = 4096
_TYPES = ("ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ssh-rsa")
_RETIRED = ("ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
            "sk-ecdsa-sha2-nistp256@openssh.com")  # fmt: skip
_MAKE_ONE = "make one with: ssh-keygen -t ed25519"


def check_public_key(line: str) -> str:
    """Return the line as it is. Raises InvalidValue for anything but one well-formed public key.

    What was pasted is never repeated in a message: it may be a private key.
    """
    if "PRIVATE KEY" in line:
        raise InvalidValue(
            "this is a private key; whoever could read it here can use it", hint="replace that key, and never share it"
        )
    if "\n" in line or "\r" in line:
        raise InvalidValue("has more than one line", hint="one key per string; the public half is in the .pub file")
    if not line.isprintable():
        raise InvalidValue("contains a control character")
    if len(line) > _MAXIMUM_LENGTH:
        raise InvalidValue(say("has more than {most} characters", most=_MAXIMUM_LENGTH))
    if line != line.strip():
        raise InvalidValue("starts or ends with a space")
    kind, _, rest = line.partition(" ")
    encoded = rest.partition(" ")[0]
    if kind in _RETIRED:
        raise InvalidValue(say("keys of type {kind} are not accepted", kind=kind), hint=_MAKE_ONE)
    if kind not in _TYPES:
        if any(f" {known} " in line or f"\t{known} " in line for known in _TYPES + _RETIRED):
            raise InvalidValue("has options before the key", hint="give the key alone, from its type onward")
        if not encoded:
            raise InvalidValue("is not a public key", hint="the whole line of the .pub file is needed")
        raise InvalidValue(say("{kind} is no known type of key", kind=quoted(kind)), hint=did_you_mean(kind, _TYPES))
    _check_blob(kind, _decoded(encoded))
    return line


def _decoded(encoded: str) -> bytes:
    try:
        blob = binascii.a2b_base64(encoded.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        raise InvalidValue("the key itself is not base64", hint="was it cut off when it was copied?") from None
    # Unused bits must be zero, so that one key has one spelling.
    if binascii.b2a_base64(blob, newline=False).decode() != encoded:
        raise InvalidValue("the key itself is not base64 in its one spelling", hint="copy it again from the .pub file")
    return blob


def _check_blob(kind: str, blob: bytes) -> None:
    cut = InvalidValue("the key is incomplete or damaged", hint="copy it again from the .pub file")
    fields = _fields(blob)
    if fields is None or not fields:
        raise cut
    if fields[0] != kind.encode():
        raise InvalidValue(
            say("the line says {kind} and the key inside says otherwise", kind=kind), hint="copy it again, whole"
        )
    match fields[1:]:
        case [point] if kind == "ssh-ed25519" and len(point) == 32:
            return
        case [point, application] if kind == _TYPES[1] and len(point) == 32 and application.startswith(b"ssh:"):
            return
        case [exponent, modulus] if kind == "ssh-rsa" and _is_positive(exponent) and _is_positive(modulus):
            _check_rsa(int.from_bytes(exponent), int.from_bytes(modulus))
            return
    raise cut


def _fields(blob: bytes) -> list[bytes] | None:
    fields = []
    while blob:
        length = int.from_bytes(blob[:4])
        if len(blob) < 4 + length:
            return None
        fields.append(blob[4 : 4 + length])
        blob = blob[4 + length :]
    return fields


def _is_positive(mpint: bytes) -> bool:
    """Whether it is a positive number in its shortest form (RFC 4251 section 5)."""
    return bool(mpint) and mpint[0] < 0x80 and not (mpint[0] == 0 and (len(mpint) == 1 or mpint[1] < 0x80))


def _check_rsa(exponent: int, modulus: int) -> None:
    bits = modulus.bit_length()
    if bits < MINIMUM_RSA_BITS:
        raise InvalidValue(
            say("this RSA key has {bits} bits", bits=bits),
            say("an RSA key with at least {least} bits", least=MINIMUM_RSA_BITS),
            _MAKE_ONE,
        )
    if bits > _MAXIMUM_RSA_BITS or modulus % 2 == 0 or exponent % 2 == 0 or exponent < 3:
        raise InvalidValue("this RSA key cannot be right", hint=_MAKE_ONE)
