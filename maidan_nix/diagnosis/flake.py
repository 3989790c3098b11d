"""The flake's folder: interrupted runs, files that are not as generated, secrets that are none or that nobody reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from maidan_nix.diagnosis.flake_facts import FlakeFacts
from maidan_nix.diagnosis.flake_lock import check_inputs
from maidan_nix.diagnosis.line import Line, State
from maidan_nix.diagnosis.words import few
from maidan_nix.messages import count, say
from maidan_nix.plan.lock import LOCK_FILE, read_lock
from maidan_nix.problems import MaidanError
from maidan_nix.tree import Change, Tree
from maidan_nix.tree.journal import JOURNAL, RESTART, read_journal

AGE_HEADERS = (b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----")
_OURS = ("secrets.nix", "public.toml")
_READ = say("run 'maidan-nix generate --diff', and read what changes")
_NOTES = ("README", "readme", ".git")


def check_flake(facts: FlakeFacts, now: int) -> Iterator[Line]:
    """Look at what needs no manifest: the journal, flake.lock, files in the folder of secrets, stray keys."""
    if not facts.has_flake:
        yield Line(
            "flake-there", "flake", "look", "flake", say("there is no flake yet"), say("run 'maidan-nix generate'")
        )
    else:
        yield _journal(facts)
        yield from check_inputs(facts.flake_lock, facts.unreadable.get("flake.lock", ""), now)
    if not facts.exists:
        return
    yield from _encrypted(facts)
    yield from _stray_files(facts)
    yield from _keys(facts)


def _journal(facts: FlakeFacts) -> Line:
    reason = facts.unreadable.get(JOURNAL)
    try:
        steps = read_journal(facts.journal, JOURNAL) if facts.journal is not None else ()
    except MaidanError:
        reason = say("it is damaged")
        steps = ()
    if reason:
        message = say("{file} cannot be used: {reason}", file=JOURNAL, reason=reason)
        return Line("journal", "flake", "wrong", JOURNAL, message, RESTART)
    again = say("run 'maidan-nix generate': it finishes what was begun")
    if steps:
        message = say("a run was interrupted, or is at work now: the flake is half written, and refuses to be built")
        return Line("journal", "flake", "wrong", JOURNAL, message, again)
    if facts.is_staging:
        message = say("a run was interrupted before it changed anything, or is at work now")
        return Line("journal", "flake", "look", JOURNAL, message, again)
    return Line("journal", "flake", "ok", JOURNAL, say("no run was interrupted"))


def check_generated(changes: Collection[Change], has_record: bool) -> Iterator[Line]:
    """Is what lies in the flake what would be generated now? `changes` are those of `plan_write`."""
    ours = [one for one in changes if not one.path.startswith(".maidan/")]
    if not has_record:
        yield Line(
            "generated", "flake", "look", "flake", say("nothing was generated yet"), say("run 'maidan-nix generate'")
        )
        return
    stale = [one.path for one in ours if one.state in ("create", "change", "gone")]
    if stale:
        message = count(
            "1 file is not as it would be generated now: {files}",
            "{number} files are not as they would be generated now: {files}",
            len(stale), files=few(stale),
        )  # fmt: skip
        yield Line("generated", "flake", "wrong", "flake", message, say("run 'maidan-nix generate'"))
    else:
        yield Line("generated", "flake", "ok", "flake", say("every file is as it would be generated now"))
    edited = [one.path for one in ours if one.outcome == "refuse"]
    if edited:
        message = count(
            "1 file was changed by hand: {files}", "{number} files were changed by hand: {files}",
            len(edited), files=few(edited),
        )  # fmt: skip
        way_out = say(
            "move what you changed into local.nix of the host, or say 'maidan-nix generate --adopt' to keep it as it is"
        )
        yield Line("hand-edits", "flake", "wrong", "flake", message, way_out)
    else:
        yield Line("hand-edits", "flake", "ok", "flake", say("no generated file was changed by hand"))


def check_hosts(facts: FlakeFacts, hosts: Collection[str], tree: Tree) -> Iterator[Line]:
    """Entries of hosts that are gone, and hosts whose hardware nobody described yet."""
    if facts.lock is not None:
        yield from _gone_hosts(facts.lock, hosts)
    untouched = [
        path
        for path, content in facts.hardware.items()
        if content is not None and path in tree and tree[path].content == content
    ]
    for path in untouched:
        message = say("it is as it was created: it says nothing of this machine yet")
        way_out = say(
            "on the machine, run '{command}', and put what it prints there",
            command="nixos-generate-config --no-filesystems --show-hardware-config",
        )
        yield Line("hardware", "flake", "look", path, message, way_out)
    if facts.hardware and not untouched:
        yield Line("hardware", "flake", "ok", "hosts", say("every host's hardware.nix was filled in"))


def _gone_hosts(lock: bytes, hosts: Collection[str]) -> Iterator[Line]:
    try:
        kept = read_lock(lock).hosts
    except MaidanError:
        return  # the manifest's own line says what is wrong with it
    gone = [name for name in sorted(kept) if name not in hosts]
    if gone:
        message = count(
            "it keeps the entries of a host that the manifest does not have: {hosts}",
            "it keeps the entries of hosts that the manifest does not have: {hosts}",
            len(gone), hosts=few(gone),
        )  # fmt: skip
        way_out = say(
            "if their data is gone for good, remove their entries from {file}; else leave them", file=LOCK_FILE
        )
        yield Line("lock-hosts", "flake", "look", LOCK_FILE, message, way_out)
    else:
        yield Line("lock-hosts", "flake", "ok", LOCK_FILE, say("every entry belongs to a host of the manifest"))


def check_plugins(lock: bytes | None, installed: Mapping[str, str]) -> Iterator[Line]:
    """Are the plugins those that planned the flake? `installed` has the version by full name."""
    if lock is None:
        return
    try:
        recorded = read_lock(lock).plugins
    except MaidanError:
        return
    for name, version in sorted(recorded.items()):
        now = installed.get(name)
        if now is None:
            message = say("{plugin} planned this flake, and is not installed", plugin=name)
            yield Line(
                "plugin-version", "machine", "look", name, message, say("install it, or remove it from the manifest")
            )
        elif now != version:
            message = say("version {old} planned this flake, and {new} is installed", old=version, new=now)
            yield Line("plugin-version", "machine", "look", name, message, _READ)
    if all(installed.get(name) == version for name, version in recorded.items()):
        yield Line("plugin-version", "machine", "ok", "plugins", say("plugins are those that planned the flake"))


def check_wanted(facts: FlakeFacts, wanted: Collection[str]) -> Iterator[Line]:
    """Are there encrypted files that nothing reads? `wanted` are the names of secrets, without their ending."""
    unwanted = [name for name in facts.secrets if name.endswith(".age") and name.removesuffix(".age") not in wanted]
    for name in unwanted:
        way_out = say("if what it belonged to is gone for good, delete it; else leave it")
        yield Line("secret-unwanted", "flake", "look", _in_secrets(name), say("nothing reads this secret"), way_out)
    if any(name.endswith(".age") for name in facts.secrets) and not unwanted:
        yield Line("secret-unwanted", "flake", "ok", "secrets", say("every secret is read by something"))


def _encrypted(facts: FlakeFacts) -> Iterator[Line]:
    files = [(name, head) for name, head in facts.secrets.items() if name.endswith(".age")]
    for name, head in files:
        if head is None:
            yield _not_age(name, say("it is not a file that can be read"))
        elif not head:
            yield _not_age(name, say("it is empty: an editor was left without a word"))
        elif not head.startswith(AGE_HEADERS):
            yield _not_age(name, say("it is not encrypted: whoever sees the flake can read it"))
    if files and all(head is not None and head.startswith(AGE_HEADERS) for _, head in files):
        yield Line("secret-encrypted", "flake", "ok", "secrets", say("every secret is encrypted"))


def _not_age(name: str, message: str) -> Line:
    way_out = say(
        "delete it, choose a new secret if this one was ever committed, and write it with 'agenix -e {name}'", name=name
    )
    return Line("secret-encrypted", "flake", "wrong", _in_secrets(name), message, way_out)


def _stray_files(facts: FlakeFacts) -> Iterator[Line]:
    for name in facts.secrets:
        if _in_secrets(name) in facts.keys:
            continue  # that line is graver
        if not name.endswith(".age") and name not in _OURS and not name.startswith(_NOTES):
            message = say("it is not encrypted, and lies among the secrets")
            way_out = say(
                "if it holds a secret, encrypt that, choose a new one, and delete the file; else move it elsewhere"
            )
            yield Line("secret-plain", "flake", "look", _in_secrets(name), message, way_out)


def _keys(facts: FlakeFacts) -> Iterator[Line]:
    for path in facts.keys:
        message = say("it looks like a private key: whoever gets a copy of this folder has it")
        way_out = say("move it to a place of its own; if it was ever committed or pushed, replace it by a new key")
        yield Line("private-key", "flake", "wrong", path, message, way_out)
    if not facts.is_complete:
        message = say("the folder is too large or too deep: not all of it was looked at")
        yield Line("private-key", "flake", "skipped", "flake", message)
    elif not facts.keys:
        yield Line("private-key", "flake", "ok", "flake", say("no private key lies in the folder"))


def _in_secrets(name: str) -> str:
    return f"secrets/{name}"


def state_of(severity: str) -> State:
    """The state of a finding: what stops generation, and what must be done before the first switch, is wrong."""
    return "look" if severity == "advice" else "wrong"
