"""The printer: values in, Nix out, in the style of RFC 166.

Every value has at most two shapes. Written on one line (`maidan_nix.nix.inline`), or spread: a set, a list or a string
of several lines opens on the line of what it belongs to and closes on a line of its own; a call does so with its last
argument, or else gives every argument a line. Sets that are not empty always spread, one binding a line, and a set
with one attribute is written as a path, ``a.b.c = 1;``. So no line is ever tried twice, and printing takes time in
proportion to what is printed.

For data, and for calls whose last argument is the only long one, the result is what nixfmt leaves as it is; the tests
hold the printer to that. Any other call is valid Nix in a plain layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maidan_nix.nix import inline, literals
from maidan_nix.nix.comments import WIDTH, comment_lines
from maidan_nix.nix.names import free_names
from maidan_nix.nix.values import Call, Expression, Function, Raw, Text, Value, is_identifier

STEP = "  "
_SHORT_PATH = 4
"""A line never breaks after the ``=`` of a path of up to so many bare names."""

_USUAL_ORDER = ("config", "lib", "pkgs", "modulesPath", "options")


def render(value: Value) -> str:
    """Return `value` as a Nix expression, without a final line break.

    Raises ValueError for what Nix cannot hold (NUL, lone surrogates, integers beyond 64 bits, nan and infinities) and
    TypeError for what is no value.
    """
    lines: list[str] = []
    _outermost(lines, value)
    return "\n".join(lines)


def render_file(value: Value, *, header: str = "") -> str:
    """Return a whole file: `header` as comment lines, `value`, and a final line break. Raises as `render` does."""
    lines = comment_lines(header)
    _outermost(lines, value)
    lines.append("")
    return "\n".join(lines)


def module(attributes: Mapping[str, Value], header: str = "") -> str:
    """Return a NixOS module file that sets `attributes`; it names just the arguments that it uses, or none at all."""
    used = free_names(attributes)
    names = [name for name in _USUAL_ORDER if name in used] + sorted(used.difference(_USUAL_ORDER))
    return render_file(Function(tuple(names), attributes) if names else attributes, header=header)


def _outermost(lines: list[str], value: Value) -> None:
    value = _noted(lines, value, "")
    while isinstance(value, Function):
        lines.append(_formals(value))
        value = inline.bare(value.body)
    if isinstance(value, Mapping) and value:
        lines.append("{")
        _paragraphs(lines, value)
        lines.append("}")
    else:
        _value(lines, "", value, "", "")


def _paragraphs(lines: list[str], attributes: Mapping[str, Value]) -> None:
    """Append the bindings of a file's own attribute set, with a blank line around each that takes several lines."""
    is_first, was_long = True, False
    for name, value in attributes.items():
        binding: list[str] = []
        _bindings(binding, {name: value}, STEP)
        is_long = len(binding) > 1
        if not is_first and (is_long or was_long):
            lines.append("")
        lines += binding
        is_first, was_long = False, is_long


def _bindings(lines: list[str], attributes: Mapping[str, Value], indent: str) -> None:
    """Append ``name = value;`` for each attribute."""
    key = ""
    try:
        for name, given in attributes.items():
            key, value, steps = literals.attribute(name), given, 1
            while isinstance(value, dict) and len(value) == 1:
                ((step, value),) = value.items()
                key = f"{key}.{literals.attribute(step)}"
                steps += 1
            is_short = steps <= _SHORT_PATH and '"' not in key
            _bind(lines, key, is_short, _noted(lines, value, indent), indent)
    except (TypeError, ValueError) as error:
        error.add_note(f"in the attribute {key}" if key else "in the name of an attribute")
        raise


def _noted(lines: list[str], value: Value, indent: str) -> Value:
    """Append the comments of `value` and return it without them."""
    if not isinstance(value, Expression):
        return value
    for comment in inline.notes(value):
        lines += comment_lines(comment, indent)
    return inline.bare(value)


def _bind(lines: list[str], key: str, is_short: bool, value: Value, indent: str) -> None:
    written = inline.inline(value)
    if written is not None:
        if written == key and is_identifier(key):
            lines.append(f"{indent}inherit {key};")
            return
        line = f"{key} = {written};"
        if len(line) <= WIDTH or (is_short and isinstance(value, str | Text | Call) and not _breakable(value)):
            lines.append(indent + line)
            return
    start = f"{indent}{key} = "
    plain = is_short and not isinstance(value, Call)
    if _opens(value) and (plain or len(start) - len(indent) + len(_first_words(value)) <= WIDTH):
        _value(lines, start, value, indent, ";")
    else:
        lines.append(start.rstrip())
        _value(lines, indent + STEP, value, indent + STEP, ";")


def _elements(lines: list[str], elements: Sequence[Value], indent: str) -> None:
    """Append each element of a list."""
    for value in elements:
        _argument(lines, indent, _noted(lines, value, indent), indent, "")


def _opens(value: Value) -> bool:
    """Whether a spread value starts on the line of what it belongs to: ``x = {``, ``x = f {``."""
    if isinstance(value, Call):
        return inline.opening(value) is not None
    return (inline.is_container(value) and bool(value)) or inline.string_lines(value) is not None


def _first_words(value: Value) -> str:
    """What a value that opens puts on its first line."""
    if isinstance(value, Call) and (split := inline.opening(value)):
        return f"{split[0]} {_first_words(split[1])}"
    return "''" if inline.string_lines(value) is not None else "{"


def _value(lines: list[str], start: str, value: Value, indent: str, end: str) -> None:
    """Append a value where anything may stand, the first line after `start`, the last before `end`."""
    value = inline.bare(value)
    written = inline.inline(value)
    if written is not None and (len(start) - len(indent) + len(written) + len(end) <= WIDTH or not _breakable(value)):
        lines.append(f"{start}{written}{end}")
    elif isinstance(value, Function):
        lines.append(start + _formals(value))
        _value(lines, indent, value.body, indent, end)
    elif isinstance(value, Call):
        _call(lines, start, value, indent, end)
    elif isinstance(value, Raw):
        _raw(lines, start, value, indent, end)
    else:
        _spread(lines, start, value, indent, end)


def _breakable(value: Value) -> bool:
    """Whether a value that is too long for its line has a spread shape at all."""
    if isinstance(value, Call):
        return not inline.is_simple(value)
    return isinstance(value, Function) or (inline.is_container(value) and bool(value))


def _argument(lines: list[str], start: str, value: Value, indent: str, end: str) -> None:
    """Append a value where only a term may stand: an element, or an argument."""
    value = inline.bare(value)
    if not inline.needs_parentheses(value):
        _value(lines, start, value, indent, end)
        return
    written = inline.inline(value)
    room = WIDTH - len(start) + len(indent) - len(end) - len("()")
    if written is not None and (len(written) <= room or not _breakable(value)):
        lines.append(f"{start}({written}){end}")
    elif isinstance(value, Call) and inline.opening(value) is not None:
        _call(lines, f"{start}(", value, indent, f"){end}")
    else:
        lines.append(f"{start}(")
        _value(lines, indent + STEP, value, indent + STEP, "")
        lines.append(f"{indent}){end}")


def _call(lines: list[str], start: str, call: Call, indent: str, end: str) -> None:
    split = inline.opening(call)
    if split is not None:
        _argument(lines, f"{start}{split[0]} ", split[1], indent, end)
        return
    function, arguments = inline.applied(call)
    _argument(lines, start, function, indent, "")
    for argument in arguments:
        _argument(lines, indent + STEP, argument, indent + STEP, "")
    lines[-1] += end


def _spread(lines: list[str], start: str, value: Value, indent: str, end: str) -> None:
    """Append a set, a list or a string over several lines."""
    inside = indent + STEP
    strings = inline.string_lines(value)
    if strings is not None:
        lines.append(f"{start}''")
        lines += [_string_line(parts, inside) for parts in strings[:-1]]
        lines.append(f"{indent}''{end}")
    elif isinstance(value, Mapping):
        lines.append(f"{start}{{")
        _bindings(lines, value, inside)
        lines.append(f"{indent}}}{end}")
    elif inline.is_list(value):
        lines.append(f"{start}[")
        _elements(lines, value, inside)
        lines.append(f"{indent}]{end}")
    elif isinstance(value, Text):
        lines.append(f'{start}"{_interpolated(inline.merged_parts(value), literals.escaped)}"{end}')
    else:
        raise TypeError(f"not a Nix value: {type(value).__name__}")


def _string_line(parts: inline.Parts, indent: str) -> str:
    return indent + _interpolated(parts, literals.escaped_indented) if parts else ""


def _interpolated(parts: inline.Parts, escape: inline.Escape) -> str:
    """Write the inside of a string; an expression that spreads is put on one line all the same."""
    written = (
        part if isinstance(part, str) else f"${{{_on_one_line(part)}}}" for part in inline.escaped_parts(parts, escape)
    )
    return "".join(written)


def _on_one_line(value: Value) -> str:
    """Return an expression on one line, whatever its length. A comment inside it is left out."""
    written = inline.inline(value)
    if written is not None:
        return written
    value = inline.bare(value)
    if isinstance(value, str):
        return literals.string(value)
    if isinstance(value, Mapping):
        members = (f"{literals.attribute(name)} = {_on_one_line(member)};" for name, member in value.items())
        return f"{{ {' '.join(members)} }}"
    if isinstance(value, Call):
        function, arguments = inline.applied(value)
        return " ".join(_term_on_one_line(term) for term in (function, *arguments))
    if isinstance(value, Function):
        return f"{_formals(value)} {_on_one_line(value.body)}"
    if isinstance(value, Text):
        return f'"{_interpolated(inline.merged_parts(value), literals.escaped)}"'
    if inline.is_list(value):
        return f"[ {' '.join(map(_term_on_one_line, value))} ]"
    if isinstance(value, Raw):
        return value.text.strip()
    raise TypeError(f"not a Nix value: {type(value).__name__}")


def _term_on_one_line(value: Value) -> str:
    written = _on_one_line(value)
    return f"({written})" if inline.needs_parentheses(inline.bare(value)) else written


def _formals(function: Function) -> str:
    """What stands before a function's body: ``{ config, ... }:``, ``name@{ ... }:`` or ``name:``."""
    names = (*function.arguments, *([function.bind] if function.bind else []))
    for name in names:
        if not is_identifier(name):
            raise ValueError(f"a function cannot bind the name {name!r}")
    if len(set(names)) < len(names):
        raise ValueError(f"a function binds a name twice: {function.arguments!r}")
    if function.bind and not function.arguments:
        return f"{function.bind}:"
    members = [*function.arguments, *(["..."] if function.open else [])]
    bound = f"{function.bind}@" if function.bind else ""
    few = len(function.arguments) <= 2
    if few and len(line := f"{bound}{{ {', '.join(members)} }}:") <= WIDTH:
        return line if members else f"{bound}{{ }}:"
    listed = [f"{STEP}{name}," for name in function.arguments] + ([f"{STEP}..."] if function.open else [])
    return "\n".join([f"{bound}{{", *listed, "}:"])


def _raw(lines: list[str], start: str, raw: Raw, indent: str, end: str) -> None:
    first, *others = raw.text.strip().split("\n")
    lines.append(start + first.rstrip())
    lines += [f"{indent}{line.rstrip()}" if line.strip() else "" for line in others]
    lines[-1] += end
