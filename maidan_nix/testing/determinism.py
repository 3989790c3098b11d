"""The same manifest gives the same bytes: a second time, with its tables in another order, in another process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from maidan_nix.generation import Generated
from maidan_nix.messages import say
from maidan_nix.problems import MaidanError, Problem
from maidan_nix.testing.example import example_document, reordered, trying
from maidan_nix.testing.subject import Subject

_SEEDS = ("1", "2", "3")
"""Of PYTHONHASHSEED: each puts the members of sets into an order of its own."""
_PROGRAM = "from maidan_nix.testing.determinism import main; main()"

Digests: TypeAlias = Mapping[str, str]
"""The checksum of each file, by path."""


def determinism(subject: Subject) -> Iterator[Problem]:
    """Reviews and updates compare files: what changes by itself hides what was changed."""
    document = example_document(subject.plugin)
    first = digests(subject.by_preset["strict"])
    try:
        again = digests(subject.generate(document))
        turned = digests(subject.generate(reordered(document)))
    except MaidanError as error:
        yield from error.problems
        return
    unsteady = _differing(first, again)
    for path in unsteady:
        yield subject.problem(say("{path} comes out differently the second time", path=path))
    for path in _differing(again, turned):
        if path not in unsteady:
            message = say("{path} comes out differently when the manifest has its lines in another order", path=path)
            yield subject.problem(message, hint=say("sort what has no order of its own"))
    others = subject.elsewhere
    if any(not other for other in others):
        yield subject.problem(say("it cannot be generated in another process, though it can in this one"))
        return
    for path in sorted({path for other in others for path in _differing(again, other)}.difference(unsteady)):
        message = say("{path} comes out differently in another process", path=path)
        yield subject.problem(message, hint=say("sort what comes out of a set"))


def digests(generated: Generated) -> Digests:
    """Return the checksum of each file that a plugin can have a part in."""
    files = ((path, file) for path, file in sorted(generated.tree.items()) if not path.startswith("modules/"))
    return {path: hashlib.sha256(file.content).hexdigest() for path, file in files}


def _differing(one: Digests, other: Digests) -> list[str]:
    return [path for path in sorted(one.keys() | other.keys()) if one.get(path) != other.get(path)]


def digests_elsewhere(names: Iterable[str], added: Path | None) -> Mapping[str, tuple[Digests, ...]]:
    """Return the checksums that other processes come to, each with a hash seed of its own, by plugin.

    They are empty where a plugin fails. `added` is the place of plugins that are not installed.
    """
    asked = {"names": list(names), "added": str(added) if added else "", "path": sys.path}
    with ExitStack() as stack:
        running = [stack.enter_context(_process(seed)) for seed in _SEEDS]
        for process in running:  # all of them start before the first is waited for
            assert process.stdin  # noqa: S101  # it is a pipe
            process.stdin.write(json.dumps(asked).encode())
            process.stdin.close()
        answers = [_answer(process) for process in running]
    return {name: tuple(answer.get(name, {}) for answer in answers) for name in asked["names"]}


@contextmanager
def _process(seed: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _answer(process: subprocess.Popen[bytes]) -> Mapping[str, Digests]:
    assert process.stdout  # noqa: S101  # it is a pipe
    try:
        answer: Mapping[str, Digests] = json.loads(process.stdout.read())
    except ValueError:
        return {}
    return answer


def main() -> None:
    """Print the checksums of the examples of plugins as JSON: the program of another process."""
    from maidan_nix.plugins import load
    from maidan_nix.testing.places import add_place

    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever plugins print is no part of the answer
    asked = json.loads(sys.stdin.read())
    sys.path[:] = asked["path"]
    found: dict[str, Digests] = {}
    with suppress(MaidanError):
        if asked["added"]:
            add_place(Path(asked["added"]))
    for name in asked["names"]:
        with suppress(MaidanError, ValueError):
            plugin = load(name)
            with trying(plugin) as generate:
                found[name] = digests(generate(example_document(plugin)))
    with answer:
        json.dump(found, answer)
