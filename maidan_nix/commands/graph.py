"""``maidan-nix graph``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from maidan_nix.commands.console import Console, output_options

if TYPE_CHECKING:
    from maidan_nix.graph.model import Graph
    from maidan_nix.language import Language


class GraphResult(TypedDict):
    """The result for a program."""

    format: str
    """``svg``, ``mermaid`` or ``text``."""
    path: str
    """The file that was written, as it was named; empty without --out."""
    written: bool
    """Whether a file was written; false where it was the same already, and without --out."""
    drawing: str
    """What --out would hold; empty with --out."""
    graph: dict[str, Any]
    """The graph itself.

    `name`, `domain`; `outside`, the nodes on the internet; `hosts`, each with `name`, `system`, `quiet` and `nodes`;
    `connections`, each with `source`, `target`, `kind`, `at_source`, `at_target`, `sentences`. A node has `id`,
    `host`, `name`, `title`, `column`, `ports`, `sandboxes` and `secrets`.
    """


@click.command("graph")
@click.argument("manifest", default="community.toml", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["svg", "mermaid", "text"]),
    default="svg",
    show_default=True,
    help="A picture, a flowchart for a page on GitHub or GitLab, or sentences.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write to this file instead; it is replaced only if it was drawn by this command.",
)
@click.option("--host", default="", help="Show this host, and whatever it is connected to.")
@output_options
@click.pass_obj
def command(console: Console, *, manifest: Path, form: str, out: Path | None, host: str) -> None:
    """Draw a community: hosts, what runs on them, what connects to what, open ports, zones of trust.

    MANIFEST is ./community.toml unless said; maidan.lock and secrets/public.toml beside it are read, too. The picture
    follows light and dark mode, prints well, and holds the same in sentences for a screen reader; --format text prints
    those sentences alone, in your language. The same community gives the same bytes.

    With --json: format, path, written, drawing and graph (name, domain, outside, hosts, connections).
    """
    with console.reporting():
        from dataclasses import asdict

        from maidan_nix.commands.source import read_and_generate
        from maidan_nix.graph.build import graph_of
        from maidan_nix.language import ENGLISH

        with console.progress() as progress:
            generated = read_and_generate(manifest, None, console, progress).generated
        _known_host(host, list(generated.manifest.hosts))
        graph = graph_of(generated.plan, generated.configured, generated.manifest.community, host)
        drawing = _draw(graph, form, ENGLISH if console.json else console.language)
        written = _write(out, drawing, form) if out is not None else False
        if console.json:
            console.result(
                {
                    **GraphResult(
                        format=form,
                        path="" if out is None else str(out),
                        written=written,
                        drawing="" if out is not None else drawing,
                        graph=asdict(graph),
                    )
                }
            )
        elif out is None:
            for line in drawing.splitlines():
                console.verbatim(line)
        else:
            _report(console, out, written=written)


def _draw(graph: Graph, form: str, language: Language) -> str:
    """Draw in the reader's language; what is in a file for programs is English."""
    from maidan_nix.graph import mermaid, sentences, svg

    if form == "svg":
        return svg.render(graph, language.text, language.code or "en")
    return mermaid.render(graph, language.text) if form == "mermaid" else sentences.render(graph, language.text)


def _known_host(host: str, hosts: list[str]) -> None:
    if host and host not in hosts:
        from maidan_nix.messages import listed, say
        from maidan_nix.problems import ExitCode, MaidanError, Problem, did_you_mean

        message = say("no host is named '{host}'", host=host)
        problem = Problem((), message, say("one of {names}", names=listed(hosts)), did_you_mean(host, hosts))
        raise MaidanError(problem, ExitCode.USAGE)


def _write(out: Path, drawing: str, form: str) -> bool:
    from maidan_nix.atomic_file import write_whole
    from maidan_nix.commands.own_output import FLOWCHART, PICTURE, refuse_foreign, text_of
    from maidan_nix.messages import say

    if form == "svg":
        refuse_foreign(out, PICTURE, say("a picture that this command drew"))
    elif form == "mermaid":
        refuse_foreign(out, FLOWCHART, say("a flowchart that this command drew"))
    else:
        refuse_foreign(out, text_of(drawing), say("a text on this community by this command"))
    return write_whole(out, drawing.encode())


def _report(console: Console, out: Path, *, written: bool) -> None:
    from maidan_nix.messages import say

    if written:
        console.comment(say("{path} was written.", path=str(out)))
    else:
        console.comment(say("{path} is up to date.", path=str(out)))
