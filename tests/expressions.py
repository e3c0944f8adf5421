"""Random well-shaped expressions, for Hypothesis.

Sizes are distinct primes, so that a confusion of two axes shows. Index names collide on purpose:
with each other across sizes, with names of arrays, and with every name that the language makes for
itself (canonical ·0, ·1, fresh ′0, placeholders ·i, ·k), since capture is the main danger.
"""

import numpy as np
from hypothesis import strategies as st

from chainrule.language.algebra import (
    add,
    along,
    apply,
    const,
    delta,
    element,
    largest,
    mul,
    position,
    power,
    total,
    where,
)
from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.mathematics.functions import FUNCTIONS

SIZES = {"M": 2, "N": 3, "P": 5}
NAMES = ["i", "x", "·0", "·1", "·2", "′0", "·i", "·k"]
INDICES = [Index(name, size) for size in SIZES for name in NAMES]
ARRAYS = [
    Array("a"),
    Array("x", ("N",)),
    Array("y", ("M",)),
    Array("v", ("P",)),
    Array("W", ("N", "M")),
    Array("V", ("M", "N")),
]
# Defined everywhere and smooth: no overflow at the values drawn here.
SMOOTH = [FUNCTIONS[name] for name in ("sigmoid", "tanh", "softplus")]
ALONG = [FUNCTIONS[name] for name in ("softmax", "log_softmax")]


def values(seed=0):
    random = np.random.default_rng(seed)
    return {a.name: random.uniform(-1.5, 1.5, [SIZES[s] for s in a.sizes]) for a in ARRAYS}


indices = st.sampled_from(INDICES)
numbers = st.fractions(min_value=-3, max_value=3, max_denominator=4).map(const)


@st.composite
def leaves(draw):
    array = draw(st.sampled_from(ARRAYS))
    sized = [draw(st.sampled_from([i for i in INDICES if i.size == s])) for s in array.sizes]
    return element(array, *sized)


@st.composite
def deltas(draw):
    size = draw(st.sampled_from(sorted(SIZES)))
    same = st.sampled_from([index for index in INDICES if index.size == size])
    return delta(draw(same), draw(same))


@st.composite
def bound(draw, bodies, smooth):
    """A binder around a body, more often than not over an index that the body has."""
    body = draw(bodies)
    own = sorted(body.free, key=repr)
    index = draw(st.sampled_from(own) if own and draw(st.booleans()) else indices)
    kind = draw(st.sampled_from(["sum", "sum", "along", "over"] + ([] if smooth else ["max"])))
    match kind:
        case "sum":
            return total(index, body)
        case "max":
            return largest(index, body)
        case "over":
            return along(FUNCTIONS["logsumexp"], index, body, None)
    at = draw(st.sampled_from([i for i in INDICES if i.size == index.size]))
    return along(draw(st.sampled_from(ALONG)), index, body, at)


def expressions(smooth=False, size=8):
    """Expressions over ARRAYS; with `smooth`, derivatives exist everywhere."""
    base = st.one_of(leaves(), leaves(), numbers, deltas(), indices.map(position))

    def grow(inner):
        options = [
            st.builds(add, inner, inner),
            st.builds(mul, inner, inner),
            st.builds(lambda e: power(e, 2), inner),
            st.builds(lambda f, e: apply(f, e), st.sampled_from(SMOOTH), inner),
            bound(inner, smooth),
            bound(inner, smooth),
        ]
        if not smooth:
            options.append(st.builds(lambda a, b, c, d: where("<", a, b, c, d), *[inner] * 4))
        return st.one_of(options)

    # A size limit keeps tensors over many indices small.
    return st.recursive(base, grow, max_leaves=size).filter(lambda e: len(e.free) <= 4)
