"""The sandbox and the limits of each process."""

from __future__ import annotations

from collections.abc import Iterator

from maidan_nix import api

from . import needs
from .settings import MatrixSettings

_WRITABLE_CODE = api.Exemption(
    "MemoryDenyWriteExecute", False, "pyOpenSSL makes callbacks for TLS as code in memory, through libffi"
)

_MAIN = api.Limits(memory_high="1536M", memory_max="2G", tasks=256, open_files=65536)
_WORKER = api.Limits(memory_high="512M", memory_max="768M", tasks=128, open_files=16384)


def units(context: api.Context[MatrixSettings]) -> Iterator[api.Unit]:
    """The main process and the workers; only those with leave reach the internet."""
    reaching = {need.unit for need in needs.outgoing(context)}
    for name in needs.processes(context):
        yield api.Unit(
            name=name,
            profile="internet" if name in reaching else "loopback",
            exemptions=(_WRITABLE_CODE,),
            limits=_MAIN if name == needs.unit() else _WORKER,
        )
