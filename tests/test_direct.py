"""Every record as a function of arrays: its values, its derivatives, its shapes, its errors."""

import subprocess
import sys

import numpy as np
import pytest

import chainrule
from chainrule.errors import BadOption, MissingPackage, SizeMismatch
from chainrule.language.algebra import along, apply, element
from chainrule.language.evaluate import evaluate, slope
from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.mathematics.functions import FUNCTIONS

records = pytest.mark.parametrize("record", FUNCTIONS.values(), ids=lambda record: record.name)
I, J = Index("i", "N"), Index("j", "N")


def of_a_row(record):
    x = Array("x", ("N",))
    if not record.axis:
        return apply(record, element(x, I))
    return along(record, J, element(x, J), I if record.axis == "along" else None)


def rows(seed=0, shape=(2, 5, 3), record=None):
    """Random numbers between 0.1 and 2 in the domain of a record, or just above it."""
    low, high = (0.0, 2.0) if record is None else (max(0.0, record.domain[0]), record.domain[1])
    return np.random.default_rng(seed).uniform(low + 0.1, min(low + 2, high), shape)


@records
def test_values_are_those_of_each_row(record):
    function, x = getattr(chainrule, record.name), rows(record=record)
    found = np.moveaxis(function(x, axis=1), 1, -1) if record.axis != "over" else function(x, 1)
    for place in np.ndindex(2, 3):
        row = x[place[0], :, place[1]]
        assert found[place] == pytest.approx(evaluate(of_a_row(record), {"x": row}), rel=1e-14)


@records
def test_derivatives_are_those_found_with_dual_numbers(record):
    function, x, u = getattr(chainrule, record.name), rows(record=record), rows(1)
    v = rows(2, function(x, axis=1).shape)
    jvp, vjp, jacobian = function.jvp(x, u, 1), function.vjp(x, v, 1), function.jacobian(x, 1)
    assert vjp.shape == x.shape and jvp.shape == v.shape
    assert (vjp * u).sum() == pytest.approx((v * jvp).sum(), rel=1e-12)
    for place in np.ndindex(2, 3):
        where = (place[0], slice(None), place[1])
        true = slope(of_a_row(record), {"x": x[where]}, {"x": u[where]})
        got = jvp[place] if record.axis == "over" else jvp[where]
        assert got == pytest.approx(true, rel=1e-10, abs=1e-14)
        assert jacobian[place] @ u[where] == pytest.approx(true, rel=1e-10, abs=1e-14)


@records
def test_the_type_of_numbers_is_kept(record):
    function, x = getattr(chainrule, record.name), rows()
    for dtype in (np.float16, np.float32, np.float64):
        narrow = x.astype(dtype)
        for found in (function(narrow), function.jacobian(narrow), function.jvp(narrow, narrow)):
            assert found.dtype == dtype
    assert function(np.ones((2, 3), int)).dtype == np.float64


@records
def test_rows_of_no_matrix_are_no_rows(record):
    assert getattr(chainrule, record.name).vjp(np.ones((0, 3)), 1.0).shape == (0, 3)


def test_extremes_survive():
    x = np.array([-1000.0, 0.0, 1000.0])
    assert chainrule.sigmoid.jvp(x, 1.0) == pytest.approx([0, 0.25, 0])
    assert chainrule.softmax(x) == pytest.approx([0, 0, 1])
    assert chainrule.logsumexp([x, x - x]) == pytest.approx([1000, np.log(3)])
    assert chainrule.norm(np.float32([3e30, 4e30])) == pytest.approx(5e30)
    assert chainrule.sigmoid.jvp(40.0, 1.0) == pytest.approx(np.exp(-40.0), rel=1e-14)


def test_formulas_are_printed():
    softmax = chainrule.softmax
    assert str(softmax.definition) == "y_i = exp(x_i) / (Σ_j exp(x_j))"
    assert softmax.derivative.latex == (
        r"\frac{\partial y_i}{\partial x_k} = y_i (\delta_{ik} - y_k)"
    )
    assert chainrule.tanh.derivative._repr_latex_() == (r"$\displaystyle \frac{dy}{dx} = 1 - y^2$")
    assert "y_i = exp(x_i)" in softmax.__doc__


@pytest.mark.parametrize(
    "mistake, error, words",
    [
        (lambda f: f(3.0), SizeMismatch, "x is one number"),
        (lambda f: f([]), SizeMismatch, "no elements"),
        (lambda f: f(["a"]), SizeMismatch, "no array of real numbers"),
        (lambda f: f([1j]), SizeMismatch, "no array of real numbers"),
        (lambda f: f([[1, 2], [3]]), SizeMismatch, "lists of equal length"),
        (lambda f: f([1, 2], axis=1), BadOption, "x has 1 axis"),
        (lambda f: f([[1, 2]], axis=(0, 1)), BadOption, "one whole number"),
        (lambda f: f.vjp([1, 2], [1, 2, 3]), SizeMismatch, r"(3,), (2,) is needed"),
    ],
)
def test_mistakes_are_named(mistake, error, words):
    with pytest.raises(error) as raised:
        mistake(chainrule.softmax)
    assert words in str(raised.value)


def test_the_package_is_light_and_lists_its_functions():
    code = "import sys, chainrule; print('numpy' in sys.modules, 'softmax' in dir(chainrule))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.stdout.split() == ["False", "True"], done.stderr
    with pytest.raises(AttributeError, match="softmx"):
        _ = chainrule.softmx


@pytest.mark.parametrize("name", ["Classifier", "Regressor"])
def test_estimators_without_their_package_say_what_to_install(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingPackage, match=rf"chainrule\.{name} needs the package sklearn"):
        getattr(chainrule, name)
