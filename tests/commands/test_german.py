"""The command line in German, end to end: what a German-speaking steward sees, and that nothing in it is English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands.runner import MINIMAL, ROOT, TWO_HOSTS, Maidan, process, tree
from maidan_nix.problems import ExitCode

ENGLISH = re.compile(
    r"\b(the|is|are|of|which|that|with|and|not|cannot|expected|unknown|missing|has|did|you|mean|write|remove)\b"
)


COMMONS = ROOT / "hosts/commons/community.toml"


@pytest.fixture(autouse=True)
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")


def without_names(text: str) -> str:
    """What is left of a text without quoted values, commands and paths."""
    return re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`|\S*[/\\.]\S*|\[[^\]\n]*\]", "", text)


def test_generate(maidan: Maidan, folder: Path) -> None:
    done = maidan("generate")
    assert done.code == ExitCode.DONE
    assert "neu       flake.nix\n" in done.out
    assert re.search(r"^\.: \d+ neu$", done.out, re.MULTILINE)
    assert "Vor dem ersten Umschalten fehlen noch" in done.out
    (folder / "flake.nix").write_text("{ }\n")
    refused = maidan("generate")
    assert refused.code == ExitCode.HAND_EDITS
    assert "flake.nix wurde von Hand geändert, erwartet: die Datei, wie sie erzeugt wurde, mit --diff" in refused.err
    assert maidan("generate", "--overwrite").code == ExitCode.DONE
    again = maidan("generate", "--diff")
    assert again.err == "Nichts würde sich ändern.\n"


def test_what_is_written_is_the_same_in_every_language(maidan: Maidan, folder: Path, tmp_path: Path) -> None:
    maidan("generate", "--out", tmp_path / "de")
    process("generate", "--out", str(tmp_path / "en"), cwd=folder, LANGUAGE="en")
    assert tree(tmp_path / "de") == tree(tmp_path / "en")


def test_check(maidan: Maidan, folder: Path) -> None:
    done = maidan("check")
    assert done.code == ExitCode.DONE
    lines = done.out.splitlines()
    assert lines[0] == "Fehlt noch vor dem ersten Umschalten:"
    assert "    Was zu tun ist: im Ordner secrets 'agenix -e steward-ada-password.age' ausführen" in lines
    # What a secret holds is the plugin's sentence, from the plugin's own catalogue.
    assert "braucht dieses Geheimnis: die Prüfsumme des Passworts von ada, eine Zeile von 'mkpasswd" in done.out
    assert lines[-1].startswith("community.toml ist gültig; das Flake in . ist veraltet: ")
    assert not ENGLISH.search(without_names(done.out)), done.out


BAD = (
    (
        TWO_HOSTS.replace("network.interface", "network.interfase", 1)
        .replace("/dev/disk/by-id/west", "/dev/sda")
        .replace('contact = "stewards@example.org"', 'contact = "stewards"')
        .replace('domain = "example.org"', "domain = 5")
        .replace('host = "east"', 'host = "eest"')
        .replace('domain = "passwords.example.org"', 'domain = "Passwords.example.org"\nsignups = "yes"')
    )
    + """
[privacy]
federation = "listet"
log_retention = "30 days"
message_retention = "3650d"

[privacy.reasons]
federation_allow = "nobody knows any more"

[server]
"""
)
SAID = (
    "unbekannte Einstellung 'interfase', war 'interface' gemeint?",
    "'/dev/sda' kann nach dem nächsten Start eine andere Festplatte sein, erwartet: eine ganze Festplatte unter",
    "'stewards' enthält kein @, erwartet: eine E-Mail-Adresse wie 'stewards@example.org'",
    "community.domain: das ist eine ganze Zahl, erwartet: ein Domainname wie 'chat.example.org'",
    "'Passwords.example.org' enthält Großbuchstaben",
    "war 'passwords.example.org' gemeint?",
    "services.vaultwarden.signups: das ist eine Zeichenkette, erwartet: ein Wahrheitswert, true oder false schreiben",
    "kein Host heißt 'eest'",
    "'listet' steht hier nicht zur Wahl, erwartet: 'none', 'listed' oder 'open', war 'listed' gemeint?",
    "'30 days' ist keine Zahl mit ihrer Einheit, erwartet: eine Dauer mit ihrer Einheit s, m, h, d oder w, etwa '30d'",
    "'3650d' ist lockerer als die Voreinstellung 'strict' ('180d'), erwartet: eine Begründung unter privacy.reasons",
    "unbekannter Abschnitt 'server'",
)


def test_a_manifest_with_a_dozen_different_problems(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(BAD)
    done = maidan("generate")
    assert done.code == ExitCode.MANIFEST_INVALID
    for said in SAID:
        assert said in done.err, done.err
    for line in done.err.splitlines():
        assert re.match(r"community\.toml:\d+:\d+: ", line)
        assert not ENGLISH.search(without_names(line)), line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["genrate"], "Fehler: Den Befehl 'genrate' gibt es nicht. War 'generate' gemeint?\n"),
        (["generate", "--adpt"], "Fehler: Die Option '--adpt' gibt es nicht."),
        (["generate", "--host"], "Fehler: Die Option '--host' braucht ein Argument.\n"),
        (["generate", "one", "two"], "Fehler: Unerwartetes weiteres Argument (two)\n"),
        (["options", "show"], "Fehler: Es fehlt das Argument 'NAME'.\n"),
        (["generate", "--adopt", "--overwrite"], "Fehler: --adopt behält Änderungen von Hand, und --overwrite"),
    ],
)
def test_usage_errors(maidan: Maidan, folder: Path, arguments: list[str], said: str) -> None:
    done = maidan(*arguments)
    assert done.code == ExitCode.USAGE
    assert said in done.err
    if arguments != ["generate", "--host"]:  # of which click knows no context
        assert done.err.startswith("Aufruf: maidan-nix")
        assert re.search(r"^Hilfe zeigt 'maidan-nix.* (-h|--help)'\.$", done.err, re.MULTILINE)


@pytest.mark.parametrize("arguments", [["--help"], ["generate", "--help"], ["check", "--help"], ["plugin", "--help"]])
def test_help(maidan: Maidan, folder: Path, arguments: list[str]) -> None:
    said = maidan(*arguments).out
    assert said.startswith("Aufruf: maidan-nix")
    assert "Optionen:\n" in said
    assert "Diese Hilfe anzeigen und beenden." in said
    said = re.sub(r"Probleme kommen als.*", "", said, flags=re.DOTALL)  # the keys of JSON
    said = re.sub(r"--[a-z-]+|^ {2}[a-z]+ ", "", said, flags=re.MULTILINE)  # the names of options and commands
    assert not ENGLISH.search(without_names(said)), said


def test_help_is_english_again_right_after(maidan: Maidan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Das Flake einer Gemeinschaft schreiben." in maidan("generate", "--help").out
    monkeypatch.setenv("LANGUAGE", "en")
    english = maidan("generate", "--help").out
    assert "Write the flake of a community." in english
    assert "Options:" in english


@pytest.mark.parametrize(
    ("environment", "greeting"),
    [
        ({"LANGUAGE": "", "LC_ALL": "de_DE.UTF-8"}, "Aufruf:"),
        ({"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "de_CH.UTF-8"}, "Aufruf:"),
        ({"LANGUAGE": "de", "LC_ALL": "C"}, "Usage:"),
        ({"LANGUAGE": "fr", "LC_ALL": "C.UTF-8"}, "Usage:"),
        ({"LANGUAGE": "en:de", "LC_ALL": "C.UTF-8"}, "Usage:"),
    ],
)
def test_the_environment_chooses(tmp_path: Path, environment: dict[str, str], greeting: str) -> None:
    assert process("--help", cwd=tmp_path, **environment).out.startswith(greeting)


def test_a_terminal_that_lacks_an_umlaut_gets_its_escape_and_no_failure(folder: Path) -> None:
    done = process("check", cwd=folder, PYTHONIOENCODING="koi8-r")
    assert done.code == ExitCode.DONE
    assert "\\xf6ffentliche" in done.out


@pytest.mark.parametrize("hostile", ["{x.__class__}", "{0}", "%(name)s", "\\u001b[2J", "${HOME}", "\\n\\n", "\\u202e"])
def test_a_hostile_value_is_as_harmless_as_in_english(maidan: Maidan, folder: Path, hostile: str) -> None:
    (folder / "community.toml").write_text(MINIMAL.replace('"bios"', f'"{hostile}"'))
    done = maidan("check")
    assert done.code == ExitCode.MANIFEST_INVALID
    (line,) = done.err.splitlines()
    assert line.isprintable()
    assert "steht hier nicht zur Wahl, erwartet: 'uefi' oder 'bios'" in line


def test_a_plugin_and_its_sandboxes(maidan: Maidan, folder: Path) -> None:
    for name in ("nginx", "postgresql", "matrix", "ssh", "firewall"):
        said = maidan("plugin", "show", name, "--manifest", COMMONS).out
        assert "\\u000A" not in said
        assert not ENGLISH.search(without_names(said)), said
    said = maidan("plugin", "show", "nginx", "--manifest", COMMONS).out
    assert "  Port 443/tcp, zum Internet offen: jede Website, über HTTPS\n" in said
    assert 'SystemCallFilter ist stattdessen [ "@system-service" "~@privileged" "~@resources" "@chown" ]: ' in said
    assert "  acme: Woher Zertifikate kommen\n    Typ: eine Tabelle\n  acme.staging:" in said
    assert "eine ganze Zahl von 1 bis 600, in Anfragen pro Minute" in said


def test_the_graph(maidan: Maidan, folder: Path) -> None:
    (folder / "community.toml").write_text(COMMONS.read_text("utf-8"), "utf-8")
    said = maidan("graph", "--format", "text").out
    assert not ENGLISH.search(without_names(said)), said
    assert ": Datenbank matrix-synapse." in said
    drawn = maidan("graph").out
    assert "Alle im Internet dürfen SSH auf commons an Port 22/tcp erreichen" in drawn
    assert "Browser und Apps der Mitglieder dürfen Webserver auf commons an Port 443/tcp erreichen" in drawn


def test_a_help_text_with_a_value_in_it(maidan: Maidan) -> None:
    assert "Das Skript für zsh ausgeben. Mit --json: shell und script." in maidan("completion", "zsh", "--help").out
    assert "zsh      Das Skript für zsh ausgeben." in maidan("completion", "--help").out
