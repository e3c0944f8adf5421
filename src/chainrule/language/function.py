"""A named function is one record, and nothing else.

Differentiation, stabilisation, code in every engine, LaTeX, the parser's vocabulary, the reference
page and the tests all follow from the record. Expressions in it use placeholders that no user can
type; `mathematics/functions.py` holds the records and explains the placeholders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Value:
    """A primitive's number: what every engine must offer, and `evaluate` uses.

    array  on NumPy arrays of float64
    ball   on one ball (python-flint's arb)
    slope  the derivative as a function of (x, y), y the function's own value, with operators only
           and the given arithmetic's functions, for dual numbers
    """

    array: Callable[[Any], Any]
    ball: Callable[[Any], Any]
    slope: Callable[[Any, Any, Any], Any]


@dataclass(frozen=True)
class MatrixValue:
    """The number or matrix that a function of a whole matrix has; the last two axes are its own.

    array   on NumPy arrays of float64; not a number where there is no value
    ball    on one matrix of balls (python-flint's arb_mat): a matrix or a ball
    change  the change in first order as a function of (x, y, dx), y the function's own value
    """

    array: Callable[[Any], Any]
    ball: Callable[[Any], Any]
    change: Callable[[Any, Any, Any], Any]


@dataclass(frozen=True, eq=False)
class Function:
    """One named function.

    name        whole word, as in `chainrule explain NAME`
    doc         one sentence, with its limits and conventions
    definition  in terms of simpler functions; None for a primitive
    derivative  by the argument; may use the function's own value
    stable      the form that survives floating point; None where the definition does
    quick       a cheaper form for training: as safe, but its rounding errors are relative to the
                largest value around rather than to the value itself; None where `stable` is cheap
    axis        "" element by element; "along" one value per element of an axis (softmax);
                "over" one value for the axis (logsumexp); "matrix" of a whole matrix
    domain      where it is defined, as an interval
    range       where its values lie, as an interval
    source      where the formula comes from
    inverse     the name of the record of the inverse function, where there is one
    latex       how it is printed, without argument
    spellings   other names under which people write it
    value       primitives only: the number itself
    definable   whether a document may define it anew, since several formulas go by its name
    """

    name: str
    doc: str
    definition: Any = None
    derivative: Any = None
    stable: Any = None
    quick: Any = None
    axis: str = ""
    domain: tuple[float, float] = (float("-inf"), float("inf"))
    range: tuple[float, float] = (float("-inf"), float("inf"))
    source: str = ""
    inverse: str = ""
    latex: str = ""
    spellings: tuple[str, ...] = ()
    value: Value | MatrixValue | None = None
    definable: bool = False

    def __repr__(self) -> str:
        return self.name
