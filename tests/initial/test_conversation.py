"""What the questions of `init` say."""

from __future__ import annotations

import pytest

from maidan_nix.initial.conversation import preset_in_words
from maidan_nix.manifest.schema import Privacy
from maidan_nix.manifest.setting_info import PRESETS
from maidan_nix.manifest.settings import infos


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        (
            "strict",
            "strict: services talk to no server outside; system logs are kept for 7 days, messages for 180 days.",
        ),
        (
            "balanced",
            (
                "balanced: services talk outside to the servers that you list, and to no other; "
                "system logs are kept for 14 days, messages for 730 days."
            ),
        ),
        (
            "open",
            "open: services talk to every server outside; system logs are kept for 30 days, messages for 3650 days.",
        ),
    ],
)
def test_a_preset_is_a_sentence(preset: str, said: str) -> None:
    assert [preset_in_words(each) for each in PRESETS if each == preset] == [said]


def test_no_setting_that_follows_a_preset_is_left_out() -> None:
    following = {name for name, info in infos(Privacy).items() if info.presets is not None}
    assert following == {"federation", "log_retention", "message_retention"}
