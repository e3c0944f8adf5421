"""Where headings, code and hidden text stand in Markdown and in LaTeX sources."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from chainrule.notation.macros import braces


@dataclass(frozen=True)
class Block:
    """A block: "heading", "code", "math" or "hidden", with its markup and without it."""

    kind: str
    start: int
    end: int
    inner_start: int
    inner_end: int
    level: int = 0
    language: str = ""


_LINE = re.compile(r"\r\n|\r|\n")
_MATHEMATICS = re.compile(r"\$|\\[(\[]|\\begin\{")


def line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _LINE.finditer(text))]


def is_latex(text: str, name: str) -> bool:
    """Whether a document is a LaTeX source rather than Markdown or plain text."""
    return (
        name.endswith((".tex", ".latex"))
        or "\\begin{document}" in text
        or "\\documentclass" in text
    )


def blocks(text: str) -> list[Block]:
    """Headings, fences, indented code and comments of a Markdown text."""
    reader = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)
    tokens: list[Token] = []
    reader.block.parse(_LINE.sub("\n", text), reader, {}, tokens)
    starts = [*line_starts(text), len(text)]
    found = []
    for index, token in enumerate(tokens):
        if token.map is None:
            continue
        first, last = token.map
        start, end = starts[first], starts[min(last, len(starts) - 1)]
        if token.type == "heading_open":
            found.append(_heading(text, start, end, token, tokens[index + 1].content))
        elif token.type == "fence":
            found.append(_fence(text, starts, first, last, token))
        elif token.type == "code_block" and not _MATHEMATICS.search(token.content):
            found.append(Block("code", start, end, start, end))
        elif token.type == "front_matter":
            found.append(Block("code", start, end, start, end, language="yaml"))
        elif token.type == "html_block" and token.content.lstrip().startswith("<!--"):
            found.append(Block("hidden", start, end, start, end))
    return found


def _heading(text: str, start: int, end: int, token: Token, content: str) -> Block:
    lines = content.split("\n")
    inner_start = max(start, text.find(lines[0], start, end))
    inner_end = text.find(lines[-1], inner_start, end) + len(lines[-1])
    level = int(token.tag[1:])
    return Block("heading", start, end, inner_start, max(inner_start, inner_end), level)


def _fence(text: str, starts: list[int], first: int, last: int, token: Token) -> Block:
    """A fence, which the end of the text may close."""
    start, end = starts[first], starts[last]
    closing = text[starts[last - 1] : end].strip(" \t\r\n>")
    closed = last - 1 > first and len(closing) >= 3 and set(closing) == {token.markup[0]}
    inner_start = min(starts[first + 1], end)
    inner_end = max(inner_start, starts[last - 1] if closed else end)
    language = token.info.strip().split(" ")[0]
    kind = "math" if language == "math" else "code"
    return Block(kind, start, end, inner_start, inner_end, language=language)


_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*(%[^\n]*)")
_SECTION = re.compile(
    r"\\(part|chapter|section|subsection|subsubsection|paragraph)\*?\s*(?:\[[^\]]*\])?\{"
)
_VERBATIM = re.compile(
    r"\\begin\{(verbatim|lstlisting|minted|Verbatim|comment)\*?\}(.*?)\\end\{\1\*?\}"
    r"|\\(?:verb|lstinline)\*?(\W)(.*?)\3",
    re.S,
)
_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 1,
    "subsection": 2,
    "subsubsection": 3,
    "paragraph": 4,
}


def latex_blocks(text: str) -> list[Block]:
    """Sections, verbatim text, and what LaTeX does not print: comments, and all but the body."""
    found = []
    body, last = 0, len(text)
    if (place := text.find("\\begin{document}")) >= 0:
        body = place + len("\\begin{document}")
        found.append(Block("hidden", 0, body, 0, body))
    if (place := text.find("\\end{document}", body)) >= 0:
        last = place
        found.append(Block("hidden", last, len(text), last, len(text)))
    for match in _VERBATIM.finditer(text, body, last):
        part = 2 if match[1] else 4
        found.append(Block("code", match.start(), match.end(), *match.span(part)))
    code = [(block.start, block.end) for block in found]
    for match in _COMMENT.finditer(text, body, last):
        if not any(start <= match.start() < end for start, end in code):
            found.append(Block("hidden", *match.span(1), *match.span(1)))
    partners = braces(text)
    for match in _SECTION.finditer(text, body, last):
        end = partners.get(match.end() - 1, match.end())
        found.append(
            Block("heading", match.start(), min(end + 1, last), match.end(), end, _LEVELS[match[1]])
        )
    return sorted(found, key=lambda block: block.start)
