"""What is said of a flake's folder: interrupted runs, files that are not as generated, secrets that are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maidan_nix.diagnosis.checks import CHECKS
from maidan_nix.diagnosis.diagnose import Facts, ManifestFacts, diagnose
from maidan_nix.diagnosis.flake import check_flake, check_generated, check_hosts, check_plugins, check_wanted
from maidan_nix.diagnosis.flake_facts import FlakeFacts, gather
from maidan_nix.diagnosis.git_facts import GitFacts
from maidan_nix.diagnosis.line import Line
from maidan_nix.diagnosis.machine_facts import MachineFacts
from maidan_nix.flake.inputs import render_lock
from maidan_nix.plan.lock import HostLock, Lock
from maidan_nix.plan.lock import render_lock as render_maidan_lock
from maidan_nix.problems import Problem
from maidan_nix.tree import Change, File
from maidan_nix.tree.journal import IDLE, Step, print_journal

NOW = 1_795_478_400
PENDING = print_journal([Step("flake.nix", None, "0" * 64)])
AGE = b"age-encryption.org/v1\n-> ssh-ed25519"


def found(lines: object, id_: str) -> list[Line]:
    assert not isinstance(lines, str)
    return [line for line in lines if line.id == id_]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("journal", "is_staging", "state"),
    [
        (None, False, "ok"),
        (IDLE, False, "ok"),
        (PENDING, True, "wrong"),
        (PENDING, False, "wrong"),
        (b"{", False, "wrong"),
        (IDLE, True, "look"),
        (None, True, "look"),
    ],
)
def test_an_interrupted_run(journal: bytes | None, is_staging: bool, state: str) -> None:
    facts = FlakeFacts(exists=True, has_flake=True, journal=journal, is_staging=is_staging)
    (line,) = found(list(check_flake(facts, NOW)), "journal")
    assert line.state == state
    assert bool(line.way_out) == (state != "ok")


def test_no_flake_is_no_fault() -> None:
    (line,) = check_flake(FlakeFacts(), NOW)
    assert (line.id, line.state, line.way_out) == ("flake-there", "look", "run 'maidan-nix generate'")


def test_files_that_are_not_as_generated() -> None:
    changes = [
        Change("a", "create", "write"),
        Change("b", "yours", "refuse"),
        Change("c", "identical", "keep"),
        Change("d", "yours", "keep"),
        Change(".maidan/files.json", "change", "write"),
    ]
    stale, edited = check_generated(changes, True)
    assert stale.message == "1 file is not as it would be generated now: a"
    assert edited.message == "1 file was changed by hand: b"
    assert {line.state for line in check_generated(changes[2:], True)} == {"ok"}
    (nothing,) = check_generated(changes, False)
    assert nothing.state == "look"


def test_many_files_are_counted() -> None:
    changes = [Change(f"f{number}", "create", "write") for number in range(8)]
    assert next(check_generated(changes, True)).message.endswith(": f0, f1, f2, f3, f4 and 3 more")


def test_hosts_that_are_gone_and_hardware_that_nobody_described() -> None:
    lock = render_maidan_lock(Lock({"shed": HostLock(), "old": HostLock()}))
    tree = {"hosts/shed/hardware.nix": File(b"{ }", ownership="once")}
    facts = FlakeFacts(exists=True, has_flake=True, lock=lock, hardware={"hosts/shed/hardware.nix": b"{ }"})
    gone, hardware = check_hosts(facts, ["shed"], tree)
    assert (gone.state, gone.message) == ("look", "it keeps the entries of a host that the manifest does not have: old")
    assert (hardware.state, hardware.subject) == ("look", "hosts/shed/hardware.nix")
    facts = FlakeFacts(exists=True, has_flake=True, lock=lock, hardware={"hosts/shed/hardware.nix": b"{ boot = 1; }"})
    assert {line.state for line in check_hosts(facts, ["shed", "old"], tree)} == {"ok"}
    assert list(check_hosts(FlakeFacts(exists=True, has_flake=True, lock=b"{"), ["shed"], tree)) == []


def test_plugins_that_are_not_those_that_planned() -> None:
    lock = render_maidan_lock(Lock(plugins={"services/wiki": "1.0", "services/notes": "2.0"}))
    other, missing = sorted(check_plugins(lock, {"services/wiki": "1.1"}), key=lambda line: line.subject, reverse=True)
    assert other.message == "version 1.0 planned this flake, and 1.1 is installed"
    assert missing.message == "services/notes planned this flake, and is not installed"
    (line,) = check_plugins(lock, {"services/wiki": "1.0", "services/notes": "2.0", "services/more": "1"})
    assert line.state == "ok"
    assert list(check_plugins(None, {})) == []
    assert [line.state for line in check_plugins(render_maidan_lock(Lock()), {})] == ["ok"]


def test_secrets() -> None:
    facts = FlakeFacts(
        exists=True,
        has_flake=True,
        secrets={
            "good.age": AGE,
            "letters.age": b"-----BEGIN AGE ENCRYPTED FILE-----\n",
            "empty.age": b"",
            "plain.age": b"hunter2",
            "pipe.age": None,
            "notes.txt": b"hunter2",
            "secrets.nix": b"{ }",
            "public.toml": b"",
            "README.md": b"",
        },
    )
    lines = list(check_flake(facts, NOW))
    assert [(line.subject, line.state) for line in found(lines, "secret-encrypted")] == [
        ("secrets/empty.age", "wrong"),
        ("secrets/plain.age", "wrong"),
        ("secrets/pipe.age", "wrong"),
    ]
    assert [(line.subject, line.state) for line in found(lines, "secret-plain")] == [("secrets/notes.txt", "look")]
    assert not any("hunter2" in line.message + line.way_out for line in lines)
    unwanted = [line.subject for line in check_wanted(facts, {"good", "empty", "plain", "pipe"})]
    assert unwanted == ["secrets/letters.age"]
    assert [line.state for line in check_wanted(facts, {"good", "letters", "empty", "plain", "pipe"})] == ["ok"]


def test_nothing_is_said_of_secrets_where_there_are_none() -> None:
    facts = FlakeFacts(exists=True, has_flake=True, secrets={"secrets.nix": b"{ }", "public.toml": b""})
    assert list(check_wanted(facts, {"good"})) == []


def test_a_private_key_among_the_secrets_is_said_once() -> None:
    facts = FlakeFacts(exists=True, secrets={"id_ed25519": b"-----BEGIN"}, keys=("secrets/id_ed25519",))
    lines = list(check_flake(facts, NOW))
    assert [(line.id, line.state) for line in lines if line.subject == "secrets/id_ed25519"] == [
        ("private-key", "wrong")
    ]


# -- the folder itself


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, content in {
        "flake.lock": render_lock(),
        "maidan.lock": render_maidan_lock(Lock()),
        ".maidan/journal.json": IDLE,
        "secrets/good.age": AGE,
        "hosts/shed/hardware.nix": b"{ }",
        "hosts/shed/local.nix": b"{ }",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def test_a_folder_is_read(root: Path) -> None:
    facts = gather(root)
    assert facts.exists
    assert facts.flake_lock == render_lock()
    assert facts.journal == IDLE
    assert not facts.is_staging
    assert facts.hardware == {"hosts/shed/hardware.nix": b"{ }"}
    assert facts.secrets == {"good.age": AGE}
    assert facts.keys == ()
    assert facts.is_complete
    assert gather(root / "nowhere") == FlakeFacts()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("id_ed25519", b""),
        ("deep/er/key.txt", b"AGE-SECRET-KEY-1QQQ"),
        ("age.txt", b"# created: today\n# public key: age1...\nAGE-SECRET-KEY-1QQQ"),
        ("some", b"-----BEGIN OPENSSH PRIVATE KEY-----\n"),
        ("secrets/tls.pem", b"-----BEGIN EC PRIVATE KEY-----\n"),
        ("tls.key", b"binary"),
        ("both.pem", b"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n"),
        ("keys-shed/host_key", b"anything"),
    ],
)
def test_a_private_key_in_the_folder(root: Path, path: str, content: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content)
    facts = gather(root)
    assert facts.keys == (path,)
    (line,) = found(list(check_flake(facts, NOW)), "private-key")
    assert (line.subject, line.state) == (path, "wrong")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("id_ed25519.pub", b"ssh-ed25519 AAAA"),
        ("chain.pem", b"-----BEGIN CERTIFICATE-----\n"),
        ("signing.pem", b"-----BEGIN PUBLIC KEY-----\n"),
        ("README.md", b"A key begins with -----BEGIN OPENSSH PRIVATE KEY-----\n"),
        ("keys-shed/host_key.pub", b"ssh-ed25519 AAAA"),
        (".git/objects/id_rsa", b""),
    ],
)
def test_what_is_no_private_key(root: Path, path: str, content: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content)
    assert gather(root).keys == ()


def test_what_is_no_file_is_not_waited_for(root: Path) -> None:
    (root / "flake.lock").unlink()
    os.mkfifo(root / "flake.lock")
    os.mkfifo(root / "secrets/pipe.age")
    (root / "secrets/folder.age").mkdir()
    (root / "loop").symlink_to(root)
    (root / "id_rsa").symlink_to("/etc/hostname")
    facts = gather(root)
    assert facts.flake_lock is None
    assert "flake.lock" in facts.unreadable
    assert facts.secrets["pipe.age"] is None
    assert facts.secrets["folder.age"] is None
    assert facts.keys == ()
    (line,) = found(list(check_flake(facts, NOW)), "flake-lock")
    assert line.message.startswith("it cannot be read: ")


def test_a_folder_without_end_is_not_followed(root: Path) -> None:
    deep = root
    for _ in range(20):
        deep = deep / "d"
    deep.mkdir(parents=True)
    facts = gather(root)
    assert not facts.is_complete
    (line,) = found(list(check_flake(facts, NOW)), "private-key")
    assert line.state == "skipped"


def test_a_manifest_that_is_wrong_stops_nothing_else(root: Path) -> None:
    manifest = ManifestFacts("community.toml", None, (Problem(("a", "b"), "this is wrong", "something", "mend it"),))
    lines = diagnose(Facts(MachineFacts(), manifest, gather(root), GitFacts("none"), {}, NOW, str(root)))
    assert ("manifest", "wrong", "a.b", "this is wrong, expected something", "mend it") in [
        (line.id, line.state, line.subject, line.message, line.way_out) for line in lines
    ]
    assert {line.group for line in lines} == {"machine", "manifest", "flake", "git"}
    assert [line.state for line in lines if line.id == "generated"] == ["skipped"]
    for line in lines:
        assert line.id in CHECKS
        assert line.state != "skipped" or line.message.startswith("not looked at: ")
