"""Values to print: as hostile and as awkward to lay out as they come."""

from __future__ import annotations

from hypothesis import strategies as st

from maidan_nix.nix.values import Call, Expression, Function, Noted, Override, Path, Ref, Text, Value

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)

_PIECES = ["", "  ", "foo", " bar", "''", "${x}", "'${", "$", "'$", "\tq", "a\t", "''$", "'''", "$$", "\\", "''\\n"]
_HOSTILE_LINES = st.lists(st.sampled_from(_PIECES) | st.text("ab'$ {}", max_size=12), max_size=5).map("\n".join)

STRINGS = (
    TEXT
    | _HOSTILE_LINES
    | _HOSTILE_LINES.map(lambda lines: lines + "\n")
    | st.text("abc ${}'\"\\", min_size=20, max_size=120)
)

NAMES = (
    st.sampled_from(["enable", "services", "nginx", "a", "b", "x_1", "foo-bar'", "or", "rec", "if", "true", "_"])
    | TEXT
    | st.text('ab ${}."\\', min_size=1, max_size=60)
    | st.text("ab", min_size=30, max_size=99)
).filter(lambda name: name not in {"outPath", "__toString"})  # Nix gives these a meaning of their own in JSON

NUMBERS = (
    st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 9) | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip

SCALARS: st.SearchStrategy[Value] = st.none() | st.booleans() | NUMBERS | STRINGS

DATA: st.SearchStrategy[Value] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=15,
)
"""What JSON can say too."""

COMMENTS = st.text(max_size=150)

HEADS = st.sampled_from(["config", "lib", "pkgs", "foo", "a_long_identifier_with_very_many_characters"])
SIMPLE_REFS = st.builds(
    lambda head, steps: Ref(head, *steps),
    HEADS,
    st.lists(st.sampled_from(["a", "bcd", "mkIf", "optionals"]), max_size=3),
)
REFS = SIMPLE_REFS | st.builds(lambda head, steps: Ref(head, *steps), HEADS, st.lists(NAMES, max_size=4))


def _expressions(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    calls = st.builds(lambda function, arguments: Call(function, *arguments), REFS, st.lists(inner, max_size=4))
    texts = st.lists(STRINGS | REFS | calls, max_size=5).map(lambda parts: Text(*parts))
    names = st.lists(st.sampled_from(["config", "lib", "pkgs", "x" * 40, "y" * 40]), unique=True, max_size=4)
    functions = st.builds(Function, names.map(tuple), inner, st.sampled_from(["", "", "args"]), st.booleans())
    return (
        st.lists(inner, max_size=5)
        | st.dictionaries(NAMES, inner, max_size=4)
        | st.dictionaries(NAMES, inner, min_size=1, max_size=1)
        | calls
        | texts
        | functions
        | st.builds(Override, inner, st.sampled_from([90, 50, -1]))
        | st.builds(Noted, inner, COMMENTS)
    )


VALUES: st.SearchStrategy[Value] = st.recursive(
    SCALARS | REFS | st.sampled_from([Path("./a.nix"), Path("../x/y")]), _expressions, max_leaves=15
)
"""Anything that the printer prints, but for `Raw`, whose layout is its author's."""

_OPTION_NAMES = NAMES.filter(lambda name: len(name) <= 40)  # a call beside a name of a whole line is nobody's wish
_OPTION_DATA: st.SearchStrategy[Value] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_OPTION_NAMES, inner, max_size=5), max_leaves=9
)
_SHORT = st.text("abc", min_size=1, max_size=8)
_TERMS: st.SearchStrategy[Value] = (
    st.none() | st.booleans() | st.integers(0, 99999) | _SHORT | SIMPLE_REFS | st.sampled_from([Path("./a.nix")])
)
_PARTS: st.SearchStrategy[str | Expression] = st.sampled_from(
    ["one ", "  two", "three\n", "\n", "four: ", Ref("config", "a", "b"), Ref("pkgs", "c")]
)
_TEMPLATES = st.lists(
    _PARTS,
    min_size=1,
    max_size=6,
).map(lambda parts: Text(*parts))
_PLUGIN_CALLS = st.builds(
    lambda function, terms, last: Call(Ref("pkgs", function, "override"), *terms, last),
    _SHORT,
    st.lists(_SHORT | st.integers(0, 99999), max_size=1),
    st.dictionaries(_OPTION_NAMES, _OPTION_DATA, min_size=1, max_size=5) | _SHORT,
)

PLUGIN_VALUES: st.SearchStrategy[Value] = st.recursive(
    SCALARS | _TERMS | _TEMPLATES | _PLUGIN_CALLS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(_OPTION_NAMES, inner, max_size=4)
        | st.builds(Noted, inner, COMMENTS)
        | st.builds(Override, _OPTION_DATA)
    ),
    max_leaves=15,
)
"""What plugins return: data, references, strings with references inside, priorities, calls with one long argument."""
