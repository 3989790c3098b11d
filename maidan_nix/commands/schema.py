"""``maidan-nix schema``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

import click

from maidan_nix.commands.console import Console, output_options


class SchemaResult(TypedDict):
    """The result for a program, without --out."""

    schema: dict[str, Any]
    """JSON Schema (draft 2020-12) of community.toml."""


class SchemaFileResult(TypedDict):
    """The result for a program, with --out."""

    path: str
    """The file, as it was named."""
    written: bool
    """False where the file was the same already."""


@click.command("schema")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead.")
@output_options
@click.pass_obj
def command(console: Console, *, out: Path | None) -> None:
    """Print the JSON Schema of community.toml.

    The schema covers every section and the settings of every installed plugin. An editor that
    knows it completes keys and explains them. To let an editor find it, write it beside the
    manifest and name it in the manifest's first line:

    \b
      maidan-nix schema --out community.schema.json
      #:schema ./community.schema.json

    Editors with Taplo or Tombi read that line. Run the command again after plugins were
    installed or upgraded. A file that is not such a schema is never replaced.

    With --json: schema; or with --out: path, and written, which is false where the file was
    the same already.
    """  # noqa: D301  # click's own mark for lines that stay as they are
    with console.reporting():
        from maidan_nix.schema import manifest_schema, render_schema

        if out is None:
            if console.json:
                console.result({**SchemaResult(schema=manifest_schema())})
            else:
                for line in render_schema().decode().splitlines():
                    console.verbatim(line)
            return
        from maidan_nix.atomic_file import write_whole
        from maidan_nix.commands.own_output import SCHEMA, refuse_foreign
        from maidan_nix.messages import say

        refuse_foreign(out, SCHEMA, say("a schema of community.toml"))
        written = write_whole(out, render_schema())
        if console.json:
            console.result({**SchemaFileResult(path=str(out), written=written)})
        elif written:
            console.line(say("{path} was written.", path=str(out)))
        else:
            console.line(say("{path} is up to date.", path=str(out)))
