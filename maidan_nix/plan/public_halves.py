"""``secrets/public.toml``: the public halves of the keys that only the hosts hold, as the stewards write them down."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterator, Mapping

from maidan_nix.contract.context import PublicHalves
from maidan_nix.manifest.document import parse_document
from maidan_nix.manifest.forms import InvalidValue
from maidan_nix.manifest.ssh_keys import check_public_key
from maidan_nix.manifest.validation import in_toml_words
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem, did_you_mean, dotted

PUBLIC_FILE = "secrets/public.toml"

_HOST_KEY = "the public half of the host's one key, as in: ssh-ed25519 AAAA..."
_WIREGUARD_KEY = "the public half of the host's WireGuard key, 44 characters as 'wg pubkey' prints them"


def read_public_halves(content: bytes | None, hosts: Collection[str]) -> PublicHalves:
    """Parse ``secrets/public.toml``; None (no file) means that nothing is known yet. `hosts` are those there are.

    Raises MaidanError with every problem: what is no TOML, unknown tables and hosts, and keys that no host has.
    """
    if content is None or not content.strip():
        return PublicHalves()
    try:
        document = parse_document(content, PUBLIC_FILE)
    except MaidanError as error:
        raise MaidanError(map(_in_public_file, error.problems)) from None
    problems = tuple(_problems(document.values, hosts))
    if problems:
        from maidan_nix.manifest.positions import located

        raise MaidanError(map(_in_public_file, located(problems, document.text)))
    return PublicHalves(document.values.get("hosts", {}), document.values.get("wireguard", {}))


def _problems(values: Mapping[str, object], hosts: Collection[str]) -> Iterator[Problem]:
    for name in values:
        if name not in _TABLES:
            names = say("one of {names}", names=", ".join(_TABLES))
            message = say("unknown table {name}", name=quoted(name))
            yield Problem((name,), message, names, did_you_mean(name, _TABLES), at="key")
    for table, (check, expected) in _TABLES.items():
        keys = values.get(table, {})
        if not isinstance(keys, dict):
            yield Problem((table,), say("this is {kind}", kind=in_toml_words(keys)), "a table")
            continue
        seen: dict[str, str] = {}
        for host, key in keys.items():
            yield from _entry((table, host), key, hosts, check, expected)
            if isinstance(key, str) and seen.setdefault(" ".join(key.split()[:2]), host) != host:
                message = say("{host} has the same key", host=quoted(seen[" ".join(key.split()[:2])]))
                yield Problem((table, host), message, "a key of its own for every host")


def _entry(
    path: tuple[str, str], key: object, hosts: Collection[str], check: Callable[[str], None], expected: str
) -> Iterator[Problem]:
    host = path[1]
    if host not in hosts:
        names = say("one of {names}", names=", ".join(hosts))
        message = say("no host is named {name}", name=quoted(host))
        yield Problem(path, message, names, did_you_mean(host, hosts) or "remove this line", at="key")
    elif not isinstance(key, str):
        yield Problem(path, say("this is {kind}", kind=in_toml_words(key)), expected)
    else:
        try:
            check(key)
        except InvalidValue as invalid:
            yield Problem(path, invalid.message, expected, invalid.hint)


def _check_host_key(key: str) -> None:
    check_public_key(key)
    if not key.startswith("ssh-ed25519 "):
        raise InvalidValue(say("this key is of type {kind}", kind=key.partition(" ")[0]))


def _check_wireguard_key(key: str) -> None:
    try:
        decoded = base64.b64decode(key, validate=True)
    except ValueError:
        raise InvalidValue(say("{key} is not base64", key=quoted(key))) from None
    # The bits that a last letter has to spare are zero as `wg` prints it, and it takes no other.
    if base64.b64encode(decoded).decode() != key:
        raise InvalidValue(say("{key} is not base64", key=quoted(key)))
    if len(decoded) != _WIREGUARD_BYTES:
        raise InvalidValue(say("this key has {number} bytes", number=len(decoded)))
    if not any(decoded):
        raise InvalidValue("this key is empty: all its bytes are zero")


_TABLES: Mapping[str, tuple[Callable[[str], None], str]] = {
    "hosts": (_check_host_key, _HOST_KEY),
    "wireguard": (_check_wireguard_key, _WIREGUARD_KEY),
}
_WIREGUARD_BYTES = 32


def _in_public_file(problem: Problem) -> Problem:
    """The same problem, with its place in words: only places in the manifest are shown by position."""
    place = f"{PUBLIC_FILE}:{problem.line}:{problem.column}" if problem.line else PUBLIC_FILE
    where = f"{place}: {dotted(problem.path)}" if problem.path else place
    message = say("{where}: {problem}", where=where, problem=problem.message)
    return Problem((), message, problem.expected, problem.hint)
