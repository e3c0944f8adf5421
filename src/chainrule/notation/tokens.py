"""From the pieces of a formula to its tokens: names, numbers, signs, brackets, raw text.

A token has a kind and a text. Kinds: letter, word (a name of several letters), number, text
(prose), sign, operator, slash, relation, colon, comma, dots, script, prime, bang, space, row, cell,
bar, mid, big, open, close, left, right, brace, unbrace, begin, finish, label, forall, therefore,
over, switch, command (with arguments), punctuation, unread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.notation import vocabulary
from chainrule.notation.macros import Macro, Piece, pieces
from chainrule.notation.spacing import SKIPS, gap, length_of, spaced


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int
    end: int
    font: str = ""


_SINGLE = {
    **{sign: ("sign", sign) for sign in "+-"},
    **{opening: ("open", opening) for opening in "(["},
    **{closing: ("close", closing) for closing in ")]"},
    **{relation: ("relation", relation) for relation in "=<>"},
    **{mark: ("comma", mark) for mark in ",;"},
    "*": ("operator", "ast"),
    "/": ("slash", "/"),
    "^": ("script", "^"),
    "_": ("script", "_"),
    "'": ("prime", "'"),
    "|": ("bar", "|"),
    "&": ("cell", "&"),
    "{": ("brace", "{"),
    "}": ("unbrace", "}"),
    ":": ("colon", ":"),
    "!": ("bang", "!"),
    ".": ("punctuation", "."),
    "?": ("letter", "?"),
    "~": ("space", "narrow"),
}
#: Signs that plain text puts together from several characters, longest first.
_TOGETHER = {
    "...": ("dots", "horizontal"),
    "<=>": ("relation", "iff"),
    "::=": ("relation", ":="),
    "==>": ("relation", "implies"),
    ":=": ("relation", ":="),
    "=:": ("relation", "=:"),
    "==": ("relation", "="),
    "=>": ("relation", "implies"),
    "<=": ("relation", "<="),
    ">=": ("relation", ">="),
    "!=": ("relation", "!="),
    "->": ("relation", "to"),
    "||": ("bar", "||"),
    "+-": ("sign", "±"),
}
_FIXED = {
    "mid": ("mid", "|"),
    "prime": ("prime", "'"),
    "therefore": ("therefore", ""),
    "forall": ("forall", ""),
    "over": ("over", ""),
    "because": ("text", "because"),
    "qquad": ("space", "quad"),
    "slash": ("slash", "/"),
    "backslash": ("operator", "setminus"),
    "\\": ("row", ""),
    "newline": ("row", ""),
    "cr": ("row", ""),
    "tabularnewline": ("row", ""),
    "&": ("letter", "&"),
    "_": ("space", "none"),
}
_OPENING = frozenset("{ lbrace lbrack lparen langle lfloor lceil lvert lVert".split())
_CLOSING = frozenset("} rbrace rbrack rparen rangle rfloor rceil rvert rVert".split())
_TABLES = (
    ("letter", vocabulary.SYMBOLS),
    ("relation", vocabulary.RELATIONS),
    ("operator", vocabulary.OPERATORS),
    ("sign", vocabulary.SIGNS),
    ("dots", vocabulary.DOTS),
    ("space", vocabulary.SPACES),
    ("big", vocabulary.BIG_SIGNS),
)
_LONGEST_NAME = 60
_WORD = re.compile(r"[^\W\d_](?:[\w-]*\w)?")
_SIZED = re.compile(r"[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu)")
_GAP = r"(?:\{,\}|\\[,;: ]|~)"
_TAIL = r"(?:\.\d+)?(?:[eE]-?\d+(?!\d))?"
_NUMBER = re.compile(rf"(?:[1-9]\d{{0,2}}(?:{_GAP}\d{{3}})+(?!\d)|\d+|(?=\.\d)){_TAIL}")
# 7,850 and 1,050,624: with commas between thousands, where no list is printed.
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?!,?\w)")
_PAIRS = frozenset("tr ln lg".split())
_INTO = frozenset("open left brace begin".split())
_OUT_OF = frozenset("close right unbrace finish".split())


def tokenise(
    latex: str, offset: int, macros: Mapping[str, Macro], words: frozenset[str]
) -> list[Token]:
    """The tokens of a formula that starts at `offset` in its document."""
    return spaced(_Tokeniser(pieces(latex, offset, macros), words).run())


class _Tokeniser:
    def __init__(self, source: list[Piece], words: frozenset[str]):
        self.pieces = source
        self.words = words
        self.position = 0
        self.tokens: list[Token] = []

    def run(self) -> list[Token]:
        while self.position < len(self.pieces):
            text = self.pieces[self.position].text
            if text.isspace():
                self.position += 1
            elif text[0] == "\\" and len(text) > 1:
                self._command(text[1:])
            elif text.isascii() and text.isalpha():
                self._letters()
            elif text.isdigit() or (text == "." and self._ahead(2)[1:].isdigit()):
                self._number()
            else:
                self._single(text)
        return self.tokens

    def _ahead(self, count: int) -> str:
        return "".join(one.text for one in self.pieces[self.position : self.position + count])

    def _add(self, kind: str, text: str, first: int, font: str = "") -> None:
        """A token made of the pieces from `first` up to here."""
        used = self.pieces[first : self.position]
        start, end = min(one.start for one in used), max(one.end for one in used)
        self.tokens.append(Token(kind, text, start, end, font))

    def _skip_blanks(self) -> str:
        """Passes blanks; the next piece, or ""."""
        while self._ahead(1).isspace():
            self.position += 1
        return self._ahead(1)

    def _letters(self) -> None:
        """One word if it is known, or capitals before a bracket; else letters, as after `X^T`."""
        first = self.position
        if self._ahead(1) == "T" and first and self.pieces[first - 1].text == "^":
            self.position += 1
            return self._add("letter", "T", first)
        while (text := self._ahead(1)).isascii() and text.isalpha():
            self.position += 1
        run = "".join(one.text for one in self.pieces[first : self.position])
        if tail := vocabulary.numbered_word(run, self._ahead(3)):
            self.position += len(tail)
            return self._add("word", run + tail, first)
        capitals = len(run) > 1 and run.isupper() and self._ahead(1) == "("
        below = [one.text for one in self.pieces[max(0, first - 2) : first]] == ["_", "{"]
        # Below a letter `tr` and `ln` are two indices, as any two letters are.
        known = run in self.words and not (below and run in _PAIRS and self._ahead(1) == "}")
        below = below and run in vocabulary.SUBSCRIPTS
        if known or capitals or below or self._is_called(run):
            self._add("word", run, first)
            return
        word = vocabulary.called_word(run, self._ahead(6))
        for one in self.pieces[first : self.position - len(word)]:
            self.tokens.append(Token("letter", one.text, one.start, one.end))
        if word:
            self._add("word", word, self.position - len(word))

    def _is_called(self, run: str) -> bool:
        """Whether letters in a row are the name of a function: `normalize(`."""
        called = self._ahead(6).lstrip().startswith(("(", "\\left("))
        return len(run) > 4 and run.islower() and called and not vocabulary.called_word(run, "(")

    def _number(self) -> None:
        first, window = self.position, self._ahead(40)
        match = None if self._inside() else _THOUSANDS.match(window)
        match = match or _NUMBER.match(window)
        if match is None:
            self.position += 1
            return self._add("unread", window[:1], first)
        size = match.end()
        while size > 0:
            size -= len(self._ahead(1))
            self.position += 1
        self._add("number", re.sub(rf"{_GAP}|,", "", match[0]), first)

    def _inside(self) -> bool:
        """Whether something that was opened is not closed yet."""
        kinds = [token.kind for token in self.tokens]
        depth = sum(kind in _INTO for kind in kinds) - sum(kind in _OUT_OF for kind in kinds)
        return depth > 0 or (bool(kinds) and kinds[-1] in ("comma", "script", "letter"))

    def _single(self, text: str) -> None:
        first = self.position
        for length in (3, 2):
            ahead = self._ahead(length)
            if ahead in _TOGETHER and len(ahead) == length:
                self.position += length
                return self._add(*_TOGETHER[ahead], first)
        self.position += 1
        kind, text = _SINGLE.get(text, ("unread", text))
        self._add(kind, text, first)

    def _command(self, name: str) -> None:
        first = self.position
        self.position += 1
        if name in vocabulary.TEXT_COMMANDS or name.rstrip("*") in vocabulary.NAME_COMMANDS:
            self._text_command(name, first)
        elif name in ("left", "right", "middle") or name in vocabulary.SIZES:
            self._sized(name, first)
        elif name in ("begin", "end"):
            environment = self._raw_argument().strip()
            self._add("begin" if name == "begin" else "finish", environment, first)
        elif name in ("tag", "tag*", "textcircled", "eqno", "leqno"):
            label = self._raw_argument().strip()
            self._add("label", label.strip("()") if name != "tag*" else label, first)
        elif name == "not":
            self._negated(first)
        elif name in ("intertext", "shortintertext"):
            label = self._raw_argument()
            self._add("row", "", first)
            self._add("text", label, first)
            self._add("row", "", first)
        else:
            self._plain_command(name, first)

    def _plain_command(self, name: str, first: int) -> None:
        if name in SKIPS:
            self._skip(name, first)
        elif name == "_" and re.match(r"[{\\]|\w", self._ahead(1)):
            self._escaped_script(first)
        elif name in vocabulary.DROPPED:
            for _ in range(vocabulary.DROPPED[name]):
                self._raw_argument()
        elif name in vocabulary.FONT_SWITCHES:
            self._add("switch", name, first)
        elif name in vocabulary.ARGUMENTS:
            self._add("command", name, first)
        elif name in _OPENING or name in _CLOSING:
            self._add("open" if name in _OPENING else "close", vocabulary.DELIMITERS[name], first)
        elif name in ("|", "vert", "Vert"):
            self._add("bar", vocabulary.DELIMITERS[name], first)
        elif name in _FIXED:
            kind, text = _FIXED[name]
            if kind == "row":
                self._row_gap()
            self._add(kind, text, first)
        elif name == "arg" and self._skip_blanks() in ("\\max", "\\min"):
            self.position += 1
            self._add("word", "arg" + self.pieces[self.position - 1].text[1:], first)
        elif name in self.words or name in vocabulary.WORDS:
            self._add("word", name, first)
        elif name.isspace():
            self._add("space", "narrow", first)
        else:
            table = next(((kind, table[name]) for kind, table in _TABLES if name in table), None)
            self._add(*(table or ("unread", "\\" + name)), first)

    def _escaped_script(self, first: int) -> None:
        """A subscript as Markdown escapes it; a longer run of letters is one word."""
        self._add("script", "_", first)
        first, run = self.position, re.match("[A-Za-z]*", self._ahead(20))[0]
        if len(run) > 2:
            self.position += len(run)
            self._add("word", run, first)

    def _skip(self, name: str, first: int) -> None:
        """Space of a length: in braces, or bare after `\\kern` and `\\hskip`."""
        if self._skip_blanks() == "{":
            length = self._raw_argument()
        else:
            length = (window := self._ahead(12))[: length_of(window)]
            self.position += len(length)
        if (kind := gap(length)) is not None:
            self._add("space", kind, first)

    def _row_gap(self) -> None:
        """Passes the star and the `[4pt]` that may follow a row break."""
        if self._ahead(1) == "*":
            self.position += 1
        if self._ahead(1) == "[":
            window = self._ahead(12)
            size = _SIZED.match(window, 1)
            if size and window[size.end() : size.end() + 1] == "]":
                end = self.position
                while self.pieces[end].text != "]":
                    end += 1
                self.position = end + 1

    def _negated(self, first: int) -> None:
        text = self._skip_blanks()
        kind = vocabulary.RELATIONS.get(text.lstrip("\\"))
        if kind is None:
            return self._add("unread", "\\not", first)
        self.position += 1
        self._add("relation", {"=": "!=", "in": "notin"}.get(kind, f"not {kind}"), first)

    def _sized(self, size: str, first: int) -> None:
        """A bracket of a stated size; \\left and \\right also say which side it is."""
        text = self._skip_blanks()
        name = text.lstrip("\\") if text != "\\|" else "|"
        delimiter = vocabulary.DELIMITERS.get(name) if text[:1] == "\\" else text
        if delimiter not in vocabulary.BRACKETS and delimiter not in (
            ")",
            "]",
            "}",
            ">",
            "⌋",
            "⌉",
            ".",
            "/",
        ):
            return None
        self.position += 1
        kind = {"left": "left", "right": "right", "middle": "mid"}.get(size)
        if kind is None and delimiter in ("|", "||"):
            kind = {"l": "open", "r": "close", "m": "mid"}.get(size[-1], "bar")
        elif kind is None:
            kind = "open" if delimiter in vocabulary.BRACKETS else "close"
        if delimiter == "/" or (size not in ("left", "right") and delimiter == "."):
            kind, delimiter = ("slash", "/") if delimiter == "/" else ("space", "none")
        if kind == "mid" and delimiter not in ("|", "||"):
            kind = "close" if delimiter in vocabulary.BRACKETS.values() else "open"
        return self._add(kind, delimiter, first)

    def _raw_argument(self) -> str:
        """The next {…}, or the next piece, as it is written."""
        inside = self._argument()
        return "".join(one.written for one in inside) or "".join(one.text for one in inside)

    def _argument(self, reach: int | None = None) -> list[Piece]:
        """The pieces of the next {…}, of at most `reach`, or the next piece."""
        if not self._skip_blanks():
            return []
        start = self.position
        self.position += 1
        if self.pieces[start].text != "{":
            return self.pieces[start : self.position]
        depth, last = 1, len(self.pieces) if reach is None else start + reach
        while depth and self.position < min(last, len(self.pieces)):
            depth += {"{": 1, "}": -1}.get(self.pieces[self.position].text, 0)
            self.position += 1
        return self.pieces[start + 1 : self.position - (depth == 0)]

    def _text_command(self, name: str, first: int) -> None:
        """\\text or \\operatorname: a name or prose; \\mathrm may hold mathematics."""
        named = name.rstrip("*") in vocabulary.NAME_COMMANDS
        inside = self._argument(_LONGEST_NAME if named else None)
        raw = "".join(one.written for one in inside)
        font = vocabulary.FONTS.get(name.rstrip("*"), "roman")
        if named:
            raw = re.sub(r"\\[,;!: ]|\s", "", raw)
            if not _WORD.fullmatch(raw) or (raw.isdigit() and len(raw) == 1):
                self.position = first + 1
                return self._add(
                    "command", "mathrm" if name.startswith("operatorname") else name, first
                )
            if raw.lower() in vocabulary.PROSE_WORDS and len(raw) > 1:
                return self._add("text", raw, first)
            return self._add("word" if len(raw) > 1 else "letter", raw, first, font)
        if "$" in raw:
            return self._mixed(inside)
        word = raw.replace("\\_", "_").strip()
        if self._is_name(raw, word):
            return self._add("word" if len(word) > 1 else "letter", word, first, font)
        return self._add("text", raw, first)

    def _is_name(self, raw: str, word: str) -> bool:
        """Whether \\text holds a name: one word, not of the language, close to what it names."""
        if not _WORD.fullmatch(word) or (word.lower() in vocabulary.PROSE_WORDS and len(word) > 1):
            return False
        if word in self.words or self._ahead(1) in ("(", "_", "^"):
            return True
        # `\text{row-wise}` beside a formula says how it is meant; below a letter it is a name.
        inside = any(token.kind == "script" for token in self.tokens[-2:])
        return raw == word and (inside or not word.endswith("-wise"))

    def _mixed(self, inside: list[Piece]) -> None:
        """Prose with `$…$` in it: text and mathematics in turn."""
        part: list[Piece] = []
        prose = True
        for piece in [*inside, None]:
            if piece is not None and piece.text != "$":
                part.append(piece)
                continue
            if part and prose:
                written = "".join(one.written for one in part)
                self.tokens.append(Token("text", written, part[0].start, part[-1].end))
            elif part:
                self.tokens.extend(_Tokeniser(part, self.words).run())
            part, prose = [], not prose
