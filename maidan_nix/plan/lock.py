"""``maidan.lock``: what is decided once and kept. Read and written as JSON; the community commits it.

The lock holds, per host: choices kept from the host's creation, values that must not change, assigned ports and user
ids, and the names under which data stays (databases, secrets) with their owners. A removed plugin keeps its entries as
a tombstone, because its data is still there: nobody else is given the database by accident. Whoever moves or removes
the data moves or removes its lines by hand: the lock is read before it is written, and what is read counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from maidan_nix.manifest.wording import in_toml_words
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, MaidanError, Problem

LOCK_FILE = "maidan.lock"
LOCK_VERSION = 1
FIRST_USER_ID = 1000
LAST_USER_ID = 29999
FIRST_PORT = 20000
LAST_PORT = 29999


@dataclass(frozen=True, slots=True)
class HostLock:
    """The frozen facts of one host. Keys of `kept`, `permanent` and `ports` are ``plugin name`` pairs."""

    kept: Mapping[str, str] = field(default_factory=dict)
    permanent: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    user_ids: Mapping[str, int] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lock:
    """The whole lock: a `HostLock` per host, and the version of each third-party plugin that planned it."""

    hosts: Mapping[str, HostLock] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)


_TABLES: Mapping[str, type] = {"kept": str, "permanent": str, "ports": int, "user_ids": int, "claims": str}


def read_lock(content: bytes | None) -> Lock:
    """Parse ``maidan.lock``; None (no file) is an empty lock. Raises MaidanError for anything but our own format."""
    if content is None:
        return Lock()
    try:
        document = json.loads(content)
        json.dumps(document, ensure_ascii=False).encode()  # what could not be written again: half a surrogate pair
    except (ValueError, RecursionError) as error:
        raise _unreadable(say("{lock} is not valid JSON: {error}", lock=LOCK_FILE, error=error)) from None
    version = document.get("version") if isinstance(document, dict) else None
    if type(version) is not int or version < LOCK_VERSION:
        raise _unreadable(say("{lock} is not a lock of version {version}", lock=LOCK_FILE, version=LOCK_VERSION))
    if version > LOCK_VERSION:
        message = say("{lock} was written by a newer maidan-nix", lock=LOCK_FILE)
        raise MaidanError(Problem((), message, hint="update maidan-nix"), ExitCode.FAILED)
    hosts = _mapping(document.get("hosts", {}), "hosts")
    return Lock(
        hosts={name: _host(name, entry) for name, entry in hosts.items()},
        plugins=_typed(document.get("plugins", {}), str, "plugins"),
    )


def render_lock(lock: Lock) -> bytes:
    """Write a lock: sorted keys, two spaces, final newline. The same lock always gives the same bytes."""
    document = {
        "version": LOCK_VERSION,
        "hosts": {
            name: {table: dict(getattr(host, table)) for table in _TABLES if getattr(host, table)}
            for name, host in lock.hosts.items()
        },
        "plugins": dict(lock.plugins),
    }
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _host(name: str, entry: Any) -> HostLock:
    tables = _mapping(entry, f"hosts.{name}")
    for table in tables:
        if table not in _TABLES:
            raise _unreadable(say("{lock}: {place} is unknown", lock=LOCK_FILE, place=f"hosts.{name}.{table}"))
    host = HostLock(
        **{table: _typed(tables.get(table, {}), kind, f"hosts.{name}.{table}") for table, kind in _TABLES.items()}
    )
    for key, number in host.ports.items():
        if not FIRST_PORT <= number <= LAST_PORT:
            raise _outside(f"hosts.{name}.ports", key, FIRST_PORT, LAST_PORT)
    for key, number in host.user_ids.items():
        if not FIRST_USER_ID <= number <= LAST_USER_ID:
            raise _outside(f"hosts.{name}.user_ids", key, FIRST_USER_ID, LAST_USER_ID)
    for table, numbers in (("ports", host.ports), ("user_ids", host.user_ids)):
        if len(set(numbers.values())) != len(numbers):
            raise _unreadable(
                say("{lock}: {place}: a number is given twice", lock=LOCK_FILE, place=f"hosts.{name}.{table}")
            )
    return host


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unreadable(say("{lock}: {place} is not a table", lock=LOCK_FILE, place=where))
    return value


def _typed(value: Any, kind: type, where: str) -> dict[str, Any]:
    table = _mapping(value, where)
    for key, entry in table.items():
        if type(entry) is not kind:
            place, words = f"{where}.{key}", in_toml_words(kind())
            raise _unreadable(say("{lock}: {place} is not {kind}", lock=LOCK_FILE, place=place, kind=words))
    return table


def _outside(place: str, key: str, first: int, last: int) -> MaidanError:
    message = say(
        "{lock}: {place}: {key} is outside {first}-{last}", lock=LOCK_FILE, place=place, key=key, first=first, last=last
    )
    return _unreadable(message)


def _unreadable(message: str) -> MaidanError:
    hint = say(
        "take {lock} from the last good commit; without it ports and versions would be chosen anew", lock=LOCK_FILE
    )
    return MaidanError(Problem((), message, hint=hint), ExitCode.FAILED)
