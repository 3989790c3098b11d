"""Does git know the flake? A flake in a repository consists of what git tracks, and of nothing else."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping

from maidan_nix.diagnosis.git_facts import GitFacts
from maidan_nix.diagnosis.line import Line
from maidan_nix.diagnosis.words import few
from maidan_nix.messages import count, say

_SUBJECTS: Mapping[str, str] = {
    "git-tracked": say("tracked files"),
    "git-secrets": say("secrets in git"),
    "git-committed": say("uncommitted changes"),
    "git-remote": say("another place for the repository"),
    "git-pushed": say("commits to push"),
}
"""What was to be looked at by the checks that need a repository."""


def check_git(
    facts: GitFacts, generated: Collection[str] | None, secrets: Collection[str], place: str
) -> Iterator[Line]:
    """Look at a flake's repository.

    `generated` are the paths of the flake's files that are on disk, None where the manifest does not say which those
    are; `secrets` are the paths of encrypted files, `place` is the folder of the flake.
    """
    if facts.trouble:
        yield from _trouble(facts, place)
        return
    yield Line("git-repository", "git", "ok", "git", say("the flake lies in a git repository"))
    if generated is None:
        message = say("not looked at: the manifest does not say which files the flake has")
        yield Line("git-tracked", "git", "skipped", "flake", message)
    else:
        yield from _tracked("git-tracked", "flake", sorted(set(generated) - facts.tracked))
    if secrets:
        yield from _tracked("git-secrets", "secrets", sorted(set(secrets) - facts.tracked))
    if facts.changed or not facts.has_commit:
        if facts.has_commit:
            message = count(
                "1 file differs from the last commit: {files}", "{number} files differ from the last commit: {files}",
                len(facts.changed), files=few(facts.changed),
            )  # fmt: skip
            way_out = say("read '{diff}', and commit what is right", diff="git diff HEAD")
        else:
            message = say("nothing was committed yet")
            way_out = say("run '{first}' and '{second}'", first="git add --all", second="git commit")
        yield Line("git-committed", "git", "look", "git", message, way_out)
    else:
        yield Line("git-committed", "git", "ok", "git", say("everything that is tracked is committed"))
    yield from _remote(facts)


def _trouble(facts: GitFacts, place: str) -> Iterator[Line]:
    if facts.trouble == "none":
        message = say("the flake is in no git repository: nobody can see what changed, or go back")
        way_out = say("in {place}, run '{first}' and '{second}'", place=place, first="git init", second="git add .")
        yield Line("git-repository", "git", "look", "git", message, way_out)
        return
    if facts.trouble == "owner":
        message = say("the repository belongs to another user, and git refuses to read it")
        way_out = say(
            "run this as its owner, or if you trust everyone who can write there: '{command}'",
            command=f"git config --global --add safe.directory {shlex.quote(place)}",
        )
        yield Line("git-repository", "git", "look", "git", message, way_out)
        reason = say("not looked at: git refuses a repository of another user")
    elif facts.trouble == "missing":
        reason = say("not looked at: git is missing")
        yield Line("git-repository", "git", "skipped", "git", reason)
    else:
        reason = say("not looked at: git failed ({reason})", reason=facts.said)
        yield Line("git-repository", "git", "skipped", "git", reason)
    for id_, subject in _SUBJECTS.items():
        yield Line(id_, "git", "skipped", subject, reason)


def _tracked(id_: str, subject: str, missing: list[str]) -> Iterator[Line]:
    if missing:
        message = count(
            "1 file is not known to git, so the flake does not have it: {files}",
            "{number} files are not known to git, so the flake does not have them: {files}",
            len(missing), files=few(missing),
        )  # fmt: skip
        command = "git add secrets" if subject == "secrets" else "git add ."
        yield Line(id_, "git", "wrong", subject, message, say("run '{command}'", command=command))
    elif subject == "secrets":
        yield Line(id_, "git", "ok", subject, say("git knows every secret's encrypted file"))
    else:
        yield Line(id_, "git", "ok", subject, say("git knows every file of the flake"))


def _remote(facts: GitFacts) -> Iterator[Line]:
    if not facts.remotes:
        message = say("the repository is on this machine alone: if its disk fails, the flake is gone")
        way_out = say("add a private place for it: '{command}'", command="git remote add origin URL")
        yield Line("git-remote", "git", "look", "git", message, way_out)
        return
    yield Line("git-remote", "git", "ok", "git", say("the repository has another place to be pushed to"))
    if facts.ahead is None:
        message = say("not looked at: the branch follows none of another place")
        yield Line("git-pushed", "git", "skipped", "git", message)
    elif facts.ahead:
        message = count("1 commit was not pushed", "{number} commits were not pushed", facts.ahead)
        yield Line("git-pushed", "git", "look", "git", message, say("run '{command}'", command="git push"))
    else:
        yield Line("git-pushed", "git", "ok", "git", say("every commit was pushed"))
