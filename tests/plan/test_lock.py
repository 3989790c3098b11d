"""maidan.lock: what goes in comes out, and nothing else gets in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maidan_nix.plan.lock import FIRST_PORT, FIRST_USER_ID, HostLock, Lock, read_lock, render_lock
from maidan_nix.problems import MaidanError

NAMES = st.text(min_size=1, max_size=20)
HOSTS = st.builds(
    HostLock,
    kept=st.dictionaries(NAMES, NAMES, max_size=3),
    permanent=st.dictionaries(NAMES, NAMES, max_size=3),
    ports=st.lists(NAMES, unique=True, max_size=3).map(lambda names: {n: FIRST_PORT + i for i, n in enumerate(names)}),
    user_ids=st.lists(NAMES, unique=True, max_size=3).map(
        lambda names: {n: FIRST_USER_ID + i for i, n in enumerate(names)}
    ),
    claims=st.dictionaries(NAMES, NAMES, max_size=3),
)
LOCKS = st.builds(Lock, hosts=st.dictionaries(NAMES, HOSTS, max_size=3), plugins=st.dictionaries(NAMES, NAMES))


@settings(deadline=None, max_examples=100)
@given(LOCKS)
def test_a_lock_survives_being_written_and_read(lock: Lock) -> None:
    assert read_lock(render_lock(lock)) == lock


def test_no_lock_is_an_empty_lock() -> None:
    assert read_lock(None) == Lock()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b'{"version": 0}',
        b'{"version": true}',
        b'{"version": 1, "hosts": {"\\ud800": {}}}',
        b'{"version": 1, "hosts": {"main": {"kept": {"a": "\\udfff"}}}}',
        b'{"version": 1, "plugins": {"\xed\xa0\x80": "1"}}',
        b'{"version": 1, "hosts": []}',
        b'{"version": 1, "hosts": {"main": {"surprise": {}}}}',
        b'{"version": 1, "hosts": {"main": {"kept": {"a": 1}}}}',
        b'{"version": 1, "hosts": {"main": {"ports": {"a": "20000"}}}}',
        b'{"version": 1, "hosts": {"main": {"ports": {"a": true}}}}',
        b'{"version": 1, "hosts": {"main": {"ports": {"a": 22}}}}',
        b'{"version": 1, "hosts": {"main": {"ports": {"a": 20000, "b": 20000}}}}',
        b'{"version": 1, "hosts": {"main": {"user_ids": {"a": 0}}}}',
    ],
)
def test_anything_else_is_refused_with_a_way_out(content: bytes) -> None:
    with pytest.raises(MaidanError) as caught:
        read_lock(content)
    assert "maidan.lock" in caught.value.problems[0].message
    assert "last good commit" in caught.value.problems[0].hint


def test_a_lock_of_a_later_release_asks_for_that_release() -> None:
    with pytest.raises(MaidanError) as caught:
        read_lock(b'{"version": 2, "hosts": "whatever that may be"}')
    (problem,) = caught.value.problems
    assert problem.message == "maidan.lock was written by a newer maidan-nix"
    assert problem.hint == "update maidan-nix"


def test_the_same_lock_is_the_same_bytes_whatever_the_order() -> None:
    one = Lock({"a": HostLock(kept={"x": "1", "y": "2"}), "b": HostLock()})
    other = Lock({"b": HostLock(), "a": HostLock(kept={"y": "2", "x": "1"})})
    assert render_lock(one) == render_lock(other)
    assert json.loads(render_lock(one))["version"] == 1
