"""Your derivation is the program: read, check, derive and train what a document defines.

>>> import chainrule
>>> document = chainrule.read(r"$$p = \\text{softmax}(z)$$ $$J = -\\sum_k y_k \\log p_k$$")
>>> document.derive("J", "z").text("z")
'∂J/∂z = p Σ_j y_j − y'

One expression needs no document: `derive` and `stabilise` give formulas, `evaluate` numbers.

>>> chainrule.derive("tanh(x)^2", "x")
∂tanh(x)²/∂x = 2 (1 − tanh(x)²) tanh(x)
>>> chainrule.evaluate("z^2", {"z": 3}, by="z")
{'value': 9.0, 'gradient': 6.0}

Every named function is there for direct use, on arrays of any shape and in its stable form; see
`chainrule.direct`.

>>> chainrule.softmax([1000.0, 1000.0])
array([0.5, 0.5])
"""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from typing import Any

from chainrule.errors import ChainruleError

__version__ = "0.1.0"
__all__ = ["ChainruleError", "Document", "__version__", "derive", "evaluate", "read", "stabilise"]

_PLACES = {
    "Document": ("chainrule.documents", "Document"),
    "read": ("chainrule.documents", "read"),
    "derive": ("chainrule.documents", "derive_expression"),
    "evaluate": ("chainrule.single", "evaluate_expression"),
    "stabilise": ("chainrule.stable", "stabilise_expression"),
}


def __getattr__(name: str) -> Any:
    """The public names, each imported when it is asked for."""
    if name in _PLACES:
        module, found = _PLACES[name]
        return getattr(import_module(module), found)
    if name in ("Classifier", "Regressor"):
        optional = import_module("chainrule.program.optional").optional
        optional("sklearn", "sklearn", f"chainrule.{name}")
        return getattr(import_module("chainrule.estimator"), name)
    if name.startswith("_") or name not in _functions():
        raise AttributeError(f"module 'chainrule' has no attribute '{name}'")
    found = globals()[name] = import_module("chainrule.direct").named(name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_functions()})


def _functions() -> Collection[str]:
    return import_module("chainrule.mathematics.functions").FUNCTIONS
