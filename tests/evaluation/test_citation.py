"""From an option back to the key of the manifest."""

from __future__ import annotations

from maidan_nix.evaluation.citation import cited_above, cited_at
from maidan_nix.nix.values import Noted, Override, Value

OPTIONS: dict[str, Value] = {
    "services": {
        "wiki": Noted(
            {
                "domain": Noted("wiki.example.org", "services.wiki.domain"),
                "port": Override(Noted(80, "Why, in words.")),
                "names": [1, 2],
            },
            "services.wiki",
        )
    }
}


def test_the_nearest_citation_above_an_option_counts() -> None:
    assert cited_at(OPTIONS, ("services", "wiki", "domain")) == ("services", "wiki", "domain")
    assert cited_at(OPTIONS, ("services", "wiki", "port")) == ("services", "wiki")
    assert cited_at(OPTIONS, ("services", "wiki", "names", "*")) == ("services", "wiki")
    assert cited_at(OPTIONS, ("services",)) == ()
    assert cited_at(OPTIONS, ("services", "other")) is None


TEXT = """\
{
  # services.wiki
  services.wiki = {
    # services.wiki.domain
    domain = "wiki.example.org";
    port = 80;

    # platform.other.key

    names = [
      "a"
    ];
  };
}
"""


def test_a_line_of_a_file_has_the_citation_above_it_or_above_what_it_is_in() -> None:
    assert cited_above(TEXT, 5) == ("services", "wiki", "domain")
    assert cited_above(TEXT, 6) == ("services", "wiki")
    assert cited_above(TEXT, 11) == ("services", "wiki")
    assert cited_above(TEXT, 1) == ()
    assert cited_above(TEXT, 99) == ()
