"""What the tests share: a flake, and a made-up nixpkgs in which its host evaluates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluation.made_up import host_tree, recent_nix
from hosts.examples import generated
from maidan_nix.evaluation.hosts import HostEvaluation, Inputs, evaluate_hosts
from maidan_nix.evaluation.working_copy import working_copy
from maidan_nix.plan.secrets import wanted_secrets


@dataclass(frozen=True)
class Evaluator:
    """Evaluates the smallest example in a flake's folder with a nixpkgs."""

    flake: Path
    nixpkgs: Path

    def __call__(self, local: str = "{ }", nixpkgs: Path | None = None) -> HostEvaluation:
        made = generated("minimal")
        own = self.flake / "hosts/shed/local.nix"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(local, "utf-8")
        secrets = [secret.name for secret in wanted_secrets(made.plan)]
        with working_copy(self.flake, made.tree, secrets) as copy:
            [done] = evaluate_hosts(copy, made, ["shed"], Inputs(nixpkgs or self.nixpkgs))
        return done


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("evaluation")
    return host_tree(folder, generated("minimal")), recent_nix(folder)


@pytest.fixture
def with_recent_nix(shared: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(shared[1]), prepend=os.pathsep)


@pytest.fixture
def evaluator(shared: tuple[Path, Path], with_recent_nix: None, tmp_path: Path) -> Evaluator:
    flake = tmp_path / "flake"
    flake.mkdir()
    return Evaluator(flake, shared[0])
