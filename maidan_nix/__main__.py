"""``maidan-nix`` and ``python -m maidan_nix``."""

import gc
import os
import sys


def _leave_the_working_directory() -> None:
    """Take the working directory, which ``python -m`` puts there, from the places where modules are looked for.

    It is a community's folder, perhaps cloned from somebody else: nothing in it is code to run. The installed command
    and ``python -P`` never look there.
    """
    try:
        if sys.path[0] in ("", os.getcwd()):  # noqa: PTH109  # pathlib is a file, which could be looked for there
            del sys.path[0]
    except FileNotFoundError:  # it was removed, and Python has left it out by itself
        pass


# Before anything is imported but what is part of the interpreter, as the three modules above are.
if __name__ == "__main__" and not sys.flags.safe_path:
    _leave_the_working_directory()


def main() -> None:
    """Run the command line as the whole of this process. The first imports take long enough to be interrupted, too."""
    # A run is short, keeps nearly all that it makes, and makes hardly a cycle. Looking for garbage again and again as
    # what is kept grows, and at the end taking all of it apart piece by piece, would cost a sixth of the time.
    gc.disable()
    try:
        from maidan_nix.commands import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # exit handlers run and outputs are flushed as ever; memory goes with the process


if __name__ == "__main__":
    main()
