"""A factor or a term that a false member leaves out, or has too much, found by its numbers.

Every name of the document is tried, and the slopes 1 - h, 1 - h² and h (1 - h) made of it: a chain
rule of which one link is missing differs by such a factor.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.checker.relations import same
from chainrule.checker.trial import Trial
from chainrule.notation.value import Value

# (how it is printed, what it is) of a name with numbers h.
_FORMS = (
    ("{}", lambda h: h),
    ("(1 - {})", lambda h: 1 - h),
    ("(1 - {}^2)", lambda h: 1 - h**2),
    ("{0} (1 - {0})", lambda h: h * (1 - h)),
    ("1[{} > 0]", lambda h: (h > 0).astype(float)),
)


def left_out(trial: Trial, said: Value) -> str | None:
    """One sentence, or None where no factor or term explains the difference."""
    both = trial.both(said)
    if both is None:
        return None
    wanted, found = both
    if same(wanted, found):
        # The sides differ at other points only: beyond a threshold, or saturated.
        return None
    for text, piece in _pieces(trial, wanted.shape):
        for sign, signed in (("", piece), ("-", -piece)):
            if same(found * signed, wanted):
                return f"the factor `{sign}{text}` is missing"
            if not sign and same(wanted * signed, found):
                return f"the factor `{text}` is too much"
            if same(found + signed, wanted):
                return f"the term `{sign or '+'} {text}` is missing"
    return None


def _pieces(trial: Trial, shape: tuple[int, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Names and slopes as they are printed, with numbers that can be multiplied by each element."""
    for size, length in sorted(trial.sizes.items()):
        yield size, np.full((1,) * len(shape), float(length))
    for name, numbers in sorted(trial.stacked.items()):
        for placed in _placed(np.asarray(numbers, dtype=float), shape):
            for form, made in _FORMS:
                yield form.format(name), made(placed)


def _placed(numbers: np.ndarray, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """An array over points, set along the axes of another one; nothing where no axis is as long."""
    if numbers.ndim == 1:
        yield numbers.reshape(-1, *(1,) * (len(shape) - 1))
    elif numbers.shape == shape:
        yield numbers
    elif numbers.ndim == 2 and len(shape) > 2:
        for axis in range(1, len(shape)):
            if numbers.shape[1] == shape[axis]:
                rest = (n if k == axis else 1 for k, n in enumerate(shape) if k)
                yield numbers.reshape(-1, *rest)
