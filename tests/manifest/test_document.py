"""What is no manifest is refused in words, at its place, before it can do harm."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maidan_nix.manifest.document import MAXIMUM_BYTES, MAXIMUM_LEVELS, Document, parse_document, read_document
from maidan_nix.problems import ExitCode, MaidanError, Problem


def refusals(content: bytes) -> tuple[Problem, ...]:
    with pytest.raises(MaidanError) as caught:
        parse_document(content, "community.toml")
    assert caught.value.exit_code is ExitCode.MANIFEST_INVALID
    assert caught.value.problems
    return caught.value.problems


def refusal(content: bytes) -> Problem:
    (problem,) = refusals(content)
    return problem


def test_a_document_keeps_its_text_and_values(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "community.toml"
    path.write_bytes(b'[community]\r\nname = "C\xc3\xb6mmons"\r\n')
    document = read_document(path)
    assert document == Document(str(path), '[community]\r\nname = "Cömmons"\r\n', {"community": {"name": "Cömmons"}})


def test_a_document_cannot_be_changed() -> None:
    document = parse_document(b"a = 1", "x")
    with pytest.raises(AttributeError):
        document.name = "y"  # type: ignore[misc]  # the point of the test


class TestFiles:
    def refused(self, path: pathlib.Path) -> Problem:
        with pytest.raises(MaidanError) as caught:
            read_document(path)
        assert caught.value.exit_code is ExitCode.MANIFEST_INVALID
        (problem,) = caught.value.problems
        return problem

    def test_missing(self, tmp_path: pathlib.Path) -> None:
        problem = self.refused(tmp_path / "community.toml")
        assert problem.message == "there is no such file"
        assert problem.hint == "say which manifest: maidan-nix generate PATH"

    def test_below_a_file(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "file").touch()
        assert self.refused(tmp_path / "file" / "community.toml").message == "there is no such file"

    def test_directory(self, tmp_path: pathlib.Path) -> None:
        assert self.refused(tmp_path).message == "is a directory"

    def test_a_pipe_does_not_block(self, tmp_path: pathlib.Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert self.refused(tmp_path / "pipe").message == "is not a regular file"

    def test_a_device_without_end(self) -> None:
        assert self.refused(pathlib.Path("/dev/zero")).message == "is not a regular file"

    def test_unreadable(self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> int:  # root may read everything, so the mode of a file would not do
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("maidan_nix.regular_file.os.open", refuse)
        assert self.refused(tmp_path / "community.toml").message == "may not be read"

    def test_a_loop_of_links(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "a").symlink_to(tmp_path / "b")
        (tmp_path / "b").symlink_to(tmp_path / "a")
        assert self.refused(tmp_path / "a").message.startswith("cannot be read: ")

    def test_a_name_that_no_file_has(self) -> None:
        assert self.refused(pathlib.Path("a\0b")).message == "this is not a path"
        assert self.refused(pathlib.Path("a" * 5000)).message.startswith("cannot be read: ")

    def test_more_than_8_mib_is_not_even_read(self, tmp_path: pathlib.Path) -> None:
        path = tmp_path / "community.toml"
        with path.open("wb") as file:
            file.truncate(2**40)  # a hole: reading it whole would exhaust memory
        assert self.refused(path).message == "is larger than 8 MiB"


class TestBytes:
    @pytest.mark.parametrize("content", [b"", b" \n\t\r\n"])
    def test_empty(self, content: bytes) -> None:
        assert refusal(content).message == "is empty"

    def test_size(self) -> None:
        largest = b"a = 1 #" + b"x" * (MAXIMUM_BYTES - 7)
        assert parse_document(largest, "x").values == {"a": 1}
        assert refusal(largest + b"x").message == "is larger than 8 MiB"

    @pytest.mark.parametrize(
        ("content", "message", "line", "column"),
        [
            (b'a = 1\nb = "\xc3\xa4\xff"', "byte 0xFF is not UTF-8", 2, 7),
            (b"\x1f\x8b\x08", "byte 0x8B is not UTF-8", 1, 2),
            (b"a = 1 # \xe2\x82", "byte 0xE2 is not UTF-8", 1, 9),
            (b'a = "\xed\xa0\x80"', "byte 0xED is not UTF-8", 1, 6),
            (b"a = 1\n\0\xff", "contains a NUL byte", 2, 1),
            (b"\x7fELF\x02\x01\x01\x00", "contains a NUL byte", 1, 8),
            (b"\xef\xbb\xbfa = 1", "starts with a byte order mark", 1, 1),
            (b"\xff\xfea\0", "is UTF-16", 1, 1),
        ],
    )
    def test_not_text(self, content: bytes, message: str, line: int, column: int) -> None:
        problem = refusal(content)
        assert (problem.message, problem.line, problem.column) == (message, line, column)
        assert problem.expected
        assert problem.hint


class TestNesting:
    deep = MAXIMUM_LEVELS

    @pytest.mark.parametrize(
        ("fits", "too_deep"),
        [
            (f"x = {'[' * deep}{']' * deep}", f"x = {'[' * (deep + 1)}{']' * (deep + 1)}"),
            (f"x = {'{a = ' * deep}1{'}' * deep}", f"x = {'{a = ' * (deep + 1)}1{'}' * (deep + 1)}"),
            (".".join(["a"] * (deep + 1)) + " = 1", ".".join(["a"] * (deep + 2)) + " = 1"),
            (f"[{'.'.join('a' * deep)}]\nb = 1", f"[{'.'.join('a' * (deep + 1))}]\nb = 1"),
            (f"[{'.'.join('a' * (deep - 1))}]\nb.c = 1", f"[{'.'.join('a' * (deep - 1))}]\nb.c.d = 1"),
            (f"[[{'.'.join('a' * (deep - 1))}]]", f"[[{'.'.join('a' * deep)}]]"),
            ("[" + ".".join(['"."'] * deep) + "]", "[" + " . ".join(['"]"'] * (deep + 1)) + "]"),
            (f'x = [\'{"[" * 99}\', """{"[" * 99}""", 1.5] # {"[" * 99}', f"x = ['[', {'[' * deep}1{']' * deep}]"),
        ],
    )
    def test_64_levels(self, fits: str, too_deep: str) -> None:
        parse_document(fits.encode(), "x")
        problem = refusal(too_deep.encode())
        assert problem.message == "tables and arrays are nested too deeply here"
        assert problem.expected == "at most 64 levels"
        assert problem.line
        assert problem.column

    @pytest.mark.parametrize("piece", ["[", "{a=", "a.", "[[a.", '"""[', "x = [\n"])
    def test_megabytes_of_brackets(self, piece: str) -> None:
        refusal((piece * (2**22 // len(piece))).encode())

    def test_a_caller_deep_in_its_own_stack(self) -> None:
        def descend(levels: int) -> None:
            if levels:
                descend(levels - 1)
            else:
                parse_document(b"x = " + b"[" * 60 + b"]" * 60, "x")

        problem = None
        for levels in range(sys.getrecursionlimit() - 400, sys.getrecursionlimit(), 20):
            try:
                descend(levels)
            except MaidanError as error:
                (problem,) = error.problems
            except RecursionError:
                break  # the stack was used up before the document was even begun
        if problem is not None:
            assert problem.expected == "at most 64 levels"


class TestValues:
    @pytest.mark.parametrize("number", ["9223372036854775808", "-9223372036854775809", "0xFFFFFFFFFFFFFFFFFF"])
    def test_beyond_64_bits(self, number: str) -> None:
        problem = refusal(f"[a]\nb = [1, {number}]".encode())
        assert problem.path == ("a", "b", 1)
        assert (problem.line, problem.column) == (2, 9)
        assert problem.message == "is an integer beyond 64 bits"

    def test_the_largest_that_fit(self) -> None:
        values = parse_document(b"a = 9223372036854775807\nb = -9223372036854775808", "x").values
        assert values == {"a": 2**63 - 1, "b": -(2**63)}

    @pytest.mark.parametrize("digits", [401, 5000, 2**22])
    def test_digits_without_end(self, digits: int) -> None:
        problem = refusal(b"a = 1\nb = " + b"9" * digits)
        assert problem.message == "this number has more than 400 digits"
        assert (problem.line, problem.column) == (2, 5)

    def test_digits_elsewhere_are_no_number(self) -> None:
        digits = "9" * 5000
        text = f'{digits} = \'{digits}\' # {digits}\n[x.{digits}]\nb = """\n{digits}"""'
        assert parse_document(text.encode(), "x").values[digits] == digits

    def test_all_that_nothing_can_use_at_once(self) -> None:
        problems = refusals(b'a = inf\nb = nan\nc = "\\u0000"\n"d\\u0000" = 1\ne = 1e999')
        assert {(problem.path, problem.line) for problem in problems} == {
            (("a",), 1),
            (("b",), 2),
            (("c",), 3),
            (("d\0",), 4),
            (("e",), 5),
        }

    def test_a_million_of_them(self) -> None:
        assert len(refusals(b"a = [" + b"inf," * 100_000 + b"]")) <= 200


class TestSyntax:
    @pytest.mark.parametrize(
        ("text", "message", "line", "column"),
        [
            ("a = 1\nb = 5M\n", "something follows the value", 2, 6),
            ("a = yes", "this is not a value", 1, 5),
            ("a = ", "this is not a value", 1, 5),
            ("a b = 1", "this key has no value", 1, 3),
            ("\nmü = 1", "this key has no value", 2, 2),
            ("= 1", "this starts neither a table nor a setting", 1, 1),
            ("[]", "a key cannot start like this", 1, 2),
            ("[a\nb = 1", "this table header is not closed", 1, 3),
            ("[[a]\n", "this table header is not closed", 1, 4),
            ("[a]\nx = 1\n\n  [a]\n", "this table was declared before", 4, 3),
            ("a = 1\n  a = 2", "this key was given before", 2, 3),
            ("x = { a = 1, a = 2 }", "this key was given before", 1, 1),
            ("a.b = 1\n[a]", "this table was declared before", 2, 1),
            ("x = [1]\n[[x]]", "this adds to a table or an array that was complete", 2, 1),
            ("x = [1 2]", "this array is not closed, or a comma is missing", 1, 8),
            ('a = 1\nx = "abc\nb = 2\n', "a string is not closed on its line", 2, 9),
            ("a = 1\nx = 'abc\nb = 'x'\n", "a string is not closed on its line", 2, 9),
            ("a = 1\nx = 'abc\nb = 2\n", "this string is not closed", 2, 5),
            ('a = "\\"" # \'\nx = """abc\\"""\nb = 2\n', "this string is not closed", 2, 5),
            ("x = '''abc''\nb = 2\n", "this string is not closed", 1, 5),
            ('x = "\\d"', "this backslash starts no escape that TOML knows", 1, 8),
            ('x = "\\u12"', "this escape has too few hexadecimal digits", 1, 8),
            ('x = "\\ud800"', "this escape names no character", 1, 12),
            ("d = 2030-02-30", "there is no such date or time", 1, 5),
            ("x = 1 # \x01", "a control character", 1, 9),
            ('x = "\x1b[2J"', "a control character", 1, 6),
            ("x = 1\ry = 2", "something follows the value", 1, 6),
        ],
    )
    def test_located_and_explained(self, text: str, message: str, line: int, column: int) -> None:
        problem = refusal(text.encode())
        assert (problem.message, problem.line) == (message, line)
        assert abs(problem.column - column) <= 2, "where tomllib notices differs a little between Python versions"
        assert problem.expected

    @given(st.binary(max_size=40) | st.text(st.sampled_from("ab1.='\"[]{}#,\n\r \\é\0"), max_size=40).map(str.encode))
    @settings(deadline=None, max_examples=400)
    def test_anything_is_a_document_or_a_problem(self, content: bytes) -> None:
        problems: tuple[Problem, ...] = ()
        try:
            parse_document(content, "x")
        except MaidanError as error:
            problems = error.problems
        assert all(problem.message for problem in problems)


def test_importing_costs_neither_tomlkit_nor_pydantic() -> None:
    code = (
        "import sys, maidan_nix.manifest.document as d; d.parse_document(b'a = 1', 'x');"
        "print([m for m in ('tomlkit', 'pydantic', 'maidan_nix.manifest.positions') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
