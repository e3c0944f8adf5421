"""Everything that `program` builds gives the numbers of `evaluate`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.errors import BadOption, SizeMismatch, UnknownSize, UnknownSymbol
from chainrule.language.algebra import (
    add,
    along,
    apply,
    const,
    count,
    delta,
    element,
    largest,
    lift,
    mul,
    position,
    power,
    total,
    where,
)
from chainrule.language.expr import Array
from chainrule.language.index import Index, place_of
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.program.build import build, sized
from chainrule.program.naming import Names, identifier
from chainrule.program.plan import plan
from chainrule.program.to_numpy import emit, numpy_source
from networks import GRADIENTS, one_hidden_layer, values

SIZES = {"A": 2, "B": 3, "C": 5}
DTYPES = {"float32": 2e-5, "float64": 1e-11}
I, J, K = Index("i", "A"), Index("j", "B"), Index("k", "C")
FREE = {"A": I, "B": J, "C": K}


def arrays():
    """Arrays of every shape used here, with values and duplicates of one shape."""
    random = np.random.default_rng(1)
    found = {}
    for name, sizes in [
        *((f"s{k}", ()) for k in range(2)),
        *((f"v{s}{k}", (s,)) for s in "ABC" for k in range(2)),
        *((f"m{s}{t}", (s, t)) for s in "ABC" for t in "ABC"),
        ("t", ("A", "B", "C")),
        ("u", ("C", "A", "B")),
    ]:
        numbers = random.uniform(0.3, 1.7, [SIZES[s] for s in sizes])
        found[name] = (Array(name, sizes), numbers * random.choice([-1, 1], numbers.shape))
    return found


ARRAYS = arrays()
VALUES = {name: numbers for name, (_, numbers) in ARRAYS.items()}


def program_of(*bodies, order=None):
    definitions = []
    for number, body in enumerate(bodies):
        indices = tuple(order or sorted(body.free, key=lambda index: index.name))
        array = Array(f"r_{number}", tuple(index.size for index in indices))
        definitions.append(Definition(array, indices, body))
    return Program(tuple(definitions))


def assert_right(program, outputs=None, given=None, dtypes=DTYPES, quick=False):
    """The built program agrees with `evaluate`, for inputs exact in float32."""
    outputs = outputs or [definition.name for definition in program.definitions]
    needed = {array.name: array for array in program.inputs}
    source = VALUES if given is None else given
    exact = {n: np.asarray(source[n], np.float32).astype(np.float64) for n in needed}
    sizes = {**SIZES}
    for name, array in needed.items():
        named = zip(array.sizes, np.shape(exact[name]), strict=True)
        sizes.update({s: length for s, length in named if isinstance(s, str)})
    wanted = program.run(exact, sizes)
    for dtype, tolerance in dtypes.items():
        got = build(program, outputs, dtype=dtype, sizes=sizes, quick=quick)(exact)
        for name in outputs:
            scale = np.max(np.abs(np.where(np.isfinite(wanted[name]), wanted[name], 0)), initial=1)
            np.testing.assert_allclose(
                got[name], wanted[name], rtol=tolerance, atol=tolerance * scale, err_msg=name
            )
            assert got[name].dtype == dtype


# Every function -----------------------------------------------------------------------------------


def function_program(name):
    """A function of a matrix, and numbers in its domain."""
    function = FUNCTIONS[name]
    random = np.random.default_rng(2)
    low, high = (max(-3.0, function.domain[0] + 0.1), min(3.0, function.domain[1]))
    x = random.uniform(low, high, (5, 7))
    x[1, :2] = (low, 1.0)
    array = element(Array("x", ("P", "Q")), Index("p", "P"), Index("q", "Q"))
    if not function.axis:
        body = apply(function, array)
    else:
        at = Index("r", "Q") if function.axis == "along" else None
        body = along(function, Index("q", "Q"), array, at)
    return program_of(body), {"x": x}


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_as_evaluate_has_it(name, quick):
    assert_right(function_program(name)[0], given=function_program(name)[1], quick=quick)


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "sigmoid", "softplus"])
def test_extreme_arguments_stay_finite_and_right(name, quick):
    function = FUNCTIONS[name]
    x = np.array([[1000.0, -1000.0, 999.0], [-1000.0, -1000.0, -1001.0], [0.0, 88.0, -88.0]])
    array = element(Array("x", ("P", "Q")), Index("p", "P"), Index("q", "Q"))
    at = Index("r", "Q") if function.axis == "along" else None
    body = along(function, Index("q", "Q"), array, at) if function.axis else apply(function, array)
    assert_right(program_of(body), given={"x": x}, quick=quick)


def test_an_expansion_does_not_capture_the_index_of_a_sum_around_it():
    square = Array("mBB", ("B", "B"))
    m = Index("m", "B")
    inner = along(FUNCTIONS["logsumexp"], m, element(square, J, m), None)
    wanted = np.log(np.exp(VALUES["mBB"]).sum(axis=1)).sum()
    program = program_of(total(J, inner))
    np.testing.assert_allclose(program.run({"mBB": VALUES["mBB"]})["r_0"], wanted)
    assert_right(program)


# Places, deltas, cases ----------------------------------------------------------------------------

X, M, T = Array("vC0", ("C",)), Array("mAC", ("A", "C")), Array("t", ("A", "B", "C"))
P, L, SQUARE = Index("p", 3), Index("l", "B"), Array("mBB", ("B", "B"))
V, AB = Array("vB0", ("B",)), Array("mAB", ("A", "B"))
SPECIAL = {
    "convolution": total(P, element(X, place_of(K) + place_of(P) - place_of(1))),
    "stride": element(X, place_of(P) * 2),
    "reversed": element(X, place_of("C") - place_of(K) - place_of(1)),
    "outside": element(X, place_of(K) + place_of(2)),
    "column": element(M, I, place_of(1)),
    "last": element(X, place_of("C") - place_of(1)),
    "diagonal": element(Array("mBB", ("B", "B")), J, J),
    "two places": element(T, I, place_of(0), place_of(P) + place_of(1)),
    "transposed with a place": element(M, place_of(1) - place_of(I), K),
    "of a sum": total(J, element(T, I, J, K) * element(Array("vB0", ("B",)), J)),
    "identity": delta(I, Index("l", "A")) - element(Array("mAA", ("A", "A")), I, Index("l", "A")),
    "on the diagonals of an outer product": delta(J, L) * element(AB, I, L)
    - element(AB, I, J) * element(AB, I, L),
    "twice on a diagonal": 2 * delta(J, L) + delta(J, L) * element(V, J) + element(SQUARE, L, J),
    "on the diagonal of one row": delta(J, L) * element(V, J) + element(V, L),
    "on a diagonal and beyond": delta(J, L) * element(X, K) + element(SQUARE, L, J),
    "band": delta(place_of(K), place_of(P) + place_of(1)) * element(X, K),
    "positions": position(place_of(K) * 2 - place_of("A")) * element(X, K) + position(I),
    "mean": total(K, element(X, K)) / count("C"),
    "constant": const("1/3"),
    "sizes": count("A") / (1 + count("C")),
    "masked": where("<", position(K), position(2), element(X, K), const(0)),
    "cases": where("<=", element(X, K), element(Array("vC1", ("C",)), K), const(2), const("1/3")),
    "cases of one number": where("<", element(Array("s0")), const(0), 2 * element(X, K), const(5)),
    "scalar cases": where("<", element(Array("s0")), const(0), element(Array("s1")), const(5)),
    "relu": apply(FUNCTIONS["relu"], element(M, I, K)),
    "step": where("<", element(X, K), const(0), const(1), const(0)) * element(M, I, K),
    "same mask": where("!=", position(K), position(I), element(M, I, K), element(X, K)),
    "largest": largest(K, element(M, I, K)) + largest(J, largest(K, element(T, I, J, K))),
    "softmax at a place": along(FUNCTIONS["softmax"], K, element(M, I, K), place_of(2)),
    "softmax of the other axis": along(FUNCTIONS["softmax"], I, element(M, I, K), Index("l", "A")),
    "softmax of a constant": along(FUNCTIONS["softmax"], K, element(Array("s0")), Index("l", "C")),
    "diagonal of softmax": along(FUNCTIONS["softmax"], J, element(SQUARE, L, J), L),
    "powers": add(*(power(element(M, I, K) ** 2, const(e)) for e in ("1/2", "-1/2", "3/2", -3, 2))),
    "a power of numbers": power(element(X, K) ** 2, element(M, I, K)),
    "powers of numbers": power(const(-2), position(K)) + power(element(Array("s0")), const("2/3")),
    "a power of a size": power(count("A"), element(Array("s0"))) * power(count("C"), const("-3/2")),
    "a division by zero": 1 / (count("A") - 2) + element(X, K),
    "squared norm": total(I, total(K, element(M, I, K) ** 2)) * element(Array("s0")) / 2,
    "ratio of sums": total(K, element(M, I, K) / (1 + element(X, K) ** 2)),
    "ratio by a wide one": total(K, element(X, K) / (1 + element(M, I, K) ** 2)),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_special_forms(name):
    assert_right(program_of(SPECIAL[name]))


def test_a_definition_may_be_repeated_along_an_index_and_turned():
    x = element(Array("mAC", ("A", "C")), I, K)
    program = Program(
        (
            Definition(Array("turned", ("C", "A")), (K, I), x * 2),
            Definition(Array("wide", ("C", "B")), (K, J), element(X, K)),
            Definition(Array("same", ("A", "C")), (I, K), x),
            Definition(
                Array("used", ("B", "A")),
                (J, I),
                total(K, element(Array("turned", ("C", "A")), K, I) * element(T, I, J, K)),
            ),
        )
    )
    assert_right(program)


# Random programs ----------------------------------------------------------------------------------


def leaves(indices):
    """Elements whose places are some of the indices."""
    found = []
    for array, _ in ARRAYS.values():
        spots = [FREE.get(size) for size in array.sizes]
        if set(spots) <= set(indices) and len(set(spots)) == len(spots):
            found.append(element(array, *spots))
    return st.sampled_from(found)


SAFE = ("tanh", "sigmoid", "softplus", "relu", "abs", "silu", "sign", "heaviside")


@st.composite
def expressions(draw, depth=4):
    """Random expressions over i, j and k whose values stay moderate."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(st.one_of(leaves((I, J, K)), st.integers(-2, 2).map(const)))
    part = expressions(depth - 1)
    kind = draw(st.sampled_from(["add", "mul", "apply", "sum", "max", "along", "where", "ratio"]))
    index = draw(st.sampled_from((I, J, K)))
    match kind:
        case "add":
            return add(*draw(st.lists(part, min_size=2, max_size=3)))
        case "mul":
            return mul(*draw(st.lists(part, min_size=2, max_size=3)))
        case "apply":
            return apply(FUNCTIONS[draw(st.sampled_from(SAFE))], draw(part))
        case "sum":
            return total(index, mul(*draw(st.lists(part, min_size=1, max_size=3))))
        case "max":
            return largest(index, draw(part))
        case "along":
            name = draw(st.sampled_from(["softmax", "log_softmax", "logsumexp"]))
            at = index if FUNCTIONS[name].axis == "along" else None
            return along(FUNCTIONS[name], index, apply(FUNCTIONS["tanh"], draw(part)), at)
        case "where":
            kind = draw(st.sampled_from(["<", "<="]))
            return where(kind, apply(FUNCTIONS["tanh"], draw(part)), const("1/7"), *draw(two(part)))
    return draw(part) / (1 + draw(part) ** 2)


def two(part):
    return st.tuples(part, part)


@settings(max_examples=150, deadline=None)
@given(st.lists(expressions(), min_size=1, max_size=3), st.permutations((I, J, K)))
def test_random_programs(bodies, order):
    assert_right(program_of(*bodies, order=order), dtypes={"float64": 1e-8})


# The network --------------------------------------------------------------------------------------


@pytest.mark.parametrize("quick", [False, True])
def test_the_network_in_both_dtypes(quick):
    given = values(7, 5, 3, 11)
    assert_right(one_hidden_layer(), ["J", *GRADIENTS], given, quick=quick)


@pytest.mark.parametrize("quick", [False, True])
def test_logits_of_a_thousand(quick):
    given = values(7, 5, 3, 11)
    given["W_2"] = 3000 * given["W_2"]
    program = one_hidden_layer()
    found = build(program, ["J", *GRADIENTS], quick=quick)(given)
    wanted = program.run(given)
    assert np.abs(wanted["theta"]).max() > 1000
    for name in ("J", *GRADIENTS):
        assert np.isfinite(found[name]).all()
        scale = np.abs(wanted[name]).max()
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-3, atol=1e-3 * scale)


def test_a_step_takes_this_many_operations():
    made = plan(one_hidden_layer(), ["J", *GRADIENTS], quick=True)
    kinds = [op.kind for value, op in enumerate(made.operations) if value not in made.fixed]
    # forward 2, backward 3, the loss
    assert kinds.count("contract") == 6
    assert kinds.count("exp") == kinds.count("log") == kinds.count("max") == 1
    assert kinds.count("sum") == 3
    assert len([kind for kind in kinds if kind != "input"]) == 24


def test_columns_are_compared_where_rows_are_short():
    program = program_of(along(FUNCTIONS["softmax"], K, element(M, I, K), Index("r", "C")))
    sources = {c: build(program, ["r_0"], sizes={"A": 200, "C": c}).source for c in (64, 65)}
    assert "np.maximum.reduce(mAC.T.copy(), axis=0" in sources[64]
    assert "np.maximum.reduce(mAC, axis=1" in sources[65]
    given = np.random.default_rng(0).normal(size=(200, 64))
    assert_right(program, given={"mAC": given})
    assert_right(program, given={"mAC": given.T.copy()})


def test_matrices_are_multiplied_by_what_is_quick_for_their_size():
    program = program_of(total(K, element(M, I, K) * element(Array("mCB", ("C", "B")), K, J)))
    for size, long in (("C", "np.matmul(mAC, mCB"), (1, "np.dot(mAC, mCB")):
        known = sized(program, {"C": size})
        made = plan(known, ["r_0"])
        assert "np.dot(mAC, mCB" in numpy_source(known, made)
        assert long in numpy_source(known, made, cores=1)


def test_a_shared_expression_is_computed_once():
    x = element(Array("mAC", ("A", "C")), I, K)
    costly = apply(FUNCTIONS["exp"], x)
    program = program_of(total(K, costly), costly * 2, costly + largest(K, costly))
    kinds = [operation.kind for operation in plan(program, ["r_0", "r_1", "r_2"]).operations]
    assert kinds.count("exp") == 1


def test_a_sum_in_a_product_is_never_multiplied_out():
    x, m = element(Array("vA0", ("A",)), I), element(Array("mAC", ("A", "C")), I, K)
    body = total(I, x * (m - element(Array("vC0", ("C",)), K)))
    kinds = [operation.kind for operation in plan(program_of(body), ["r_0"]).operations]
    assert sorted(kinds) == ["contract", "input", "input", "input", "subtract"]


def test_three_matrices_in_the_cheap_order():
    p, q, r = Index("p", 2), Index("q", 500), Index("r", 400)
    a, b = element(Array("a", (2, 500)), p, q), element(Array("b", (500, 400)), q, r)
    body = total(q, a * total(r, b * element(Array("c", (400,)), r)))
    first = next(op for op in plan(program_of(body), ["r_0"]).operations if op.kind == "contract")
    assert [first.sizes[axis] for axis in first.axes] in ([500], [2])


# Source -------------------------------------------------------------------------------------------


WEIGHT = element(Array("vA0", ("A",)), I)
POSITIVE = apply(FUNCTIONS["exp"], WEIGHT)
SYMMETRIC = {
    "X^T X": (1, True),
    "X^T diag(v) X, where v may be negative": (WEIGHT, False),
    "X^T diag(exp v) X": (POSITIVE, True),
    "X^T diag(v^2) X": (WEIGHT**2, True),
    "2 X^T diag(exp v) X": (2 * POSITIVE, True),
    "-X^T diag(exp v) X": (-POSITIVE, True),
    "X^T diag(v exp v) X": (WEIGHT * POSITIVE, False),
}


def assert_symmetric(weight, arrays, halved):
    """Σ_i weight × each array at two pairs of indices, computed as what SYMMETRIC says."""
    factors = [element(array, I, index) for array, pair in arrays.items() for index in pair]
    pairs = [index for pair in zip(*arrays.values(), strict=True) for index in pair]
    program = program_of(total(I, mul(weight, *factors)), order=pairs)
    products = [o for o in plan(program, ["r_0"]).operations if o.kind == "contract"]
    assert (len(products), len(set(products[-1].values)) == 1) == (1, halved)
    assert_right(program)


@pytest.mark.parametrize("name", SYMMETRIC)
def test_a_symmetric_product_is_that_of_an_array_with_itself(name):
    weight, halved = SYMMETRIC[name]
    rows = {Array("mAB", ("A", "B")): (J, Index("l", "B"))}
    assert_symmetric(lift(weight), rows, halved)
    more = {Array("mAC", ("A", "C")): (K, Index("m", "C"))}
    assert_symmetric(lift(weight), rows | more, halved)


def test_names_that_people_write_become_identifiers():
    assert identifier(r"\hat{y}") == "hat_y"
    assert identifier("h^a") == "h_a"
    assert identifier("w^{(1)}") == "w_1"
    assert identifier("∂J/∂θ") == "dJ_dtheta"
    assert identifier("Φ_2") == "Phi_2"
    assert identifier("1") == "array_1"
    names = Names("np")
    claimed = [names.claim(name) for name in ("h^a", "h_a", "lambda", "np")]
    assert claimed == ["h_a", "h_a_2", "lambda_2", "np_2"]


def test_names_that_collide_are_kept_apart():
    a, b = Array("h^a", ("A",)), Array("h_a", ("A",))
    program = Program(
        (
            Definition(Array(r"\hat{y}", ("A",)), (I,), element(a, I) - 2 * element(b, I)),
            Definition(Array("hat_y", ("A",)), (I,), element(a, I) * element(b, I)),
            Definition(Array("memory"), (), total(I, element(Array("step", ("A",)), I))),
            Definition(Array("N"), (), count("A") + element(Array("A"))),
        )
    )
    given = {"h^a": [2.0, 3.0], "h_a": [5.0, 7.0], "step": [1.0, 2.0], "A": 4.0}
    assert_right(program, given=given)


def test_the_source_stands_alone_and_is_always_the_same():
    program = one_hidden_layer()
    source = emit(program, ["J", *GRADIENTS], name="train")
    assert source == emit(one_hidden_layer(), ["J", *GRADIENTS], name="train")
    assert source == build(program, ["J", *GRADIENTS]).source.replace("step", "train")
    assert all(len(line) <= 100 for line in source.splitlines())
    module = {}
    exec(compile(source, "train.py", "exec"), module)
    given = {name: np.asarray(v, np.float32) for name, v in values(7, 5, 3, 11).items()}
    loss, *_ = module["train"](**given)
    np.testing.assert_allclose(loss, program.run(given)["J"], rtol=1e-5)


def test_results_of_a_call_are_kept_by_the_dictionary_and_reused_by_call():
    compiled = build(one_hidden_layer(), ["dW_1"])
    first, second = (compiled(values(7, 5, 3, 11, seed)) for seed in (0, 1))
    again = compiled(values(7, 5, 3, 11, 0))
    assert (first["dW_1"] == again["dW_1"]).all() and (first["dW_1"] != second["dW_1"]).any()
    given = {k: np.asarray(v, np.float32) for k, v in values(7, 5, 3, 11).items()}
    ordered = [given[name] for name in compiled.inputs]
    (one,) = compiled.call(*ordered)
    (two,) = compiled.call(*ordered)
    assert one is two
    smaller = values(2, 5, 3, 11)
    np.testing.assert_allclose(
        compiled(smaller)["dW_1"], one_hidden_layer().run(smaller)["dW_1"], rtol=1e-4, atol=1e-6
    )


def test_mistakes_have_names():
    program = one_hidden_layer()
    with pytest.raises(BadOption):
        build(program, ["J"], engine="fortran")
    with pytest.raises(BadOption):
        build(program, ["J"], dtype="float16")
    with pytest.raises(UnknownSymbol):
        build(program, ["L"])
    given = values(7, 5, 3, 11)
    compiled = build(program, ["J"])
    with pytest.raises(UnknownSymbol):
        compiled({name: given[name] for name in ("x", "y")})
    with pytest.raises(SizeMismatch):
        compiled({**given, "b_1": np.zeros(4)})
    with pytest.raises(UnknownSize):
        build(program_of(position(K)), ["r_0"])
    assert build(program_of(position(K)), ["r_0"], sizes={"C": 3})({})["r_0"].tolist() == [0, 1, 2]


def test_three_hundred_layers():
    body = element(Array("mAC", ("A", "C")), I, K)
    for _ in range(300):
        body = apply(FUNCTIONS["tanh"], body * element(Array("vA0", ("A",)), I) + 1)
    assert_right(program_of(body))
