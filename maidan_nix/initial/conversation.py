"""The questions of `init`, in their order. What has an answer already is not asked again."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maidan_nix.editing.judgement import near, problems_of_settings
from maidan_nix.editing.values import with_value
from maidan_nix.initial import machine
from maidan_nix.initial.interview import Interview, host_question
from maidan_nix.initial.machine import PublicKey, public_keys, read_key_file
from maidan_nix.initial.naming import plugin_named
from maidan_nix.initial.setting import required
from maidan_nix.manifest.schema import Boot, Community, Disk, Host, Network, Privacy, Steward, secret_recipients
from maidan_nix.manifest.setting_info import PRESETS, Preset
from maidan_nix.manifest.settings import infos
from maidan_nix.manifest.wording import quoted
from maidan_nix.messages import count, phrase, say
from maidan_nix.places import unknown_locale, unknown_time_zone
from maidan_nix.plugins import known, load
from maidan_nix.problems import KeyPath, MaidanError, Problem

_SERVICES = "services/"
_OUTSIDE: Mapping[str, str] = {
    "none": say("services talk to no server outside"),
    "listed": say("services talk outside to the servers that you list, and to no other"),
    "open": say("services talk to every server outside"),
}


def converse(interview: Interview, *, everything: bool) -> None:
    """Ask for what is missing. `everything`: also for what has a default and is worth a thought at the beginning."""
    _community(interview, everything=everything)
    if not interview.values.get("stewards"):
        _stewards(interview)
    if everything:
        _preset(interview)
        if "services" not in interview.values:
            _services(interview)
    _machine(interview, everything=everything)
    _settings_of_services(interview)


def _community(interview: Interview, *, everything: bool) -> None:
    path = "community"
    interview.setting((path, "name"), Community, say("Name of the community"))
    interview.setting((path, "domain"), Community, say("Domain of the community"))
    domain = interview.values["community"]["domain"]
    interview.setting((path, "contact"), Community, say("Contact address"), default=f"stewards@{domain}")
    if everything:
        zone = machine.time_zone(os.environ.get("TZ"))
        zone = zone if zone and not unknown_time_zone(zone) else "UTC"
        interview.setting((path, "time_zone"), Community, say("Time zone"), default=zone, also=unknown_time_zone)
        spoken = machine.locale(os.environ.get("LC_ALL"), os.environ.get("LANG"))
        spoken = spoken if spoken and not unknown_locale(spoken) else "en_US.UTF-8"
        interview.setting((path, "locale"), Community, say("Locale"), default=spoken, also=unknown_locale)


def _stewards(interview: Interview) -> None:
    interview.asks.explain(
        "",
        say(
            "Stewards have an account on every host. They log in with SSH keys, "
            "and these decrypt the community's secrets."
        ),
        say("Name two at least, if you can: then one can help while the other cannot be reached."),
    )
    proposed: str | None = machine.user_name(os.environ.get("SUDO_USER"), os.environ.get("USER")) or None
    _steward(
        interview, interview.asks.ask(say("Account name"), lambda name: _account(interview, name), default=proposed)
    )
    while interview.asks.yes(say("Is there another steward?"), default=False):
        _steward(interview, interview.asks.ask(say("Account name"), lambda name: _account(interview, name)))


def _account(interview: Interview, name: str) -> str:
    path = ("stewards", name)
    if interview.has(*path):
        raise MaidanError(Problem((), say("there is a steward {name} already", name=quoted(name))))
    found = near(problems_of_settings(with_value(interview.values, path, {"ssh_keys": []})), (*path, "name"))
    if found:
        raise MaidanError(found)
    return name


def _steward(interview: Interview, name: str) -> None:
    """Ask for one steward's keys. A steward is taken as a whole: without keys nobody can log in."""
    found = public_keys(_home() / ".ssh")
    interview.asks.explain(
        "",
        say("The public SSH keys of {name}, each from its .pub file. Private keys are never read.", name=name),
    )
    for number, key in enumerate(found, 1):
        interview.asks.explain(
            say(
                "{number}: {kind} {comment} ({file})",
                number=number,
                kind=key.kind,
                comment=key.comment,
                file=f"~/.ssh/{key.file.name}",
            )
        )
    if found:
        interview.asks.explain(say("Answer with numbers from this list, the path of a .pub file, or the key itself."))
    else:
        interview.asks.explain(say("Answer with the path of a .pub file, or with the key itself."))
    lines = interview.asks.ask(say("Keys of {name}", name=name), lambda word: _keys(interview, name, word, found))
    table: dict[str, Any] = {"ssh_keys": lines}
    if not secret_recipients(Steward(name=name, ssh_keys=tuple(lines))):
        interview.asks.explain(
            "",
            say(
                "No secret can be encrypted to these keys, which sign in hardware. "
                "An age recipient can decrypt instead: "
                "'age-keygen' makes one."
            ),
        )
        path = ("stewards", name)
        table["age_recipients"] = interview.asks.ask(
            say("Age recipient of {name}", name=name), lambda word: _recipients(interview, path, table, word)
        )
    interview.take(("stewards", name), table)


def _keys(interview: Interview, name: str, word: str, found: list[PublicKey]) -> list[str]:
    numbers = word.replace(",", " ").split()
    if found and all(each.isascii() and each.isdigit() for each in numbers):
        wrong = [each for each in numbers if len(each) > 9 or not 1 <= int(each) <= len(found)]
        if wrong:
            expected = say("a number from 1 to {most}", most=len(found))
            raise MaidanError(Problem((), say("there is no key {number}", number=wrong[0]), expected))
        lines = [found[int(each) - 1].line for each in dict.fromkeys(numbers)]
    elif " " not in word and ("/" in word or word.endswith(".pub")):
        lines = read_key_file(Path(word))
    else:
        lines = [word]
    path = ("stewards", name, "ssh_keys")
    tree = with_value(interview.values, path, lines)
    problems = [each for each in near(problems_of_settings(tree), path) if len(each.path) > len(path)]
    if problems:
        raise MaidanError(problems)
    return lines


def _recipients(interview: Interview, path: KeyPath, table: Mapping[str, Any], word: str) -> list[str]:
    recipients = word.replace(",", " ").split()
    tree = with_value(interview.values, path, {**table, "age_recipients": recipients})
    problems = near(problems_of_settings(tree), path)
    if problems:
        raise MaidanError(problems)
    return recipients


def _preset(interview: Interview) -> None:
    meanings: list[str] = [preset_in_words(preset) for preset in PRESETS]
    meanings.append(say("Services follow it too. A single setting can be looser later, with a reason."))
    interview.setting(("privacy", "preset"), Privacy, say("Privacy preset"), default="strict", more=meanings)


def preset_in_words(preset: Preset) -> str:
    """What a privacy preset means, in a sentence."""
    values = {name: str(info.presets.value(preset)) for name, info in infos(Privacy).items() if info.presets}
    return say(
        "{preset}: {outside}; system logs are kept for {logs}, messages for {messages}.",
        preset=preset,
        outside=phrase(_OUTSIDE[values["federation"]]),
        logs=_time(values["log_retention"]),
        messages=_time(values["message_retention"]),
    )


def _time(duration: str) -> str:
    days = duration.removesuffix("d")
    return count("1 day", "{number} days", number=int(days)) if days.isdecimal() else duration


def _services(interview: Interview) -> None:
    names = [name for name in known() if name.startswith(_SERVICES)]
    interview.asks.explain("", say("Services to run. More can be added later with 'maidan-nix add'."))
    for number, name in enumerate(names, 1):
        plugin = load(name)
        interview.asks.explain(
            say(
                "{number}: {name} ({title}): {summary}.",
                number=number,
                name=name.removeprefix(_SERVICES),
                title=plugin.title,
                summary=phrase(plugin.summary),
            ),
            plugin=name,
        )
    interview.asks.explain(say("Answer with numbers or names, with spaces between them; or 'none'."))
    for name in interview.asks.ask(say("Services"), lambda word: _chosen(word, names), default="none"):
        interview.take(("services", name.removeprefix(_SERVICES)), {})


def _chosen(word: str, names: list[str]) -> list[str]:
    if word.lower() == "none":
        return []
    chosen = []
    for each in word.replace(",", " ").split():
        if each.isascii() and each.isdigit() and len(each) < 9 and 1 <= int(each) <= len(names):
            chosen.append(names[int(each) - 1])
        else:
            chosen.append(plugin_named(each, names))
    return list(dict.fromkeys(chosen))


def _settings_of_services(interview: Interview) -> None:
    services = interview.values.get("services")
    for name in services if isinstance(services, Mapping) else ():
        if f"{_SERVICES}{name}" not in known():
            continue
        plugin = load(f"{_SERVICES}{name}")
        host_question(interview, ("services", name))
        for each in required(plugin.settings):
            question = say("{title}: {setting}", title=plugin.title, setting=each)
            interview.setting(("services", name, each), plugin.settings, question)


def _machine(interview: Interview, *, everything: bool) -> None:
    hosts = interview.values.get("hosts")
    if not hosts:
        interview.asks.explain("", say("The machine that all this runs on."))
        _host_name(interview)
    hosts = interview.values["hosts"]
    if not isinstance(hosts, Mapping):
        return
    for name in hosts:
        lacks = any(not interview.has("hosts", name, *path) for path in (("disk", "device"), ("network", "interface")))
        if lacks or everything:
            _one_machine(interview, name, everything=everything)


def _host_name(interview: Interview) -> None:
    def check(name: str) -> str:
        path = ("hosts", name)
        found = near(problems_of_settings(with_value(interview.values, path, {})), (*path, "name"))
        if found:
            raise MaidanError(found)
        return name

    interview.asks.explain(say("Its name: a single word, which is in every prompt and log."))
    interview.take(("hosts", interview.asks.ask(say("Name of the machine"), check, default="main")), {})


def _one_machine(interview: Interview, name: str, *, everything: bool) -> None:
    path = ("hosts", name)
    wanted = [
        ("disk", "device"),
        ("network", "interface"),
        *([("system",), ("boot", "firmware")] if everything else []),
    ]
    here = False
    if not all(interview.has(*path, *each) for each in wanted):
        interview.asks.explain(
            "", say("On the very machine that will be the server, its disks and interfaces can be listed.")
        )
        here = interview.asks.yes(say("Is {name} the machine you are typing on?", name=name), default=False)
    if everything:
        kind = machine.system(platform.machine()) if here else ""
        interview.setting((*path, "system"), Host, say("Processor"), default=kind or "x86_64-linux")
        interview.setting(
            (*path, "boot", "firmware"), Boot, say("Firmware"), default=machine.firmware() if here else "uefi"
        )
    _disk(interview, (*path, "disk", "device"), here=here)
    cards = machine.interfaces() if here else []
    more = [say("This machine has {interfaces}.", interfaces=", ".join(cards))] if cards else []
    interview.setting(
        (*path, "network", "interface"),
        Network,
        say("Network interface"),
        default=cards[0] if cards else None,
        more=more,
    )
    if everything:
        _addresses(interview, (*path, "network"))


def _disk(interview: Interview, path: KeyPath, *, here: bool) -> None:
    found = machine.disks() if here else []
    more: list[str] = []
    for disk in found:
        size = count("{disk}, 1 GB", "{disk}, {number} GB", number=disk.gigabytes, disk=disk.path)
        more.append(size if disk.size else disk.path)
    if here and not found:
        more.append(say("No disk with a lasting name was found here."))
    if not found:
        more.append(say("On the server, 'ls -l /dev/disk/by-id' lists them; an installer's system will do."))
    # No proposal, even for the only disk: everything on it will be erased.
    interview.setting(path, Disk, say("Disk"), more=more)


def _addresses(interview: Interview, path: KeyPath) -> None:
    names = tuple(map(str, path))
    interview.setting((*path, "ipv4"), Network, say("IPv4 address"), default="dhcp")
    values = interview.values["hosts"][path[1]]["network"]
    if "/" in str(values["ipv4"]):
        interview.setting((*path, "ipv4_gateway"), Network, say("Router for IPv4"))
    interview.setting((*path, "ipv6"), Network, say("IPv6 address"), default="automatic")
    values = interview.values["hosts"][path[1]]["network"]
    if "/" in str(values["ipv6"]):
        interview.setting((*path, "ipv6_gateway"), Network, say("Router for IPv6"), default="fe80::1")
    fixed = values["ipv4"] != "dhcp" and values["ipv6"] != "automatic"
    if fixed and not interview.has(*names, "resolvers"):
        interview.setting((*path, "resolvers"), Network, say("DNS resolvers"))


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # no HOME, and nobody of this number in the list of users
        return Path("/nonexistent")
