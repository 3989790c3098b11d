"""Socket units, from the options that a plugin sets below ``systemd.sockets``.

Follows nixos/lib/systemd-unit-options.nix and systemd-lib.nix of nixpkgs 4aa6836a.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_KNOWN = {"description", "wantedBy", "listenStreams", "socketConfig"}


def socket_text(options: Mapping[str, Any]) -> str:
    """Return the text of one unit, from the options of ``systemd.sockets.NAME`` as plain data."""
    assert set(options) <= _KNOWN, f"the composition does not know {sorted(set(options) - _KNOWN)}"
    lines = [
        "[Unit]",
        f"Description={options['description']}",
        "[Socket]",
        *(f"ListenStream={each}" for each in options["listenStreams"]),
        *_directives(options["socketConfig"]),
        "[Install]",
        f"WantedBy={' '.join(options['wantedBy'])}",
    ]
    return "\n".join(lines) + "\n"


def _directives(section: Mapping[str, Any]) -> Iterator[str]:
    for directive, value in section.items():
        for each in value if isinstance(value, list) else [value]:
            yield f"{directive}={str(each).lower() if isinstance(each, bool) else each}"
