"""Draw the pictures of README.md: what the commands print, as SVG. Run by hand: .venv/bin/python scripts/pictures.py.

Needs rich, which the development environment has.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
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
    svg = console.export_svg(title=title)
    # The fonts would be fetched from somebody else's server by whoever looks at the picture.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")
    (PICTURES / f"{name}.svg").write_text(svg, "utf-8")


def main() -> None:
    """Draw them all."""
    PICTURES.mkdir(exist_ok=True)
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
