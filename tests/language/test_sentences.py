"""Nothing is shown that no catalogue can know: the sources are read for text that is glued together."""

from __future__ import annotations

import pytest

from language.catalogues import ROOT, sources
from maidan_nix.testing.sentences import sentences

# What makes messages is not made of them.
MAKERS = {"maidan_nix/messages.py", "maidan_nix/testing/pytest_plugin.py"}


def test_no_sentence_is_glued_together() -> None:
    glued = [
        f"{path.relative_to(ROOT)}:{each.line}: {each.source}"
        for path in sources()
        if str(path.relative_to(ROOT)) not in MAKERS
        for each in sentences(path.read_text("utf-8"))[1]
    ]
    assert glued == [], 'write say("... {name} ...", name=name)'


@pytest.mark.parametrize(
    "source",
    [
        'Problem((), f"no host {x}")',
        'Problem((), message=f"no host {x}")',
        'Problem((), "no", hint="a " + x)',
        'Problem((), "no host %s" % x)',
        'Problem((), "no host {}".format(x))',
        'Problem((), ", ".join(x))',
        'Problem((), "fine" if x else f"no {x}")',
        'Problem((), x or f"no {x}")',
        'Finding("id", "advice", "subject", f"no {x}", "way out")',
        'def f():\n    message = f"no {x}"\n    return Problem((), message)',
        'def f():\n    a, b = "fine", f"no {x}"\n    return Problem((), a, b)',
        'def f():\n    return f"no {x}"\n\nProblem((), f())',
        'class A:\n    def f(self):\n        return f"no {x}"\n    def g(self):\n        return Problem((), self.f())',
        'T = {1: f"no {x}"}\nProblem((), T[1])',
        'T = {1: f"no {x}"}\nProblem((), T.get(1, ""))',
        'T = ((1, f"no {x}"),)\ndef f():\n    for a, b in T:\n        yield Problem((), b)',
        'def f(message):\n    return Problem((), message)\n\nf(f"no {x}")',
        'def f(message):\n    return Problem((), message)\n\ndef g(text):\n    return f(text)\n\ng("no " + x)',
        'class A:\n    def f(self, m=""):\n        Problem((), m)\n    def g(self):\n        self.f(f"no {x}")',
        'console.line(f"no {x}")',
        'console.note("no " + x)',
        'raise click.UsageError(f"no {x}")',
        'ctx.fail(f"no {x}")',
        'say(f"no {x}")',
        "say(template)",
        'api.count(f"1 {x}", f"{n} {x}", number=n)',
        'click.option("--x", help=f"no {x}")',
        'api.Outgoing(unit="a", reason=f"no {x}")',
        'api.Unit(name="a", exempt=f"no {x}")',
        'api.Exemption("UMask", "0022", f"no {x}")',
        'api.Exemption("UMask", "0022", reason=f"no {x}")',
    ],
)
def test_glued_text_is_found_on_every_way(source: str) -> None:
    assert sentences(source)[1], source


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('say("no host {x}", x=f"{a}.{b}")', ["no host {x}"]),
        ('api.say("no host")', ["no host"]),
        ('Problem((), "no host", "a host", hint="add one")', ["no host", "a host", "add one"]),
        ('Problem((), "one" if x else "two")', ["one", "two"]),
        ('T = {1: "one", 2: "two"}\nProblem((), T[1])', ["one", "two"]),
        ('T = (("a+", "one"),)\ndef f():\n    for a, b in T:\n        yield Problem((), b)', ["one"]),
        ("def f(message):\n    return Problem((), message)", []),
        ('def f(message):\n    return Problem((), message)\n\nf("no host")', ["no host"]),
        ('def f(path, text):\n    return Problem(path, text)\n\nf((), text="no host")', ["no host"]),
        ('console.line("All is well.")', ["All is well."]),
        ('language.text("interrupted")', ["interrupted"]),
        ('console.verbatim(f"+{line}")', []),
        ('"text".count("x")', []),
        ('setting("How long", unit="days")', ["How long", "days"]),
        ('api.Unit(name="wiki", exempt="one call of a tool")', ["one call of a tool"]),
        ('api.Exemption("UMask", "0022", "others read it")', ["others read it"]),
        ('class A(api.Service[S]):\n    title = "A"\n    summary = "Does it"', ["A", "Does it"]),
        (
            (
                '@click.command("x", short_help="Do it.")\n@click.option("--y", help="With y.")\n'
                'def f():\n    """Do\n    it all.\n\n    And more.\n    """'
            ),
            ["Do it.", "With y.", "Do it all.", "And more."],
        ),
        ('say("{a}: {b}", a=1, b=2)', []),
    ],
)
def test_sentences_are_found(source: str, found: list[str]) -> None:
    read, glued = sentences(source)
    assert sorted(each.template for each in read) == sorted(found)
    assert not glued


def test_a_counted_sentence_has_both_forms() -> None:
    (read,), glued = sentences('count("1 file", "{number} files", number=n)')
    assert (read.template, read.many, glued) == ("1 file", "{number} files", [])
