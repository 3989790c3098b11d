"""What a user gets who mistypes, asks for help, or wants to see more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands.runner import Maidan, process
from maidan_nix.commands import generate
from maidan_nix.problems import ExitCode


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["genrate"], "No such command 'genrate'. Did you mean 'generate'?"),
        (["zzz"], "No such command 'zzz'. There are: add, check, "),
        (["plugin", "lits"], "No such command 'lits'. Did you mean 'list'?"),
        (["options", "shwo"], "No such command 'shwo'. Did you mean 'show'?"),
        (["generate", "--adpt"], "--adopt"),
        (["--colour"], "--color"),
        (["generate", "one", "two"], "unexpected extra argument"),
        (["options", "show"], "Missing argument 'NAME'"),
        (["plugin", "check", "/nowhere"], "'/nowhere' does not exist"),
        (["check", "--nixpkgs", "."], "--nixpkgs says what Nix is to evaluate with; add --nix."),
        (["check", "--host", "shed"], "--host says which host Nix is to evaluate; add --nix."),
        (["generate", "--adopt", "--overwrite"], "--adopt keeps hand edits and --overwrite replaces them"),
        (["gen\x1b[31mrate"], "'gen\\u001B[31mrate'"),
    ],
)
def test_a_usage_error_says_what_was_meant_and_exits_2(maidan: Maidan, arguments: list[str], said: str) -> None:
    done = maidan(*arguments)
    assert done.code == ExitCode.USAGE
    assert said in done.err
    assert re.search("Try 'maidan-nix.* (-h|--help)' for help", done.err)
    assert not done.out


@pytest.mark.parametrize("language", ["C.UTF-8", "de_DE.UTF-8"])
@pytest.mark.parametrize(
    ("arguments", "said", "command"),
    [
        (["set", "a"], "VALUE", "maidan-nix set"),
        (["generate", "--bogus"], "No such option", "maidan-nix generate"),
        (["genrate"], "No such command 'genrate'. Did you mean 'generate'?", "maidan-nix"),
        (["check", "--host", "shed"], "--host says which host Nix is to evaluate; add --nix", "maidan-nix check"),
    ],
)
def test_a_program_gets_a_usage_error_as_a_problem_in_english(
    language: str, arguments: list[str], said: str, command: str
) -> None:
    # A process of its own: click has one language for each.
    done = process(*arguments, "--json", LC_ALL=language, LANGUAGE="")
    assert done.code == ExitCode.USAGE
    assert done.err == ""
    (problem,) = done.json()["problems"]
    assert said in problem["message"]
    assert problem["hint"] == f"see '{command} --help'"
    assert done.json()["version"] == 1


def test_a_word_after_two_dashes_is_no_option(maidan: Maidan) -> None:
    done = maidan("set", "--", "--json")
    assert done.code == ExitCode.USAGE
    assert done.out == ""
    assert "Usage: " in done.err


def test_a_tree_that_the_environment_names_is_used_only_with_nix(
    maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIDAN_NIXPKGS", str(folder))
    assert maidan("check").code == ExitCode.DONE


def test_no_command_at_all_shows_the_commands(maidan: Maidan) -> None:
    done = maidan()
    assert done.code in {ExitCode.DONE, ExitCode.USAGE}  # releases of click differ
    assert re.search("generate +Write the flake", done.out + done.err)


@pytest.mark.parametrize("command", [[], ["generate"], ["check"], ["plugin"], ["plugin", "check"], ["options", "show"]])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_a_result(maidan: Maidan, command: list[str], option: str) -> None:
    done = maidan(*command, option)
    assert done.code == ExitCode.DONE
    assert done.out.startswith("Usage: maidan-nix")
    assert "``" not in done.out  # markup of docstrings is nothing for users
    assert not done.err


def test_summaries_of_commands_are_whole_sentences(maidan: Maidan) -> None:
    for group in ("plugin", "options"):
        assert "..." not in maidan(group, "--help").out.partition("Commands:")[2]


def test_version(maidan: Maidan) -> None:
    done = maidan("--version")
    assert done.code == ExitCode.DONE
    assert done.out.startswith("maidan-nix, version ")


@pytest.mark.parametrize("arguments", [["--debug", "check", "absent.toml"], ["check", "absent.toml", "--debug"]])
def test_debug_shows_the_traceback_and_then_the_problem(maidan: Maidan, arguments: list[str]) -> None:
    done = maidan(*arguments)
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("Traceback")
    assert done.err.splitlines()[-1].startswith("absent.toml: there is no such file")


def test_a_missing_manifest_is_named(maidan: Maidan) -> None:
    done = maidan("check", "absent.toml")
    assert done.code == ExitCode.MANIFEST_INVALID
    assert done.err.startswith("absent.toml: there is no such file, expected a manifest")
    assert maidan("check", "absent.toml", "--json").json()["problems"][0]["file"] == "absent.toml"


def test_a_fault_of_our_own_is_one_line_too(maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(generate, "plan_write", fails)
    done = maidan("generate")
    assert done.code == ExitCode.FAILED
    assert done.err.startswith("maidan-nix itself failed: KeyError: 'lost', run again with --debug")
    assert len(done.err.splitlines()) == 1
    assert "Traceback" in maidan("generate", "--debug").err


def test_memory_that_is_not_enough_is_said_in_words(
    maidan: Maidan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(generate, "plan_write", fails)
    done = maidan("generate")
    assert done.code == ExitCode.FAILED
    assert done.err.startswith("there is not enough memory for this")


def test_only_what_is_wrong_in_the_manifest_is_said_of_the_manifest(maidan: Maidan, folder: Path) -> None:
    assert maidan("generate", "--host", "she").err == (
        "no host is named 'she', expected one of shed, did you mean 'shed'?\n"
    )
    assert maidan("generate", "--host", "she").code == ExitCode.USAGE
    (folder / "maidan.lock").write_text("no lock")
    done = maidan("generate")
    assert done.code == ExitCode.FAILED
    assert done.err.startswith("maidan.lock is not valid JSON")
    assert maidan("generate", "--json").json()["problems"][0]["file"] == ""
