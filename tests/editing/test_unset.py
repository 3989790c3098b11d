"""What goes with a value, and what stays."""

from __future__ import annotations

import pytest

from maidan_nix.editing.unset import unset_value
from maidan_nix.problems import KeyPath, MaidanError

TEXT = """\
# The machines.
[hosts.shed]
boot.firmware = "bios"
disk.device = "/dev/disk/by-id/a"
disk.swap = "1G"

# Pages.
[services.wiki]
# Where it is.
domain = "wiki.example.org"

[services.wiki.reasons]
signups = "a course starts"

# The end.
"""


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        (("hosts", "shed", "disk", "swap"), 'disk.swap = "1G"\n'),
        (("hosts", "shed", "disk"), 'disk.device = "/dev/disk/by-id/a"\ndisk.swap = "1G"\n'),
        # A header goes with its last setting, where no comment is left below it.
        (("services", "wiki", "reasons", "signups"), '\n[services.wiki.reasons]\nsignups = "a course starts"\n'),
        (("services", "wiki", "domain"), 'domain = "wiki.example.org"\n'),
        (("services", "wiki"), TEXT[TEXT.index("\n# Pages") : TEXT.index("\n# The end")]),
        (("services",), TEXT[TEXT.index("\n# Pages") : TEXT.index("\n# The end")]),
        (("hosts",), TEXT[: TEXT.index("# Pages")]),
    ],
)
def test_what_goes(path: KeyPath, gone: str) -> None:
    assert TEXT.count(gone) == 1
    assert unset_value(TEXT, path) == TEXT.replace(gone, "")
    crlf = TEXT.replace("\n", "\r\n")
    assert unset_value(crlf, path) == crlf.replace(gone.replace("\n", "\r\n"), "")


def test_an_empty_table_that_means_something_stays() -> None:
    text = "[services.wiki]\nx = 1\n"
    assert unset_value(text, ("services", "wiki", "x"), lambda path: len(path) == 2) == "[services.wiki]\n"
    assert unset_value(text, ("services", "wiki", "x")) == ""


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        ("t = { a = 1, b = 2 }\n", ("t", "a"), "t = { b = 2 }\n"),
        ("t = { a = 1, b = 2 }\n", ("t", "b"), "t = { a = 1 }\n"),
        ("t = { a = 1 }\n", ("t", "a"), "t = {}\n"),
        ("t = { a.b = 1, c = 2 }\n", ("t", "a"), "t = { c = 2 }\n"),
        ("a = [1, 2, 3]\n", ("a", 1), "a = [1, 3]\n"),
        ("a = [1, 2, 3]\n", ("a", 2), "a = [1, 2]\n"),
        ("a = [1]\n", ("a", 0), "a = []\n"),
        ("a = [\n  1, # one\n  2, # two\n]\n", ("a", 0), "a = [\n  2, # two\n]\n"),
        ("a = [\n  1, # one\n  2, # two\n]\n", ("a", 1), "a = [\n  1, # one\n]\n"),
        ("a = [\n  1, # one\n  2 # two\n]\n", ("a", 1), "a = [\n  1, # one\n]\n"),
        ("[[x]]\na = 1\n\n[[x]]\na = 2\n", ("x", 1), "[[x]]\na = 1\n"),
        ("a = 1 # why\nb = 2", ("b",), "a = 1 # why"),
        ("a = '''\n[b]\n'''\nc = 1\n", ("a",), "c = 1\n"),
    ],
)
def test_every_notation(text: str, path: KeyPath, after: str) -> None:
    assert unset_value(text, path) == after


def test_a_table_in_several_pieces_goes_whole() -> None:
    text = "[a.x]\nn = 1\n\n[b]\n\n[a.y]\nn = 2\n\n[a]\nn = 3\n"
    assert unset_value(text, ("a",)) == "[b]\n"


@pytest.mark.parametrize(
    "path", [("absent",), ("hosts", "hut"), ("hosts", "shed", "boot", "firmware", "x"), ("hosts", 0)]
)
def test_what_is_not_there(path: KeyPath) -> None:
    with pytest.raises(MaidanError, match="is not set"):
        unset_value(TEXT, path)
