"""``maidan-nix`` and ``python -m maidan_nix``."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line as the whole of this process. The first imports take long enough to be interrupted, too."""
    # A run is short, keeps nearly all that it makes, and makes hardly a cycle. Looking for cycles again and again while
    # what is kept grows, and at the end taking it apart object by object, cost a quarter of the time and free nothing.
    gc.disable()
    try:
        from maidan_nix.commands import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
