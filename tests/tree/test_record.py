"""The record of what was generated: the same bytes for the same content, and no trust in what is read."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.problems import MaidanError
from maidan_nix.tree.file import path_fault
from maidan_nix.tree.record import Entry, Record, print_record, read_record, sha256

HASHES = st.binary(max_size=8).map(sha256)
PATHS = st.text(min_size=1, max_size=20).filter(lambda path: not path_fault(path))
ENTRIES = st.builds(
    Entry,
    sha256=HASHES,
    mode=st.sampled_from((0o644, 0o755)),
    plugin=st.text(max_size=10),
    keys=st.lists(st.text(max_size=10), max_size=3).map(tuple),
    adopted=st.just("") | HASHES,
)
RECORDS = st.builds(Record, st.dictionaries(PATHS, ENTRIES, max_size=4))


@given(RECORDS)
def test_what_is_printed_reads_back(record: Record) -> None:
    assert read_record(print_record(record)) == record


@given(RECORDS)
def test_it_is_printed_as_the_standard_encoder_does(record: Record) -> None:
    printed = print_record(record)
    assert printed == (json.dumps(json.loads(printed), indent=2, sort_keys=True) + "\n").encode()


def test_order_does_not_matter() -> None:
    entry = Entry(sha256(b""))
    assert print_record(Record({"a": entry, "b": entry})) == print_record(Record({"b": entry, "a": entry}))


def entry(**changed: object) -> bytes:
    value = {"keys": [], "mode": "0644", "plugin": "", "sha256": "0" * 64, **changed}
    return json.dumps({"version": 1, "files": {"a": value}}).encode()


def test_a_plain_entry_is_read() -> None:
    assert read_record(entry()).files == {"a": Entry("0" * 64)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b'{"version": 2, "files": {}}',
        b'{"version": 1}',
        b'{"version": 1, "files": []}',
        b'{"version": 1, "files": {"a": null}}',
        b'{"version": 1, "version": 1, "files": {}}',
        b'{"version": 1, "files": {}}\n<<<<<<< HEAD\n',
        b"[" * 100_000,
        b'{"version": ' + b"9" * 10_000 + b"}",
        entry().replace(b'"a"', b'"../a"'),
        entry().replace(b'"a"', b'"/etc/passwd"'),
        entry().replace(b'"a"', b'".git/config"'),
        entry(sha256="0" * 63),
        entry(sha256="0" * 64 + "\n"),
        entry(sha256=1),
        entry(mode="0777"),
        entry(mode=420),
        entry(mode=[]),
        entry(keys="x"),
        entry(keys=[1]),
        entry(plugin=None),
        entry(adopted="x"),
        entry(adopted=None),
        entry(more=1),
        print_record(Record({"a": Entry("0" * 64)}))[:-20],
    ],
)
def test_anything_else_is_refused_with_its_place_and_a_way_out(content: bytes) -> None:
    with pytest.raises(MaidanError, match=r"here/files\.json") as caught:
        read_record(content, "here/files.json")
    assert "delete it" in caught.value.problems[0].hint


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,01 versionfiles', max_size=60).map(str.encode))
def test_no_bytes_raise_anything_but_a_problem(content: bytes) -> None:
    with pytest.raises(MaidanError):
        read_record(content + b"!")
    with suppress(MaidanError):
        assert read_record(content) == Record()
