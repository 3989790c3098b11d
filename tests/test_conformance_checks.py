"""Each check of the conformance suite, shown a plugin that breaks it and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from broken_plugins import BROKEN, FOUND, KIND, NEEDS_A_PORT, ONE_LINE, TEXT, etc, provider, sets, unit, with_setting
from fake_plugins import WIKI, Install, alone, installed, source
from judges import nix_eval
from maidan_nix.generation import generate
from maidan_nix.nix.values import Call, Noted, Raw, Ref, Text
from maidan_nix.plugins import known, load
from maidan_nix.problems import MaidanError
from maidan_nix.testing.conformance import CHECKS, Fault, faults
from maidan_nix.testing.example import example_document
from maidan_nix.testing.hostile import HOSTILE
from maidan_nix.testing.walk import UNKNOWN, scalars

__all__ = ["alone", "installed"]

README = "# Wiki\n\n`text`, `names`, `pages` and `domain` are explained here.\n"


def found(installed: Install, module: str, readme: str = README) -> list[Fault]:
    package = installed(module)
    (package / "README.md").write_text(readme)
    return faults(WIKI)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("check", "module", "said"), BROKEN, ids=[f"{check}-{said}" for check, _, said in BROKEN])
def test_a_check_catches_what_breaks_it_and_nothing_else_does(
    installed: Install, check: str, module: str, said: str
) -> None:
    module = module.replace("LIMITS = ", f"{NEEDS_A_PORT}LIMITS = ")
    reported = found(installed, module)
    assert said in "\n".join(fault.problem.message for fault in reported)
    assert {fault.check for fault in reported} == {check}


def test_every_check_is_shown_something_that_breaks_it() -> None:
    """The rest of the ids: their plugins are in test_conformance.py."""
    elsewhere = {"readme", "exemptions", "outgoing", "determinism"}
    assert {check for check, *_ in BROKEN} | elsewhere == {check.id for check in CHECKS} | {"generates"}


USES_ITS_PORT = """
def needs(self, context): return (HTTP, api.Outgoing(unit="wiki", reason="sends mail by mail.vendor.net"))
def units(self, context, grants): return (api.Unit(name="wiki", profile="internet", limits=LIMITS),)
def configure(self, context, grants):
    http = grants[HTTP]
    return {"systemd": {"services": {"wiki": {"environment": {
        "PORT": str(http.number), "BIND": http.address, "URL": f"http://127.0.0.1:{http.number}/",
        "SMTP": "mail.vendor.net:587",
    }}}}}
"""
HAS_A_DATABASE = """
def needs(self, context): return (api.Database(name="wiki", role="wiki"),)
def configure(self, context, grants):
    database = grants[api.Database(name="wiki", role="wiki")]
    where = f"host={database.socket}"
    if database.password is not None:
        where = api.nix.Text(where, " passfile=", grants[database.password].path)
    return {"systemd": {"services": {"wiki": {"environment": {"DATABASE": where}}}}}
"""


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "module",
    [
        source(USES_ITS_PORT),
        source(HAS_A_DATABASE),
        source('licence = "(MIT OR Apache-2.0) AND GPL-3.0-or-later WITH GCC-exception-3.1"'),
        source(KIND + FOUND.format('"advice"')),
        provider(1000, "def grant(self, context, request): return None"),
        with_setting('pages: api.PortNumber | None = api.setting("Where", default=None)', "{}"),
        with_setting(TEXT, etc("context.settings.text")),
        with_setting(ONE_LINE, unit('{"description": f"A wiki that says {context.settings.text}"}')),
        with_setting(TEXT, etc("__import__('json').dumps({'says': context.settings.text})")),
        with_setting(TEXT, unit('{"script": "echo " + __import__("shlex").quote(context.settings.text)}')),
        with_setting(
            'text: str = api.setting("What", default="x", pattern=r"^[a-z]+\\Z")',
            unit('{"script": context.settings.text}'),
        ),
        with_setting(
            'domain: api.Domain = api.setting("Where", default="a.example.org")',
            unit('{"script": f"ping {context.settings.domain}"}'),
        ),
        sets(
            unit(
                '{"environment": {"PASSWORD_FILE": "/run/wiki", "TOKEN": "", "SUM": "sha256-hT7fKq2ZpX9vLr4WmB8sNc3J"}}'
            )
        ),
        sets(etc('"see https://example.org/wiki and https://wiki.example.org"')),
        sets(unit('{"environment": {"SMTP_HOST": "mail.example.org", "SMTP_PORT": "587"}}')),
    ],
)
def test_what_is_right_passes(installed: Install, module: str) -> None:
    assert found(installed, module.replace("LIMITS = ", f"{NEEDS_A_PORT}LIMITS = ")) == []


QUOTE = "__import__('shlex').quote(context.settings.text)"
ESCAPED = "__import__('json').dumps(context.settings.text).replace('%', '%%').replace('$', '$$')"


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("options", "is_safe"),
    [
        (unit(f'{{"script": "# do not\\necho " + {QUOTE}}}'), True),
        (unit(f'{{"script": "echo \'a b\' " + {QUOTE} + " x " + {QUOTE}}}'), True),
        (unit(f"{{'script': 'echo \"' + {QUOTE} + '\"'}}"), False),
        (unit(f'{{"script": "# " + {QUOTE}}}'), False),
        (unit(f'{{"script": "echo " + {QUOTE} + context.settings.text}}'), False),
        (unit(f'{{"serviceConfig": {{"ExecStart": "/bin/wiki " + {ESCAPED}}}}}'), True),
        (unit(f'{{"serviceConfig": {{"ExecStart": "/bin/wiki " + {QUOTE}}}}}'), False),
    ],
)
def test_what_is_quoted_for_its_language_is_safe_there(installed: Install, options: str, is_safe: bool) -> None:
    checks = {fault.check for fault in found(installed, with_setting(TEXT, options))}
    assert checks == (set() if is_safe else {"hostile-settings"})


def test_a_secret_is_never_repeated(installed: Install) -> None:
    reported = found(installed, sets(unit('{"environment": {"ADMIN_PASSWORD": "swordfish"}}')))
    assert reported
    assert "swordfish" not in repr(reported)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("described", "said"),
    [
        ("[units.wiki]\n[units.wiki-JOB]\n", ""),
        ("[units.wiki-mail]\n", "its upstream.toml describes wiki-mail.service, which is none of its units"),
        ("[", "its upstream.toml cannot be read"),
    ],
)
def test_the_units_that_a_plugin_describes_are_its_own(installed: Install, described: str, said: str) -> None:
    (installed(source()) / "upstream.toml").write_text(described)
    reported = faults(WIKI)
    assert said in "".join(fault.problem.message for fault in reported)
    assert {fault.check for fault in reported} == ({"sandbox"} if said else set())


# -- providers, which are seen at work -----------------------------------------------------------------------------


@pytest.mark.usefixtures("alone")
def test_a_provider_may_refuse_what_the_example_makes_up(installed: Install) -> None:
    grant = 'def grant(self, context, request): raise api.Refused("no lamps here")'
    assert found(installed, provider(1000, grant)) == []


@pytest.mark.usefixtures("alone")
def test_what_a_provider_sets_for_others_is_checked(installed: Install) -> None:
    grant = "def grant(self, context, request): return None\n"
    opens = """def configure(self, context, grants):
        lit = grants.serves(Lamp)
        return {"networking": {"firewall": {"allowedTCPPorts": [8080]}}} if lit else {}"""
    assert {fault.check for fault in found(installed, provider(1000, grant + opens))} == {"options-of-others"}


@pytest.mark.usefixtures("alone")
def test_another_plugins_kinds_of_need_are_imported_from_its_package(installed: Install) -> None:
    lamps = installed(source(name="lamps"), point="services.lamps", distribution="maidan-nix-lamps")
    assert found(installed, source().replace("import time", f"import {lamps.name}")) == []


def test_nothing_of_the_example_is_left_behind() -> None:
    before = dict(known())
    faults("platform/redis")
    assert dict(known()) == before


def test_the_example_of_a_plugin_is_there_for_its_tests(
    installed: Install, maidan_example: Callable[..., Mapping[str, str]]
) -> None:
    setting = 'pages: int = api.setting("How many", unit="pages", examples=(7,))'
    installed(with_setting(setting, etc("f'{context.settings.pages} {context.privacy.preset}'")))
    file = "hosts/example/services/wiki.nix"
    assert 'text = "7 strict";' in maidan_example(WIKI)[file]
    assert 'text = "8 open";' in maidan_example(WIKI, preset="open", pages=8)[file]
    with pytest.raises(MaidanError, match="a string"):
        maidan_example(WIKI, pages="8")


# -- determinism ---------------------------------------------------------------------------------------------------

WORDS = "{'a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff', 'ggggggg', 'hhhhhhhh'}"


def test_what_depends_on_the_hash_seed_is_found(installed: Install) -> None:
    (fault,) = found(installed, sets(etc(f"' '.join({WORDS})")))
    assert fault.check == "determinism"
    assert fault.problem.message == "hosts/example/services/wiki.nix comes out differently in another process"


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("names", ["context.settings.names", "sorted(context.settings.names)"])
def test_what_depends_on_the_order_of_the_manifest_is_found(installed: Install, names: str) -> None:
    setting = 'names: dict[str, int] = api.setting("Who", unit="years", examples=({"b": 1, "a": 2},))'
    reported = found(installed, with_setting(setting, etc(f"' '.join({names})")))
    wanted = [] if names.startswith("sorted") else [
        "hosts/example/services/wiki.nix comes out differently when the manifest has its lines in another order"
    ]  # fmt: skip
    assert [fault.problem.message for fault in reported] == wanted


def test_a_plugin_that_fails_only_in_another_process_is_found(installed: Install) -> None:
    module = source().replace("import time", "import sys\nif 'pytest' not in sys.modules: raise OSError('elsewhere')")
    (fault,) = found(installed, module)
    assert fault.problem.message == "it cannot be generated in another process, though it can in this one"


# -- what the checks stand on --------------------------------------------------------------------------------------


def test_every_scalar_is_found_wherever_it_stands() -> None:
    value = {
        "a": Noted([1, "two", {"b": True}], "a comment is no value"),
        "c": Text("x", Ref("pkgs", "y"), "z"),
        "d": Call(Ref("pkgs", "writeText"), "name", "text"),
        "e": Raw("pkgs.hello", "a reason"),
    }
    seen = [(".".join(each.place), each.value, each.code) for each in scalars(value)]
    assert seen == [
        ("a", 1, False),
        ("a", "two", False),
        ("a.b", True, False),
        ("c", f"x{UNKNOWN}z", False),
        ("d.writeText", "name", False),
        ("d.writeText", "text", False),
        ("e", "pkgs.hello", True),
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_that_stands_alone_is_read_back_by_nix_as_it_is(
    installed: Install, tmp_path: Path, text: str
) -> None:
    """What the suite takes for granted about the printer."""
    installed(with_setting(TEXT, etc("context.settings.text")))
    generated = generate(example_document(load(WIKI), settings={"text": text}), lock=None, public=None)
    file = tmp_path / "wiki.nix"
    file.write_bytes(generated.tree["hosts/example/services/wiki.nix"].content)
    assert nix_eval(f"(import {file}).environment.etc.wiki.text") == text
