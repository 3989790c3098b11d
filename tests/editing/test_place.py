"""Where a new value goes, and what it looks like there."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from maidan_nix.editing.place import add_section, set_value
from maidan_nix.editing.unset import unset_value
from maidan_nix.problems import ExitCode, KeyPath, MaidanError

HOSTS = """\
# The machines.

[hosts.shed]  # behind the house
boot.firmware = "bios"
disk.device = "/dev/disk/by-id/a"   # the only one
network.interface = "enp1s0"

# What they run.
[services.wiki]
domain = 'wiki.example.org'
# How much may be stored.
# quota = "5G"

# The end.
"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        # A value that is there: its quotes, its comment and the space around it stay.
        (("services", "wiki", "domain"), "w.example.org", "'wiki.example.org'", "'w.example.org'"),
        (("services", "wiki", "domain"), "it's", "'wiki.example.org'", '"it\'s"'),
        (("hosts", "shed", "disk", "device"), "b", '"/dev/disk/by-id/a"   # the only one', '"b"   # the only one'),
        # A new one: dotted below what begins alike, below its own commented line, or below the last.
        (("hosts", "shed", "disk", "swap"), "1G", "the only one\n", 'the only one\ndisk.swap = "1G"\n'),
        (("hosts", "shed", "system"), "x", '"enp1s0"\n', '"enp1s0"\nsystem = "x"\n'),
        (("hosts", "shed", "reasons", "x"), "y", '"enp1s0"\n', '"enp1s0"\nreasons.x = "y"\n'),
        (("services", "wiki", "quota"), "9G", '# quota = "5G"\n', '# quota = "5G"\nquota = "9G"\n'),
        (("services", "wiki", "odd key"), True, ".org'\n", '.org\'\n"odd key" = true\n'),
        # A new table: with a header, behind its relatives and the comment that is theirs.
        (("services", "wiki", "reasons", "x"), "y", '"5G"\n', '"5G"\n\n[services.wiki.reasons]\nx = "y"\n'),
        (("services", "shop", "x"), 1, '"5G"\n', '"5G"\n\n[services.shop]\nx = 1\n'),
        (("hosts", "hut", "x"), 1, '"enp1s0"\n', '"enp1s0"\n\n[hosts.hut]\nx = 1\n'),
        (("privacy", "preset"), "open", '"5G"\n', '"5G"\n\n[privacy]\npreset = "open"\n'),
        (("title",), "t", "[hosts.shed]", 'title = "t"\n[hosts.shed]'),
    ],
)
def test_a_value_in_its_place(path: KeyPath, value: Any, old: str, new: str) -> None:
    assert HOSTS.count(old) == 1
    expected = HOSTS.replace(old, new)
    assert set_value(HOSTS, path, value) == expected
    crlf = HOSTS.replace("\n", "\r\n")
    assert set_value(crlf, path, value) == expected.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "path", "value", "after"),
    [
        ("", ("a", "b"), 1, "[a]\nb = 1\n"),
        ("# only this", ("a",), 1, "# only this\na = 1"),
        ("a=1\n", ("b",), 2, "a=1\nb=2\n"),
        ("[t]\n\ta\t= 1\n", ("t", "b"), 2, "[t]\n\ta\t= 1\n\tb = 2\n"),
        ("[t]\na = 1", ("t", "b"), 2, "[t]\na = 1\nb = 2"),
        ("[t]\na = 1", ("u", "b"), 2, "[t]\na = 1\n\n[u]\nb = 2"),
        ("t = { a = 1 }\n", ("t", "b"), 2, "t = { a = 1, b = 2 }\n"),
        ("t = {}\n", ("t", "b", "c"), 2, "t = { b.c = 2 }\n"),
        ("a = [1, 2]\n", ("a", 2), 3, "a = [1, 2, 3]\n"),
        ("a = [1, 2,]\n", ("a", 2), 3, "a = [1, 2, 3]\n"),
        ("a = []\n", ("a", 0), 3, "a = [3]\n"),
        ("a = [1, 2]\n", ("a", 0), 3, "a = [3, 2]\n"),
        ("a = [\n  1, # one\n  2, # two\n]\n", ("a", 2), 3, "a = [\n  1, # one\n  2, # two\n  3,\n]\n"),
        ("a = [\n  1,\n  2 # two\n]\n", ("a", 2), 3, "a = [\n  1,\n  2, # two\n  3\n]\n"),
        ("a = [\n  1,\n  2\n]\n", ("a", 2), 3, "a = [\n  1,\n  2,\n  3\n]\n"),
        ("a = [\n  1,\n]\n", ("a",), [4, 5], "a = [\n  4,\n  5,\n]\n"),
        ("[[x]]\na = 1\n[[x]]\n", ("x", 1, "a"), 2, "[[x]]\na = 1\n[[x]]\na = 2\n"),
        ("[[x]]\na = 1\n[[x]]\n", ("x", 0, "b"), 2, "[[x]]\na = 1\nb = 2\n[[x]]\n"),
        ("[a.b]\nx = 1\n", ("a", "y"), 2, "[a.b]\nx = 1\n\n[a]\ny = 2\n"),
        ("a = '''\n# b = 1\n'''\n[t]\n", ("b",), 2, "a = '''\n# b = 1\n'''\nb = 2\n[t]\n"),
    ],
)
def test_every_notation(text: str, path: KeyPath, value: Any, after: str) -> None:
    assert set_value(text, path, value) == after


def test_an_array_that_is_too_long_for_a_line_takes_one_for_each_element() -> None:
    keys = ["k" * 60, "l" * 60]
    assert set_value("", ("a",), keys) == f'a = [\n  "{keys[0]}",\n  "{keys[1]}",\n]\n'


@pytest.mark.parametrize(
    "hostile", ['"; x = "', "a\nb = 1", "\x1b[31m", "${x}", "'''", '"""', "\\", "\x7f\u2028", "[a]\n"]
)
def test_whatever_is_in_a_value_stays_in_it(hostile: str) -> None:
    for text in ("", "v = 1\n", "v = 'x'\n", "v = '''x'''\n", "t = {}\n"):
        path: KeyPath = ("t", hostile) if "t" in text else ("v",)
        assert tomllib.loads(set_value(text, path, hostile))
        after = set_value(text, path, {hostile: [hostile]})
        found = tomllib.loads(after)
        assert (found["t"][hostile] if "t" in text else found["v"]) == {hostile: [hostile]}


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("[a]\nb = 1\n", ("a",), "a is a table"),
        ("x = 1\n[a]\nb = 1\n", ("a", "b", "c"), "a.b cannot hold c"),
        ("a = [1]\n", ("a", 5), "a has 1 elements, counted from 0, and [5] is none of them"),
        ("a = [1]\n", ("a", "b"), "a has 1 elements, counted from 0, and b is none of them"),
        ("[[a]]\nb = 1\n", ("a", 1, "b"), "a cannot be edited as it is written here"),
    ],
)
def test_what_a_person_has_to_do(text: str, path: KeyPath, said: str) -> None:
    with pytest.raises(MaidanError) as refused:
        set_value(text, path, 2)
    (problem,) = refused.value.problems
    assert said in problem.message
    assert problem.line
    assert problem.hint
    assert refused.value.exit_code == ExitCode.MANIFEST_INVALID


def test_a_section_with_its_comment() -> None:
    after = add_section(HOSTS, ("services", "shop"), "x = 1\n", "Things to swap.")
    assert after == HOSTS.replace('"5G"\n', '"5G"\n\n# Things to swap.\n[services.shop]\nx = 1\n')
    assert unset_value(after, ("services", "shop")) == HOSTS


def test_a_section_that_is_there_is_not_added_again() -> None:
    with pytest.raises(MaidanError, match=r"services.wiki is there already"):
        add_section(HOSTS, ("services", "wiki"), "")
    with pytest.raises(MaidanError, match="cannot be edited"):
        add_section("services = {}\n", ("services", "wiki"), "x = 1\n")


def test_a_comment_cannot_be_left() -> None:
    after = add_section("", ("a",), "", 'x\ny = 1\r\n[b]\x1b[31m "')
    assert tomllib.loads(after) == {"a": {}}
    assert after.startswith("# x\\u000Ay = 1")
