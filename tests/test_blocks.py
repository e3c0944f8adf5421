"""Programs that run block by block give what they give at once, in less memory."""

import tracemalloc

import numpy as np
import pytest

import chainrule
from chainrule.language.algebra import apply, count, element, largest, position, total
from chainrule.language.expr import Array
from chainrule.language.index import Index, place_of
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.program.blocks import blocks
from chainrule.program.build import build
from chainrule.program.plan import plan
from chainrule.training.data import from_arrays
from chainrule.training.sizing import network_for

N, K = Index("n", "examples"), Index("k", "K")
X, B = Array("x", ("examples", "K")), Array("b", ("K",))
XNK, BK = element(X, N, K), element(B, K)
Y = Array("y", ("examples", "K"))


def program_of(**bodies):
    found = []
    for name, body in bodies.items():
        indices = tuple(sorted(body.free, key=lambda index: index.name, reverse=True))
        found.append(Definition(Array(name, tuple(i.size for i in indices)), indices, body))
    return Program(tuple(found))


def hidden(name):
    return apply(FUNCTIONS["tanh"], element(Array(name, ("examples", "K")), N, K))


FALL_APART = {
    "sum": program_of(r=total(N, XNK * BK)),
    "mean and rows": program_of(r=total(N, XNK**2) / count("examples"), s=XNK + BK),
    "largest": program_of(r=largest(N, XNK), s=total(K, largest(N, XNK)) + BK),
    "turned": Program((Definition(Array("r", ("K", "examples")), (K, N), 2 * XNK),)),
    "turned run": Program(
        (Definition(Array("r", ("K", "examples")), (K, N), (1 + XNK**2) ** 2 / (2 + XNK**4)),)
    ),
    "column": program_of(r=element(X, N, place_of(1)) * XNK, s=total(N, XNK)),
    "only parameters too": program_of(r=total(N, XNK), s=total(K, BK**2)),
    "shared": program_of(
        y=XNK * 2, r=total(N, hidden("y") * BK), s=total(N, total(K, hidden("y")))
    ),
}


@pytest.mark.parametrize("name", FALL_APART)
@pytest.mark.parametrize("examples", [1, 16, 37])
def test_blocks_give_what_the_whole_gives(name, examples):
    program = FALL_APART[name]
    outputs = [d.name for d in program.definitions]
    random = np.random.default_rng(0)
    given = {"x": random.standard_normal((examples, 5)), "b": random.standard_normal(5)}
    given = {array.name: given[array.name] for array in program.inputs}
    wanted = build(program, outputs, dtype="float64")(given)
    compiled = build(program, outputs, dtype="float64", memory=0)
    assert compiled.blocked is not None
    found = compiled(given)
    for output in outputs:
        np.testing.assert_allclose(found[output], wanted[output], rtol=1e-12)


def test_long_arrays_go_through_runs_of_operations_in_pieces():
    program = program_of(r=apply(FUNCTIONS["exp"], XNK * BK) * (1 - XNK))
    code = build(program, ["r"])
    random = np.random.default_rng(0)
    rows = [random.standard_normal((count, 1000)).astype(np.float32) for count in (3, 1000)]
    b = random.standard_normal(1000).astype(np.float32)
    steps = [code.prepared(b, x)[0] for x in rows]
    assert steps == [code.step, code.pieced.functions[0]]
    for x in rows:
        np.testing.assert_allclose(code({"x": x, "b": b})["r"], np.exp(x * b) * (1 - x), rtol=1e-5)


WHOLE = {
    "normalised over the batch": program_of(
        m=total(N, XNK), r=XNK - element(Array("m", ("K",)), K)
    ),
    "numbered": program_of(r=total(N, XNK * position(N))),
    "pairs": program_of(r=total(K, XNK * element(X, Index("m", "examples"), K))),
    "no examples": program_of(r=BK * 2),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_needs_all_examples_at_once_stays_whole(name):
    program = WHOLE[name]
    assert blocks(plan(program, [d.name for d in program.definitions])) is None


DOCUMENT = r"""
The input $x \in \mathbb{R}^{1 \times D}$ is a row and the label $y$ is a one-hot row, with
$W \in \mathbb{R}^{D \times K}$.

$$ z = x W + b $$
$$ J = - \sum_k y_k \log \text{softmax}(z)_k $$
"""


def vocabulary(words, examples):
    """The network of the document with class numbers as its target, and a batch."""
    random = np.random.default_rng(0)
    rows = random.standard_normal((examples, 8)).astype(np.float32)
    data = from_arrays(rows, np.arange(examples) % words)
    network = network_for(chainrule.read(DOCUMENT).reading, data, {})
    assert network.labels == (words > 256)
    parameters = {
        name: random.standard_normal(shape).astype(np.float32)
        for name, shape in network.shapes.items()
    }
    return network, parameters, rows, data.target


@pytest.mark.parametrize("names", [("u",), ("u", "v"), ("u", "J"), ("u", "v", "J")])
def test_a_product_with_a_row_for_each_example_is_added_to_nothing(names):
    n, d, k = Index("n", "N"), Index("d", "D"), Index("k", "K")
    x, W, u, v = Array("x", ("N", "D")), Array("W", ("D", "K")), *(
        Array(name, ("N", "K")) for name in "uv"
    )  # fmt: skip
    program = Program(
        (
            Definition(u, (n, k), total(d, element(x, n, d) * element(W, d, k))),
            Definition(v, (n, k), apply(FUNCTIONS["tanh"], element(u, n, k))),
            Definition(Array("J"), (), total(n, total(k, element(v, n, k) ** 2))),
        )
    )
    generator = np.random.default_rng(4)
    given = {"x": generator.standard_normal((53, 5)), "W": generator.standard_normal((5, 3))}
    wanted = {"u": given["x"] @ given["W"]}
    wanted |= {"v": np.tanh(wanted["u"])}
    wanted |= {"J": np.sum(wanted["v"] ** 2)}
    for memory in (1, 2000, 10**8):
        found = build(program, names, dtype="float64", memory=memory)(given)
        for name in names:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12)


def test_class_numbers_give_what_one_hot_rows_give():
    network, parameters, rows, labels = vocabulary(300, 512)
    loss, slopes = network.step(parameters, rows, labels)
    z = rows.astype(float) @ parameters["W"] + parameters["b"]
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    np.testing.assert_allclose(loss, -np.log(p[np.arange(512), labels]).mean(), rtol=1e-5)
    p[np.arange(512), labels] -= 1
    np.testing.assert_allclose(slopes["W"], rows.T @ p / 512, atol=2e-6)
    np.testing.assert_allclose(slopes["b"], p.mean(0), atol=2e-6)


def test_a_vocabulary_never_meets_all_examples():
    network, parameters, rows, labels = vocabulary(1500, 6000)
    object.__setattr__(network, "memory", 1_000_000)
    tracemalloc.start()
    network.step(parameters, rows, labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The whole logits are 36 MB.
    assert peak < 3_000_000
