"""Stable forms: losses and gradients at logits of ±1000, in float32 and float64, against balls."""

import flint
import numpy as np
import pytest

from chainrule.language.algebra import along, apply, const, delta, element, total
from chainrule.language.arithmetic import BALLS, FLOATS
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.language.inline import elements
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.transform.differentiate import differentiate
from chainrule.transform.rewrite import Step
from chainrule.transform.simplify import simplify
from chainrule.transform.stabilise import finish, stabilise, stabilise_program
from singles import SINGLES

SIZE = 5
I, J, K = Index("i", SIZE), Index("j", SIZE), Index("k", SIZE)


def call(name):
    return lambda argument: apply(FUNCTIONS[name], argument)


exp, log, sqrt, sigmoid, tanh, softplus = map(
    call, ("exp", "log", "sqrt", "sigmoid", "tanh", "softplus")
)


def z(index):
    return element(Array("z", (SIZE,)), index)


def y(index):
    return element(Array("y", (SIZE,)), index)


def w(index):
    return element(Array("w", (SIZE,)), index)


def over_i(body):
    return total(I, body)


SUM = total(J, exp(z(J)))
P = exp(z(I)) / SUM
S = 1 / (1 + exp(-z(I)))
FUNCTION_SOFTMAX = along(FUNCTIONS["softmax"], J, z(J), I)

LARGE = {
    "logsumexp": log(SUM),
    "logsumexp of negatives": log(total(J, exp(-z(J)))),
    "logmeanexp": log(SUM / SIZE),
    "weighted logsumexp": log(over_i(w(I) * exp(z(I)))),
    "masked logsumexp": log(over_i(y(I) * exp(z(I)))),
    "with a constant beside": log(3 + SUM),
    "log of a root": log(sqrt(SUM)),
    "log of a power": log(SUM**3),
    "temperature": total(I, y(I) * log(exp(z(I) / 2) / total(J, exp(z(J) / 2)))),
    "cross-entropy": -over_i(y(I) * log(P)),
    "cross-entropy by name": -over_i(y(I) * log(FUNCTION_SOFTMAX)),
    "cross-entropy as difference": -over_i(y(I) * (z(I) - log(SUM))),
    "binary cross-entropy": -over_i(y(I) * log(S) + (1 - y(I)) * log(1 - S)),
    "binary cross-entropy by name": -over_i(
        y(I) * log(sigmoid(z(I))) + (1 - y(I)) * log(1 - sigmoid(z(I)))
    ),
    "by the other sigmoid": -over_i(log(exp(z(I)) / (1 + exp(z(I))))),
    "softplus": over_i(log(1 + exp(z(I)))),
    "softplus of a scaled sum": over_i(log(2 + 2 * exp(z(I)))),
    "logit": over_i(w(I) * log(S / (1 - S))),
    "tanh": over_i(w(I) * (exp(z(I)) - exp(-z(I))) / (exp(z(I)) + exp(-z(I)))),
    "tanh by e^2z": over_i(w(I) * (exp(2 * z(I)) - 1) / (exp(2 * z(I)) + 1)),
    "log cosh": over_i(log((exp(z(I)) + exp(-z(I))) / 2)),
    "entropy": -over_i(P * log(P)),
    "expectation": over_i(w(I) * P),
    "ratio of sums": over_i(w(I) * exp(z(I))) / SUM,
    "ratio of weighted sums": over_i(w(I) * exp(z(I))) / total(J, (1 + w(J)) * exp(z(J))),
    "swish": over_i(z(I) / (1 + exp(-z(I)))),
    "norm": sqrt(over_i(z(I) ** 2)),
}
SMALL = {
    "log1p": over_i(w(I) * log(1 + z(I))),
    "expm1": over_i(w(I) * (exp(z(I)) - 1)),
    "expm1 summed": over_i(exp(z(I)) - 1),
    "root": over_i(w(I) * (sqrt(1 + z(I)) - 1)),
    "root summed": over_i(sqrt(1 + z(I)) - 1),
    "roots": over_i(w(I) * (sqrt(z(I) + 3) - sqrt(const(3)))),
}
SATURATED = {
    "log of complement": log(1 - over_i(y(I) * P)),
    "focal": -over_i(y(I) * (1 - P) ** 2 * log(P)),
    "focal by name": -over_i(y(I) * (1 - FUNCTION_SOFTMAX) ** 2 * log(FUNCTION_SOFTMAX)),
    "complement of sigmoid": over_i(y(I) * (1 - S)),
    "complement of tanh": over_i(y(I) * (1 - tanh(z(I)) ** 2)),
    "difference": log(over_i((1 + w(I)) * exp(z(I))) - over_i(y(I) * exp(z(I)))),
}

LOGITS = {
    "large": [1000.0, 0.0, -1000.0, 999.0, 3.5],
    "all low": [-1000.0, -1001.0, -1002.0, -1003.0, -1000.5],
    "ordinary": [0.5, -1.25, 2.0, 0.0, 1.5],
    "ties": [1000.0, 1000.0, -1000.0, -1000.0, 0.0],
}
WEIGHTS = [0.125, 0.25, 0.5, 0.75, 1.0]
ONE_HOT = [0.0, 1.0, 0.0, 0.0, 0.0]
FIRST = [1.0, 0.0, 0.0, 0.0, 0.0]


def exact(expr, given):
    with flint.ctx.workdps(2600):
        balls = np.ravel(evaluate(expr, given, arithmetic=BALLS))
        return np.array([float(ball.mid()) for ball in balls])


def forms(expr):
    """The stable value, and the stable gradient of the stable value."""
    stable = stabilise(expr)
    return finish(stable), finish(simplify(differentiate(stable, z(K))))


def check(expr, logits, labels, dtype):
    given = {"z": logits, "y": labels, "w": WEIGHTS}
    given = {name: np.array(row, dtype).astype(np.float64) for name, row in given.items()}
    arithmetic, allowed = (FLOATS, 1e-12) if dtype is np.float64 else (SINGLES, 1e-4)
    value, gradient = forms(expr)
    for form, original in ((value, expr), (gradient, differentiate(expr, z(K)))):
        true = exact(original, given)
        found = np.ravel(evaluate(form, given, arithmetic=arithmetic))
        scale = max(np.max(np.abs(true)), np.finfo(dtype).tiny)
        assert np.all(np.isfinite(found)), (found, true)
        assert np.all(np.abs(found - true) <= allowed * scale), (found, true)


dtypes = pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])


@dtypes
@pytest.mark.parametrize("logits", LOGITS.values(), ids=LOGITS)
@pytest.mark.parametrize("expr", LARGE.values(), ids=LARGE)
def test_losses_and_gradients_survive_large_logits(expr, logits, dtype):
    check(expr, logits, ONE_HOT, dtype)


@dtypes
@pytest.mark.parametrize("expr", SMALL.values(), ids=SMALL)
def test_losses_and_gradients_keep_small_arguments(expr, dtype):
    check(expr, [1e-13, 2e-14, 3e-13, 4e-15, -1e-12], ONE_HOT, dtype)


@pytest.mark.parametrize("expr", SATURATED.values(), ids=SATURATED)
def test_losses_and_gradients_keep_what_is_left_of_a_probability(expr):
    check(expr, [50.0, 0.0, 1.0, 2.0, 3.0], FIRST, np.float64)


def test_variance_is_centred():
    squares, mean = over_i(z(I) ** 2) / SIZE, over_i(z(I)) / SIZE
    value, gradient = forms(squares - mean**2)
    given = {"z": [1e8, 1e8 + 1, 1e8 + 2, 1e8 + 3, 1e8 + 4]}
    assert evaluate(value, given) == pytest.approx(2.0, rel=1e-12)
    assert evaluate(gradient, given) == pytest.approx([-0.8, -0.4, 0.0, 0.4, 0.8], abs=1e-7)


def test_a_norm_does_not_overflow():
    value, gradient = forms(sqrt(over_i(z(I) ** 2)))
    given = {"z": [3e200, 4e200, 0.0, 0.0, 0.0]}
    assert evaluate(value, given) == pytest.approx(5e200)
    assert evaluate(gradient, given) == pytest.approx([0.6, 0.8, 0, 0, 0])


def test_named_forms():
    n = Index("n", "B")
    x = element(Array("x", ("B",)), n)
    assert stabilise(log(sigmoid(x))) is -softplus(-x)
    assert stabilise(1 - sigmoid(x)) is sigmoid(-x)
    assert stabilise(log(FUNCTION_SOFTMAX)) is along(FUNCTIONS["log_softmax"], J, z(J), I)
    assert stabilise(delta(I, K) * exp(z(I)) / SUM) is delta(I, K) * FUNCTION_SOFTMAX
    assert stabilise(x**2 + 3) is x**2 + 3


# Programs -------------------------------------------------------------------------------------

N, D, C, C2 = Index("n", "N"), Index("d", "D"), Index("c", "C"), Index("e", "C")


def of(name, *where):
    return element(Array(name, tuple(index.size for index in where)), *where)


def define(name, where, body):
    return Definition(Array(name, tuple(index.size for index in where)), where, body)


HIDDEN = define("h", (N, D), 1 / (1 + exp(-of("a", N, D))))
LOGIT = define("θ", (N, C), total(D, of("h", N, D) * of("W", D, C)))
EXPS = define("e", (N, C), exp(of("θ", N, C)))
NORMALISER = define("Z", (N,), total(C, of("e", N, C)))
LOSS = define("J", (), -total(N, total(C, of("y", N, C) * log(of("p", N, C)))))
PREDICTIONS = {
    "by name": [define("p", (N, C), along(FUNCTIONS["softmax"], C2, of("θ", N, C2), C))],
    "written out": [define("p", (N, C), exp(of("θ", N, C)) / total(C, exp(of("θ", N, C))))],
    "in three": [EXPS, NORMALISER, define("p", (N, C), of("e", N, C) / of("Z", N))],
}
GIVEN = {
    "a": np.array([[900.0, -900.0], [1.0, 2.0], [-3.0, 0.5]]),
    "W": np.array([[1000.0, -1000.0, 0.0, 5.0, 7.0], [300.0, 2.0, -1000.0, 0.0, 1.0]]),
    "y": np.eye(5)[[1, 2, 0]],
}


@pytest.mark.parametrize("prediction", PREDICTIONS.values(), ids=PREDICTIONS)
def test_a_loss_reaches_through_definitions(prediction):
    program = Program((HIDDEN, LOGIT, *prediction, LOSS))
    trace: list[Step] = []
    stable = stabilise_program(program, trace=trace)
    assert [definition.name for definition in stable.definitions] == ["h", "θ", "J"]
    assert "θ" in stable.definition("J").uses and trace
    with flint.ctx.workdps(2600):
        true = float(evaluate(program.inlined("J"), GIVEN, arithmetic=BALLS).item().mid())
    assert stable.run(GIVEN)["J"] == pytest.approx(true, rel=1e-12)
    kept = stabilise_program(program, keep={"p"})
    assert [definition.name for definition in kept.definitions][-2:] == ["p", "J"]
    assert np.all(np.isfinite(kept.run(GIVEN)["p"]))


def test_binary_cross_entropy_reaches_through_definitions():
    p, label = of("p", N), of("t", N)
    program = Program((
        define("p", (N,), sigmoid(of("u", N))),
        define("J", (), -total(N, label * log(p) + (1 - label) * log(1 - p))),
    ))
    given = {"u": [1000.0, -1000.0, 2.0], "t": [0.0, 1.0, 1.0]}
    assert stabilise_program(program).run(given)["J"] == pytest.approx(2000.1269280110429)


def test_a_value_that_is_there_is_used():
    """h(1 - h) of a stored h loses digits at most: nothing is computed a second time."""
    slope = define("s", (N, D), of("h", N, D) * (1 - of("h", N, D)))
    stable = stabilise_program(Program((HIDDEN, slope)))
    assert stable.definition("s").body is slope.body
    assert {array.name for array in elements(stable.definition("h").body)} == {"a"}


def test_the_rest_of_a_program_is_as_it_was():
    square = define("q", (N,), of("u", N) ** 2)
    program = Program((square, define("r", (), total(N, of("q", N)))))
    assert stabilise_program(program) == program
