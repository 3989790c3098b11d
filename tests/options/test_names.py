"""Names of options as text and as paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.options.names import join, split

STEPS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["<name>", "*", "enable", "a.b", 'say "x"', "back\\slash", "tab\there", "", "0start"]),
)


@given(st.lists(STEPS, min_size=1, max_size=5).map(tuple))
def test_a_path_survives_being_written(path: tuple[str, ...]) -> None:
    assert split(join(path)) == path


@given(st.lists(STEPS, min_size=1, max_size=5))
def test_a_written_name_stays_on_its_line(path: list[str]) -> None:
    assert not set(join(path)) & set("\t\n\r")


def test_a_step_is_quoted_only_where_it_must_be() -> None:
    assert join(("services", "site", "a.example.org", "<name>", "*")) == 'services.site."a.example.org".<name>.*'


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", 'a."b', "a b", 'a"b"'])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the name of an option"):
        split(text)
