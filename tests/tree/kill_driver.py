"""Kills a run at every step of its way and reports what became of the tree; started by test_kill.py.

A program of its own: it forks, which a test process with threads must not. A child is killed by leaving it at once,
with no clean-up whatsoever, right before its n-th system call that has an effect; a write is cut in half.

    python kill_driver.py SCENARIO DIRECTORY [SECOND]

With SECOND, the recovery of each SECOND-th killed run is killed at every step too. Prints a JSON object.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maidan_nix.tree import recover
from maidan_nix.tree.journal import IDLE
from tree.disk import directories_of, files_of, generate, wrap_effects
from tree.scenarios import SCENARIOS

KILLED = 42


def killed(step: int, action: Callable[[], object]) -> bool:
    """Run `action` in a child that dies right before its effect number `step`; whether it got that far."""
    child = os.fork()
    if child == 0:
        _die_at(step)
        try:
            action()
        except BaseException as error:  # noqa: BLE001 - the child must not return into the parent's code
            sys.stderr.write(f"the child failed: {error!r}\n")
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, KILLED):
        raise SystemExit(f"step {step}: exit status {status}")
    return status == KILLED


def _die_at(step: int) -> None:
    count = 0
    write = os.write

    def before(name: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if count == step:
            if name == "write":
                write(arguments[0], arguments[1][: len(arguments[1]) // 2])
            os._exit(KILLED)
        count += 1

    wrap_effects(before, lambda name, call: setattr(os, name, call))


class Story:
    """One scenario: from which tree to which, and what was seen."""

    def __init__(self, name: str, base: Path) -> None:
        self.first, self.wanted = SCENARIOS[name]
        self.old_root, new_root, self.root = base / "old", base / "new", base / "killed"
        if self.first is not None:
            generate(self.old_root, self.first)
            shutil.copytree(self.old_root, new_root)
        generate(new_root, self.wanted)
        self.old = self.look(self.old_root)
        self.new = self.look(new_root)
        self.seen = {"old": 0, "new": 0, "refused": 0}
        self.failures: list[str] = []

    @staticmethod
    def look(root: Path) -> tuple[dict[str, bytes], set[str]]:
        return files_of(root), directories_of(root)

    def reset(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        if self.old_root.exists():
            shutil.copytree(self.old_root, self.root)

    def write(self) -> None:
        generate(self.root, self.wanted)

    def recover(self) -> None:
        recover(self.root)

    def check_unused(self, where: str) -> None:
        """What the flake would evaluate right now must be the old tree or the new one, or nothing."""
        files, _ = self.look(self.root)
        used = {path: content for path, content in files.items() if not path.startswith(".maidan/staging/")}
        if used.get(".maidan/journal.json", IDLE) != IDLE:
            self.seen["refused"] += 1
        elif used not in (self.old[0], self.new[0]):
            self.failures.append(f"{where}: a mixed tree would be used: {sorted(used)}")

    def check_recovered(self, where: str) -> None:
        state = recover(self.root).state
        now = self.look(self.root)
        if now not in (self.old, self.new):
            self.failures.append(f"{where}: {state}, but neither old nor new: {sorted(now[0])} {sorted(now[1])}")
        elif recover(self.root).state != "clean":
            self.failures.append(f"{where}: recovering twice differs")
        else:
            self.seen["new" if now == self.new else "old"] += 1
        self.write()
        if self.look(self.root) != self.new:
            self.failures.append(f"{where}: the next run did not reach the new tree")


def tell(story: Story, second: int) -> int:
    step = 0
    while True:
        story.reset()
        if not killed(step, story.write):
            return step
        story.check_unused(f"step {step}")
        if second and step % second == 0:
            kept = story.root.with_name("kept")
            shutil.rmtree(kept, ignore_errors=True)
            if story.root.exists():
                shutil.copytree(story.root, kept)
            again = 0
            while killed(again, story.recover):
                story.check_unused(f"step {step}, recovery {again}")
                story.check_recovered(f"step {step}, recovery {again}")
                shutil.rmtree(story.root)
                shutil.copytree(kept, story.root)
                again += 1
        else:
            story.check_recovered(f"step {step}")
        step += 1


def main() -> None:
    name, base, *second = sys.argv[1:]
    story = Story(name, Path(base))
    steps = tell(story, int(second[0]) if second else 0)
    json.dump({"steps": steps, "seen": story.seen, "failures": story.failures}, sys.stdout)


if __name__ == "__main__":
    main()
