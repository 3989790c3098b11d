"""Runs where Synapse is installed: let its own configuration classes read the files, and see which keys they read.

    python read_settings.py homeserver.yaml homeserver.yaml+worker.yaml ...

Synapse ignores a key that it does not know. So the files are handed over as dicts that note what they are asked for; a
key that nobody asks for is unknown. Prints, for each process, a JSON list of the dotted paths of such keys.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Watched(dict[str, Any]):
    """A dict that notes which of its keys were asked for."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__({key: watch(value) for key, value in content.items()})
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        self.asked.add(key)
        return super().get(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().setdefault(key, default)

    # Whoever goes through all keys, as `**` does, reads them all.
    def __iter__(self) -> Iterator[str]:
        self.asked.update(super().keys())
        return super().__iter__()

    def items(self) -> Any:
        self.asked.update(super().keys())
        return super().items()

    def keys(self) -> Any:
        self.asked.update(super().keys())
        return super().keys()

    def unread(self, path: str = "") -> Iterator[str]:
        """The dotted paths of keys that nobody asked for."""
        for key, value in super().items():
            if key not in self.asked:
                yield path + key
            else:
                yield from unread(value, f"{path}{key}.")


def watch(value: Any) -> Any:
    if isinstance(value, dict):
        return Watched(value)
    return [watch(inner) for inner in value] if isinstance(value, list) else value


def unread(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Watched):
        yield from value.unread(path)
    elif isinstance(value, list):
        for inner in value:
            yield from unread(inner, path)


def read(files: list[str]) -> list[str]:
    """Read the files of one process as Synapse does: a later one replaces whole sections of an earlier one."""
    from synapse.config.homeserver import HomeServerConfig  # type: ignore[import-not-found]  # see above

    content: dict[str, Any] = {}
    for name in files:
        content |= json.loads(Path(name).read_text("utf-8"))
    watched = Watched(content)
    HomeServerConfig().parse_config_dict(watched, config_dir_path="/judged", data_dir_path="/judged")
    return sorted(set(watched.unread()))


for process in sys.argv[1:]:
    print(json.dumps(read(process.split("+"))))  # noqa: T201  # a program, which prints
