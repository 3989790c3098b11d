"""Options are found by words, the likeliest first."""

from __future__ import annotations

import time

from maidan_nix.options.index import Index
from maidan_nix.options.search import nearest, search
from maidan_nix.options.table import Option, Table, write

INDEX = Index(
    [
        Table(
            write(
                (),
                [
                    Option("services.web.enable", "bool", "s"),
                    Option("services.web.enableACME", "bool", "s"),
                    Option("services.webhook.enable", "bool", "s"),
                    Option("services.cobweb.enable", "bool", "s"),
                    Option("services.old", "?", "s", "renamed", replacement="services.web"),
                    Option("services.older", "?", "s", "removed", note="Use the web."),
                ],
            )
        )
    ]
)


def names(*words: str) -> list[str]:
    return [option.name for option in search(INDEX, words)]


def test_whole_steps_come_before_beginnings_and_these_before_the_rest_and_what_is_gone_last() -> None:
    assert names("web") == [
        "services.web.enable",
        "services.web.enableACME",
        "services.webhook.enable",
        "services.cobweb.enable",
        "services.old",
        "services.older",
    ]


def test_every_word_counts_in_any_case_and_order() -> None:
    assert names("ACME", "Web") == ["services.web.enableACME"]
    assert names("web.enable") == ["services.web.enable", "services.web.enableACME", "services.cobweb.enable"]
    assert names("web", "nothing") == []
    assert names() == []


def test_type_and_source_are_no_part_of_the_name() -> None:
    assert names("bool") == []


def test_a_misspelt_word_has_a_nearest_one() -> None:
    assert nearest(INDEX, "webhok") == "webhook"
    assert nearest(INDEX, "zzzzzz") == ""


def test_all_of_nixos_is_searched_in_a_fraction_of_a_second() -> None:
    index = Index.load()
    started = time.perf_counter()
    assert search(index, ["enable"])
    assert time.perf_counter() - started < 1
