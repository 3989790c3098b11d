"""What the exit codes of every command mean."""

from __future__ import annotations

from collections.abc import Mapping

from maidan_nix.messages import say
from maidan_nix.problems import ExitCode

INTERRUPTED = 130

EXIT_CODES: Mapping[int, str] = {
    ExitCode.DONE: say("Done."),
    ExitCode.FAILED: say("Something failed, and the message says what. Nothing was written by halves."),
    ExitCode.USAGE: say("The command was not called as it wants to be: an unknown option, a missing word."),
    ExitCode.MANIFEST_INVALID: say("The manifest is not valid, or cannot be read."),
    ExitCode.FINDINGS_REFUSE: say("The manifest is valid, and what would follow from it is refused."),
    ExitCode.HAND_EDITS: say("Files that were changed by hand are in the way."),
    ExitCode.OUT_OF_DATE: say("With --check: something would change."),
    INTERRUPTED: say("Interrupted by Ctrl-C."),
}
"""Each exit code with what it means, in a whole sentence."""
