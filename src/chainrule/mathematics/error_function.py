"""Polynomials for the error function: near 0, and for its complement scaled by e^(x²).

Both are within 2 units in the last place of float64, which `tests/test_functions.py` checks.
"""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.language.algebra import ZERO, add, const, mul
from chainrule.language.expr import Expr

# erf(x) / x in powers of x², for x² ≤ 9/16.
_NEAR_ZERO = (
    "1.1283791670955126 -0.37612638903183715 0.11283791670952614 -0.026866170644432634"
    " 0.005223977615468456 -0.0008548326191937064 0.00012055289695813212 -1.49241995108526e-05"
    " 1.6430732584664375e-06 -1.594047158458334e-07 1.1473938021612258e-08"
).split()
# (1 + 2x) e^(x²) erfc(x) in powers of t = (x - 3) / (x + 3), for all x ≥ 0.
_SCALED = (
    "1.2530080582697296 -0.13562110612458117 -0.0475622943534492 0.1296451587027594"
    " -0.11927366341538638 0.0683080273440099 -0.02377051491717134 0.0025293918156939696"
    " 0.0018886903449991718 -0.0007798322696543306 -0.00010515971958448065"
    " 0.0001250993424583729 4.949196649968345e-06 -2.0100542268525612e-05"
    " -7.308281468783614e-07 3.472370944977168e-06 3.5576086684080595e-07"
    " -6.166011460398726e-07 -1.4047654315428462e-07 1.0183620603842736e-07"
    " 4.1064013667940355e-08 -1.3312919661038687e-08 -8.217595058711455e-09"
    " 9.862533510345587e-10 8.393734858690877e-10"
).split()


def _horner(coefficients: Iterable[str], x: Expr) -> Expr:
    result = ZERO
    for coefficient in reversed(tuple(coefficients)):
        result = add(mul(result, x), const(coefficient))
    return result


def near_zero(x: Expr) -> Expr:
    """erf(x) for |x| ≤ 3/4."""
    return x * _horner(_NEAR_ZERO, x**2)


def scaled_complement(x: Expr) -> Expr:
    """e^(x²) erfc(x) for x ≥ 0.

    Source: Shepherd & Laframboise, Math. Comp. 1981.
    """
    return _horner(_SCALED, 1 - 6 / (x + 3)) / (1 + 2 * x)
