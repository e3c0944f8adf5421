"""The grammar of one level of a formula, from the loosest joint to the tightest.

    given    = list | list            p(y | x)
    list     = chain , chain ...
    chain    = sum = sum ...
    sum      = ± product ± product ...
    product  = factor [operator] factor ...
    factor   = atom with scripts, a big operator with its body, or a word with its argument

Precedence inside a product is meaning, not syntax: `A B \\circ C` stays one flat run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chainrule.notation import vocabulary
from chainrule.notation.brackets import Call, Item
from chainrule.notation.cursor import Cursor, extent, is_blank, is_group, is_token
from chainrule.notation.factors import atom, scripted
from chainrule.notation.ranges import nested
from chainrule.notation.slashes import divide, joined, shallow
from chainrule.notation.spacing import is_apart
from chainrule.notation.tree import (
    Apply,
    Big,
    Chain,
    Conditional,
    Ellipsis,
    Empty,
    Fraction,
    Group,
    List,
    Node,
    Relation,
    Script,
    Sum,
    Symbol,
)


def expression(cursor: Cursor) -> Node:
    """The node of all items of a cursor."""
    parts = _parts(cursor.items, "over")
    if len(parts) > 1:
        above = _given(cursor, parts[0])
        rest = [item for part in parts[1:] for item in part]
        return _spanned(Fraction(above, _given(cursor, rest)), cursor)
    return _given(cursor, cursor.items)


def _spanned(node: Node, cursor: Cursor) -> Node:
    start, end = extent(cursor.items, cursor.start)
    return type(node)(**{**vars(node), "start": start, "end": end})


def _parts(items: list[Item], *kinds: str) -> list[list[Item]]:
    """The items between tokens of some kinds."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if is_token(item, *kinds):
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def _given(cursor: Cursor, items: list[Item]) -> Node:
    bars = [item for item in items if is_token(item, "mid")]
    if not bars:
        return listed(cursor, items)
    first, *rest = [listed(cursor, part) for part in _parts(items, "mid")]
    start, end = extent(items, cursor.start)
    if bars[0].text == "||" or len(rest) > 1:
        return List((first, *rest), tuple(bar.text for bar in bars), start=start, end=end)
    return Conditional(first, rest[0], start=start, end=end)


def listed(cursor: Cursor, items: list[Item]) -> Node:
    """Chains between commas; in `i = 1, \\dots, n` the list is the last member of the chain."""
    commas = [item for item in items if is_token(item, "comma")]
    parts = _parts(items, "comma")
    if commas and not any(_solid(part) for part in parts[-1:]):
        parts.pop()
        commas.pop()
    nodes = [chain(cursor, part) for part in parts]
    if not commas:
        return nodes[0]
    start, end = extent(items, cursor.start)
    return _gathered(cursor, nodes, [comma.text for comma in commas], start, end)


def _solid(items: list[Item]) -> bool:
    return not all(map(is_blank, items))


def _gathered(
    cursor: Cursor, nodes: list[Node], separators: list[str], start: int, end: int
) -> Node:
    """A list, or the chain in it where all the rest belongs to its first or last member.

    `x, y \\in A` is a chain, and so is `i = 1, \\dots, n`; the arguments of `p(x, y = 1)` are not.
    """
    places = [index for index, node in enumerate(nodes) if isinstance(node, Chain)]
    place = places[0] if len(places) == 1 and all(map(_names, nodes[: places[0]])) else None
    behind = nodes[place + 1 :] if place is not None else []
    counts = any(isinstance(node, Ellipsis) for node in behind)
    if place is None or not (counts or (not behind and not cursor.bracketed)):
        return List(tuple(nodes), tuple(separators), start=start, end=end)
    members = list(nodes[place].members)
    members[0] = _run([*nodes[:place], members[0]], separators[:place])
    members[-1] = _run([members[-1], *nodes[place + 1 :]], separators[place:])
    return Chain(tuple(members), nodes[place].relations, start=start, end=end)


def _names(node: Node) -> bool:
    return isinstance(node, (Symbol, Script, Ellipsis))


def _run(nodes: list[Node], separators: list[str]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    return List(tuple(nodes), tuple(separators), start=nodes[0].start, end=nodes[-1].end)


def chain(cursor: Cursor, items: list[Item]) -> Node:
    """Sums between relations; where nothing is printed on one side the member is Empty."""
    parts: list[list[Item]] = [[]]
    relations: list[Relation] = []
    solid = [index for index, item in enumerate(items) if not is_blank(item)]
    for index, item in enumerate(items):
        relation = relation_of(cursor, item)
        if is_token(item, "colon") and solid[0] < index < solid[-1]:
            relation = Relation(":", start=item.start, end=item.end)
        if relation is None:
            parts[-1].append(item)
        else:
            relations.append(relation)
            parts.append([])
    nodes, place = [], extent(items, cursor.start)[0]
    for index, part in enumerate(parts):
        nodes.append(_sum(_over(cursor, part, place)))
        place = relations[index].end if index < len(relations) else place
    if not relations:
        return nodes[0]
    start, end = extent(items, cursor.start)
    return Chain(tuple(nodes), tuple(relations), start=start, end=end)


def _over(cursor: Cursor, items: list[Item], place: int) -> Cursor:
    """A cursor over a part of this level; where it is empty it stands at `place`."""
    start, end = extent(items, place)
    return Cursor(
        cursor.source, cursor.offset, cursor.grammar, items, start, end, cursor.depth, cursor.font
    )


def relation_of(cursor: Cursor, item: Item) -> Relation | None:
    """The relation that an item prints, with what stands above or below it."""
    if is_token(item, "relation"):
        return Relation(item.text, start=item.start, end=item.end)
    if not isinstance(item, Call) or not item.arguments:
        return None
    span = {"start": item.start, "end": item.end}
    if item.name in vocabulary.ARROWS:
        over = _annotation(cursor, item.arguments[0], item)
        return Relation(vocabulary.ARROWS[item.name], over, **span)
    if item.name == "mathrel" or (
        item.name in ("stackrel", "overset", "underset") and len(item.arguments) == 2
    ):
        solid = [one for one in item.arguments[-1] if not is_token(one, "space")]
        base = relation_of(cursor, solid[0]) if len(solid) == 1 else None
        if (
            base is None
            and len(solid) == 2
            and is_token(solid[0], "colon")
            and is_token(solid[1], "relation")
        ):
            base = Relation(":" + solid[1].text)
        if base is not None:
            over = (
                _annotation(cursor, item.arguments[0], item)
                if item.name != "mathrel"
                else base.over
            )
            return Relation(base.kind, over, **span)
    return None


def _annotation(cursor: Cursor, items: list[Item], item: Item) -> Node | None:
    start, end = extent(items, item.start)
    return cursor.read(items, start, end, font="") if items else None


def _sum(cursor: Cursor) -> Node:
    signs: list[str] = []
    terms: list[Node] = []
    start = cursor.here()
    while cursor.peek() is not None:
        sign = _sign(cursor) if cursor.next_is("sign") else ("+" if terms else "")
        terms.append(product(cursor))
        signs.append(sign)
    if not terms:
        return cursor.nothing()
    if len(terms) == 1 and isinstance(terms[0], Empty) and len(cursor.items) == 1:
        return Symbol(signs[0], start=cursor.start, end=cursor.end)
    if signs == [""]:
        return terms[0]
    signs[0] = signs[0] or "+"
    return Sum(tuple(terms), tuple(signs), start=start, end=max(term.end for term in terms))


def _sign(cursor: Cursor) -> str:
    """One sign; of several in a row, `- -`, the product of them."""
    sign = cursor.take().text
    while cursor.next_is("sign"):
        follower = cursor.take().text
        pair = {sign, follower}
        sign = {frozenset("+"): "+", frozenset("-"): "+", frozenset("+-"): "-"}.get(
            frozenset(pair), "±"
        )
    return sign


def product(cursor: Cursor, of: str = "") -> Node:
    """A flat run of factors up to a sign; as the argument of a word it ends at any operator or
    operator word, and before a bracket that stands apart."""
    factors: list[Node] = []
    operators: list[str] = []
    while (item := cursor.peek()) is not None and not is_token(item, "sign"):
        if of and (is_token(item, "operator", "text") or (factors and _starts_afresh(item))):
            break
        if of and factors and is_group(item):
            between, inside = (factors[-1].end, item.start), (item.start, item.end)
            if is_apart(cursor.written(*between), cursor.written(*inside), of):
                break
        if (
            is_token(item, "slash")
            and factors
            and cursor.peek(1) is not None
            and shallow(factors[-1])
        ):
            divide(cursor, factors, operators, factor, _signed)
            continue
        if is_token(item, "at") and factors and shallow(factors[0]):
            factors, operators = [_evaluated(cursor, factors, operators)], []
            continue
        joint = ""
        if is_token(item, "operator") and factors and not _dangles(cursor):
            joint = _joint(cursor)
        if factors:
            operators.append(joint)
        if cursor.peek() is None:
            factors.append(cursor.nothing())
        else:
            factors.append(_signed(cursor, factor) if joint else factor(cursor))
    return joined(factors, operators) if factors else cursor.nothing()


def _joint(cursor: Cursor) -> str:
    """The sign between two factors, and what stands below it: `\\ast valid`."""
    sign = cursor.take()
    if not cursor.next_is("script"):
        return sign.text
    marked = scripted(cursor, Symbol(sign.text, start=sign.start, end=sign.end))
    below = marked.sub if isinstance(marked, Script) and marked.sup is None else None
    return f"{sign.text} {below.name if isinstance(below, Symbol) else '?'}"


def _evaluated(cursor: Cursor, factors: list[Node], operators: list[str]) -> Node:
    """What stands before `|_{x=0}`, in a group that only the bar closes."""
    bar = cursor.take()
    body = joined(factors, operators)
    return scripted(cursor, Group(".", "|", body, start=body.start, end=bar.end))


def _starts_afresh(item: Item) -> bool:
    return is_token(item, "big") or (is_token(item, "word") and item.text in vocabulary.FUNCTIONS)


def _dangles(cursor: Cursor) -> bool:
    """An operator without a right operand is printed for itself, as in `w_{j \\cdot}`."""
    follower = cursor.peek(1)
    return follower is None or is_token(follower, "operator")


def _signed(cursor: Cursor, part: Callable[[Cursor], Node]) -> Node:
    """A part that may carry a sign of its own: `a \\cdot -b`, `\\sum_i -c_i x_i`."""
    if not cursor.next_is("sign"):
        return part(cursor)
    start = cursor.here()
    sign = _sign(cursor)
    body = part(cursor) if cursor.peek() is not None else cursor.nothing()
    return Sum((body,), (sign,), start=start, end=max(body.end, start))


def factor(cursor: Cursor) -> Node:
    """An atom with scripts; a big operator with its body; an operator word with its argument."""
    if cursor.depth <= 0:
        start = cursor.here()
        cursor.position = len(cursor.items)
        return cursor.unread(start, cursor.end)
    item = cursor.peek()
    if kind := _big_kind(item):
        return _big(cursor, kind)
    start = item.start
    node = scripted(cursor, atom(cursor))
    follower = cursor.peek()
    applied = is_token(item, "word") and item.text in vocabulary.FUNCTIONS
    bars = is_group(follower) and follower.open == "|"
    if not applied or follower is None or (is_group(follower) and not bars):
        return node
    cursor.depth -= 1
    argument = scripted(cursor, atom(cursor)) if bars else _argument(cursor, item.text)
    cursor.depth += 1
    if isinstance(argument, Empty):
        return node
    return Apply(node, argument, start=start, end=max(node.end, argument.end))


def _argument(cursor: Cursor, word: str) -> Node:
    if cursor.next_is("sign") and cursor.peek(1) is not None:
        return _signed(cursor, partial(product, of=word))
    item = cursor.peek()
    if (
        is_token(item, "word")
        and item.text in vocabulary.FUNCTIONS
        and not is_group(cursor.peek(1))
    ):
        return factor(cursor)
    return product(cursor, of=word)


def _big_kind(item: Item) -> str:
    """The kind of a big operator that starts here, also under `\\underset`; "" for none."""
    if is_token(item, "big") or (is_token(item, "word") and item.text in vocabulary.BIG_WORDS):
        return item.text
    if isinstance(item, Call) and item.name in ("underset", "overset", "mathop") and item.arguments:
        base = [one for one in item.arguments[-1] if not is_token(one, "space")]
        return _big_kind(base[0]) if len(base) == 1 else ""
    return ""


def _big(cursor: Cursor, kind: str) -> Node:
    item = cursor.take()
    bounds = {"underset": None, "overset": None}
    base = item
    while isinstance(base, Call):
        if base.name in bounds and len(base.arguments) == 2:
            bounds[base.name] = _annotation(cursor, base.arguments[0], base)
        base = next(one for one in base.arguments[-1] if not is_token(one, "space"))
    symbol = Symbol(kind, start=item.start, end=item.end)
    marked = scripted(cursor, symbol)
    sub, sup = bounds["underset"], bounds["overset"]
    if isinstance(marked, Script):
        sub, sup = marked.sub or sub, marked.sup or sup
    bare = sub is None and sup is None
    follower = cursor.peek()
    named = kind in vocabulary.BIG_WORDS
    if (named and bare and (follower is None or is_group(follower))) or (
        isinstance(marked, Script) and marked.primes
    ):
        return marked
    cursor.depth -= 1
    body = (
        _signed(cursor, product)
        if cursor.next_is("sign") and cursor.peek(1) is not None
        else product(cursor)
    )
    cursor.depth += 1
    return nested(Big(kind, sub, sup, body, start=item.start, end=max(marked.end, body.end)))
