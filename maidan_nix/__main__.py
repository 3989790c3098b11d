"""``maidan-nix`` and ``python -m maidan_nix``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. The first import of click takes long enough to be interrupted, too."""
    try:
        from maidan_nix.commands import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
