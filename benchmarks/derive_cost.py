"""The cost of deriving all gradients of networks of 1 to 256 layers, beside SymPy.

python benchmarks/derive_cost.py

The networks are h_l = tanh(h_{l-1} W_l + b_l) with a softmax cross-entropy at the end. The time is
that of one reverse sweep for all weights and biases, and the size the number of nodes of all
adjoints. SymPy derives the entries of the gradient of one weight matrix from the written-out loss,
at width 2, where it is installed; its matrix calculus cannot derive an elementwise function of a
matrix product.
"""

from __future__ import annotations

import time

from chainrule.language.algebra import along, apply, element, total
from chainrule.language.expr import Array
from chainrule.language.facts import SUMS_TO_ONE, Fact
from chainrule.language.index import Index
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import log, softmax, tanh
from chainrule.transform.reverse import reverse


def network(layers: int) -> tuple[Program, list[str]]:
    i, j = Index("i", "H"), Index("j", "H")
    definitions, names, below = [], [], Array("x", ("H",))
    for layer in range(1, layers + 1):
        weights, bias = Array(f"W_{layer}", ("H", "H")), Array(f"b_{layer}", ("H",))
        body = total(i, element(below, i) * element(weights, i, j)) + element(bias, j)
        below = Array(f"h_{layer}", ("H",))
        definitions.append(Definition(below, (j,), apply(tanh, body)))
        names += [weights.name, bias.name]
    output = Array("p", ("H",))
    definitions.append(Definition(output, (j,), along(softmax, i, element(below, i), j)))
    loss = -total(j, element(Array("t", ("H",)), j) * apply(log, element(output, j)))
    definitions.append(Definition(Array("J"), (), loss))
    return Program(tuple(definitions)), names


def sympy_seconds(layers: int) -> float | None:
    try:
        import sympy
    except ImportError:
        return None
    width = 2
    x = sympy.Matrix(1, width, sympy.symbols(f"x:{width}"))
    t = sympy.Matrix(1, width, sympy.symbols(f"t:{width}"))
    weights = [
        sympy.Matrix(width, width, sympy.symbols(f"w{k}_:{width * width}")) for k in range(layers)
    ]
    started = time.perf_counter()
    h = x
    for matrix in weights:
        h = (h * matrix).applyfunc(sympy.tanh)
    whole = sum(sympy.exp(entry) for entry in h)
    loss = -sum(t[k] * sympy.log(sympy.exp(h[k]) / whole) for k in range(width))
    for entry in weights[0]:
        sympy.diff(loss, entry)
    return time.perf_counter() - started


def main() -> None:
    print(f"{'layers':>6} {'milliseconds':>13} {'nodes':>8} {'nodes a layer':>14} {'SymPy ms':>10}")
    for layers in (1, 4, 16, 64, 256):
        program, names = network(layers)
        started = time.perf_counter()
        found = reverse(program, "J", names, [Fact(SUMS_TO_ONE, "t")])
        seconds = time.perf_counter() - started
        nodes = sum(definition.body.size for definition in found.backward.definitions)
        rival = sympy_seconds(layers) if layers <= 4 else None
        shown = "-" if rival is None else f"{1000 * rival:.0f}"
        each = nodes / layers
        print(f"{layers:>6} {1000 * seconds:>13.1f} {nodes:>8} {each:>14.1f} {shown:>10}")


if __name__ == "__main__":
    main()
