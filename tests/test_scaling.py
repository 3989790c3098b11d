"""What a host costs does not depend on how many there are.

Calls are counted, which gives the same number on every machine; time would see the one thing that counting cannot, a
single call that takes longer and longer, and is compared with much room, as other programs run beside the tests.
"""

from __future__ import annotations

import gc
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import tomlkit

from maidan_nix.generation import Generated, generate
from maidan_nix.manifest.document import Document, parse_document
from maidan_nix.tree import apply, plan_write

MINIMAL = Path(__file__).parents[1] / "hosts/minimal/community.toml"


@cache
def document(hosts: int) -> Document:
    """The smallest example with its host that many times."""
    values: dict[str, Any] = tomllib.loads(MINIMAL.read_text("utf-8"))
    ((name, host),) = values["hosts"].items()
    values["hosts"] |= {f"{name}{number}": host for number in range(1, hosts)}
    for service in values["services"].values():
        service["host"] = name
    return parse_document(tomlkit.dumps(values).encode(), "community.toml")


def generated(hosts: int) -> Generated:
    return generate(document(hosts), lock=None, public=None)


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, those written in C included."""
    count = 0

    def notice(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(notice)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@contextmanager
def without_collector() -> Iterator[None]:
    """As a command runs: see `maidan_nix.__main__`."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def growth(cost: Callable[[int], float], few: int, some: int, many: int) -> float:
    """What one more costs between `some` and `many`, against `few` and `some`."""
    least, middle, most = cost(few), cost(some), cost(many)
    return (most - middle) / (many - some) / ((middle - least) / (some - few))


def test_generating_takes_as_many_calls_for_each_further_host() -> None:
    def counted(hosts: int) -> int:
        document(hosts)  # making it is not what is measured
        return calls(lambda: generated(hosts))

    counted(2)  # what is done once and remembered
    assert 0.995 < growth(counted, 4, 16, 64) < 1.005


def test_writing_takes_as_many_calls_for_each_further_host(tmp_path: Path) -> None:
    def written(hosts: int) -> int:
        root, tree = tmp_path / str(hosts), generated(hosts).tree
        cold = calls(lambda: apply(plan_write(root, tree)))
        again = calls(lambda: apply(plan_write(root, tree)))
        assert plan_write(root, tree).up_to_date
        return cold + again

    written(2)
    assert 0.995 < growth(written, 3, 9, 27) < 1.005


def test_generating_takes_about_as_long_for_each_further_host() -> None:
    def seconds(hosts: int) -> float:
        document(hosts)  # making it is not what is measured
        taken = []
        for _ in range(max(2, 200 // hosts)):  # the shorter a run, the more easily it is disturbed
            with without_collector():
                begin = time.process_time()
                generated(hosts)
                taken.append(time.process_time() - begin)
        return min(taken)

    seconds(2)
    assert growth(seconds, 10, 40, 500) < 1.3
