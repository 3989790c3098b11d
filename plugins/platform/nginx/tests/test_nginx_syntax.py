"""Foreign text in nginx.conf means itself to the real nginx, or is refused before."""

from __future__ import annotations

import http.client
import string
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from maidan_nix_plugins.platform.nginx import nginx_syntax
from maidan_nix_plugins.platform.nginx.tests.running import free_port, serving, temporary

HOSTILE = [
    '"; return 444; #',
    'a\' b " c \\ d \\" e \\\\',
    "} location / { return 403; }",
    "\\n \\t \\x41 {{ }} ;;",
    "# not a comment",
    "${host} $host",
    "a\nb",
    "nul\0",
    "ümläut ☃ 💶",
    "",
    " lead and trail ",
]


def answers(folder: Path, locations: Sequence[tuple[str, str]], paths: Sequence[str]) -> list[tuple[int, str]]:
    """Start nginx with locations and what they return; ask for each path."""
    port = free_port()
    blocks = "\n".join(f"location {where} {{ return 200 {what}; }}" for where, what in locations)
    head = f"error_log stderr crit;\npid {folder}/nginx.pid;\ndaemon off;\nevents {{}}\n"
    server = f"listen 127.0.0.1:{port};\nlocation / {{ return 404; }}\n{blocks}"
    config = f"{head}http {{\naccess_log off;\n{temporary(folder)}server {{\n{server}\n}}\n}}\n"
    (folder / "temp").mkdir(exist_ok=True)
    found = []
    with (
        serving(config, folder, port),
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
    ):
        for path in paths:
            connection.request("GET", path)
            answer = connection.getresponse()
            found.append((answer.status, answer.read().decode()))
    return found


def accepted(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return the texts that can be written, each with its word."""
    words: list[tuple[str, str]] = []
    for text in texts:
        try:
            words.append((text, nginx_syntax.quoted(text)))
        except ValueError:
            # Everything refused has a reason that a reader can see.
            assert "$" in text or not text.isprintable() or len(text.encode()) > nginx_syntax.LONGEST_WORD
    return words


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.sampled_from("\"'\\;{}#$ \t\nabnrtx0~=^*@é") | st.characters()), max_size=40))
@example(texts=HOSTILE)
@example(texts=["x" * nginx_syntax.LONGEST_WORD, "\\" * 1900, "x" * (nginx_syntax.LONGEST_WORD + 1)])
def test_quoted_text_is_read_to_the_letter(tmp_path: Path, texts: list[str]) -> None:
    written = [(text, word) for text, word in accepted(texts) if text]
    locations = [(f"= /{number}", word) for number, (_, word) in enumerate(written)]
    asked = [f"/{number}" for number in range(len(written))]
    assert answers(tmp_path, locations, asked) == [(200, text) for text, _ in written]


PATH_CHARACTERS = string.ascii_letters + string.digits + "/._~!*+,:@=-"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paths=st.sets(st.text(PATH_CHARACTERS, min_size=1, max_size=12).map("/{}".format), max_size=30),
    exact=st.booleans(),
)
@example(paths={"/=", "/~", "/@x", "/^~".replace("^", "*"), "/a b".replace(" ", "+"), "/.well-known/x"}, exact=False)
def test_a_location_answers_for_its_own_path(tmp_path: Path, paths: set[str], exact: bool) -> None:
    written = []
    for path in sorted(paths):
        try:
            written.append((path, nginx_syntax.location(path, exact=exact)))
        except ValueError:
            assert {"", ".", ".."} & set(path.split("/")[1:])
    locations = [(where, nginx_syntax.quoted(path)) for path, where in written]
    assert answers(tmp_path, locations, [path for path, _ in written]) == [(200, path) for path, _ in written]


@pytest.mark.parametrize(
    "path",
    ["", "x", "/a b", "/a;b", "/a{b", "/a$b", '/a"b', "/a\\b", "/a%20b", "/a?b", "/a#b", "/ä", "/a\n", "//", "/a//b",
     "/.", "/..", "/a/./b", "/a/../b"],
)  # fmt: skip
@pytest.mark.parametrize("exact", [False, True])
def test_a_path_that_could_not_be_matched_is_refused(path: str, exact: bool) -> None:
    with pytest.raises(ValueError, match=r"path|part"):
        nginx_syntax.location(path, exact=exact)


@pytest.mark.parametrize(
    "name",
    ["", "localhost", "Example.org", "a..b", "-a.org", "a b.org", "a;b.org", "*.example.org", "x.org\n", "a_b.org"],
)
def test_what_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="host name"):
        nginx_syntax.host_name(name)


def test_a_host_name_leaves_room_for_its_unit() -> None:
    longest = ".".join(["a" * 57] * 4)[: nginx_syntax.LONGEST_HOST_NAME]
    assert len(f"acme-order-renew-{nginx_syntax.host_name(longest)}.service") <= 255
    with pytest.raises(ValueError, match="unit names"):
        nginx_syntax.host_name(".".join(["a" * 60] * 4))


@pytest.mark.parametrize("text", ["", "a b", "a;", "{", "}", "a#b", 'a"', "a'", "\\", "a\n", "ä"])
def test_a_bare_word_is_one_word(text: str) -> None:
    with pytest.raises(ValueError, match="not one word"):
        nginx_syntax.bare(text)


def test_backends_by_address() -> None:
    assert nginx_syntax.backend("127.0.0.1", 20000) == "http://127.0.0.1:20000"
    assert nginx_syntax.backend("::1", 20001) == "http://[::1]:20001"
