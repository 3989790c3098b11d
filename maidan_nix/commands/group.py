"""A group of commands that answers a misspelt name with the nearest one."""

from __future__ import annotations

import click


class Group(click.Group):
    """click's group; older releases of click suggest options, but not commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begin with; a usage error when there is none."""
        name = args[0]
        known = self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            from maidan_nix.manifest.wording import quoted
            from maidan_nix.problems import did_you_mean

            hint = did_you_mean(name, known).capitalize() or f"There are: {', '.join(known)}."
            ctx.fail(f"No such command {quoted(name)}. {hint}")
        return super().resolve_command(ctx, args)
