"""The author's own commands, and a formula with them written out.

A macro is replaced before anything else is read; what replaces it has the span of the call, its
arguments keep their own. A macro that calls itself stops at a budget and is then an unknown command
like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chainrule.notation.characters import twin


@dataclass(frozen=True)
class Macro:
    """`\\newcommand{\\name}[parameters][default]{body}`, and its relatives."""

    name: str
    parameters: int
    body: str
    default: str | None = None


class Piece(NamedTuple):
    """The least that TeX reads, a command or a character, and how it was written."""

    text: str
    written: str
    start: int
    end: int


_PIECE = re.compile(r"\\(?:(?:operatorname|tag|hspace|vspace)\*|[A-Za-z]+|.|$)|\s+|%[^\n]*|.", re.S)
_DEFINITION = re.compile(
    r"\\(?P<how>(?:new|renew|provide)command\*?|DeclareMathOperator\*?|e?def|let)"
    r"\s*(?:\{\s*(?P<braced>\\(?:[A-Za-z]+|.))\s*\}|(?P<bare>\\(?:[A-Za-z]+|.)))"
)
_SHAPE = re.compile(r"\s*(?:\[(\d)\])?\s*(?:\[([^\]]*)\])?\s*")
_PARAMETERS = re.compile(r"\s*((?:#\d)*)\s*")
_TARGET = re.compile(r"\s*=?\s*(\\(?:[A-Za-z]+|.)|[^\s\\{}])")
_BRACE = re.compile(r"\\.|[{}]", re.S)
_BUDGET = 20_000
_NESTING = 40


def definitions(text: str) -> list[tuple[int, int, Macro]]:
    """Where the text defines macros: start and end of each definition, and the macro."""
    found, position, partners = [], 0, None
    while match := _DEFINITION.search(text, position):
        partners = braces(text) if partners is None else partners
        macro, end = _definition(text, match, partners)
        if macro is not None:
            found.append((match.start(), end, macro))
        position = max(end, match.end())
    return found


def read_macros(text: str) -> dict[str, Macro]:
    """The macros that a text defines anywhere; of several with one name the last.

    >>> read_macros(r"\\newcommand{\\R}{\\mathbb{R}}")["R"].body
    '\\\\mathbb{R}'
    """
    return {macro.name: macro for _, _, macro in definitions(text)}


def _definition(text: str, match: re.Match, partners: dict[int, int]) -> tuple[Macro | None, int]:
    name = (match["braced"] or match["bare"])[1:]
    how, position = match["how"], match.end()
    parameters, default = 0, None
    if how == "let":
        target = _TARGET.match(text, position)
        return (Macro(name, 0, target[1]), target.end()) if target else (None, position)
    if how.endswith("def"):
        marks = _PARAMETERS.match(text, position)
        parameters, position = marks[1].count("#"), marks.end()
    else:
        shape = _SHAPE.match(text, position)
        parameters, default, position = int(shape[1] or 0), shape[2], shape.end()
    if position not in partners:
        return None, match.end()
    end = partners[position] + 1
    body = text[position + 1 : end - 1]
    if how.startswith("DeclareMathOperator"):
        body = f"\\operatorname{'*' if how.endswith('*') else ''}{{{body}}}"
    return Macro(name, parameters, body, default), end


def braces(text: str) -> dict[int, int]:
    """Where each brace is closed: the position of its partner by its own."""
    partners, waiting = {}, []
    for match in _BRACE.finditer(text):
        if match[0] == "{":
            waiting.append(match.start())
        elif match[0] == "}" and waiting:
            partners[waiting.pop()] = match.start()
    return partners


def pieces(latex: str, offset: int, macros: Mapping[str, Macro]) -> list[Piece]:
    """A formula in pieces: Unicode as LaTeX, comments and definitions gone, macros written out."""
    own = definitions(latex) if "\\" in latex else []
    macros = {**macros, **{macro.name: macro for _, _, macro in own}}
    found, position = [], 0
    for start, end, _ in own:
        found.extend(_cut(latex, position, start, offset))
        position = end
    found.extend(_cut(latex, position, len(latex), offset))
    return _expanded(found, macros) if macros else found


def _cut(latex: str, position: int, stop: int, offset: int) -> Iterator[Piece]:
    """The pieces of a stretch; of several for one sign the first carries the print."""
    while position < stop:
        match = _PIECE.match(latex, position, stop)
        written, end, start = match[0], match.end(), position
        position = end
        if len(written) == 1 and (written > "\x7f" or latex[end : end + 1] > "\u02ff"):
            replaced, position = twin(latex, start)
            written = latex[start:position]
            texts = _PIECE.findall(replaced or written)
        else:
            texts = [written] if written[0] != "%" else []
        for index, text in enumerate(texts):
            if text == written or not text.isspace():
                yield Piece(text, "" if index else written, offset + start, offset + position)


def _call(text: str, call: Piece) -> list[Piece]:
    """The pieces of a macro's own text, all in the place of the call."""
    return [
        Piece(one.text, one.written, call.start, call.end) for one in _cut(text, 0, len(text), 0)
    ]


def _expanded(source: list[Piece], macros: Mapping[str, Macro]) -> list[Piece]:
    """The pieces with every macro replaced; `waiting` is a stack, next piece last."""
    waiting = [(piece, 0) for piece in reversed(source)]
    found: list[Piece] = []
    budget = _BUDGET
    while waiting:
        piece, nesting = waiting.pop()
        macro = macros.get(piece.text[1:]) if piece.text[0] == "\\" else None
        if macro is None or nesting >= _NESTING or budget <= 0:
            found.append(piece)
            continue
        arguments, end = _arguments(waiting, macro, piece)
        inserted = _filled(macro, Piece(piece.text, "", piece.start, end), nesting + 1, arguments)
        budget -= len(inserted) + 1
        waiting.extend(reversed(inserted))
    return found


def _filled(
    macro: Macro, call: Piece, nesting: int, arguments: list[list]
) -> list[tuple[Piece, int]]:
    """The body of a macro with `#1`, `#2`, ... replaced."""
    found, numbered = [], False
    for part in _call(macro.body, call):
        if numbered and part.text.isdigit() and int(part.text) <= len(arguments):
            found.pop()
            found.extend(arguments[int(part.text) - 1])
        else:
            found.append((part, nesting))
        numbered = part.text == "#"
    return found


def _arguments(waiting: list, macro: Macro, call: Piece) -> tuple[list[list], int]:
    """Takes the arguments of a call off the stack; also says where the call ends."""
    found, end = [], call.end
    for index in range(macro.parameters):
        while waiting and waiting[-1][0].text.isspace():
            waiting.pop()
        optional = index == 0 and macro.default is not None
        if optional and not (waiting and waiting[-1][0].text == "["):
            found.append([(part, _NESTING) for part in _call(macro.default, call)])
            continue
        argument, last = _argument(waiting, *("[]" if optional else "{}"))
        found.append(argument)
        end = max(end, last)
    return found, end


def _argument(waiting: list, opening: str, closing: str) -> tuple[list, int]:
    """What stands between the brackets that come next, or the next piece; and where it ends."""
    if not waiting:
        return [], 0
    piece, nesting = waiting.pop()
    if piece.text != opening:
        return [(piece, nesting)], piece.end
    depth, found = 1, []
    while waiting:
        piece, nesting = waiting.pop()
        depth += {opening: 1, closing: -1}.get(piece.text, 0)
        if depth == 0:
            break
        found.append((piece, nesting))
    return found, piece.end
