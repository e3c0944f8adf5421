"""Every record: its derivative, its stable form, its range, its definition, its completeness."""

import flint
import numpy as np
import pytest

from chainrule.language.algebra import along, apply, element
from chainrule.language.arithmetic import BALLS, FLOATS
from chainrule.language.evaluate import evaluate, slope
from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.language.inline import expanded
from chainrule.mathematics.functions import FUNCTIONS, function_named
from chainrule.transform.differentiate import differentiate
from singles import SINGLES

records = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda f: f.name)

SIZE = 5
I, J, K = Index("i", SIZE), Index("j", SIZE), Index("k", SIZE)

ORDINARY = [-2.5, -1.0, -0.3, 0.4, 0.7, 1.9, 3.2]
NEAR_ZERO = [-1e-3, -1e-8, -1e-30, 0.0, 1e-30, 1e-8, 1e-3]
EXTREME = [-1000.0, -300.0, -90.0, -40.0, 40.0, 80.0, 300.0, 1000.0]
ROWS = {
    "ordinary": [-1.3, 0.4, 2.1, 0.9, -0.2],
    "near zero": [1e-8, -3e-9, 0.0, 2e-20, -1e-30],
    "large": [1000.0, 0.0, -1000.0, 999.0, 500.0],
    "low": [-1000.0, -1001.0, -1002.0, -1003.0, -1004.0],
    "one far above": [50.0, 0.0, 1.0, 2.0, -30.0],
    "one at 0": [0.0, -50.0, -60.0, -70.0, -80.0],
    "ties": [7.0, 7.0, 7.0, -7.0, -7.0],
}


def z(*where):
    return element(Array("z", (SIZE,) if where else ()), *where)


def applied(function):
    if not function.axis:
        return apply(function, z())
    return along(function, J, z(J), I if function.axis == "along" else None)


def arguments(function, dtype=np.float64):
    if function.axis:
        return [np.array(row, dtype).astype(np.float64) for row in ROWS.values()]
    low, high = function.domain
    points = [float(dtype(x)) for x in ORDINARY + NEAR_ZERO + EXTREME]
    return [x for x in points if low < x < high]


def smooth(function):
    """Arguments away from kinks, ties and overflow."""
    if function.axis:
        return [np.array(ROWS["ordinary"]), np.array(ROWS["one far above"])]
    low, high = function.domain
    jumps = {"floor", "ceil"} & {function.name}
    return [x for x in ORDINARY if low < x < high and not (jumps and x.is_integer())]


# Whose stable forms are polynomials with rounded coefficients.
APPROXIMATED = {"erf", "erfc", "erfcx", "normal_cdf", "log_normal_cdf"}


def exact(expr, x):
    with flint.ctx.workdps(1200):
        balls = evaluate(expr, {"z": x}, arithmetic=BALLS)
        return np.vectorize(lambda ball: ball.mid(), otypes=[object])(balls)


@records
def test_a_record_is_complete(function):
    assert function.name == function.name.lower()
    assert function.doc.strip().endswith(".")
    assert function.axis in ("", "along", "over")
    assert function.derivative is not None
    assert function.definition is not None or function.value is not None
    assert all(function_named(s) is function for s in (function.name, *function.spellings))


@pytest.mark.parametrize("function", [f for f in FUNCTIONS.values() if f.inverse], ids=str)
def test_the_inverse_undoes_it(function):
    inverse = FUNCTIONS[function.inverse]
    low, high = max(inverse.domain[0], -3.0), min(inverse.domain[1], 3.0)
    for x in np.linspace(low, high, 9)[1:-1]:
        assert evaluate(apply(function, apply(inverse, z())), {"z": x}) == pytest.approx(x)


@records
def test_the_derivative_is_the_one_found_with_dual_numbers(function):
    by = z(K) if function.axis else z()
    derived = differentiate(applied(function), by)
    for x in smooth(function):
        found = evaluate(derived, {"z": x})
        if not function.axis:
            assert found == pytest.approx(slope(applied(function), {"z": x}, {"z": 1.0}), rel=1e-12)
            continue
        for k, direction in enumerate(np.eye(SIZE)):
            by_dual = slope(applied(function), {"z": x}, {"z": direction})
            assert found[..., k] == pytest.approx(by_dual, rel=1e-9, abs=1e-15)


@records
def test_the_derivative_is_the_difference_quotient_at_50_digits(function):
    by = z(K) if function.axis else z()
    derived = differentiate(applied(function), by)
    with flint.ctx.workdps(120):
        step = flint.arb(10) ** -30
        for x in smooth(function):
            x = np.vectorize(flint.arb, otypes=[object])(x)
            claimed = evaluate(derived, {"z": x}, arithmetic=BALLS)
            for k, unit in enumerate(np.eye(SIZE, dtype=int) if function.axis else [1]):
                up = evaluate(applied(function), {"z": x + unit * step}, arithmetic=BALLS)
                down = evaluate(applied(function), {"z": x - unit * step}, arithmetic=BALLS)
                quotient = (up - down) / (2 * step)
                gap = np.ravel(quotient - (claimed[..., k] if function.axis else claimed))
                assert all(abs(g) < flint.arb(10) ** -50 for g in gap), (x, k)


@records
def test_the_definition_is_the_value(function):
    if function.definition is None or (function.value is None and function.stable is None):
        pytest.skip("one form only")
    node = applied(function)
    form = node if function.stable is None else expanded(node, stable=True)
    with flint.ctx.workdps(60):
        for x in smooth(function):
            defined = np.ravel(evaluate(expanded(node), {"z": x}, arithmetic=BALLS))
            other = np.ravel(evaluate(form, {"z": x}, arithmetic=BALLS))
            if function.name in APPROXIMATED:
                assert abs(other[0] / defined[0] - 1) < 3e-16, x
                continue
            assert all(a.overlaps(b) for a, b in zip(defined, other, strict=True)), x


@records
@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
def test_the_stable_form_is_within_8_ulp(function, dtype):
    arithmetic = FLOATS if dtype is np.float64 else SINGLES
    limits = np.finfo(dtype)
    node = applied(function)
    form = node if function.stable is None else expanded(node, stable=True)
    for x in arguments(function, dtype):
        found = np.ravel(evaluate(form, {"z": x}, arithmetic=arithmetic))
        for got, true in zip(found, np.ravel(exact(applied(function), x)), strict=True):
            if abs(true) > flint.arb(float(limits.max)):
                continue
            # The maximum and the rest of logsumexp may cancel: the maximum then sets the scale.
            scale = abs(float(np.max(x))) if function.name == "logsumexp" else 0.0
            scale = max(scale, abs(float(true)), float(limits.tiny))
            error = abs(flint.arb(float(got)) - true)
            assert error < 8 * float(np.spacing(dtype(scale))), (x, got, true)


@records
def test_the_range_holds(function):
    low, high = function.range
    for x in arguments(function):
        values = evaluate(applied(function), {"z": x})
        assert np.all(values >= low) and np.all(values <= high)
