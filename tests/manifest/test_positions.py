"""Every reported position is the place of its key or value, in any document that tomllib accepts."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maidan_nix.manifest.positions import At, Lines, Location, locate, located
from maidan_nix.manifest.tokens import find_excess
from maidan_nix.problems import KeyPath, Problem

# --- documents in every notation that TOML has for the same values ---

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\0") | st.sampled_from("\"'\\\n#[]{}=.,é "),
    max_size=12,
)
KEYS = st.text(st.sampled_from("abcxyz019-_"), min_size=1, max_size=4) | TEXT
SCALARS: st.SearchStrategy[Any] = (
    TEXT
    | st.integers(-(2**63), 2**63 - 1)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.times().map(lambda time: time.replace(fold=0))
    | st.datetimes(timezones=st.none() | st.just(dt.UTC)).map(lambda moment: moment.replace(fold=0))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.lists(st.dictionaries(KEYS, inner, max_size=2), min_size=1, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)
COMMENTS = st.sampled_from(["", "", " # plain", ' # [not.a.table] x = \'y\' """', "\t#='"])


class Writer:
    """Writes values as TOML, choosing among notations as hypothesis draws."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw = draw

    def choose(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def basic(self, text: str) -> str:
        escaped = "".join(f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
        return f'"{escaped}"'

    def key(self, name: str) -> str:
        options = [self.basic(name)]
        if re.fullmatch(r"[A-Za-z0-9_-]+", name):
            options += [name, name]
        if name.isprintable() and "'" not in name:
            options.append(f"'{name}'")
        return str(self.choose(*options))

    def dotted(self, names: list[str]) -> str:
        return str(self.choose(".", ".", " . ", "\t.")).join(self.key(name) for name in names)

    def string(self, text: str) -> str:
        options = [self.basic(text)]
        if text.isprintable() and "'" not in text:
            options.append(f"'{text}'")
        if all(line.isprintable() for line in text.split("\n")):
            newline = "\n" if text.startswith("\n") else self.choose("", "\n")
            if "'''" not in text and not text.startswith("'"):
                ending = re.search(r"'*\Z", text)
                if ending is not None and len(ending.group()) <= 2:
                    options.append(f"'''{newline}{text}'''")
            escaped = text.replace("\\", "\\\\").replace('"""', '""\\"')
            if not escaped.endswith('"""'):
                options.append(f'"""{newline}{escaped}"""')
            options.append(f'"""\\\n   {self.basic(text)[1:-1]}"""' if text.strip(" \n\t") == text else options[0])
        return str(self.choose(*options))

    def scalar(self, value: Any) -> str:
        match value:
            case bool():
                return str(value).lower()
            case int():
                return str(self.choose(f"{value}", f"{value:_}", f"{value:#x}" if value >= 0 else f"{value}"))
            case float():
                return repr(value)
            case str():
                return self.string(value)
            case dt.datetime():
                return value.isoformat(self.choose("T", " ", "t"))
            case _:
                return str(value.isoformat())

    def gap(self) -> str:
        return str(self.choose("", " ", "\n", " # comma, ] } '\n", "\t"))

    def value(self, value: Any) -> str:
        if isinstance(value, list):
            elements = [f"{self.gap()}{self.value(element)}{self.gap()}" for element in value]
            return f"[{','.join(elements)}{self.choose('', ',') if elements else ''}{self.gap()}]"
        if isinstance(value, dict):
            pairs = [pair for name, child in value.items() for pair in self.pairs([name], child)]
            written = ", ".join(f"{key} = {text}" for key, text in pairs)
            return f"{{ {written}{self.choose('', ' ')}}}"
        return self.scalar(value)

    def pairs(self, names: list[str], value: Any) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict) and value and self.choose(True, False):
            for name, child in value.items():
                yield from self.pairs([*names, name], child)
        else:
            yield self.dotted(names), self.value(value)

    def table(self, values: dict[str, Any], names: list[str], header: str) -> list[str]:
        own: list[str] = []
        children: list[str] = []
        for name, value in values.items():
            is_array = isinstance(value, list) and value and all(isinstance(each, dict) for each in value)
            below = [*names, name]
            if isinstance(value, dict) and self.choose(True, False):
                children += self.table(value, below, f"[{self.dotted(below)}]")
            elif is_array and self.choose(True, False):
                for element in value:
                    children += self.table(element, below, f"[[{self.dotted(below)}]]")
            else:
                own += [f"{self.choose('', '  ')}{key}{self.choose('=', ' = ')}{text}{self.draw(COMMENTS)}"
                        for key, text in self.pairs([name], value)]  # fmt: skip
        if header and not own and children and not header.startswith("[[") and self.choose(True, False):
            return children  # a table that only its children's headers mention
        own = [f"{header}{self.draw(COMMENTS)}", *own] if header else own
        is_plain = header.startswith("[") and not header.startswith("[[")
        late = is_plain and self.choose(True, False)  # a table's header may follow those of its children
        return [*children, *own] if late else [*own, *children]


@st.composite
def documents(draw: Callable[[Any], Any]) -> tuple[str, dict[str, Any]]:
    values = draw(DOCUMENTS)
    writer = Writer(draw)
    lines = writer.table(values, [], "")
    spaced = [part for line in lines for part in (*writer.choose([], [], [""], ["  # = [x]"]), line)]
    text = "\n".join(spaced) + writer.choose("", "\n")
    return text.replace("\n", writer.choose("\n", "\r\n")), values


def walk(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from walk(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from walk(child, (*path, index))


def rest_at(text: str, location: Location) -> str:
    lines = text.split("\n")
    return "\n".join([lines[location.line - 1][location.column - 1 :], *lines[location.line :]])


def read_back(rest: str) -> Any:
    """Parse the value that a text starts with: the shortest beginning, up to a delimiter, that is a value."""
    for end in [match.start() for match in re.finditer(r"[,\]}#\r\n]|\Z", rest)]:
        for candidate in (rest[:end], rest[: end + 1]):
            try:
                return tomllib.loads(f"x = {candidate}")["x"]
            except tomllib.TOMLDecodeError:
                continue
    raise AssertionError(f"no value here: {rest!r}")


def key_at(rest: str) -> str:
    match = re.match(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""", rest)
    assert match is not None, rest
    return next(iter(tomllib.loads(f"{match.group()} = 1")))


@given(documents())
@settings(deadline=None, max_examples=300)
def test_every_position_reads_back(document: tuple[str, dict[str, Any]]) -> None:
    text, values = document
    assert tomllib.loads(text) == values, "the test writes what it means to"
    paths: list[tuple[KeyPath, At]] = []
    for path, _ in walk(values):
        paths += [(path, "key"), (path, "value")]
    places = locate(text, paths)
    for path, value in walk(values):
        if not path:
            continue
        key, name = rest_at(text, places[path, "key"]), path[-1]
        if isinstance(name, str):
            assert key_at(key) == name
        rest = rest_at(text, places[path, "value"])
        by_header = isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict))
        if not by_header or not _is_header_or_name(rest, path):
            assert read_back(rest) == value


def _is_header_or_name(rest: str, path: KeyPath) -> bool:
    """Whether a table's place is a header that names it, or the name in a dotted key."""
    names = [step for step in path if isinstance(step, str)]
    header = re.match(r"\[\[?(?=[^\n]*\]\]?[ \t\r]*(?:#|\n|\Z))", rest)
    if header:
        try:
            table: Any = tomllib.loads(rest.partition("\n")[0].rstrip("\r"))
        except tomllib.TOMLDecodeError:
            return False
        for name in names:
            table = table[0] if isinstance(table, list) else table
            if not isinstance(table, dict) or name not in table:
                return False
            table = table[name]
        return True
    return not rest.startswith(("{", "[")) and key_at(rest) == path[-1]


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(documents())
@settings(deadline=None, max_examples=150)
def test_levels_are_counted_without_parsing(document: tuple[str, dict[str, Any]]) -> None:
    text, values = document
    levels = depth(values) - 1  # the document itself is no level
    assert find_excess(text, levels) is None
    if levels and "[[" not in text:  # below an array of tables the count may be short by the array
        excess = find_excess(text, levels - 1)
        assert excess is not None
        assert excess.what == "levels"


@given(st.text(st.sampled_from("ab.='\"[]{}#,\n\r \\1é"), max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_text_has_places_and_nothing_is_raised(text: str) -> None:
    places = locate(text, [((), "value"), (("a",), "key"), (("a", 0, "b"), "value")])
    for place in places.values():
        assert 1 <= place.line <= text.count("\n") + 1
        assert 1 <= place.column <= len(text) + 1
    find_excess(text, 3)


@pytest.mark.parametrize(
    ("path", "at", "line", "column"),
    [
        ((), "value", 1, 1),
        (("community",), "key", 2, 2),
        (("community",), "value", 2, 1),
        (("community", "name"), "key", 3, 3),
        (("community", "name"), "value", 3, 10),
        (("community", "missing"), "key", 2, 1),
        (("community", "missing", "deeper", 3), "value", 2, 1),
        (("hosts", "main", "disk", "device"), "value", 5, 19),
        (("hosts", "main", "disk", "size"), "key", 5, 8),
        (("hosts", "main", "net"), "key", 6, 1),
        (("hosts", "main", "net", "dns", 1), "value", 8, 2),
        (("hosts", "main", "net", "dns", 7), "value", 6, 11),
        (("hosts",), "key", 4, 2),
        (("stewards", 1, "name"), "value", 12, 8),
        (("stewards", 1, "mail"), "key", 11, 1),
        (("late",), "value", 16, 1),
        (("late", "child", "é"), "value", 14, 7),
        (("nowhere",), "key", 1, 1),
    ],
)
def test_places_in_a_manifest(path: KeyPath, at: At, line: int, column: int) -> None:
    text = """# a comment
[community]
  name = "x" # [hosts]
[hosts.main]
disk = { device = "/dev/x" }
net.dns = [ "a, ]", # one
 # two
 "b",
]
[[stewards]]
[[stewards]]
name = "ada"
[late.child]
"é" = '''
x'''
[late]
"""
    assert locate(text, [(path, at)]) == {(path, at): Location(line, column)}


def test_columns_count_characters_not_bytes() -> None:
    text = 'x = { "näme" = "ü", y = 1 }\r\nz = 2\r\n'
    places = locate(text, [(("x", "y"), "value"), (("z",), "key")])
    assert places[("x", "y"), "value"] == Location(1, 25)
    assert places[("z",), "key"] == Location(2, 1)


def test_lines_of_an_empty_text() -> None:
    assert Lines("").location(0) == Location(1, 1)


def test_problems_get_the_places_that_they_lack() -> None:
    problems = [
        Problem(("b", "c"), "its value"),
        Problem(("b", "c"), "its key", at="key"),
        Problem((), "no path"),
        Problem(("b", "c"), "a line of its own", line=7, column=3),
    ]
    places = [(each.message, each.line, each.column) for each in located(problems, "a = 1\n[b]\nc = 2\n")]
    assert places == [("its value", 3, 5), ("its key", 3, 1), ("no path", 0, 0), ("a line of its own", 7, 3)]
