"""The operators of expressions: they build the normal form, and nodes themselves stay dumb."""

from __future__ import annotations

from chainrule.language.algebra import MINUS_ONE, add, mul, power
from chainrule.language.expr import Expr

Expr.__add__ = lambda a, b: add(a, b)
Expr.__radd__ = lambda a, b: add(b, a)
Expr.__sub__ = lambda a, b: add(a, mul(MINUS_ONE, b))
Expr.__rsub__ = lambda a, b: add(b, mul(MINUS_ONE, a))
Expr.__mul__ = lambda a, b: mul(a, b)
Expr.__rmul__ = lambda a, b: mul(b, a)
Expr.__truediv__ = lambda a, b: mul(a, power(b, -1))
Expr.__rtruediv__ = lambda a, b: mul(b, power(a, -1))
Expr.__pow__ = lambda a, b: power(a, b)
Expr.__neg__ = lambda a: mul(MINUS_ONE, a)
