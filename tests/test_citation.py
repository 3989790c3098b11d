"""The keys that comments cite."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.citation import cited_keys, leading_key
from maidan_nix.manifest.sections import SECTIONS
from maidan_nix.problems import dotted


@pytest.mark.parametrize(
    ("comment", "keys"),
    [
        ("services.wiki.domain", [("services", "wiki", "domain")]),
        ('hosts."a b".disk and why', [("hosts", "a b", "disk")]),
        ('stewards."a b".ssh_keys[0]: a key', [("stewards", "a b", "ssh_keys", 0)]),
        ('plugins.disable."hardening/egress": why', [("plugins", "disable", "hardening/egress")]),
        ("plugins.disable.x", [("plugins", "disable", "x")]),
        ("privacy.preset, platform.base.keyboard.", [("privacy", "preset"), ("platform", "base", "keyboard")]),
        ("In memory: whole addresses never reach a disk.", []),
        ("community", []),
        ("Generated from community.toml, for config.services.wiki and systemd.services.x", []),
    ],
)
def test_a_comment_cites_keys(comment: str, keys: list[tuple[str | int, ...]]) -> None:
    assert cited_keys(comment) == keys
    assert leading_key(comment) == (keys[0] if keys else ())
    assert cited_keys(f"From {comment}") == keys
    assert leading_key(f"From {comment}") == ()


@given(st.sampled_from(SECTIONS), st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_every_key_path_is_read_as_it_is_written(section: str, steps: list[str]) -> None:
    path = (section, *steps)
    if path[:2] != ("community", "toml"):
        assert cited_keys(f"{dotted(path)}: why") == [path]
