"""Draw the pictures of README.md: what the commands print, as SVG. Run by hand: .venv/bin/python scripts/pictures.py.

Needs rich, which the development environment has. Questions are answered at a terminal as the tests have it.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
PICTURES = ROOT / "hosts" / "pictures"
WIDTH = 100


def draw(name: str, title: str, commands: list[list[str]], where: Path) -> None:
    """Run commands in a folder and save their output as one terminal picture."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for command in commands:
        console.print(Text("$ maidan-nix " + " ".join(command), style="bold"))
        done = subprocess.run(
            [sys.executable, "-m", "maidan_nix", "--color", *command],
            cwd=where,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        console.print(Text.from_ansi((done.stdout + done.stderr).rstrip()), soft_wrap=False)
    save(console, name, title)


def save(console: Console, name: str, title: str) -> None:
    """Save what a terminal shows as a picture."""
    svg = console.export_svg(title=title)
    # The fonts would be fetched from somebody else's server by whoever looks at the picture.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")
    (PICTURES / f"{name}.svg").write_text(svg, "utf-8")


def draw_init(where: Path) -> None:
    """The first questions of init, one of them answered wrongly."""
    from commands.terminal import CTRL_C, Terminal

    with Terminal("init", cwd=where, columns=WIDTH) as terminal:
        terminal.answer("Name of the community", "Allotment Gardens")
        terminal.answer("Domain", "Allotment Gardens.org")
        terminal.answer("Domain", "example.org")
        terminal.answer("Contact address")
        terminal.asked("Time zone")
        shown = terminal.shown.rpartition("\n\n")[0]
        terminal.type(CTRL_C)
        terminal.end()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ maidan-nix init", style="bold"))
    console.print(Text.from_ansi(shown), soft_wrap=False)
    save(console, "init", "A manifest, by answering")


def draw_graph() -> None:
    """The three hosts of hosts/federation, as 'maidan-nix graph' draws them."""
    manifest = ROOT / "hosts/federation/community.toml"
    picture = PICTURES / "federation.svg"
    command = [sys.executable, "-m", "maidan_nix", "graph", str(manifest), "--out", str(picture)]
    subprocess.run(command, check=True, timeout=60, env={**os.environ, "LC_ALL": "C"})


def main() -> None:
    """Draw them all."""
    PICTURES.mkdir(exist_ok=True)
    draw_graph()
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty"
        empty.mkdir()
        draw_init(empty)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        manifest = (ROOT / "hosts/minimal/community.toml").read_text()
        (where / "community.toml").write_text(manifest)
        draw("generate", "A new flake", [["generate"], ["generate"]], where)
        broken = manifest.replace('domain = "passwords', 'domian = "passwords').replace('"bios"', '"boss"')
        (where / "community.toml").write_text(broken)
        draw("problems", "Every problem at once", [["check"]], where)
        (where / "community.toml").write_text(manifest + "signups = true\n")
        draw("reason", "Looser takes a reason", [["check"]], where)
        opened = manifest + 'signups = true\nreasons.signups = "Ada opens the first account today."\n'
        (where / "community.toml").write_text(opened)
        draw("diff", "What would change", [["generate", "--diff"]], where)


if __name__ == "__main__":
    main()
