"""The output on disk: compared, protected where it was edited by hand, written by journal.

recover(root)                            # finish or forget an interrupted run
plan = plan_write(root, tree)            # compare; writes nothing
warnings = apply(plan)                   # write, or raise with the old tree intact
"""

from maidan_nix.tree.compare import Change, Mode, Outcome, State
from maidan_nix.tree.diff import diff
from maidan_nix.tree.file import File, Tree
from maidan_nix.tree.recover import Recovery, recover
from maidan_nix.tree.write import apply
from maidan_nix.tree.write_plan import WritePlan, plan_write

__all__ = [
    "Change",
    "File",
    "Mode",
    "Outcome",
    "Recovery",
    "State",
    "Tree",
    "WritePlan",
    "apply",
    "diff",
    "plan_write",
    "recover",
]
