"""Any history of generating, editing by hand and crashing: what is on disk is always what the rules say."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from maidan_nix.problems import ExitCode, MaidanError
from maidan_nix.tree import File, plan_write, recover
from maidan_nix.tree.compare import Mode
from tree.disk import generate, own

PATHS = ("a", "b/c", "b/d/e", "hosts/x/f")
CONTENTS = st.sampled_from((b"", b"1\n", b"2\n", b"3\n"))
FILES = st.builds(File, CONTENTS, ownership=st.sampled_from(("generated", "generated", "once")))
TREES = st.dictionaries(st.sampled_from(PATHS), FILES)
MODES: st.SearchStrategy[Mode] = st.sampled_from(("refuse", "adopt", "overwrite"))


class Histories(RuleBasedStateMachine):
    """`disk` is what should be there; `generated` what was generated last; `adopted` the edits that were kept."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="maidan-history-"))
        self.disk: dict[str, bytes] = {}
        self.generated: dict[str, bytes] = {}
        self.adopted: dict[str, tuple[bytes, bytes]] = {}  # path -> (what would be generated, what is kept)

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @rule(path=st.sampled_from(PATHS), content=CONTENTS)
    def edit(self, path: str, content: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content)
        self.disk[path] = content

    @rule(path=st.sampled_from(PATHS))
    def delete(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)
        self.disk.pop(path, None)

    @rule(tree=TREES, mode=MODES)
    def generate(self, tree: dict[str, File], mode: Mode) -> None:
        edits = self.edits(tree)
        open_edits = {path for path in edits if mode == "overwrite" or not self.settled(path, tree)}
        if mode == "refuse" and open_edits:
            with pytest.raises(MaidanError) as caught:
                generate(self.root, tree, mode=mode)
            assert caught.value.exit_code is ExitCode.HAND_EDITS
            assert {problem.message.split()[0] for problem in caught.value.problems} == open_edits
            return
        generate(self.root, tree, mode=mode)
        kept = edits if mode == "adopt" else edits - open_edits
        self.expect(tree, kept)
        assert plan_write(self.root, tree).up_to_date

    def edits(self, tree: dict[str, File]) -> set[str]:
        """Files on disk that are neither as generated last nor as wanted now."""
        concerned = {path for path, file in tree.items() if file.ownership == "generated"}
        concerned |= self.generated.keys() - tree.keys()
        return {
            path
            for path in concerned & self.disk.keys()
            if self.disk[path] != self.generated.get(path)
            and not (path in tree and self.disk[path] == tree[path].content)
        }

    def settled(self, path: str, tree: dict[str, File]) -> bool:
        return path in tree and self.adopted.get(path) == (tree[path].content, self.disk[path])

    def expect(self, tree: dict[str, File], kept: set[str]) -> None:
        for path in self.generated.keys() - tree.keys() - kept:
            self.disk.pop(path, None)
        for path, file in tree.items():
            if not (path in kept or (file.ownership == "once" and path in self.disk)):
                self.disk[path] = file.content
        self.generated = {path: file.content for path, file in tree.items() if file.ownership == "generated"}
        self.adopted = {path: (tree[path].content, self.disk[path]) for path in kept & tree.keys()}

    @rule()
    def recover(self) -> None:
        assert recover(self.root).state == "clean"

    @invariant()
    def the_disk_is_as_expected(self) -> None:
        assert own(self.root) == self.disk
        assert not (self.root / ".maidan/staging").exists()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
