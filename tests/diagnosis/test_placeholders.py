"""What an example left behind is found, and what is a community's own is not taken for it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from maidan_nix.diagnosis.placeholders import check_placeholders

EXAMPLES = sorted((Path(__file__).parents[2] / "hosts").glob("*/community.toml"))


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "wiki.example.net",
        "stewards@Example.Com",
        "https://example.org",
        "wiki.test",
        "a.b.invalid",
        "/dev/disk/by-id/nvme-EXAMPLE_1TB",
        "192.0.2.10/24",
        "198.51.100.7",
        "2001:db8::10/64",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ada",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ada",
    ],
)
def test_what_is_an_examples(text: str) -> None:
    (line,) = check_placeholders({"hosts": {"odd name": [1, text]}})
    assert (line.id, line.state, line.subject) == ("placeholder", "wrong", 'hosts."odd name"[1]')
    assert line.way_out


@pytest.mark.parametrize(
    "text",
    [
        "gardens.internal",
        "examples.org",
        "example.org.gardens.internal",
        "for example",
        "10.0.0.1/8",
        "fd00::1",
        "fe80::1",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxxF7nXEzZr1WBTbBTzEBhn7XY0nn8mIqaWhzR5ZaHC ada",
        "ssh-ed25519 not base64",
        "ssh-ed25519 ",
        "ssh-rsa AAAA",
        "latest",
        "",
        "\x00",
    ],
)
def test_what_is_nobodys_example(text: str) -> None:
    (line,) = check_placeholders({"a": text, "b": 1, "c": None, "d": {}})
    assert line.state == "ok"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_examples_are_known_as_such(path: Path) -> None:
    lines = list(check_placeholders(tomllib.loads(path.read_text("utf-8"))))
    subjects = {line.subject for line in lines}
    assert "community.domain" in subjects
    assert any(subject.endswith(".ssh_keys[0]") for subject in subjects)
    assert any(subject.endswith(".disk.device") for subject in subjects)
