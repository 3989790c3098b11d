"""Finding plugins, loading them, and running their code with a limit in time and a name on whatever goes wrong."""

from __future__ import annotations

import importlib.metadata
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fake_plugins import WIKI, Install, installed, source
from maidan_nix import plugins
from maidan_nix.problems import ExitCode, MaidanError

__all__ = ["installed"]


def refusal(name: str = WIKI) -> str:
    """Load a plugin that must be refused; return what is said, which names it."""
    with pytest.raises(MaidanError) as refused:
        plugins.load(name)
    (problem,) = refused.value.problems
    assert problem.plugin == name
    assert problem.hint or "hook" in problem.message
    return problem.message


# -- finding -------------------------------------------------------------------------------------------------------


def test_a_plugin_of_another_distribution_is_found_and_loaded(installed: Install) -> None:
    installed()
    found = plugins.known()[WIKI]
    assert (found.distribution, found.version, found.api) == ("maidan-nix-wiki", "1.0", "1")
    assert plugins.load(WIKI).title == "Wiki"
    assert list(plugins.known()) == sorted(plugins.known())


def test_nothing_is_imported_to_know_names(installed: Install) -> None:
    installed("raise SystemExit('imported')")
    assert WIKI in plugins.known()


def test_two_distributions_that_claim_one_name_are_both_named(installed: Install) -> None:
    installed(distribution="maidan-nix-wiki")
    installed(distribution="better-wiki")
    with pytest.raises(MaidanError, match=r"better-wiki 1\.0 and maidan-nix-wiki 1\.0") as refused:
        plugins.known()
    assert refused.value.problems[0].plugin == WIKI


def test_nobody_takes_the_name_of_a_plugin_that_comes_along(installed: Install) -> None:
    taken = next(iter(plugins.known()))
    installed(point=taken.replace("/", "."))
    with pytest.raises(MaidanError, match=r"maidan-nix itself and maidan-nix-wiki 1\.0"):
        plugins.known()


def test_a_distribution_that_stands_on_the_path_twice_counts_once(
    installed: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = installed()
    shadowed = tmp_path / "older"
    shadowed.mkdir()
    facts = next(package.parent.glob("*.dist-info"))
    (shadowed / facts.name).mkdir()
    for file in facts.iterdir():
        (shadowed / facts.name / file.name).write_text(file.read_text().replace("1.0", "0.9"))
    monkeypatch.setattr("sys.path", [*sys.path, str(shadowed)])
    plugins.known.cache_clear()
    assert plugins.known()[WIKI].version == "1.0"


@pytest.mark.parametrize(
    "point", ["wiki", "cellar.wiki", "services.Wiki", "services...x", "services.a/../b", "services."]
)
def test_a_name_that_is_no_floor_and_name_is_refused(installed: Install, point: str) -> None:
    installed(point=point)
    with pytest.raises(MaidanError, match="brings a plugin under the name") as refused:
        plugins.known()
    assert "maidan-nix-wiki" in refused.value.problems[0].message


def test_entry_points_that_cannot_be_read_are_named_only_if_they_are_for_us(
    installed: Install,
) -> None:
    installed(entry_points="no section, no equals sign", distribution="unrelated")
    assert plugins.known()
    installed(entry_points="[maidan_nix.plugins.v1]\nno equals sign\n", distribution="broken")
    with pytest.raises(MaidanError, match=r"the entry_points\.txt of broken cannot be read"):
        plugins.known()


def test_a_distribution_for_two_versions_of_the_api_means_ours(installed: Install) -> None:
    both = (
        "[maidan_nix.plugins.v2]\nservices.wiki = next_generation\n[maidan_nix.plugins.v1]\nservices.wiki = {package}\n"
    )
    installed(entry_points=both)
    assert plugins.known()[WIKI].api == "1"
    assert plugins.load(WIKI).name == "wiki"


def test_finding_plugins_reads_no_distribution_that_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    class Untouchable(importlib.metadata.Distribution):
        def read_text(self, filename: str) -> str | None:
            assert filename == "entry_points.txt"
            return "[console_scripts]\nx = y:z\n"

        def locate_file(self, path: str | os.PathLike[str]) -> Path:
            raise AssertionError

    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [Untouchable()])
    assert list(plugins._third_party()) == []


# -- loading -------------------------------------------------------------------------------------------------------


def with_host(**choices: str) -> str:
    """A plugin with a setting of its own that is called ``host``."""
    return source(**choices).replace(
        '"""What a steward can choose."""', 'host: str = api.setting("The mail server", default="")'
    )


def test_a_plugin_that_runs_on_every_host_may_have_a_setting_named_host(installed: Install) -> None:
    installed(with_host(base="Hardening"), point="hardening.wiki")
    assert "host" in plugins.load("hardening/wiki").settings.model_fields


def test_an_unknown_plugin_is_a_fault_of_the_manifest() -> None:
    with pytest.raises(MaidanError, match="no plugin is named platform/postgres") as refused:
        plugins.load("platform/postgres")
    assert refused.value.exit_code == ExitCode.MANIFEST_INVALID
    assert "did you mean" in refused.value.problems[0].hint


def test_another_version_of_the_api(installed: Install) -> None:
    installed(api="2")
    assert refusal() == "maidan-nix-wiki 1.0 speaks plugin API 2, this maidan-nix speaks 1"


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("raise OSError('no disk')", "the plugin failed to be imported: OSError: no disk"),
        ("import not_there", "ModuleNotFoundError: No module named 'not_there'"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("raise BaseException('beyond')", "BaseException: beyond"),
        ("", "implements no maidan_plugin() with @hookimpl"),
        ("def maidan_plugin(): pass", "implements no maidan_plugin() with @hookimpl"),
        (source().replace("def maidan_plugin", "def maidan_plugins"), "unknown hook 'maidan_plugins'"),
        (source().replace("maidan_plugin()", "maidan_plugin(host)"), "definition: maidan_plugin(host)"),
        (source().replace("return Wiki()", "return Wiki"), "returned ABCMeta, not a Plugin"),
        (source().replace("return Wiki()", "return None"), "returned NoneType, not a Plugin"),
        (source().replace("return Wiki()", "raise RuntimeError('late')"), "RuntimeError: late"),
        (source().replace("def configure", "def configured"), "abstract"),
        (source('name = "other"'), "the plugin calls itself services/other"),
        (source('floor = "platform"'), "the plugin calls itself platform/wiki"),
        (source("name = 7"), "the plugin lacks name"),
        (source("licence = None"), "the plugin lacks licence"),
        (source("settings = dict"), "the plugin lacks settings"),
        (source("settings = None"), "the plugin lacks settings"),
        (source('conflicts = "services/x"'), "conflicts is not a tuple of names"),
        (source("provides = (int,)"), "provides is not a tuple of kinds of need"),
        (source("provides = api.Database"), "provides is not a tuple of kinds of need"),
        (with_host(), "the plugin has a setting 'host', which is reserved for the host that a service runs on"),
        (source("title = api.Absent"), "maidan_nix.api (version 1) has no 'Absent'"),
    ],
)
def test_what_is_no_plugin_is_refused_by_name(installed: Install, module: str, said: str) -> None:
    installed(module)
    assert said in refusal()


def test_an_import_that_hangs(installed: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "TIME_LIMIT", 0.2)
    installed("import time\ntime.sleep(60)")
    assert refusal() == "the plugin took more than 0.2 seconds to be imported"


# -- guarding ------------------------------------------------------------------------------------------------------


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A limit in time that a test can wait for."""
    monkeypatch.setattr(plugins, "TIME_LIMIT", 0.1)
    yield
    assert not any(signal.getitimer(signal.ITIMER_REAL))


def loops() -> None:
    while True:
        pass


def sleeps() -> None:
    time.sleep(60)


def carries_on() -> None:
    while True:
        try:  # noqa: SIM105  # exactly what is to be survived
            time.sleep(60)
        except Exception:  # noqa: S110, BLE001  # the same
            pass


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("hangs", [loops, sleeps, carries_on])
def test_code_that_hangs_is_ended_and_named(hangs: Callable[[], None]) -> None:
    started = time.monotonic()
    with (
        pytest.raises(MaidanError, match=r"more than 0\.1 seconds to think") as refused,
        plugins.guarded(WIKI, "think"),
    ):
        hangs()
    assert time.monotonic() - started < 30  # seconds; it would have taken 60
    assert refused.value.problems[0].plugin == WIKI


def catches_all_once() -> None:
    try:  # noqa: SIM105  # exactly what is to be survived
        time.sleep(60)
    except:  # noqa: E722, S110  # the same
        pass


def turns_it_into_its_own() -> None:
    try:
        time.sleep(60)
    except BaseException as error:
        raise ValueError("odd") from error


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("hides", [catches_all_once, turns_it_into_its_own])
def test_code_that_was_too_slow_has_failed_whatever_it_does_about_it(hides: Callable[[], None]) -> None:
    with pytest.raises(MaidanError, match=r"more than 0\.1 seconds to think"), plugins.guarded(WIKI, "think"):
        hides()


ENDLESS = """
while True:
    try:
        time.sleep(1)
    except:
        pass
"""
IN_A_CALL = f"def needs(self, context):\n{textwrap.indent(ENDLESS, '    ')}"


@pytest.mark.parametrize(
    ("module", "doing"),
    [(f"import time\n{ENDLESS}", "be imported"), (source(IN_A_CALL), "state its needs")],
)
def test_code_that_catches_everything_ends_the_process_and_is_named(tmp_path: Path, module: str, doing: str) -> None:
    folder = tmp_path / "services" / "wiki"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(module)
    (folder / "README.md").write_text("# Wiki\n")
    program = (
        "from maidan_nix import plugins\nfrom maidan_nix.commands import main\n"
        f"plugins.TIME_LIMIT, plugins._AGAIN = 1, 0.05\nmain(['plugin', 'check', {str(folder)!r}])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == ExitCode.FAILED
    said = f"[services/wiki] the plugin took more than 1 seconds to {doing}, report it to the plugin's author\n"
    assert (done.stdout, done.stderr) == ("", said)


@pytest.mark.usefixtures("short")
def test_no_limit_is_left_behind() -> None:
    with plugins.guarded(WIKI, "think"):
        pass
    time.sleep(0.15)


def test_what_a_plugin_raises_becomes_a_problem_with_its_name() -> None:
    for error in (ValueError("odd"), RecursionError("deep"), MemoryError(), SystemExit(3), AssertionError()):
        with pytest.raises(MaidanError) as refused, plugins.guarded(WIKI, "think"):
            raise error
        (problem,) = refused.value.problems
        assert problem.plugin == WIKI
        assert problem.message.startswith(f"the plugin failed to think: {type(error).__name__}")
        assert refused.value.__cause__ is error


def test_ctrl_c_is_not_the_plugins_fault() -> None:
    with pytest.raises(KeyboardInterrupt), plugins.guarded(WIKI, "think"):
        raise KeyboardInterrupt


def test_a_problem_that_a_plugin_raises_itself_gets_its_name() -> None:
    from maidan_nix import api

    with pytest.raises(MaidanError) as refused, plugins.guarded(WIKI, "think"):
        raise MaidanError(api.Problem(("services", "wiki"), "no"), ExitCode.MANIFEST_INVALID)
    assert refused.value.problems[0].plugin == WIKI
    assert refused.value.exit_code == ExitCode.MANIFEST_INVALID


def test_guarding_works_beside_the_main_thread() -> None:
    said: list[str] = []

    def work() -> None:
        try:
            with plugins.guarded(WIKI, "think"):
                raise ValueError("odd")
        except MaidanError as error:
            said.append(error.problems[0].message)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert said == ["the plugin failed to think: ValueError: odd"]


# -- folders -------------------------------------------------------------------------------------------------------


def test_a_plugin_in_a_folder_needs_no_installation(installed: Install, tmp_path: Path) -> None:
    folder = tmp_path / "services" / "wiki"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(source())
    assert plugins.add_folder(folder) == WIKI
    assert plugins.load(WIKI).title == "Wiki"


def test_the_folder_of_a_plugin_that_comes_along_is_that_plugin() -> None:
    name, found = next((name, found) for name, found in plugins.known().items() if not found.distribution)
    folder = Path(__file__).parents[1] / "plugins" / name
    assert plugins.add_folder(folder) == name
    assert plugins.known()[name] == found


def test_a_folder_whose_plugin_fails_is_named(installed: Install, tmp_path: Path) -> None:
    folder = tmp_path / "services" / "wiki"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise ValueError('odd')")
    with pytest.raises(MaidanError, match="ValueError: odd"):
        plugins.add_folder(folder)
