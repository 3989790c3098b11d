"""What Nix says is taken apart the same, whichever release says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maidan_nix.evaluation.words import Place, first_error, refusals

OLD_UNKNOWN = """\
error: The option `boot.tmp' defined in `/f/hosts/a/platform/boot.nix' does not exist.

       … while evaluating anonymous lambda

       at /nixpkgs/lib/modules.nix:90:26:

           89|           foldl' (res: m:
           90|             foldl' (res: name: throw "error: The option `x' is no good"
             |                          ^
"""
NEW_UNKNOWN = """\
error:
       … from call site
         at «string»:1:1:
            1| import /x.nix
             | ^

       … while calling the 'throw' builtin
         at /nixpkgs/lib/modules.nix:91:46:
           90|             foldl' (res: name:

       error: The option `services.nosuch' does not exist. Definition values:
       - In `/f/hosts/a/local.nix': true

       Did you mean `services.such'?
"""
OLD_TYPE = (
    "error: The option value `services.openssh.enable' in `/f/local.nix' is not of type `boolean'.\n\n       … while\n"
)
NEW_TYPE = """\
error: A definition for option `networking.firewall.allowedTCPPorts."[definition 1-entry 1]"' is not of type \
`16 bit unsigned integer; between 0 and 65535 (both inclusive)'. Definition values:
       - In `/f/local.nix': "a"
"""
OLD_CONFLICT = "error: The option `a.b' has conflicting definitions, in `/f/x.nix' and `/f/y.nix'.\n"
NEW_CONFLICT = """\
error: The option `a.b' has conflicting definition values:
       - In `/f/x.nix': "b"
       - In `/f/y.nix': "a"
       Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.
"""
OLD_ATTRIBUTE = """\
error: attribute 'nosuch' missing

       at /f/local.nix:1:46:

            1| {pkgs,...}: { environment.systemPackages = [ pkgs.nosuch ]; }
             |                                              ^
       Did you mean notmuch?
"""
NEW_ATTRIBUTE = """\
\x1b[31;1merror:\x1b[0m
       … while evaluating the attribute 'value'
         \x1b[34;1mat \x1b[35;1m/nixpkgs/lib/modules.nix\x1b[0m:849:21:

       \x1b[31;1merror:\x1b[0m attribute 'nosuch' missing
       \x1b[34;1mat \x1b[35;1m/f/local.nix\x1b[0m:1:46:
            1| {pkgs,...}: { }
"""


@pytest.mark.parametrize(
    ("words", "kind", "option", "found", "expected", "file"),
    [
        (OLD_UNKNOWN, "unknown option", "boot.tmp", "", "", Place("/f/hosts/a/platform/boot.nix")),
        (NEW_UNKNOWN, "unknown option", "services.nosuch", "", "", Place("/f/hosts/a/local.nix")),
        (OLD_TYPE, "wrong type", "services.openssh.enable", "", "boolean", Place("/f/local.nix")),
        (
            NEW_TYPE,
            "wrong type",
            "networking.firewall.allowedTCPPorts.*",
            '"a"',
            "16 bit unsigned integer; between 0 and 65535 (both inclusive)",
            Place("/f/local.nix"),
        ),
        (OLD_CONFLICT, "conflict", "a.b", "", "", Place("/f/x.nix")),
        (NEW_CONFLICT, "conflict", "a.b", "", "", Place("/f/x.nix")),
        (OLD_ATTRIBUTE, "missing attribute", "", "nosuch", "", Place("/f/local.nix", 1, 46)),
        (NEW_ATTRIBUTE, "missing attribute", "", "nosuch", "", Place("/f/local.nix", 1, 46)),
    ],
)
def test_old_and_new_releases_are_understood(
    words: str, kind: str, option: str, found: str, expected: str, file: Place
) -> None:
    [refusal] = refusals(words)
    assert (refusal.kind, refusal.option, refusal.found, refusal.expected) == (kind, option, found, expected)
    assert refusal.places[0] == file


def test_each_failed_assertion_is_one_refusal() -> None:
    words = "error:\n       Failed assertions:\n       - One\n         more line.\n       - Two\n\n       … while\n"
    assert [(one.kind, one.message) for one in refusals(words)] == [
        ("assertion", "One more line."),
        ("assertion", "Two"),
    ]


def test_an_option_that_was_removed_is_no_mere_assertion() -> None:
    words = (
        "error:\n  Failed assertions:\n  - The option definition `nesting.clone' in `/f/local.nix' no longer has any"
        " effect; please remove it.\n  Use `specialisation' instead.\n"
    )
    [refusal] = refusals(words)
    assert (refusal.kind, refusal.option, refusal.places) == (
        "removed option",
        "nesting.clone",
        (Place("/f/local.nix"),),
    )


def test_what_is_no_error_is_none() -> None:
    assert refusals("warning: nothing to see\n") == []
    assert first_error("warning: a\nlast word\n\n") == "last word"
    assert first_error("") == "it says nothing"


@given(st.text(alphabet=st.sampled_from("error: `'at/.:-\n [](x1)«»|… The option"), max_size=300))
def test_no_words_are_too_strange(words: str) -> None:
    for refusal in refusals("error: " + words):
        assert "\n" not in refusal.message
    assert "\n" not in first_error(words)


def test_the_places_are_files() -> None:
    assert all(Path(place.file).is_absolute() for one in refusals(NEW_UNKNOWN) for place in one.places)
