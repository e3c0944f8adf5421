"""The prose of a LaTeX source in Markdown, so far as both have the same things.

Headings, lists, emphasis, quotation marks and theorems are put into Markdown. A command that is
not known here, and `\\input` among them, stays as it is written.
"""

from __future__ import annotations

import re
from html import escape

from chainrule.notation.macros import braces
from chainrule.notation.markup import latex_blocks

_PRIVATE = "\ue000-\uf8ff"
_TOKEN = re.compile(
    r"\\(?P<command>[A-Za-z]+)\*?|\\(?P<sign>.)|(?P<dash>---?)|(?P<quote>``|'')|(?P<tie>~)"
    r"|(?P<brace>[{}])|(?P<break>\n[ \t]*\n\s*)"
    rf"|(?P<text>(?:[\w \t.,;:()/={_PRIVATE}]|\n(?![ \t]*\n))+)|(?P<rest>.)",
    re.S,
)
_SIGNS = {"---": "—", "--": "–", "``": "“", "''": "”"}
_HEADINGS = {
    "title": "# ",
    "part": "# ",
    "chapter": "# ",
    "section": "## ",
    "subsection": "### ",
    "subsubsection": "#### ",
    "paragraph": "##### ",
}
_EMPHASIS = {"emph": "*", "textit": "*", "textsl": "*", "textbf": "**", "underline": "*"}
_ARGUMENT = frozenset("text textrm textsf textsc textnormal mbox texttt author date".split())
_REFERENCES = frozenset("ref eqref cref Cref autoref cite citep citet".split())
_DROPPED = frozenset(
    "maketitle noindent centering clearpage newpage bigskip medskip smallskip par hfill vfill"
    " tableofcontents appendix quad qquad left right displaystyle protect sloppy small large"
    " footnotesize normalsize bfseries itshape qed qedhere hline toprule midrule bottomrule".split()
)
_DROPPED_WITH_ARGUMENT = frozenset(
    "label vspace hspace pagestyle thispagestyle bibliographystyle setlength index".split()
)
_LISTS = {"itemize": -1, "enumerate": 0, "description": -1}


def in_markdown(source: str) -> str:
    """A LaTeX source in Markdown; formulas are marks in it already.

    >>> in_markdown(r"\\section{One} A \\emph{small} 5\\% % remark").strip()
    '## One\\n\\nA *small* 5%'
    """
    visible = _visible(source)
    title = re.search(r"\\title\s*(?=\{)", source)
    if title and "\\maketitle" in visible:
        last = braces(source).get(title.end(), title.end())
        command = source[title.start() : last + 1]
        visible = visible.replace("\\maketitle", f"{command}\n\n", 1)
    written = re.sub(r"\n[ \t]+", "\n", _Writer(visible).stretch(0, len(visible)))
    return re.sub(r"\n{3,}", "\n\n", written)


def _visible(source: str) -> str:
    """The source without what is not printed, verbatim text in private letters."""
    found, position = [], 0
    for block in latex_blocks(source):
        if block.kind not in ("hidden", "code") or block.start < position:
            continue
        found.append(source[position : block.start])
        position = block.end
        if block.kind == "code":
            code = source[block.inner_start : block.inner_end].strip("\n")
            kept = "".join(chr(_CODE + ord(c)) if c < "\x7f" else c for c in code)
            lines = source.startswith("\\begin", block.start)
            found.append(f"\n\n{_FIRST}{kept}{_LAST}\n\n" if lines else f"{_FIRST}{kept}{_LAST}")
    return "".join([*found, source[position:]])


# Verbatim text is kept from being read as LaTeX and as Markdown by private letters.

_CODE, _FIRST, _LAST = 0xE100, "\ue002", "\ue003"


def with_code(html: str) -> str:
    """HTML with verbatim text in place of the private letters that `in_markdown` gave it."""
    lines = f"<p>{_FIRST}([^{_FIRST}{_LAST}]*){_LAST}</p>"
    html = re.sub(lines, r"<pre><code>\1</code></pre>", html)
    html = html.replace(_FIRST, "<code>").replace(_LAST, "</code>")
    return re.sub("[\ue100-\ue17f]", lambda letter: escape(chr(ord(letter[0]) - _CODE)), html)


class _Writer:
    """Writes stretches of a source, arguments of commands within those of others."""

    def __init__(self, source: str):
        self.source = source
        self.partners = braces(source)
        # How many items each list around has so far, or -1 for lists without numbers.
        self.lists: list[int] = []

    def stretch(self, start: int, end: int) -> str:
        found, position = [], start
        while position < end:
            match = _TOKEN.match(self.source, position, end)
            text, position = self._token(match, end)
            found.append(text)
        return "".join(found)

    def _token(self, match: re.Match, end: int) -> tuple[str, int]:
        match match.lastgroup:
            case "command":
                return self._command(match, end)
            case "sign":
                sign = match["sign"]
                breaks = "  \n" if sign == "\\" else " "
                return (breaks if sign in "\\ ,;!" else _plain(sign)), match.end()
            case "dash" | "quote":
                return _SIGNS[match[0]], match.end()
            case "tie":
                return "\u00a0", match.end()
            case "brace":
                return "", match.end()
            case "break":
                return "\n\n", match.end()
        text = re.sub(r"\n[ \t]+", "\n", match[0])
        return text if match["text"] else _plain(text), match.end()

    def _command(self, match: re.Match, end: int) -> tuple[str, int]:
        name, position = match["command"], match.end()
        opening = re.compile(r"\s*(?:\[[^\]]*\]\s*)?(?=\{)").match(self.source, position, end)
        last = self.partners.get(opening.end()) if opening else None
        if name == "item":
            label = re.compile(r"\s*\[([^\]]*)\]").match(self.source, position, end)
            written = self.stretch(*label.span(1)) if label else ""
            bullet = self._bullet()
            return f"\n\n{bullet}{f'**{written}**' if label else ''}", (label or match).end()
        if name in _DROPPED:
            return " ", position
        if last is None or last >= end:
            return f"`{match[0]}`", position
        inside = (opening.end() + 1, last)
        after = last + 1
        if name == "begin":
            after = _after_options(self.source, self.partners, after)
        return self._with_argument(match[0], name, inside), after

    def _bullet(self) -> str:
        """The mark of the next item; numbers are written, since a display may part a list."""
        if not self.lists or self.lists[-1] < 0:
            return "- "
        self.lists[-1] += 1
        return f"{self.lists[-1]}. "

    def _with_argument(self, written: str, name: str, inside: tuple[int, int]) -> str:
        argument = self.source[slice(*inside)]
        if name in ("begin", "end"):
            return self._environment(name, argument)
        if name in _DROPPED_WITH_ARGUMENT:
            return ""
        if name in _REFERENCES:
            return f"\\[{_plain(argument)}\\]"
        if name == "includegraphics":
            return f"\\[picture: {_plain(argument)}\\] "
        if name == "caption":
            return f"\n\n*{self.stretch(*inside).strip()}*\n\n"
        if name == "footnote":
            return f" ({self.stretch(*inside)})"
        if name in _HEADINGS:
            return f"\n\n{_HEADINGS[name]}{' '.join(self.stretch(*inside).split())}\n\n"
        if name in _EMPHASIS:
            sign = _EMPHASIS[name]
            return f"{sign}{self.stretch(*inside).strip()}{sign}"
        if name in _ARGUMENT:
            return self.stretch(*inside)
        if re.search(f"[`{_PRIVATE}]", argument):
            return f" `{written}{{`{self.stretch(*inside)}`}}` "
        return f" `{written}{{{argument}}}` "

    def _environment(self, edge: str, name: str) -> str:
        if name in _LISTS:
            if edge == "begin":
                self.lists.append(_LISTS[name])
            elif self.lists:
                self.lists.pop()
            return "\n\n"
        plain = name.rstrip("*")
        if edge == "begin" and plain in ("proof", "theorem", "lemma", "definition", "remark"):
            return f"\n\n**{plain.capitalize()}.** "
        return "\n\n"


def _after_options(source: str, partners: dict[int, int], position: int) -> int:
    """The place after the arguments of an environment, as `[h]` and `{lr}`."""
    options = re.compile(r"\[[^\]\n]*\]")
    while True:
        if match := options.match(source, position):
            position = match.end()
        elif position in partners:
            position = partners[position] + 1
        else:
            return position


def _plain(text: str) -> str:
    """Text in which nothing is markup."""
    return re.sub(r"([\\`*_\[\]<>#+\-|~!&$])", r"\\\1", text)
