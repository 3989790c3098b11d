"""`init` as somebody meets it who sits at a terminal for the first time."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from commands.runner import MINIMAL, tree
from commands.terminal import CTRL_C, CTRL_D, Terminal
from maidan_nix.commands import INTERRUPTED
from maidan_nix.initial.render import UNFINISHED
from maidan_nix.problems import ExitCode

KEY = MINIMAL.partition('ssh_keys = ["')[2].partition('"')[0]
HARDWARE_KEY = (
    "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
    "Hh8gAAAABHNzaDo= ada"
)
AGE = "age1" + "q" * 58

# What is shown up to the question for services, which follow from the plugins that are installed.
BEGINNING = """\
This writes community.toml, the one file that your servers are made from.
Each question is explained. Enter takes what stands in brackets. Ctrl-C stops,
and keeps what you said.

The community's name, as members know it.
Name of the community: Commons

The domain the community owns; services live below it.
Domain of the community: Example.org
Not so: 'Example.org' has capital letters; expected a domain name such as
'chat.example.org'; did you mean 'example.org'?
Domain of the community: example.org

Where certificate authorities and members reach the stewards.
Contact address [stewards@example.org]: 

Time zone of the hosts, as Area/City.
Time zone [Europe/Berlin]: 

Language and formats of the hosts.
Locale [en_US.UTF-8]: 

Stewards have an account on every host. They log in with SSH keys, and these
decrypt the community's secrets.
Name two at least, if you can: then one can help while the other cannot be
reached.
Account name [ada]: root
Not so: 'root' is a name the system uses itself; expected a user name of
lower-case letters, digits, _ and -, such as 'ada'; choose another name
Account name [ada]: 

The public SSH keys of ada, each from its .pub file. Private keys are never
read.
1: ssh-ed25519 ada (~/.ssh/id_ed25519.pub)
Answer with numbers from this list, the path of a .pub file, or the key itself.
Keys of ada: 2
Not so: there is no key 2; expected a number from 1 to 1
Keys of ada: 1
Is there another steward? [no]: perhaps
Not so: this is neither yes nor no; expected yes or no
Is there another steward? [no]: 

What every privacy setting falls back to.
It is 'strict', 'balanced' or 'open'.
"""  # noqa: W291  # a question ends with a space


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder to begin in, with a public and a private key in the home beside it."""
    ssh = tmp_path / "home/.ssh"
    ssh.mkdir(parents=True)
    (ssh / "id_ed25519.pub").write_text(f"{KEY}\n")
    (ssh / "id_ed25519").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    (ssh / "broken.pub").write_text("ssh-ed25519 AAAA\n")
    folder = tmp_path / "new"
    folder.mkdir()
    return folder


def begin(terminal: Terminal) -> None:
    """Answer everything up to the services."""
    for question, answer in [
        ("Name of the community", "Commons"),
        ("Domain", "Example.org"),
        ("Domain", "example.org"),
        ("Contact", ""),
        ("Time zone", ""),
        ("Locale", ""),
        ("Account name", "root"),
        ("Account name", ""),
        ("Keys of ada", "2"),
        ("Keys of ada", "1"),
        ("Is there another", "perhaps"),
        ("Is there another", ""),
    ]:
        terminal.answer(question, answer)


def finish(terminal: Terminal) -> None:
    """Answer everything from the services on."""
    for question, answer in [
        ("Services", "vaultwarden"),
        ("Name of the machine", "shed"),
        ("Is shed the machine", "no"),
        ("Processor", ""),
        ("Firmware", "bios"),
        ("Disk", "/dev/sda"),
        ("Disk", "/dev/disk/by-id/shed"),
        ("Network interface", "enp1s0"),
        ("IPv4 address", "192.0.2.10/24"),
        ("Router for IPv4", "192.0.2.1"),
        ("IPv6 address", ""),
        ("Vaultwarden: domain", "passwords.example.org"),
    ]:
        terminal.answer(question, answer)


def test_from_nothing_to_a_flake(empty: Path) -> None:
    with Terminal("init", "--no-git", cwd=empty) as terminal:
        begin(terminal)
        terminal.asked("Privacy preset")
        assert terminal.shown.startswith(BEGINNING)
        terminal.type("\n")
        finish(terminal)
        assert terminal.end() == ExitCode.DONE
    assert terminal.shown.endswith(
        "written: community.toml\nwritten: community.schema.json\nAll checks passed.\nNext: maidan-nix generate\n"
    )
    assert tomllib.loads((empty / "community.toml").read_text()) == {
        "community": {
            "name": "Commons",
            "domain": "example.org",
            "contact": "stewards@example.org",
            "time_zone": "Europe/Berlin",
            "locale": "en_US.UTF-8",
        },
        "stewards": {"ada": {"ssh_keys": [KEY]}},
        "privacy": {"preset": "strict"},
        "hosts": {
            "shed": {
                "system": "x86_64-linux",
                "boot": {"firmware": "bios"},
                "disk": {"device": "/dev/disk/by-id/shed"},
                "network": {
                    "interface": "enp1s0",
                    "ipv4": "192.0.2.10/24",
                    "ipv4_gateway": "192.0.2.1",
                    "ipv6": "automatic",
                },
            }
        },
        "services": {"vaultwarden": {"domain": "passwords.example.org"}},
    }
    assert "PRIVATE" not in terminal.shown


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_stopped_in_the_middle_and_continued(empty: Path, key: str) -> None:
    with Terminal("init", "--no-git", cwd=empty) as terminal:
        begin(terminal)
        terminal.asked("Privacy preset")
        terminal.type(key)
        assert terminal.end() == INTERRUPTED
    assert "What you answered is in community.toml. 'maidan-nix init' goes on from there." in " ".join(
        terminal.shown.split()
    )
    assert terminal.shown.endswith("interrupted\n")
    draft = (empty / "community.toml").read_text()
    assert draft.splitlines()[1] == UNFINISHED
    assert tomllib.loads(draft)["stewards"] == {"ada": {"ssh_keys": [KEY]}}
    with Terminal("init", "--no-git", cwd=empty) as terminal:
        terminal.answer("Privacy preset", "balanced")
        finish(terminal)
        assert terminal.end() == ExitCode.DONE
    text = (empty / "community.toml").read_text()
    assert UNFINISHED not in text
    assert tomllib.loads(text)["privacy"] == {"preset": "balanced"}


def test_what_a_person_added_to_an_unfinished_manifest_stays(empty: Path) -> None:
    with Terminal("init", "--no-git", cwd=empty) as terminal:
        begin(terminal)
        terminal.asked("Privacy preset")
        terminal.type(CTRL_C)
        terminal.end()
    path = empty / "community.toml"
    mine = path.read_text().replace('name = "Commons"', "name = 'Our Commons'  # we voted")
    path.write_text(mine)
    with Terminal("init", "--no-git", cwd=empty) as terminal:
        terminal.answer("Privacy preset")
        finish(terminal)
        assert terminal.end() == ExitCode.DONE
    after = path.read_text()
    assert after.startswith(mine.replace(f"{UNFINISHED}\n", "").rstrip("\n"))
    assert tomllib.loads(after)["services"] == {"vaultwarden": {"domain": "passwords.example.org"}}


def test_stopped_before_the_first_answer(empty: Path) -> None:
    with Terminal("init", cwd=empty) as terminal:
        terminal.asked("Name of the community")
        terminal.type(CTRL_D)
        assert terminal.end() == INTERRUPTED
    assert tree(empty) == {}


def test_a_manifest_of_ones_own_is_completed(empty: Path) -> None:
    path = empty / "community.toml"
    mine = MINIMAL.replace('contact = "stewards@example.org"\n', "").replace(
        'domain = "passwords.example.org"', "# where?"
    )
    path.write_text(mine)
    with Terminal("init", "--no-git", cwd=empty) as terminal:
        terminal.answer("Contact address")
        terminal.answer("Vaultwarden: domain", "passwords.example.org")
        assert terminal.end() == ExitCode.DONE
    after = path.read_text()
    assert [line for line in mine.splitlines() if line not in after.splitlines()] == []
    assert tomllib.loads(after) == tomllib.loads(MINIMAL)


def test_keys_that_sign_in_hardware_need_a_recipient(empty: Path) -> None:
    with Terminal("init", "--no-git", "--name", "C", "--domain", "example.org", cwd=empty) as terminal:
        for question in ("Contact", "Time zone", "Locale", "Account name"):
            terminal.answer(question)
        terminal.answer("Keys of ada", str(empty.parent / "home/.ssh/id_ed25519"))
        terminal.answer("Keys of ada", HARDWARE_KEY)
        assert "it may be a private key" in " ".join(terminal.shown.split())
        terminal.answer("Age recipient of ada", "age1")
        terminal.answer("Age recipient of ada", AGE)
        terminal.asked("Is there another")
        terminal.type(CTRL_C)
        terminal.end()
    stewards = tomllib.loads((empty / "community.toml").read_text())["stewards"]
    assert stewards == {"ada": {"ssh_keys": [HARDWARE_KEY], "age_recipients": [AGE]}}


@pytest.mark.parametrize("hostile", ['"; x = "', "${x} $(x)", "\\", "'''", "[a]", "ä 漢"])
def test_hostile_answers_are_data(empty: Path, hostile: str) -> None:
    with Terminal("init", cwd=empty) as terminal:
        terminal.answer("Name of the community", hostile)
        terminal.asked("Domain")
        terminal.type(CTRL_D)
        terminal.end()
    assert tomllib.loads((empty / "community.toml").read_text()) == {"community": {"name": hostile}}


def test_answers_that_could_act_on_a_terminal(empty: Path) -> None:
    with Terminal("init", cwd=empty) as terminal:
        terminal.answer("Name of the community", "a\x1b[31mb")
        terminal.asked("Name of the community")
        assert "\x1b" not in terminal.shown
        terminal.type("\udc80".encode("utf-8", "surrogateescape").decode("latin-1"))
        terminal.type(CTRL_C)
        assert terminal.end() == INTERRUPTED


def test_a_narrow_terminal(empty: Path) -> None:
    with Terminal("init", cwd=empty, columns=40) as terminal:
        begin(terminal)
        terminal.asked("Privacy preset")
        terminal.type(CTRL_C)
        terminal.end()
    long = [line for line in terminal.shown.splitlines() if len(line) >= 40]
    # Paths stay whole; everything else breaks between words.
    assert [line for line in long if "/" not in line and ": " not in line] == []


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"NO_COLOR": "1"}, {}])
def test_nothing_is_drawn(empty: Path, environment: dict[str, str]) -> None:
    with Terminal("init", cwd=empty, environment=environment) as terminal:
        begin(terminal)
        terminal.asked("Privacy preset")
        terminal.type(CTRL_C)
        terminal.end()
    assert "\x1b" not in terminal.shown
    assert "\r" not in terminal.shown


def test_a_repository_is_offered(empty: Path) -> None:
    answers = empty.parent / "answers.toml"
    answers.write_text(MINIMAL.replace("time_zone", 'locale = "en_GB.UTF-8"\ntime_zone'))
    with Terminal("init", "--answers", str(answers), "--preset", "strict", cwd=empty) as terminal:
        for question in ("Is shed the machine", "Processor", "IPv4 address", "IPv6 address"):
            terminal.answer(question)
        terminal.answer("Make it one, with 'git init'?", "y")
        assert terminal.end() == ExitCode.DONE
    assert (empty / ".git").is_dir()
    assert "/result\n" in (empty / ".gitignore").read_text()
