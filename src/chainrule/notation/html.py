"""A document as HTML, as it is written, with slots: formulas in their places, notes beside them.

Markdown-it makes the HTML; a LaTeX source is put into Markdown first. In the Markdown each slot is
one letter-like mark, so that no formula is taken for markup. Nothing of the document becomes
active: its own HTML is shown as text, pictures as their descriptions, and links lead only to web
and mail addresses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from chainrule.notation.document import Document
from chainrule.notation.latex_prose import in_markdown, with_code


@dataclass(frozen=True)
class Slot:
    """A stretch of the text, 0-based and end exclusive, and the HTML that takes its place.

    note  HTML that belongs beside the paragraph, list item or table with the slot, or ""
    """

    start: int
    end: int
    html: str
    display: bool = False
    note: str = ""


def document_html(document: Document, slots: Sequence[Slot]) -> str:
    """The HTML of a whole document; the cells of a notebook are sections.

    slots  in order, without overlaps
    """
    if not document.cells:
        return _stretch(document, 0, len(document.text), slots)
    sections = []
    for cell in document.cells:
        inside = [slot for slot in slots if cell.start <= slot.start <= cell.end]
        body = _stretch(document, cell.start, cell.end, inside)
        label = f'<p class="cell-number">cell {cell.number}</p>'
        sections.append(f'<section class="cell">{label}{body}</section>')
    return "\n".join(sections)


_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def _stretch(document: Document, start: int, end: int, slots: Sequence[Slot]) -> str:
    marked = _marked(document.text, start, end, slots)
    if document.latex:
        marked = in_markdown(marked)
    reader = _reader()
    tokens = _with_notes(reader.parse(marked), slots)
    html = reader.renderer.render(tokens, reader.options, {})
    html = re.sub(r"<[^<>]*>", lambda tag: _PRIVATE.sub("", tag[0]), html)
    if document.latex:
        html = with_code(html)
    return _MARK.sub(lambda mark: slots[int(mark[1])].html, html)


def _marked(text: str, start: int, end: int, slots: Sequence[Slot]) -> str:
    """The text with a mark for each slot; a display in lines of its own becomes a paragraph."""
    found, position = [], start
    for number, slot in enumerate(slots):
        found.append(_PRIVATE.sub("\ufffd", text[position : slot.start]))
        mark, position = f"{_OPEN}{number}{_CLOSE}", slot.end
        margin = text[text.rfind("\n", 0, slot.start) + 1 : slot.start]
        if slot.display and not margin.strip(" \t>"):
            punctuation = re.match(r"[ \t]*[.,;:]?[ \t]*(?=\r?\n|$)", text[position:end])
            position += punctuation.end() if punctuation else 0
            mark = f"\n{margin}{mark}\n{margin}"
        found.append(mark)
    return "".join([*found, _PRIVATE.sub("\ufffd", text[position:end])])


# Notes stand beside the block that their slots are in.

_HOSTS = ("paragraph", "heading", "table")
_LONE = ("code_block", "html_block", "fence")


def _with_notes(tokens: list[Token], slots: Sequence[Slot]) -> list[Token]:
    """The tokens with each paragraph, heading and table that has notes in a pair with them."""
    found: list[Token] = []
    opened, table = None, False
    for token in tokens:
        table = {"table_open": True, "table_close": False}.get(token.type, table)
        host = token.type.rpartition("_")[0] in _HOSTS and not (table and "table" not in token.type)
        if host and token.nesting == 1 and opened is None:
            opened = len(found)
        found.append(token)
        alone = token.type in _LONE
        if (host and token.nesting == -1 and opened is not None) or alone:
            first = len(found) - 1 if alone else opened
            notes = _notes(found[first:], slots)
            if notes:
                found.insert(first, Token("pair_open", "", 0))
                found.append(Token("pair_close", "", 0, content=notes))
            opened = None if not alone else opened
    return found


def _notes(tokens: Sequence[Token], slots: Sequence[Slot]) -> str:
    numbers = [int(mark) for token in tokens for mark in _MARK.findall(token.content)]
    return "".join(slots[number].note for number in dict.fromkeys(numbers))


# How the tokens are written where it is not as usual.


class _Renderer(RendererHTML):
    """Nothing active, nothing from elsewhere."""

    def pair_open(self, tokens, index, options, env) -> str:
        return '<div class="pair"><div class="text">'

    def pair_close(self, tokens, index, options, env) -> str:
        return f'</div><aside class="claims">{tokens[index].content}</aside></div>\n'

    def image(self, tokens, index, options, env) -> str:
        return f'<span class="picture">[picture: {escape(tokens[index].content)}]</span>'

    def link_open(self, tokens, index, options, env) -> str:
        address = str(tokens[index].attrGet("href") or "")
        if not re.match(r"(?:https?://|mailto:)", address, re.IGNORECASE):
            return "<a>"
        return f'<a href="{escape(address)}" rel="noopener noreferrer">'

    def html_inline(self, tokens, index, options, env) -> str:
        return _shown(tokens[index].content)

    def html_block(self, tokens, index, options, env) -> str:
        shown = _shown(tokens[index].content)
        return f"<p>{shown}</p>\n" if shown.strip() else ""

    def fence(self, tokens, index, options, env) -> str:
        return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"

    def code_block(self, tokens, index, options, env) -> str:
        content = tokens[index].content
        if _MARK.search(content):
            return f"<p>{escape(content)}</p>\n"
        return f"<pre><code>{escape(content)}</code></pre>\n"

    def front_matter(self, tokens, index, options, env) -> str:
        return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"


def _shown(html: str) -> str:
    """HTML that a document brings along: comments hidden, line breaks kept, all else as text."""
    html = re.sub(r"<!--.*?(?:-->|$)", "", html, flags=re.S)
    return re.sub(r"&lt;br\s*/?&gt;", "<br>", escape(html))


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", renderer_cls=_Renderer)
    return reader.enable(["table", "strikethrough"]).use(front_matter_plugin)
