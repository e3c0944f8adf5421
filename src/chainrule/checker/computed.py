"""What is wrong with a computation in numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from chainrule.checker.evidence import Enclosures, enclosures, middle
from chainrule.checker.false_member import Diagnosis
from chainrule.checker.pair import Pair
from chainrule.checker.points import Point

NOWHERE = Point({}, {})


def computed(pair: Pair, printed: bool, point: Point = NOWHERE) -> Diagnosis:
    """A computation with numbers only, or with the same result wherever it is looked at.

    printed  whether all the numbers stand in the document, so that there is nothing to misread
    """
    found = enclosures(pair, point)
    if found is None or found.left.size > 1:
        return _of_entries(found)
    true, said = middle(found.left.item()), middle(found.right.item())
    slip = printed or _is_near(true, said)
    exact = Fraction(true).limit_denominator(1000)
    if abs(float(exact) - true) > 1e-12 * max(1.0, abs(true)):
        return Diagnosis(f"the value is {true:.9g}", slip=slip)
    whole = exact.denominator == 1
    sign, size = "-" if exact < 0 else "", abs(exact)
    latex = str(exact) if whole else rf"{sign}\frac{{{size.numerator}}}{{{size.denominator}}}"
    return Diagnosis(f"the value is {exact}", latex, slip)


# How the diagnosis begins that names one wrong entry of several.
ENTRY = "entry "


def _of_entries(found: Enclosures | None) -> Diagnosis:
    """Which entry of an array of numbers is wrong, where most are right."""
    if found is None:
        return Diagnosis()
    true, said = (np.vectorize(middle, otypes=[float])(one) for one in (found.left, found.right))
    wrong = np.argwhere(~np.isclose(true, said, rtol=2e-3, atol=1e-9))
    if len(wrong) == 1:
        place = tuple(wrong[0])
        where = " ".join(str(k + 1) for k in place)
        sentence = f"{ENTRY}{where} is {true[place]:.6g}, not {said[place]:.6g}"
        return Diagnosis(sentence, slip=True)
    if np.allclose(true, -said, rtol=2e-3):
        return Diagnosis("all signs are wrong", slip=True)
    if said.ndim == 2 and said.shape == true.T.shape and np.allclose(true.T, said, rtol=2e-3):
        return Diagnosis("rows and columns are exchanged", slip=True)
    for factor in (2, 0.5):
        if true.any() and np.allclose(true * factor, said, rtol=2e-3):
            return Diagnosis(f"all entries are {factor:g} times what they should be", slip=True)
    return Diagnosis()


def _is_near(true: float, said: float) -> bool:
    """Whether one number comes out for another by a slip: the sign, a factor 2 or 10, one more, or
    a wrong digit behind the first."""
    ratio = said / true if true else 0.0
    likely = (-1, 2, 0.5, 4, 0.25, 10, 0.1)
    whole = float(true).is_integer() and float(said).is_integer()
    if whole and abs(true - said) == 1:
        return True
    return abs(ratio - 1) < 0.05 or any(abs(ratio - one) < 1e-9 for one in likely)
