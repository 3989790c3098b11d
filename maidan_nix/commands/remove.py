"""``maidan-nix remove``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from maidan_nix.commands.completers import complete_plugin
from maidan_nix.commands.console import Console, output_options
from maidan_nix.commands.proposal import EditResult
from maidan_nix.manifest.document import Document
from maidan_nix.messages import count, listed, say
from maidan_nix.problems import ExitCode, MaidanError, Problem

if TYPE_CHECKING:
    from maidan_nix.plan.lock import Lock


class RemoveResult(EditResult):
    """What came of `remove`."""

    plugin: str
    """The full name of the plugin, such as services/wiki."""


@click.command("remove")
@click.argument("name", shell_complete=complete_plugin)
@click.option("--manifest", default="community.toml", type=click.Path(path_type=Path), help="The manifest to edit.")
@click.option("--diff", "only_diff", is_flag=True, help="Show what would change; write nothing.")
@click.option("--yes", is_flag=True, help="Write it without asking.")
@output_options
@click.pass_obj
def command(console: Console, *, name: str, manifest: Path, only_diff: bool, yes: bool) -> None:
    """Remove a service from the manifest, or the section of another plugin.

    NAME is that of a plugin, such as wiki or services/wiki. Its section goes with its reasons and its comments; no
    other line changes. The members' data stays where it is, and what is left to do about it is said.

    With --json: manifest, plugin, changed, written, diff, remarks and problems (what is wrong still, as before).
    """
    with console.reporting():
        from maidan_nix.commands.proposal import Agreement, propose
        from maidan_nix.editing.file import open_manifest
        from maidan_nix.editing.unset import unset_value

        console.manifest = str(manifest)
        opened, document = open_manifest(manifest)
        console.document = document
        full_name = _present(document, name)
        floor, short = full_name.split("/")
        edited = unset_value(document.text, (floor, short))
        remarks = _what_stays(document, full_name, manifest.parent)
        agreement = Agreement(yes, only_diff)
        result = propose(console, opened, document, edited, [(floor, short)], agreement, remarks)
        if console.json:
            console.result({**RemoveResult(**result, plugin=full_name)})


def _present(document: Document, name: str) -> str:
    """The full name of the plugin whose section is meant, whether or not that plugin is still installed."""
    from maidan_nix.contract.plugin import FLOORS
    from maidan_nix.initial.naming import plugin_named
    from maidan_nix.plugins import known

    tables = {floor: document.values.get(floor) for floor in FLOORS}
    present = [f"{floor}/{key}" for floor, table in tables.items() if isinstance(table, Mapping) for key in table]
    try:
        return plugin_named(name, present)
    except MaidanError:
        absent = [each for each in known() if each not in present]
        try:
            wanted = plugin_named(name, absent)
        except MaidanError:
            wanted = ""
        if not wanted:
            raise
    raise MaidanError(_without_section(wanted), ExitCode.USAGE)


def _without_section(plugin: str) -> Problem:
    """Why a plugin that is installed has no section that could be removed."""
    from maidan_nix.plugins import baseline

    if plugin.startswith("services/"):
        message = say("{plugin} is not in the manifest: there is nothing to remove", plugin=plugin)
        return Problem((), message)
    if plugin not in baseline():
        message = say("{plugin} has no section: a host has it by itself where something needs it", plugin=plugin)
        return Problem((), message, hint=say("it goes once nothing needs it"))
    message = say("{plugin} has no section: every host has it by itself", plugin=plugin)
    if not plugin.startswith("hardening/"):
        return Problem((), message)
    hint = say("to do without it: maidan-nix set 'plugins.disable.\"{plugin}\"' REASON", plugin=plugin)
    return Problem((), message, hint=hint)


def _what_stays(document: Document, full_name: str, root: Path) -> list[str]:
    """What removing a section does not remove, and what to do about it."""
    from maidan_nix.plan.lock import LOCK_FILE

    if not full_name.startswith("services/"):
        return [say("{plugin} goes back to its defaults, where a host still has it.", plugin=full_name)]
    lock = _lock(root)
    remarks: list[str] = [_data(lock, full_name)]
    entries = _lock_entries(lock, full_name)
    if entries:
        remarks.append(
            count(
                "{lock} keeps 1 entry of it, so that nobody else is given its data by accident. "
                "Delete the entry once the data is gone.",
                "{lock} keeps {number} entries of it, so that nobody else is given its data by accident. "
                "Delete them once the data is gone.",
                number=entries,
                lock=LOCK_FILE,
            )
        )
    secrets = _secrets(document, full_name, root)
    if secrets:
        remarks.append(say("Its secrets stay: {files}. Delete them once the data is gone.", files=", ".join(secrets)))
    return remarks


def _lock(root: Path) -> Lock:
    from maidan_nix.editing.file import open_file
    from maidan_nix.plan.lock import LOCK_FILE, read_lock

    return read_lock(open_file(root / LOCK_FILE).content)


def _data(lock: Lock, full_name: str) -> str:
    """Where the data of a service stays, as far as the lock knows."""
    kinds = {
        name: {claim.partition(" ")[0] for claim, owner in host.claims.items() if owner == full_name}
        for name, host in lock.hosts.items()
    }
    places = [
        say("databases on {host}", host=name) if "database" in found else say("files on {host}", host=name)
        for name, found in kinds.items()
        if found
    ]
    if len(places) > 1:
        return say(
            "The data of {plugin} stays where it is: {places}. Export or delete it there once nobody needs it.",
            plugin=full_name,
            places=listed(places),
        )
    return say(
        "The data of {plugin} stays on {host}. Export or delete it there once nobody needs it.",
        plugin=full_name,
        host=next((name for name, found in kinds.items() if found), say("its host")),
    )


def _lock_entries(lock: Lock, full_name: str) -> int:
    number = 0
    for host in lock.hosts.values():
        for keys in (host.kept, host.permanent, host.ports):
            number += sum(key.partition(" ")[0] == full_name for key in keys)
        number += sum(owner == full_name for owner in host.claims.values())
    return number


def _secrets(document: Document, full_name: str, root: Path) -> list[str]:
    """The encrypted files that only this plugin asks for; none where the manifest is not right."""
    from maidan_nix.flake_folder import generate_in
    from maidan_nix.plan.secrets import wanted_secrets

    try:
        plan = generate_in(root, document).plan
    except MaidanError:
        return []
    names = [f"secrets/{each.name}.age" for each in wanted_secrets(plan) if each.plugin == full_name]
    return [name for name in names if (root / name).exists()]
