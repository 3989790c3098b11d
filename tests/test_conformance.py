"""The conformance suite: every installed plugin passes, and each check catches the plugin that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_plugins import WIKI, Install, alone, installed, source
from maidan_nix.plugins import known
from maidan_nix.testing.conformance import CHECKS, GENERATES, check_installed, check_place, check_plugin, faults

__all__ = ["alone", "installed"]


README = "# Wiki\n\nPages that members write together.\n"


def test_every_installed_plugin_keeps_the_contract() -> None:
    assert [fault.named() for fault in check_installed()] == []


def test_every_check_has_a_name_and_a_reason() -> None:
    assert len({check.id for check in CHECKS} | {GENERATES}) == len(CHECKS) + 1
    for check in CHECKS:
        assert check.reason
        assert not check.reason.endswith(".")


def messages(installed: Install, module: str, readme: str = README) -> str:
    """What the checks say of one plugin, which they name."""
    package = installed(module)
    (package / "README.md").write_text(readme)
    found = faults(WIKI)
    assert all(fault.problem.plugin == WIKI for fault in found)
    return "\n".join(fault.problem.message for fault in found)


@pytest.mark.usefixtures("alone")
def test_a_good_plugin_passes(installed: Install) -> None:
    assert messages(installed, source()) == ""


SETTING = 'class Settings(api.Settings):\n    """What a steward can choose."""\n\n    '
PLAIN = 'class Settings(api.Settings):\n    """What a steward can choose."""\n'


def with_setting(declared: str, body: str = "") -> str:
    return source(body).replace(PLAIN, f"{SETTING}{declared}\n")


RANDOM = """
def configure(self, context, grants):
    return {"environment": {"etc": {"wiki": {"text": str(time.monotonic_ns())}}}}
"""
REACHES_OUT = """
def needs(self, context): return [api.Outgoing(unit="wiki", reason="asking its neighbours")]
def units(self, context, grants): return [api.Unit(name="wiki", profile="internet", limits=LIMITS)]
"""
EXEMPT = "api.Exemption('PrivateTmp', False, {!r})"


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("module", "said"),
    [
        (source('summary = "Pages that members write."'), "its summary ends with a full stop"),
        (source('summary = ""'), "its summary is not one line of text"),
        (source('title = "Wi\\nki"'), "its title is not one line of text"),
        (source('upstream = "http://example.org"'), "its upstream is no https address"),
        (source('licence = "whatever you like"'), "is no SPDX expression"),
        (with_setting('host: str = api.setting("The mail server", default="")'), "a setting 'host', which is reserved"),
        (with_setting("pages: int = 7"), "Settings.pages is not made by setting()"),
        (with_setting('pages: int = api.setting("", default=7, unit="pages")'), "Settings.pages needs a description"),
        (with_setting('pages: int = api.setting("How many.", default=7, unit="pages")'), "without a final stop"),
        (
            with_setting('pages: int = api.setting("How many", default="x")'),
            "the value this has by itself is not right",
        ),
        (with_setting('pages: int = api.setting("How many")'), "'pages' is required and has no example"),
        (
            with_setting('pages: int = api.setting("How many", default=7, unit="pages")'),
            "does not explain the setting `pages`",
        ),
        (
            with_setting('pages: int = api.setting("How many", default=7)'),
            "Settings.pages is a plain number without a unit",
        ),
        (source(RANDOM), "hosts/example/services/wiki.nix comes out differently the second time"),
        (source("def configure(self, context, grants): return {'serivces': {}}"), "unknown option 'serivces'"),
        (source("def units(self, context, grants): return ()"), "it is a service and names no unit"),
        (
            source(
                "def configure(self, context, grants):\n"
                "    return {'systemd': {'services': {'wiki-mail': {'script': 'true'}}}}"
            ),
            "it defines wiki-mail.service and gives it no sandbox",
        ),
        (
            source(
                "def units(self, context, grants): return "
                f"[api.Unit(name='wiki', exemptions=({EXEMPT.format('because')},), limits=LIMITS)]"
            ),
            "wiki.service is exempt from PrivateTmp without a reason",
        ),
        (
            source("def units(self, context, grants): return [api.Unit(name='wiki', exempt='because')]"),
            "wiki.service has no sandbox and no reason",
        ),
        (
            source(
                "def units(self, context, grants): return [api.Unit(name='wiki', profile='internet', limits=LIMITS)]"
            ),
            "wiki.service has the profile 'internet' and no leave to reach out",
        ),
        (
            source("def needs(self, context): return [api.Outgoing(unit='wikki', reason='asking its neighbours')]"),
            "it asks to reach out for wikki.service, which is none of its units",
        ),
        (
            source(
                "def configure(self, context, grants):\n"
                "    return {'networking': {'firewall': {'allowedTCPPorts': [8080]}}}"
            ),
            "it sets networking.firewall.allowedTCPPorts, which answers a port need",
        ),
        (source("def needs(self, context): raise OSError('odd')"), "failed to state its needs: OSError: odd"),
        (source("def configure(self, context, grants): return grants[api.Port(name='x')]"), "never asked for"),
        ("raise ImportError('odd')", "failed to be imported: ImportError: odd"),
    ],
)
def test_each_fault_is_caught(installed: Install, module: str, said: str) -> None:
    assert said in messages(installed, module)


REACHES_OUT_UNASKED = """
def units(self, context, grants):
    chosen = context.privacy.preset == {!r}
    return [api.Unit(name="wiki", limits=LIMITS, profile="internet" if chosen else "loopback")]
"""
HAS_NO_SANDBOX = """
def configure(self, context, grants):
    chosen = context.privacy.preset == {!r}
    return {{"systemd": {{"services": {{"wiki-mail": {{"script": "true"}}}}}}}} if chosen else {{}}
"""
HAS_NO_REASON = """
def units(self, context, grants):
    chosen = context.privacy.preset == {!r}
    return [api.Unit(name="wiki", exempt="because" if chosen else "systemd starts it itself")]
"""
SETS_ANOTHERS = """
def configure(self, context, grants):
    chosen = context.privacy.preset == {!r}
    return {{"networking": {{"firewall": {{"allowedTCPPorts": [8080]}}}}}} if chosen else {{}}
"""


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("preset", ["strict", "balanced", "open"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (REACHES_OUT_UNASKED, "wiki.service has the profile 'internet' and no leave to reach out"),
        (HAS_NO_SANDBOX, "it defines wiki-mail.service and gives it no sandbox"),
        (HAS_NO_REASON, "wiki.service has no sandbox and no reason"),
        (SETS_ANOTHERS, "it sets networking.firewall.allowedTCPPorts, which answers a port need"),
    ],
)
def test_a_fault_with_one_preset_alone_is_caught(installed: Install, body: str, said: str, preset: str) -> None:
    assert messages(installed, source(body.format(preset))) == said


@pytest.mark.usefixtures("alone")
def test_a_plugin_whose_settings_cannot_be_read_is_named(installed: Install) -> None:
    fails = 'class Settings(api.Settings):\n    def model_post_init(self, context): raise KeyError("odd")\n'
    assert messages(installed, source().replace(PLAIN, fails)) == (
        "the plugin failed to have its settings read: KeyError: 'odd'"
    )


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "module",
    [
        source(REACHES_OUT),
        source("def units(self, context, grants): return [api.Unit(name='wiki', exempt='systemd starts it itself')]"),
        source("def configure(self, context, grants): return {'systemd': {'services': {'wiki': {'script': 'true'}}}}"),
        source("def configure(self, context, grants): return {'systemd': {'services': {'other': {'after': ['x']}}}}"),
    ],
)
def test_what_is_allowed_passes(installed: Install, module: str) -> None:
    assert messages(installed, module) == ""


# -- the README ----------------------------------------------------------------------------------------------------

PAGES = with_setting(
    'pages: int = api.setting("How many", default=7, unit="pages")\n'
    '    kept: api.Duration = api.setting("How long", default="30d")\n'
    '    open: bool = api.setting("Who may read",'
    " presets=api.Presets(strict=False, balanced=False, open=True), looser='true')"
)
GOOD = """\
# Wiki

| setting | default | |
| --- | --- | --- |
| `pages` | `7` | how many |
| `kept` | `"30d"` | how long |

| Setting | strict | balanced | open |
| --- | --- | --- | --- |
| `open` | `false` | `false` | `true` |

| partition | size |
| --- | --- |
| `none` | 7 |

```toml
[services.wiki]
pages = 7
```
"""


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", ""),
        ("`7`", "7", ""),
        ('`"30d"`', "`30d`", ""),
        ("`7`", "none", ""),
        ("`7`", "`8`", "its README.md says that `pages` is `8` (default), and it is 7"),
        ("`7`", "8", "its README.md says that `pages` is 8 (default), and it is 7"),
        ("`7`", "`true`", "its README.md says that `pages` is `true` (default), and it is 7"),
        ('`"30d"`', '`"31d"`', "its README.md says that `kept`"),
        ("| `true` |", "| `false` |", "its README.md says that `open` is `false` (open), and it is True"),
        ("| `pages`", "| `page`", "its README.md explains a setting `page` that there is not"),
        ("pages = 7", "pages: 7", "an example in its README.md is not TOML"),
        ("pages = 7", 'pages = "7"', "an example in its README.md is refused at services.wiki.pages: this is a string"),
        ("pages = 7", "page = 7", "an example in its README.md is refused at services.wiki.page: unknown setting"),
        ("pages = 7", "open = true", "an example in its README.md is refused at services.wiki.open: "),
        ("```toml", "```python\nimport\n```\n\n```toml", "an example in its README.md is not Python: "),
        ("```toml", "```python\nimport json\n```\n\n```toml", ""),
        (
            "```toml",
            "```console\n$ maidan-nix genrate\n```\n\n```toml",
            "a command that there is not: maidan-nix genrate",
        ),
        (
            "```toml",
            "```console\n$ maidan-nix plugin chek\n```\n\n```toml",
            "that there is not: maidan-nix plugin chek",
        ),
        ("```toml", "```console\n$ maidan-nix plugin check .\n$ ls\n```\n\n```toml", ""),
        ("`kept`", "kept", "its README.md does not explain the setting `kept`"),
    ],
)
def test_the_readme_is_true(installed: Install, old: str, new: str, said: str) -> None:
    assert old in GOOD
    found = messages(installed, PAGES, GOOD.replace(old, new, 1))
    assert said in found
    assert bool(said) == bool(found)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_readme_must_be_there(installed: Install, content: bytes | None) -> None:
    package = installed(source())
    (package / "README.md").unlink()
    if content is not None:
        (package / "README.md").write_bytes(content)
    (problem,) = check_plugin(WIKI)
    assert problem.message.startswith("it has no README.md beside __init__.py")
    assert problem.message.endswith("(readme)")


# -- ways to ask ---------------------------------------------------------------------------------------------------


def test_all_installed_plugins_are_checked_each_fault_once(installed: Install) -> None:
    installed(source('summary = "Pages."'))
    said: list[str] = []
    found = check_installed(said.append)
    assert len(found) == len(set(found))
    problems = [fault.problem.message for fault in found if fault.problem.plugin == WIKI]
    assert problems == ["its summary ends with a full stop"]
    assert said == [f"checking {name}" for name in sorted(known())]


def test_a_folder_is_checked_without_being_installed(installed: Install, tmp_path: Path) -> None:
    folder = tmp_path / "services" / "wiki"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(source())
    assert [fault.problem.plugin for fault in check_place(folder)] == [WIKI]  # no README
    (folder / "README.md").write_text(README)
    assert check_place(folder) == []


@pytest.mark.parametrize("floor", ["services", "cellar"])
def test_a_folder_of_no_plugin_says_what_one_is(tmp_path: Path, floor: str) -> None:
    folder = tmp_path / floor / "wiki"
    folder.mkdir(parents=True)
    (fault,) = check_place(folder)
    assert fault.check == GENERATES
    assert "is not the folder of a plugin" in fault.problem.message
    assert "services, platform, hardening" in fault.problem.expected


def test_a_folder_whose_plugin_cannot_be_imported_is_a_finding(installed: Install, tmp_path: Path) -> None:
    folder = tmp_path / "services" / "wiki"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("import not_there")
    (fault,) = check_place(folder)
    assert fault.problem.plugin == WIKI
    assert "not_there" in fault.problem.message
