"""Completion in the shell: click's own scripts, and where each shell looks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from click.shell_completion import ShellComplete, get_completion_class

from maidan_nix.atomic_file import write_whole
from maidan_nix.messages import say
from maidan_nix.problems import ExitCode, MaidanError, Problem

PROGRAM = "maidan-nix"
_VARIABLE = "_MAIDAN_NIX_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


@dataclass(frozen=True, slots=True)
class Installed:
    """A script that is in its place. `still_to_do` are lines for the person's own start-up file of the shell."""

    shell: str
    path: Path
    written: bool
    still_to_do: tuple[str, ...]

    def sentences(self) -> Iterator[str]:
        """What happened, and what is left to do."""
        path = str(self.path)
        yield say("{path} was written.", path=path) if self.written else say("{path} is up to date.", path=path)
        if self.shell == "bash":
            yield say("Every bash that you start from now on reads it, where the package bash-completion is installed.")
        elif not self.still_to_do:
            yield say("Every {shell} that you start from now on reads it.", shell=self.shell)
        if not self.still_to_do:
            return
        yield say(
            "zsh does not look there by itself. Add these lines to your .zshrc, before any other line with compinit:"
        )
        yield from (f"  {line}" for line in self.still_to_do)


def script(shell: str) -> str:
    """Return the script that makes a shell of `SHELLS` complete the program's words."""
    kind = get_completion_class(shell)
    if kind is None:
        raise ValueError(f"click has no completion for {shell}")
    # The base class: the one for bash runs a bash first, to look at its version.
    return ShellComplete.source(kind(click.Command(PROGRAM), {}, PROGRAM, _VARIABLE)).strip() + "\n"


def chosen_shell(environment: Mapping[str, str]) -> str:
    """The shell that a person uses, by the variable SHELL. Raises MaidanError (USAGE) for another or none."""
    name = Path(environment.get("SHELL", "")).name
    if name in SHELLS:
        return name
    message = say("the variable SHELL names '{name}', which cannot be completed here", name=name) if name else (
        "the variable SHELL is not set"
    )  # fmt: skip
    hint = "name the shell: maidan-nix completion install bash"
    raise MaidanError(Problem((), message, "bash, zsh or fish", hint), ExitCode.USAGE)


def install_script(shell: str, environment: Mapping[str, str]) -> Installed:
    """Write the script of a shell where it looks for a person's own. Raises MaidanError, or OSError as it comes."""
    path = _place(shell, environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = write_whole(path, script(shell).encode())
    return Installed(shell, path, written, tuple(_still_to_do(shell, path, environment)))


def _place(shell: str, environment: Mapping[str, str]) -> Path:
    """Where the manuals of the shells and of bash-completion say that a person's own completions belong."""
    data = _folder(environment, "XDG_DATA_HOME", ".local/share")
    if shell == "bash":
        own = environment.get("BASH_COMPLETION_USER_DIR", "").partition(":")[0]
        return (Path(own) if own.startswith("/") else data / "bash-completion") / "completions" / PROGRAM
    if shell == "fish":
        return _folder(environment, "XDG_CONFIG_HOME", ".config") / "fish" / "completions" / f"{PROGRAM}.fish"
    return data / "zsh" / "site-functions" / f"_{PROGRAM}"


def _folder(environment: Mapping[str, str], variable: str, below_home: str) -> Path:
    chosen = environment.get(variable, "")
    if chosen.startswith("/"):  # the XDG specification has others ignored
        return Path(chosen)
    home = environment.get("HOME", "")
    if not home.startswith("/"):
        hint = say("set HOME or {variable} to a folder", variable=variable)
        raise MaidanError(Problem((), "there is no home folder to install into", hint=hint))
    return Path(home) / below_home


def _still_to_do(shell: str, path: Path, environment: Mapping[str, str]) -> Iterator[str]:
    if shell == "zsh" and str(path.parent) not in environment.get("FPATH", "").split(":"):
        import shlex

        yield f"fpath+=({shlex.quote(str(path.parent))})"
        yield "autoload -Uz compinit && compinit"
