"""How exposed each unit of the examples is by `systemd-analyze security`, and why some exceed their profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

THRESHOLDS: Final = {"socket": 0.2, "loopback": 0.9, "internet": 1.1, "public": 1.1, "privileged-port": 1.4}
"""What a unit of each profile scores that takes no exception, at most (0.0 is best, 10.0 worst)."""

EXPOSURES: Final[Mapping[str, float]] = {
    "acme-HOST": 0.3,
    "acme-order-renew-HOST": 1.2,
    "acme-setup": 0.2,
    "matrix-synapse": 1.0,
    "matrix-synapse-worker-media": 1.0,
    "matrix-synapse-worker-outgoing": 1.1,
    "nftables": 9.4,
    "nginx": 1.4,
    "postgresql": 0.4,
    "postgresql-create-matrix-synapse": 0.2,
    "postgresql-password-matrix-synapse": 0.2,
    "postgresql-password-vaultwarden": 0.2,
    "postgresql-setup": 0.2,
    "redis-matrix-synapse": 0.2,
    "relay-NAME": 1.0,
    "relayed-5432": 0.2,
    "relayed-PORT": 0.9,
    "sshd": 9.4,
    "vaultwarden": 0.9,
}
"""What each unit scores, exactly, so that a change is seen."""

ALLOWANCES: Final[Mapping[str, str]] = {
    "acme-HOST": "SystemCallFilter= with @chown: hands the certificate to the web server's group",
    "acme-order-renew-HOST": "the same, and netlink, over which the C library finds its addresses",
    "matrix-synapse": "MemoryDenyWriteExecute= off: pyOpenSSL makes callbacks as code in memory",
    "matrix-synapse-worker-media": "the same",
    "postgresql": "PrivateUsers= off: peer authentication asks the kernel for the client's user, and in a user"
    " namespace of its own the server would see nobody for all but itself",
}
"""Why a unit may score worse than its profile."""
