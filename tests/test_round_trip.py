"""What is written is read back as the same expression, on generated expressions and derivatives.

python tests/test_round_trip.py 0 2000     tries two thousand, and prints what is not
"""

import sys
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule
from chainrule.language.algebra import (
    add,
    along,
    apply,
    const,
    element,
    largest,
    mul,
    power,
    substitute,
    total,
)
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Along, Array
from chainrule.language.index import Index, place_of
from chainrule.language.passes import parts
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation.derivation_document import definition
from chainrule.notation.derivation_document import given as stated
from chainrule.notation.style import COLUMNS, ROWS, Style
from chainrule.transform.differentiate import differentiate
from chainrule.transform.simplify import simplify
from test_random_programs import INPUTS, SIZES, close, drawn

ELEMENTWISE = [FUNCTIONS[n] for n in ("exp", "sigmoid", "tanh", "softplus", "relu", "abs")]
ALONG = [FUNCTIONS[name] for name in ("softmax", "log_softmax")]


def leaf(random):
    if random.random() < 0.12:
        return const(random.choice((2, "-1/2", "1/3", -3)))
    array = random.choice(INPUTS)
    letters = random.sample("ij", 2)
    return element(array, *map(Index, letters, array.sizes))


def reduced(random, body):
    own = sorted(body.free, key=repr)
    if not own:
        return body
    index = random.choice(own)
    match random.randrange(6):
        case 0 | 1 | 2:
            return total(index, body)
        case 3:
            return largest(index, body)
        case 4:
            return along(FUNCTIONS["logsumexp"], index, body, None)
    return along(random.choice(ALONG), index, body, Index(random.choice("ij"), index.size))


def expression(random, depth):
    if depth == 0:
        return leaf(random)

    def inner():
        return expression(random, random.randrange(depth))

    match random.randrange(10):
        case 0 | 1:
            return add(inner(), inner())
        case 2 | 3 | 4:
            return mul(inner(), inner())
        case 5:
            return power(inner(), random.choice((2, -1)))
        case 6 | 7:
            return apply(random.choice(ELEMENTWISE), inner())
    return reduced(random, inner())


def apart(expr):
    """The expression with a letter of its own for each free index."""
    free = sorted(expr.free, key=repr)
    return substitute(expr, {i: place_of(Index("pqrs"[k], i.size)) for k, i in enumerate(free)})


def written(seed):
    """A definition of R and how vectors stand; None where what is drawn is no matter of print."""
    random = Random(seed)
    body = expression(random, random.randint(1, 4))
    if len(body.free) <= 2 and random.random() < 0.3:
        by = random.choice(INPUTS)
        body = simplify(differentiate(body, element(by, *map(Index, "kl", by.sizes))))
    elif random.random() < 0.5:
        body = simplify(body)
    constant = any(isinstance(p, Along) and p.index not in p.body.free for p in parts(body))
    if len(body.free) > 3 or body.size > 60 or constant or not body.arrays:
        return None
    body = apart(body)
    indices = tuple(sorted(body.free))
    array = Array("R", tuple(index.size for index in indices))
    return Definition(array, indices, body), Style(layout=random.choice((ROWS, COLUMNS)))


def read_back(seed):
    """ "" where R is read as what was written, else what went wrong; None for nothing to read."""
    drawn_one = written(seed)
    if drawn_one is None:
        return None
    one, style = drawn_one
    print_ = definition(one, style)
    arrays = (*INPUTS, one.array)
    scope = chainrule.read(f"{stated(arrays, [], style)}\n\n$$ {print_} $$\n").reading.scope
    # A bold 1 may be a row, a column or a number, and is as long as fits: not always read so.
    open_ = r"\mathbf{1}" in print_
    if "R" not in scope.definitions:
        return "" if open_ else f"unread: {print_}"
    found = scope.program().by_name["R"]
    values = drawn(Program((one,)), seed)
    before = evaluate(one.body, values, SIZES, one.indices)
    try:
        after = evaluate(found.body, values, SIZES, found.indices)
    except chainrule.errors.ChainruleError as error:
        return "" if open_ else f"{error}: {print_}"
    if not np.isfinite(before).all():
        return None
    if after.shape != before.shape:
        return "" if open_ else f"shape {after.shape} of {before.shape}: {print_}"
    return "" if close(after, before) else f"different: {print_}"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_what_is_written_is_read_back(seed):
    assert not read_back(seed)


if __name__ == "__main__":
    for seed in range(*map(int, sys.argv[1:3])):
        if found := read_back(seed):
            print(seed, found)
