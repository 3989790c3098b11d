"""Element Web talks to this community's homeserver, and to nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from judges import nix_eval
from maidan_nix import api
from maidan_nix.nix.printer import render
from maidan_nix_plugins.services.matrix.element import configuration, site
from maidan_nix_plugins.services.matrix.tests.examples import CLOSED, EVERYTHING, LISTED, community, locations

HOST = "chat.example.org"

SAMPLE: Mapping[str, Any] = {
    "default_server_config": {
        "m.homeserver": {"base_url": "https://matrix-client.matrix.org", "server_name": "matrix.org"},
        "m.identity_server": {"base_url": "https://vector.im"},
    },
    "integrations_ui_url": "https://scalar.vector.im/",
    "integrations_rest_url": "https://scalar.vector.im/api",
    "integrations_widgets_urls": ["https://scalar.vector.im/_matrix/integrations/v1"],
    "room_directory": {"servers": ["matrix.org"]},
    "jitsi": {"preferred_domain": "meet.element.io"},
    "map_style_url": "https://api.maptiler.com/maps/streets/style.json",
}
"""What names somebody else in the configuration that the package comes with (config.sample.json at 0d498391)."""


def laid_over(below: Any, above: Any) -> Any:
    """As jq's ``*`` does, by which the package applies `conf`."""
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {**below, **{key: laid_over(below.get(key), value) for key, value in above.items()}}
    return above


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_no_foreign_server_is_left() -> None:
    whole = laid_over(SAMPLE, configuration(community(EVERYTHING, LISTED), HOST))
    named = [text for text in texts(whole) if "." in text and not text.startswith(("m.", "UIFeature."))]
    assert named
    assert {text.removeprefix("https://") for text in named} == {
        "matrix.example.org",
        "example.org",
        "matrix.example.net",
    }


def test_the_browser_may_contact_the_homeserver_alone() -> None:
    policy = site(community(EVERYTHING, LISTED), HOST).content_security_policy
    sources = dict(part.split(" ", 1) for part in policy.split("; "))
    assert sources["connect-src"] == "'self' blob: https://matrix.example.org https://example.org"
    assert "*" not in policy


def test_nix_gives_the_package_what_was_meant() -> None:
    one = community({**EVERYTHING, "workers": ["media"]}, CLOSED)
    files = locations(one)[HOST, "/"].files
    assert files is not None
    given = nix_eval(f"let pkgs.element-web.override = given: given; in {render(files)}")
    assert given == {"conf": json.loads(json.dumps(configuration(one, HOST)))}


def test_links_stay_at_home_where_nobody_else_is() -> None:
    assert configuration(community(EVERYTHING, CLOSED), HOST)["permalink_prefix"] == f"https://{HOST}"
    assert "permalink_prefix" not in configuration(community(EVERYTHING, LISTED), HOST)


def test_without_an_address_there_is_no_app() -> None:
    assert all(location.files is None for location in locations(community()).values())


def test_the_app_may_frame_parts_of_itself_and_nobody_else_may() -> None:
    asked: api.Site = site(community(EVERYTHING, LISTED), HOST)
    assert asked.frames == "self"
