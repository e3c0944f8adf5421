"""Networks with hand-derived gradients, as programs, for tests and benchmarks."""

import numpy as np

from chainrule.language.algebra import along, apply, count, element, total
from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import FUNCTIONS

N, D, H, K = "NDHK"
GRADIENTS = ("dW_1", "db_1", "dW_2", "db_2")


def one_hidden_layer():
    """Rows of x through tanh and softmax to cross-entropy, forward and backward."""
    n, i, j, k, q = Index("n", N), Index("i", D), Index("j", H), Index("k", K), Index("q", K)
    found = []

    def define(name, indices, body):
        array = Array(name, tuple(index.size for index in indices))
        found.append(Definition(array, indices, body))
        return lambda *places: element(array, *places)

    def given(name, *sizes):
        return lambda *places: element(Array(name, sizes), *places)

    x, y = given("x", N, D), given("y", N, K)
    w1, b1, w2, b2 = given("W_1", D, H), given("b_1", H), given("W_2", H, K), given("b_2", K)
    phi = define("phi", (n, j), total(i, x(n, i) * w1(i, j)) + b1(j))
    h = define("h", (n, j), apply(FUNCTIONS["tanh"], phi(n, j)))
    theta = define("theta", (n, k), total(j, h(n, j) * w2(j, k)) + b2(k))
    yhat = define(r"\hat{y}", (n, k), along(FUNCTIONS["softmax"], q, theta(n, q), k))
    logs = along(FUNCTIONS["log_softmax"], q, theta(n, q), k)
    define("J", (), -total(n, total(k, y(n, k) * logs)) / count(N))
    dtheta = define("dtheta", (n, k), (yhat(n, k) - y(n, k)) / count(N))
    define("dW_2", (j, k), total(n, h(n, j) * dtheta(n, k)))
    define("db_2", (k,), total(n, dtheta(n, k)))
    dh = define("dh", (n, j), total(k, dtheta(n, k) * w2(j, k)))
    dphi = define("dphi", (n, j), dh(n, j) * (1 - h(n, j) ** 2))
    define("dW_1", (i, j), total(n, x(n, i) * dphi(n, j)))
    define("db_1", (j,), total(n, dphi(n, j)))
    return Program(tuple(found))


def values(examples, features, hidden, classes, seed=0):
    """Random parameters and one batch, in float64."""
    random = np.random.default_rng(seed)
    return {
        "x": random.standard_normal((examples, features)),
        "y": np.eye(classes)[random.integers(0, classes, examples)],
        "W_1": random.standard_normal((features, hidden)) / features**0.5,
        "b_1": random.standard_normal(hidden),
        "W_2": random.standard_normal((hidden, classes)) / hidden**0.5,
        "b_2": random.standard_normal(classes),
    }
