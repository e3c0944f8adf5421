"""Atoms: names, numbers, brackets, fractions, matrices, accents; and the scripts on them."""

from __future__ import annotations

from dataclasses import replace

from chainrule.notation import vocabulary
from chainrule.notation.brackets import Call, Item, Nest, arrange
from chainrule.notation.cursor import DEEPEST, Cursor, extent, is_token
from chainrule.notation.tokens import Token
from chainrule.notation.tree import (
    Accent,
    Apply,
    Cases,
    Decorated,
    Ellipsis,
    Empty,
    Fraction,
    Group,
    List,
    Matrix,
    Node,
    Number,
    Product,
    Root,
    Script,
    Symbol,
    Text,
    transformed,
)


def atom(cursor: Cursor) -> Node:
    """The next item as a node; there must be one."""
    if cursor.next_is("script", "prime"):
        return cursor.nothing()
    item = cursor.take()
    if isinstance(item, Token):
        return _token(cursor, item)
    if isinstance(item, Call):
        return _call(cursor, item)
    if item.kind == "brace":
        return cursor.read(item.items, item.start, item.end)
    if item.kind == "environment":
        return _environment(cursor, item)
    return _group(cursor, item)


def _token(cursor: Cursor, token: Token) -> Node:
    span = {"start": token.start, "end": token.end}
    match token.kind:
        case "letter" | "word":
            return Symbol(
                token.text,
                token.font if token.font not in ("", "roman") else cursor.font or token.font,
                **span,
            )
        case "number":
            alone = len(cursor.items) == 1
            return Number(token.text, cursor.font if alone else "", **span)
        case "text":
            return Text(token.text, **span)
        case "dots":
            return Ellipsis(token.text, **span)
        case "operator" | "colon" | "big" | "bang":
            return Symbol(token.text, **span)
        case "forall" | "therefore":
            return Symbol(token.kind, **span)
    return cursor.unread(token.start, token.end)


def scripted(cursor: Cursor, base: Node) -> Node:
    """The base with the scripts, primes and `!` that follow it."""
    sub = sup = None
    primes, end, count = 0, base.end, 0
    while cursor.next_is("script", "prime", "bang") and count < DEEPEST:
        mark = cursor.take()
        count += mark.kind != "prime"
        end = max(end, mark.end)
        if mark.kind == "prime":
            primes += 1
            continue
        if mark.kind == "bang":
            inside = _script(base, sub, sup, primes, end)
            base = Apply(
                Symbol("factorial", start=mark.start, end=mark.end),
                inside,
                start=inside.start,
                end=end,
            )
            sub, sup, primes = None, None, 0
            continue
        node, more = _script_argument(cursor, mark)
        node = _named(node)
        end = max(end, node.end if node else 0)
        primes += more
        if node is None:
            continue
        if (sub if mark.text == "_" else sup) is not None:
            base, sub, sup, primes = _script(base, sub, sup, primes, end), None, None, 0
        sub, sup = (node, sup) if mark.text == "_" else (sub, node)
    return _script(base, sub, sup, primes, end)


def _named(node: Node | None) -> Node | None:
    """In a script, even a word of the language is a name: `d_{\\text{in}}`, `J_{neg}`."""
    match node:
        case Text(text) if (word := text.strip()).isalnum():
            return Symbol(word, "roman", start=node.start, end=node.end)
        case Product(factors) if all(isinstance(one, Symbol) for one in factors):
            word = "".join(one.name for one in factors)
            if word in vocabulary.SUBSCRIPT_WORDS and len(word) == node.end - node.start:
                return Symbol(word, "roman", start=node.start, end=node.end)
    return node


def _script(base: Node, sub: Node | None, sup: Node | None, primes: int, end: int) -> Node:
    if sub is None and sup is None and not primes:
        return base
    start = base.start
    if isinstance(base, Empty):
        start = min([base.start, *(node.start for node in (sub, sup) if node)])
    match base:
        case Script(Accent(), below, None, 0) if sub is None and below is not None:
            # In `\hat{y_i}^{(t)}` the index stands below the hat, and the mark outside.
            return Script(base.base, below, sup, primes, start=start, end=end)
    return Script(base, primed(sub), sup, primes, start=start, end=end)


def primed(sub: Node | None) -> Node | None:
    """A subscript in which `k'` is a letter of its own."""

    def change(part: Node) -> Node:
        match part:
            case Script(Symbol(name) as base, None, None, primes) if primes:
                return replace(base, name=name + "'" * primes, end=part.end)
        return part

    return None if sub is None else transformed(sub, change)


def _script_argument(cursor: Cursor, mark: Token) -> tuple[Node | None, int]:
    """What stands in a script, and how many primes it holds (`f^{\\prime}`)."""
    item = cursor.peek()
    if item is None:
        return cursor.nothing(), 0
    if isinstance(item, Nest) and item.kind == "brace":
        cursor.take()
        items = item.items
        if mark.text == "^" and items and all(is_token(one, "prime") for one in items):
            return None, len(items)
        return _inside(cursor, items, item), 0
    if is_token(item, "prime"):
        return None, 0
    after = cursor.peek(1)
    if is_token(item, "sign") and after is not None and not is_token(after, "script"):
        return _inside(cursor, [cursor.take(), cursor.take()], item), 0
    return _inside(cursor, [cursor.take()], item), 0


def _inside(cursor: Cursor, items: list[Item], item: Item) -> Node:
    start, end = extent(items, item.end)
    if not items:
        return Empty(start=item.start, end=item.end)
    return cursor.read(items, start, end, font="")


def _group(cursor: Cursor, nest: Nest) -> Node:
    span = {"start": nest.start, "end": nest.end}
    if cursor.depth <= 0:
        return cursor.unread(nest.start, nest.end)
    items = arrange(
        [item for item in nest.items if not is_token(item, "row", "cell")], cursor.depth
    )
    only = items[0] if len(items) == 1 else None
    if isinstance(only, Nest) and only.kind == "environment" and only.open in vocabulary.MATRICES:
        return _bracketed(cursor, nest, only)
    body = _spaced(cursor, nest, items)
    if body is None:
        start, end = extent(items, nest.start + 1 if nest.end > nest.start else nest.start)
        body = cursor.grammar(replace(cursor.into(items, start, end), bracketed=True))
    return Group(nest.open, nest.close, body, **span)


def _bracketed(cursor: Cursor, nest: Nest, only: Nest) -> Node:
    """Brackets around an array: its delimiters, or cases where only the left one is printed."""
    if nest.open == "{" and nest.close in (".", "") and not vocabulary.MATRICES[only.open]:
        return replace(_cases(cursor, only), start=nest.start, end=nest.end)
    node = _environment(cursor, only)
    delimiters = {"||||": "‖‖"}.get(nest.open + nest.close, nest.open + nest.close)
    if isinstance(node, Matrix) and not node.delimiters:
        return replace(node, delimiters=delimiters, start=nest.start, end=nest.end)
    return Group(nest.open, nest.close, node, start=nest.start, end=nest.end)


_LOOSE = ("sign", "operator", "relation", "slash", "colon", "mid", "over")


def _spaced(cursor: Cursor, nest: Nest, items: list[Item]) -> Node | None:
    """Entries set apart by space alone, `[0 \\ 0 \\ 1]`; in round brackets only by \\quad."""
    gaps = ("quad", "narrow") if nest.open == "[" else ("quad",)
    if any(is_token(item, "comma", "relation", "mid", "text") for item in items):
        return None
    entries: list[list[Item]] = [[]]
    for item in items:
        if is_token(item, "space") and item.text in gaps:
            entries.append([])
        else:
            entries[-1].append(item)
    entries = [entry for entry in entries if entry]
    if len(entries) < 2 or nest.open not in ("[", "("):
        return None
    if any(is_token(entry[-1], *_LOOSE) for entry in entries):
        return None
    if any(is_token(entry[0], *_LOOSE) and not _negative(entry) for entry in entries):
        return None
    nodes = []
    for entry in entries:
        start, end = extent(entry, nest.start)
        nodes.append(cursor.grammar(cursor.into(entry, start, end)))
    separators = ("\\quad",) * (len(nodes) - 1)
    return List(tuple(nodes), separators, start=nodes[0].start, end=nodes[-1].end)


def _negative(entry: list[Item]) -> bool:
    """A sign that touches what follows belongs to it: `1 \\ -2`, not `1 \\ - 2`."""
    return is_token(entry[0], "sign") and len(entry) > 1 and entry[0].end == entry[1].start


def _call(cursor: Cursor, call: Call) -> Node:
    span = {"start": call.start, "end": call.end}
    name = call.name
    if len(call.arguments) < vocabulary.ARGUMENTS.get(name, 1):
        return cursor.unread(call.start, call.end)
    if name in vocabulary.ACCENTS:
        return _accent(cursor, call)
    if name in vocabulary.FONTS:
        body = _read(cursor, call, 0, vocabulary.FONTS[name])
        return replace(body, **span) if isinstance(body, (Symbol, Number)) else body
    if name in ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"):
        return _fraction(_read(cursor, call, 0), _read(cursor, call, 1), span)
    if name == "sqrt":
        start, end = extent(call.option or [], call.start)
        degree = cursor.read(call.option, start, end) if call.option else None
        return Root(_read(cursor, call, 0), degree, **span)
    if name in ("stackrel", "overset", "underset"):
        return Decorated(
            "underset" if name == "underset" else "overset",
            _read(cursor, call, 1),
            _read(cursor, call, 0),
            **span,
        )
    if name in vocabulary.DECORATIONS:
        return _decorated(cursor, call)
    if name == "substack":
        return Matrix(_rows(cursor, call.arguments[0], call.start), "", **span)
    if name in ("mathop", "mathrel"):
        return _read(cursor, call, 0)
    return cursor.unread(call.start, call.end)


def _read(cursor: Cursor, call: Call, index: int, font: str | None = None) -> Node:
    items = call.arguments[index]
    start, end = extent(items, call.end)
    return cursor.read(items, start, end, font)


def _fraction(top: Node, bottom: Node, span: dict[str, int]) -> Fraction:
    """A fraction; in `\\frac{\\partial}{x}` the sign below is left out, and meant."""
    if top == Symbol("partial") and isinstance(bottom, (Symbol, Script)):
        sign = Symbol("partial", start=bottom.start, end=bottom.start)
        bottom = Product((sign, bottom), ("",), start=bottom.start, end=bottom.end)
    return Fraction(top, bottom, **span)


def _accent(cursor: Cursor, call: Call) -> Node:
    kind = vocabulary.ACCENTS[call.name]
    body = _read(cursor, call, 0)
    if kind == "vec" and isinstance(body, Symbol):
        return replace(body, font=body.font or "vector", start=call.start, end=call.end)
    span = {"start": call.start, "end": call.end}
    if isinstance(body, Script) and isinstance(body.base, Symbol) and not body.primes:
        # The entry of ŷ, though the hat is drawn over the index too.
        return Script(Accent(kind, body.base, **span), body.sub, body.sup, **span)
    return Accent(kind, body, **span)


def _decorated(cursor: Cursor, call: Call) -> Node:
    """A decoration; what is written under or over a brace is its note."""
    kind = vocabulary.DECORATIONS[call.name]
    note, end = None, call.end
    if kind in ("underbrace", "overbrace") and cursor.next_is("script"):
        mark = cursor.take()
        note, _ = _script_argument(cursor, mark)
        end = max(end, mark.end, note.end if note else 0)
    return Decorated(kind, _read(cursor, call, 0), note, start=call.start, end=end)


def _environment(cursor: Cursor, nest: Nest) -> Node:
    name = nest.open.rstrip("*")
    if cursor.depth <= 0:
        return cursor.unread(nest.start, nest.end)
    if name in vocabulary.CASES:
        return _cases(cursor, nest)
    if name not in vocabulary.MATRICES and name not in vocabulary.ALIGNMENTS:
        return cursor.unread(nest.start, nest.end)
    rows = _rows(cursor, content(nest), nest.start)
    return Matrix(rows, vocabulary.MATRICES.get(name, ""), start=nest.start, end=nest.end)


def content(nest: Nest) -> list[Item]:
    """The items of an environment without the column specification or position in front."""
    items = nest.items
    if items and isinstance(items[0], Nest) and items[0].open == "[" and nest.open != "gather":
        inside = items[0].items
        if (
            len(inside) == 1
            and is_token(inside[0], "letter")
            and inside[0].text in "tbclr"
            and len(items) > 1
        ):
            items = items[1:]
    if nest.open in ("array", "tabular", "alignat", "alignat*", "alignedat", "darray"):
        items = (
            items[1:]
            if items and isinstance(items[0], Nest) and items[0].kind == "brace"
            else items
        )
    return items


def _grid(items: list[Item], depth: int) -> list[list[list[Item]]]:
    """Rows of cells of items; an empty row is none: `\\\\\\\\` is escaped twice."""
    rows: list[list[list[Item]]] = [[[]]]
    for item in arrange(items, depth):
        if is_token(item, "row"):
            rows.append([[]])
        elif is_token(item, "cell"):
            rows[-1].append([])
        else:
            rows[-1][-1].append(item)
    kept = [row for row in rows if row != [[]]]
    return kept or rows[:1]


def _rows(cursor: Cursor, items: list[Item], start: int) -> tuple[tuple[Node, ...], ...]:
    rows, place = [], start
    for row in _grid(items, cursor.depth):
        cells = []
        for cell in row:
            first, place = extent(cell, place)
            cells.append(cursor.grammar(cursor.into(cell, first, place)))
        rows.append(tuple(cells))
    return tuple(rows)


def _cases(cursor: Cursor, nest: Nest) -> Cases:
    rows, place = [], nest.start
    for cells in _grid(content(nest), cursor.depth):
        value, condition = cells[0], [item for cell in cells[1:] for item in cell]
        if not condition:
            cut = next(
                (
                    i
                    for i, item in enumerate(value)
                    if i and is_token(item, "text", "space", "comma")
                ),
                len(value),
            )
            value, condition = value[:cut], value[cut:]
        first, place = extent(value, place)
        body = cursor.grammar(cursor.into(value, first, place))
        rows.append((body, _condition(cursor, condition)))
        place = extent(condition, place)[1]
    return Cases(tuple(rows), start=nest.start, end=nest.end)


def _condition(cursor: Cursor, items: list[Item]) -> Node | None:
    """The condition of a case without its "if"."""
    items = [item for item in items if not is_token(item, "space", "comma", "punctuation")]
    if (
        len(items) > 1
        and is_token(items[0], "text")
        and items[0].text.strip().lower().rstrip(",:") in vocabulary.PROSE_WORDS
    ):
        items = items[1:]
    if not items:
        return None
    start, end = extent(items, 0)
    return cursor.grammar(cursor.into(items, start, end))
