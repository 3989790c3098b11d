"""From manifest to files: what plugins may answer, what becomes of the rest, and what they may not both say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fake_plugins import MANIFEST, WIKI, Install, generated, installed, source
from maidan_nix import plugins
from maidan_nix.problems import ExitCode, MaidanError, Problem

__all__ = ["installed"]

MINIMAL = (Path(__file__).parents[1] / "hosts/minimal/community.toml").read_text("utf-8")


def refusal(manifest: str = "") -> tuple[Problem, ...]:
    """Generate what must be refused."""
    with pytest.raises(MaidanError) as refused:
        generated(*([manifest] if manifest else []))
    return refused.value.problems


def test_a_plugin_that_answers_well_is_generated(installed: Install) -> None:
    installed()
    made = generated()
    assert b'environment.etc.wiki.text = "a wiki";' in made.tree["hosts/shed/services/wiki.nix"].content
    assert made.tree["hosts/shed/services/wiki.nix"].plugin == WIKI
    assert b'"services/wiki": "1.0"' in made.tree["maidan.lock"].content


def test_the_lock_records_the_version_of_the_distribution(installed: Install) -> None:
    installed(source('version = "of another truth"'))
    assert json.loads(generated().tree["maidan.lock"].content)["plugins"] == {WIKI: "1.0"}


def test_a_plugin_that_only_a_need_brings_in_is_asked_what_is_wrong() -> None:
    problems = refusal(f'{MINIMAL}\n[platform.nginx.acme]\nchallenge = "dns-01"\n')
    assert {problem.path[-1] for problem in problems} == {"dns_provider", "dns_credentials"}
    assert {problem.plugin for problem in problems} == {"platform/nginx"}


def test_a_late_plugin_that_no_section_names_is_asked_too(installed: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    redis = plugins.load("platform/redis")
    wrong = Problem(("hosts", "shed"), "too small for a cache")
    monkeypatch.setattr(type(redis), "problems", lambda self, context: [wrong])
    generated(MINIMAL)  # nobody needs a cache here, so nobody asks
    installed(source("def needs(self, context): return [api.Cache(name='wiki')]"))
    (problem,) = refusal()
    assert (problem.message, problem.plugin) == (wrong.message, "platform/redis")


PROVIDER = """
    provides = (api.Cache,)

    def grant(self, context, request):
        {grant}

    def needs_to_serve(self, context, requests):
        {serve}
"""
GRANT = 'return api.CacheGrant(socket="/run/s", group="g", unit="u")'
SERVE = "return ()"

# ruff: noqa: E501, ISC004  # the source of a method reads best as a whole
RUBBISH = [
    # problems
    ("def problems(self, context): return None", "failed to look for problems: TypeError: 'NoneType'"),
    ("def problems(self, context): return ['bad']", "problems() gave 'bad', not Problem"),
    ("def problems(self, context): return [api.Problem('services', 7)]", "problems() gave a Problem whose path is"),
    ("def problems(self, context): raise KeyError('x')", "failed to look for problems: KeyError: 'x'"),
    ("def problems(self): return ()", "failed to look for problems: TypeError"),
    # needs
    ("def needs(self, context): return 7", "failed to state its needs: TypeError: 'int'"),
    ("def needs(self, context): return ['database']", "TypeError: 'database' is not a need"),
    ("def needs(self, context): return [api.Database]", "is not a need"),
    ("def needs(self, context): return [api.Outgoing(unit='wiki', reason='x', addresses=['a'])]",
     "whose addresses is a value of type list, not tuple[str, ...]"),
    ("def needs(self, context): return [api.Port(name='http', number='80')]", "it gave a Port whose number is '80', not int"),
    ("def needs(self, context): return [api.Port(name='http', purpose=None)]", "whose purpose is None, not str"),
    ("def needs(self, context): return [api.Port(name='http', protocol='icmp')]", "whose protocol is 'icmp'"),
    ("def needs(self, context): return [api.Secret(name='s', content='a\\0b')]", "a Secret whose content is 'a\\u0000b'"),
    ("def needs(self, context): return [api.Kept(name='k', initial=True)]", "a Kept whose initial is a value of type"),
    (
        "def needs(self, context): return [api.Site(hostname='a.example.org', locations=(api.Location(path=1),))]",
        "it gave a Site whose locations.path is a value of type int, not str",
    ),
    # what a provider says
    (PROVIDER.format(grant="return None", serve=SERVE), "grant() gave None, not CacheGrant"),
    (PROVIDER.format(grant="return 'socket'", serve=SERVE), "grant() gave 'socket', not CacheGrant"),
    (PROVIDER.format(grant="raise OSError('full')", serve=SERVE), "failed to grant a cache: OSError: full"),
    (
        PROVIDER.format(grant="return api.CacheGrant(socket=1, group='g', unit='u')", serve=SERVE),
        "grant() gave a CacheGrant whose socket is a value of type int, not str",
    ),
    (PROVIDER.format(grant=GRANT, serve="return None"), "failed to state what serving cache takes: TypeError"),
    (PROVIDER.format(grant=GRANT, serve="return [1]"), "1 is not a need"),
    (
        PROVIDER.format(grant=GRANT, serve="return [api.Database(name='d', role='d')]"),
        "cannot take a database of rank 30",
    ),
    # configure
    ("def configure(self, context, grants): return None", "configure() gave a value of type NoneType, not a mapping"),
    ("def configure(self, context, grants): return []", "configure() gave a value of type list, not a mapping"),
    ("def configure(self, context, grants): raise ZeroDivisionError", "failed to configure the host: ZeroDivisionError"),
    ("def configure(self, context, grants): return grants[api.Port(name='x')]", "this plugin never asked for"),
    ("def configure(self, context, grants): raise SystemExit(0)", "failed to configure the host: SystemExit"),
    ("def configure(self, context, grants): return {7: 8}", "failed to"),
    ("def configure(self, context, grants): return {'service': {'x': 1}}", "unknown option 'service'"),
    (
        "def configure(self, context, grants): return {'services': {'openssh': {'enabel': True}}}",
        "unknown option 'services.openssh.enabel'",
    ),
    (
        "def configure(self, context, grants): return {'services': {'openssh': {'enable': 'yes'}}}",
        "the option 'services.openssh.enable' is given",
    ),
    *(
        (
            f"def configure(self, context, grants): return {{'environment': {{'etc': {{'wiki': {{'text': {value}}}}}}}}}",
            "",
        )
        for value in ("object()", "float('nan')", "float('inf')", "'a\\0b'", "'\\ud800'", "{1, 2}", "b'x'", "10**30")
    ),
    (
        "def configure(self, context, grants):\n    deep = []\n    for _ in range(100_000): deep = [deep]\n"
        "    return {'services': {'actual': {'settings': deep}}}",
        "RecursionError",
    ),
    (
        "def configure(self, context, grants):\n    loop = []\n    loop.append(loop)\n"
        "    return {'services': {'openssh': {'settings': {'Loop': loop}}}}",
        "",
    ),
    ("def configure(self, context, grants): return {'maidan': 1}", ""),
    # units and smoke test
    ("def units(self, context, grants): return None", "failed to name its units: TypeError"),
    ("def units(self, context, grants): return ['wiki']", "units() gave 'wiki', not Unit"),
    ("def units(self, context, grants): return [api.Unit(name=1, limits=LIMITS)]", "a Unit whose name is"),
    ("def units(self, context, grants): return [api.Unit(name='wiki', profile='none', limits=LIMITS)]",
     "a Unit whose profile is 'none'"),
    (
        "def units(self, context, grants):\n"
        "    limits = api.Limits(memory_high=1, memory_max='2', tasks=3)\n"
        "    return [api.Unit(name='wiki', limits=limits)]",
        "a Unit whose limits.memory_high is a value of type int, not str",
    ),
    ("def smoke_test(self, context, grants): return 1", "failed to say how to test it: TypeError"),
    ("def smoke_test(self, context, grants): return [None]", "smoke_test() gave None, not SmokeRequest"),
    (
        "def smoke_test(self, context, grants):\n"
        "    return [api.SmokeRequest(hostname='a.example.org', path='/', status='200')]",
        "a SmokeRequest whose status is '200', not int",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "said"), RUBBISH, ids=range(len(RUBBISH)))
def test_whatever_a_plugin_answers_it_is_named(installed: Install, body: str, said: str) -> None:
    manifest = f"{MANIFEST}[services.wiki]\n"
    installed(source(body))
    if "api.Cache" in body:
        user = "def needs(self, context): return (api.Cache(name='notes'),)"
        installed(source(user, name="notes"), point="services.notes", distribution="maidan-nix-notes")
        manifest += '[services.notes]\n[plugins.providers]\ncache = "services/wiki"\n'
    problems = refusal(manifest)
    assert {problem.plugin for problem in problems} == {WIKI}
    assert said in " ".join(problem.message for problem in problems)


HANGS = [
    "problems(self, context)",
    "needs(self, context)",
    "configure(self, context, grants)",
    "units(self, context, grants)",
    "smoke_test(self, context, grants)",
]


@pytest.mark.parametrize("method", HANGS)
def test_a_method_that_hangs_is_ended(installed: Install, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    installed(source(f"def {method}: time.sleep(60)"))
    plugins.load(WIKI)
    monkeypatch.setattr(plugins, "TIME_LIMIT", 0.1)
    (problem,) = refusal()
    assert problem.plugin == WIKI
    assert problem.message.startswith("the plugin took more than 0.1 seconds to ")


def test_an_answer_without_end_is_ended(installed: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(source("def needs(self, context):\n    while True:\n        yield from ()"))
    plugins.load(WIKI)
    monkeypatch.setattr(plugins, "TIME_LIMIT", 0.1)
    assert "to state its needs" in refusal()[0].message


def test_a_problem_of_a_plugin_gets_its_name_and_is_collected(installed: Install) -> None:
    body = "def problems(self, context):\n    return [api.Problem(('services', 'wiki'), 'one'), api.Problem((), 'two')]"
    installed(source(body))
    problems = refusal()
    assert [(problem.message, problem.plugin) for problem in problems] == [("one", WIKI), ("two", WIKI)]


def test_a_need_of_a_third_party_without_a_rank_is_refused_by_name(installed: Install) -> None:
    kind = (
        "from dataclasses import dataclass\n"
        "@dataclass(frozen=True)\nclass Odd(api.Need[str]):\n    kind = 'odd'\n    provider = 'services/wiki'\n"
    )
    module = source("def needs(self, context): return [Odd()]").replace("class Wiki", f"{kind}\nclass Wiki")
    installed(module)
    (problem,) = refusal()
    assert problem.plugin == WIKI
    assert "rank" in problem.message


def test_a_kind_of_a_third_party_whose_provider_is_not_installed_is_told_where_it_is_asked_for(
    installed: Install,
) -> None:
    kind = (
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Odd(api.Need[str]):\n"
        "    kind, rank, provider = 'odd', 1000, 'platform/absent'\n"
    )
    installed(source("def needs(self, context): return [Odd()]").replace("class Wiki", f"{kind}\nclass Wiki"))
    (problem,) = refusal()
    assert problem.path == ("services", "wiki")
    assert problem.plugin == WIKI
    assert problem.message == "nobody provides odd"
    assert "platform/absent" in problem.hint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("[[source]]\nfrom = 'x'\n[source.options]\n'a.b' = 'nonsense'", "not a type"),
        ("not toml", "services/wiki"),
        ("\xff", ""),
    ],
)
def test_a_faulty_options_file_is_its_plugins(installed: Install, options: str, said: str) -> None:
    package = installed()
    (package / "options.toml").write_bytes(options.encode("latin-1"))
    (problem,) = refusal()
    assert problem.plugin == WIKI
    assert said in problem.message


def test_two_plugins_that_declare_one_option_are_both_named(installed: Install) -> None:
    for name in ("wiki", "notes"):
        package = installed(source(name=name), point=f"services.{name}", distribution=f"maidan-nix-{name}")
        facts = f"[[source]]\nfrom = 'a repository'\n[source.options]\n'wiki.{name}' = 'str'\n'wiki.both' = 'str'\n"
        (package / "options.toml").write_text(facts)
    (problem,) = refusal(f"{MANIFEST}[services.wiki]\n[services.notes]\n")
    assert "services/notes" in problem.plugin
    assert WIKI in problem.plugin


def test_an_option_that_a_plugin_brings_along_is_known(installed: Install) -> None:
    package = installed(source("def configure(self, context, grants): return {'wiki': {'title': 'Ours'}}"))
    (problem,) = refusal()
    assert "unknown option 'wiki" in problem.message
    (package / "options.toml").write_text("[[source]]\nfrom = 'x'\n[source.options]\n'wiki.title' = 'str'\n")
    assert b'wiki.title = "Ours";' in generated().tree["hosts/shed/services/wiki.nix"].content


FAILING_SETTINGS = '"""What a steward can choose."""\n\n    def model_post_init(self, context): raise KeyError("odd")'


def with_failing_settings(body: str = "", **choices: str) -> str:
    return source(body, **choices).replace('"""What a steward can choose."""', FAILING_SETTINGS)


def test_a_plugin_whose_settings_cannot_be_read_is_named(installed: Install) -> None:
    installed(with_failing_settings())
    (problem,) = refusal()
    assert problem.plugin == WIKI
    assert problem.message == "the plugin failed to have its settings read: KeyError: 'odd'"


def test_a_provider_whose_settings_cannot_be_read_is_named(installed: Install) -> None:
    installed(source("def needs(self, context): return [api.Cache(name='wiki')]"))
    body = PROVIDER.format(grant=GRANT, serve=SERVE)
    installed(
        with_failing_settings(body, name="pantry", base="Platform"), point="platform.pantry", distribution="pantry"
    )
    (problem,) = refusal(f"{MANIFEST}[services.wiki]\n[plugins.providers]\ncache = 'platform/pantry'\n")
    assert problem.plugin == "platform/pantry"
    assert problem.message == "the plugin failed to have its settings read: KeyError: 'odd'"


# -- two plugins, one option ---------------------------------------------------------------------------------------


def test_two_plugins_that_disagree_are_both_named(installed: Install) -> None:
    for name, port in (("wiki", 1), ("notes", 2)):
        body = f"def configure(self, context, grants): return {{'services': {{'openssh': {{'ports': [{port}],"
        body += f" 'startWhenNeeded': {port == 1}}}}}}}"
        installed(source(body, name=name), point=f"services.{name}", distribution=f"maidan-nix-{name}")
    with pytest.raises(MaidanError) as refused:
        generated(f"{MANIFEST}[services.wiki]\n[services.notes]\n")
    (problem,) = refused.value.problems
    assert refused.value.exit_code == ExitCode.FAILED
    assert "services/notes and services/wiki give the option services.openssh.startWhenNeeded" in problem.message
    assert "two different values" in problem.message


def test_the_examples_agree_with_themselves() -> None:
    root = Path(__file__).parents[1] / "hosts"
    for name in ("minimal", "commons"):
        assert generated((root / name / "community.toml").read_text("utf-8")).tree
