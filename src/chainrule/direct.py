"""Every named function for direct use on NumPy arrays: `chainrule.softmax(x, axis=-1)`.

Value, products with the Jacobian and the Jacobian itself are code made from the function's record,
in its stable form.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.errors import BadOption, SizeMismatch
from chainrule.language.algebra import along, apply, element, total
from chainrule.language.expr import Array, Expr
from chainrule.language.function import Function
from chainrule.language.index import Index
from chainrule.language.inline import Lambda, inline
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation.records import Formula, definition, derivative
from chainrule.program.build import Compiled, build
from chainrule.transform.differentiate import differentiate
from chainrule.transform.simplify import simplify
from chainrule.transform.stabilise import stabilise

B, I, J, K = Index("b", "B"), Index("i", "N"), Index("j", "N"), Index("k", "N")
VALUE, VJP, JVP, JACOBIAN = "value", "vjp", "jvp", "jacobian"


class DirectFunction:
    """A named function on arrays. `chainrule.softmax` is one, and so is every other record.

    float32 stays float32, whole numbers become float64. An elementwise function takes any shape; a
    function of an axis, such as softmax, takes each row along `axis` by itself.

    >>> DirectFunction(FUNCTIONS["softmax"])([[1000.0, 1000.0], [0.0, -1000.0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """

    def __init__(self, record: Function):
        self.record = record
        self.__name__ = record.name
        self.__doc__ = f"{record.doc}\n\n{definition(record)}\n{derivative(record)}"

    def __repr__(self) -> str:
        return f"chainrule.{self.record.name}"

    def __call__(self, x: Any, axis: int = -1) -> np.ndarray:
        """The value: of x's shape, without `axis` for functions such as logsumexp.

        raises  SizeMismatch, BadOption
        """
        rows = _Rows(self.record, x, axis)
        return rows.output(rows.run(VALUE))

    def vjp(self, x: Any, v: Any, axis: int = -1) -> np.ndarray:
        """Σ_i v_i ∂y_i/∂x_k, the gradient by x of what has the gradient v by the value.

        v        of the value's shape, or one that broadcasts to it
        returns  of x's shape

        >>> DirectFunction(FUNCTIONS["logsumexp"]).vjp([0.0, 0.0], 3.0)
        array([1.5, 1.5])
        """
        rows = _Rows(self.record, x, axis)
        return rows.input(rows.run(VJP, rows.given(v, "v", rows.value_shape)))

    def jvp(self, x: Any, v: Any, axis: int = -1) -> np.ndarray:
        """Σ_k ∂y_i/∂x_k v_k, how the value changes where x changes along v.

        v        of x's shape, or one that broadcasts to it
        returns  of the value's shape

        >>> DirectFunction(FUNCTIONS["tanh"]).jvp([0.0, 0.0], [1.0, 2.0])
        array([1., 2.])
        """
        rows = _Rows(self.record, x, axis)
        return rows.output(rows.run(JVP, rows.given(v, "v", rows.x.shape)))

    def jacobian(self, x: Any, axis: int = -1) -> np.ndarray:
        """∂y_i/∂x_k within each row along `axis`; the other axes of x stand in front.

        returns  (…, N, N), value before argument; (…, N) for functions such as logsumexp

        >>> DirectFunction(FUNCTIONS["softmax"]).jacobian([0.0, 0.0])
        array([[ 0.25, -0.25],
               [-0.25,  0.25]])
        """
        rows = _Rows(self.record, x, axis)
        return rows.front(rows.run(JACOBIAN))

    @property
    def definition(self) -> Formula:
        """The definition in print, as text and LaTeX.

        >>> DirectFunction(FUNCTIONS["sigmoid"]).definition
        y = 1 / (1 + exp(−x))
        """
        return definition(self.record)

    @property
    def derivative(self) -> Formula:
        """The derivative in print; it may use the function's own value y.

        >>> DirectFunction(FUNCTIONS["softmax"]).derivative
        ∂y_i/∂x_k = y_i (δ[i,k] − y_k)
        """
        return derivative(self.record)


class _Rows:
    """The argument as rows along one axis, and the way back to its shape."""

    def __init__(self, record: Function, x: Any, axis: int):
        self.record = record
        x = _numbers(x, "x")
        self.kept = x.dtype
        if record.axis and x.ndim == 0:
            raise SizeMismatch(
                f"{record.name} is of a row of numbers, x is one number",
                remedy="give a vector, or an array with several axes",
            )
        self.axis = _axis(axis, x.ndim)
        self.x = x
        self.over = record.axis == "over"
        if record.axis and x.shape[self.axis] == 0:
            raise SizeMismatch(
                f"axis {axis} of x has no elements: x has the shape {x.shape}",
                remedy=f"give {record.name} at least one number",
            )

    @property
    def lead(self) -> tuple[int, ...]:
        """The shape without the axis."""
        return self.x.shape[: self.axis] + self.x.shape[self.axis + 1 :]

    @property
    def length(self) -> int:
        return self.x.shape[self.axis] if self.x.ndim else 1

    @property
    def value_shape(self) -> tuple[int, ...]:
        return self.lead if self.over else self.x.shape

    def given(self, v: Any, name: str, shape: tuple[int, ...]) -> np.ndarray:
        v = _numbers(v, name)
        try:
            return np.broadcast_to(v, shape)
        except ValueError as reason:
            raise SizeMismatch(
                f"{name} has the shape {v.shape}, {shape} is needed",
                remedy=f"give {name} as an array of the shape {shape}",
            ) from reason

    def run(self, kind: str, *others: np.ndarray) -> np.ndarray:
        """The result for all rows, the axis last."""
        wide = np.result_type(self.kept, *(other.dtype for other in others))
        dtype = "float32" if wide.itemsize <= 4 else "float64"
        self.kept = wide
        arrays = {"x": self.rows(self.x)}
        for other in others:
            arrays["v"] = self.rows(other) if other.ndim == self.x.ndim else other.reshape(-1)
        program = _program(self.record, kind)
        if "x" in program.definition(kind).uses:
            compiled = _compiled(self.record, kind, dtype)
            ready = [np.asarray(arrays[name], dtype) for name in compiled.inputs]
            with np.errstate(all="ignore"):
                result = compiled.apart(*ready)[0]
        else:
            # The slope of a step: nothing to compile, and no array that tells the sizes.
            sizes = {"B": len(arrays["x"]), "N": self.length}
            result = program.run(arrays, sizes)[kind]
        return result.astype(self.kept)

    def rows(self, array: np.ndarray) -> np.ndarray:
        moved = np.moveaxis(array, self.axis, -1) if array.ndim else array
        return moved.reshape(-1, self.length) if array.size else np.empty((0, self.length))

    def input(self, rows: np.ndarray) -> np.ndarray:
        """Rows in the shape of x again."""
        if not self.x.ndim:
            return rows.reshape(())[()]
        return np.ascontiguousarray(np.moveaxis(self.front(rows), -1, self.axis))

    def output(self, rows: np.ndarray) -> np.ndarray:
        return self.front(rows)[()] if self.over else self.input(rows)

    def front(self, rows: np.ndarray) -> np.ndarray:
        """The other axes of x in front, what belongs to one row behind."""
        own = rows.shape[1:] if self.x.ndim else ()
        return rows.reshape((*self.lead, *own))


def _numbers(given: Any, name: str) -> np.ndarray:
    """An array of floats: float16, float32 and float64 as they are, whole numbers as float64."""
    try:
        array = np.asarray(given)
        array = array if array.dtype.kind == "f" else array.astype(_widened(array.dtype))
    except (TypeError, ValueError) as reason:
        raise SizeMismatch(
            f"{name} is no array of real numbers: {given!r:.60}",
            remedy="give numbers, or lists of equal length",
        ) from reason
    return array if array.itemsize <= 8 else array.astype(np.float64)


def _widened(dtype: np.dtype) -> type:
    if dtype.kind not in "biu":
        raise TypeError(f"{dtype} holds no real numbers")
    return np.float64


def _axis(axis: int, count: int) -> int:
    if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)):
        raise BadOption(f"axis is {axis!r}", remedy="give one whole number, as axis=-1")
    if count and not -count <= axis < count:
        raise BadOption(
            f"axis is {axis}, but x has {count} {'axis' if count == 1 else 'axes'}",
            remedy=f"give a number from {-count} to {count - 1}",
        )
    return int(axis) % count if count else 0


@lru_cache(maxsize=256)
def _program(record: Function, kind: str) -> Program:
    """One function of many rows: x[b, j] in, the value or a derivative out."""
    indices, body = _of_one_row(record, kind)
    many = element(Array("x", ("B", "N")), B, J)
    alone = kind == VJP and record.axis == "over"
    changes = (
        Lambda((), element(Array("v", ("B",)), B))
        if alone
        else Lambda((J,), element(Array("v", ("B", "N")), B, J))
    )
    body = inline(stabilise(simplify(body)), {"x": Lambda((J,), many), "v": changes})
    sizes = tuple(index.size for index in (B, *indices))
    return Program((Definition(Array(kind, sizes), (B, *indices), body),))


@lru_cache(maxsize=256)
def _compiled(record: Function, kind: str, dtype: str) -> Compiled:
    return build(_program(record, kind), [kind], dtype=dtype)


def _of_one_row(record: Function, kind: str) -> tuple[tuple[Index, ...], Expr]:
    """What is asked for of one row x[j], and the indices it has."""
    x = Array("x", ("N",))
    if record.axis:
        value = along(record, J, element(x, J), I if record.axis == "along" else None)
    else:
        value = apply(record, element(x, I))
    own = tuple(sorted(value.free, key=lambda index: index.name))
    if kind == VALUE:
        return own, value
    slope = differentiate(value, element(x, K))
    if kind == JACOBIAN:
        return (*own, K), slope
    if kind == JVP:
        return own, total(K, slope * element(Array("v", ("N",)), K))
    outer = element(Array("v", ("N",) * len(own)), *own)
    return (K,), total(I, slope * outer) if own else slope * outer


def named(name: str) -> DirectFunction:
    """The function of this name, as in `chainrule.mathematics.functions`."""
    return DirectFunction(FUNCTIONS[name])
